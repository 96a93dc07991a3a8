import { z } from 'zod'
import { rules } from '../detection/rules.ts'
import { breaches } from '../kernel/breach.ts'
import { instantOf } from '../kernel/businessTime.ts'
import {
  defineCommand,
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type CommandOf,
  type Decision,
} from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { defineEvent, type EventOf, type Happened } from '../kernel/event.ts'
import { businessTime, country, currency, identifier, label, price } from '../kernel/fields.ts'
import { sameData } from '../kernel/sameData.ts'
import { listId } from '../pricing/priceList.ts'

/** By what a company watches its prices and its trade, in force in [validFrom, validUntil). */
export const priceRules = z.strictObject({
  validFrom: businessTime,
  /** without it until it is ended */
  validUntil: businessTime.optional(),
  /** floors, ceilings and lowest advertised prices of these lists hold for everybody; the first that has one decides */
  lists: z.array(listId).max(50),
  /** lowest advertised prices that no list has */
  advertised: z.array(z.strictObject({ sku: identifier, currency, price })).max(2_000),
  rules,
  /** where what dealers sell for may be looked at, and what that rests on (domain.md §2.7); nowhere without it */
  resalePrices: z.strictObject({ countries: z.array(country).min(1).max(250), restsOn: label }).optional(),
  /** confirmed violations of a kind within so many days before make one a repeated one */
  repeatWithinDays: z.int().min(1).max(3_660),
  /** how long the dealer has for an explanation before anybody may decide without one */
  explainWithinDays: z.int().min(0).max(365),
  /** of kinds that look at a window: what is found again of the same product within so many days is the same case */
  quietDays: z.int().min(0).max(365),
})
export type PriceRules = z.infer<typeof priceRules> & { readonly version: number }

const company = { companyId: identifier }
export const pricePolicySet = defineEvent(
  'PricePolicySet',
  z.strictObject({ ...company, version: z.int().min(1), terms: priceRules, breaches }),
)
export const pricePolicyEnded = defineEvent(
  'PricePolicyEnded',
  z.strictObject({ ...company, version: z.int().min(1), endsAt: businessTime }),
)
export const pricePolicyEvents = [pricePolicySet, pricePolicyEnded] as const
export type PricePolicyEvent = EventOf<(typeof pricePolicyEvents)[number]>

const byCompany = ({ companyId }: { companyId: string }): string => companyId
export const setPricePolicy = defineCommand(
  'SetPricePolicy',
  z.strictObject({ ...company, terms: priceRules }),
  byCompany,
)
export const endPricePolicy = defineCommand(
  'EndPricePolicy',
  z.strictObject({ ...company, version: z.int().min(1), endsAt: businessTime }),
  byCompany,
)
export const pricePolicyCommands = [setPricePolicy, endPricePolicy] as const
export type PricePolicyCommand = CommandOf<(typeof pricePolicyCommands)[number]>

export interface PricePolicyState {
  /** version n at index n − 1 */
  readonly versions: readonly PriceRules[]
}

/** The price policies of one company: versions whose validities never overlap. */
export const pricePolicyAggregate: Aggregate<PricePolicyCommand, PricePolicyEvent, PricePolicyState> = {
  category: 'pricepolicy',
  stateVersion: 1,
  initialState: { versions: [] },
  evolve,
  decide,
  events: pricePolicyEvents,
  commands: pricePolicyCommands,
}

/** The version in force at a business time. */
export function priceRulesAt({ versions }: PricePolicyState, at: string): PriceRules | undefined {
  return versions.find(
    ({ validFrom, validUntil }) =>
      instantOf(validFrom) <= instantOf(at) && (validUntil === undefined || instantOf(at) < instantOf(validUntil)),
  )
}

/** Why terms contradict themselves. */
export function priceRulesProblem({ validFrom, validUntil, rules, resalePrices }: z.infer<typeof priceRules>) {
  if (validUntil !== undefined && instantOf(validUntil) <= instantOf(validFrom))
    return refuse('violations.window_empty', { validFrom, validUntil })
  if (rules.DUMPING_LOW_PRICE && !resalePrices) return refuse('violations.resale_prices', { rule: 'DUMPING_LOW_PRICE' })
  return undefined
}

function evolve({ versions }: PricePolicyState, { type, data }: Happened<PricePolicyEvent>): PricePolicyState {
  if (type === 'PricePolicySet') return { versions: [...versions, { ...data.terms, version: data.version }] }
  const { version, endsAt } = data
  return { versions: versions.map((one) => (one.version === version ? { ...one, validUntil: endsAt } : one)) }
}

function decide(
  command: PricePolicyCommand,
  { versions }: PricePolicyState,
  { at, recorded }: Circumstances,
): Decision<PricePolicyEvent> {
  const { companyId } = command
  if (command.type === 'EndPricePolicy') {
    const { version, endsAt } = command
    const known = versions[version - 1]
    if (!known) return refuse('object.not_found', { version })
    if (known.validUntil !== undefined && instantOf(known.validUntil) <= instantOf(endsAt)) return []
    // what was judged by it stays judged by it
    if (instantOf(endsAt) < instantOf(at) || instantOf(endsAt) <= instantOf(known.validFrom))
      return refuse('violations.policy_past', { endsAt })
    return [{ type: 'PricePolicyEnded', data: { companyId, version, endsAt } }]
  }
  const { terms } = command
  const last = versions.at(-1)
  if (last && sameData(last, { ...terms, version: last.version })) return []
  const other = versions.find((one) => overlap(one, terms))
  const problem = priceRulesProblem(terms)
  if (problem) return problem
  const broken = enforce(
    [instantOf(terms.validFrom) < instantOf(at) && refuse('violations.policy_past', { validFrom: terms.validFrom })],
    recorded,
  )
  if (isRefusal(broken)) return broken
  // two versions at once would have no answer to which one judges: not even a recorded one may
  if (other)
    return refuse('violations.policy_overlap', {
      new: `${versions.length + 1}: ${windowOf(terms)}`,
      inForce: `${other.version}: ${windowOf(other)}`,
    })
  return [{ type: 'PricePolicySet', data: { companyId, version: versions.length + 1, terms, breaches: broken } }]
}

type Window = Pick<PriceRules, 'validFrom' | 'validUntil'>

function overlap(a: Window, b: Window): boolean {
  const endOf = ({ validUntil }: Window): number => (validUntil === undefined ? Infinity : instantOf(validUntil))
  return instantOf(a.validFrom) < endOf(b) && instantOf(b.validFrom) < endOf(a)
}

function windowOf({ validFrom, validUntil }: Window): string {
  return `[${validFrom}, ${validUntil ?? '…'})`
}
