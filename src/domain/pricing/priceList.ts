import { z } from 'zod'
import { businessTime, code, currency, identifier, localLabel, regionScope } from '../kernel/fields.ts'

/** A price list's id is also the first half of a price stream's name, so it holds no slash. */
export const listId = identifier.refine((text) => !text.includes('/'), 'no slash')

/** From the broadest to the most special; resolution goes the other way (domain.md §2.2). */
export const listLevel = z.enum(['base', 'region', 'tier', 'dealer', 'contract'])
export type ListLevel = z.infer<typeof listLevel>

/** `priority`: the most special list with a price decides. `minimal`: the lowest list price does. */
export const pricingStrategy = z.enum(['priority', 'minimal'])
export type PricingStrategy = z.infer<typeof pricingStrategy>

export const roundingMode = z.enum(['half-up', 'half-even', 'down', 'up', 'floor'])

export const priceList = z.strictObject({
  companyId: identifier,
  listId,
  name: localLabel,
  level: listLevel,
  /** whom it is for: nobody in particular (base), a region, a tier, one dealer, or one dealer under a contract */
  scope: z.strictObject({
    region: regionScope.optional(),
    tier: code.optional(),
    dealerId: identifier.optional(),
    contractId: identifier.optional(),
  }),
  currency,
  /** among lists of one level: 1 comes before 2 */
  priority: z.int().min(1).max(1_000_000),
  /** strategy `priority` only: quantity breaks of less special lists that also merge are taken in, where this one has none */
  merge: z.boolean(),
  /** digits after the point that prices of this list may have, and that its unit prices are rounded to */
  scale: z.int().min(0).max(6),
  rounding: roundingMode,
  effectiveFrom: businessTime,
  /** exclusive */
  effectiveUntil: businessTime.optional(),
})
export type PriceList = z.infer<typeof priceList>

const scopeKeys: Readonly<Record<ListLevel, readonly string[]>> = {
  base: [],
  region: ['region'],
  tier: ['tier'],
  dealer: ['dealerId'],
  contract: ['dealerId', 'contractId'],
}

/** A list of a level is scoped by exactly the keys of that level. */
export function scopeFitsLevel(list: Pick<PriceList, 'level' | 'scope'>): boolean {
  const given = Object.entries(list.scope).filter(([, value]) => value !== undefined)
  const wanted = scopeKeys[list.level]
  return given.length === wanted.length && given.every(([key]) => wanted.includes(key))
}
