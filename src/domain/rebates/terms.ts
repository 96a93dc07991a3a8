import { z } from 'zod'
import { parseDecimal } from '../kernel/decimal.ts'
import { businessTime, code, currency, identifier, localLabel, price, share, unit } from '../kernel/fields.ts'

/** The terms of a rebate programme (domain.md §2.1). A version never changes once it is active; an amendment is a new version. */

/** Which event makes the volume: each has its own facts (`basisFacts.ts`). */
export const basis = z.enum(['ordered', 'delivered', 'invoiced', 'paid'])
export type Basis = z.infer<typeof basis>

/** What the tiers count. With `units`, rates are still fractions of the net value of the units in each tier. */
export const measure = z.enum(['net', 'gross', 'units'])

/** Half-open `[from, to)` in the measure: money of the settled currency, or units; the last tier has no `to`. `rate` is a fraction. */
export const tier = z.strictObject({ from: price, to: price.optional(), rate: share })
export type Tier = z.infer<typeof tier>

const tiers = z.array(tier).min(1).max(50)

/** The shape of the programme. Another shape is another member here, and another case in `earn.ts`. */
export const method = z.discriminatedUnion('kind', [
  /** each part of the volume earns the rate of its own tier (分段) */
  z.strictObject({ kind: z.literal('marginal'), tiers }),
  /** the whole volume earns the rate of the highest tier reached (全额累进) */
  z.strictObject({ kind: z.literal('all-units'), tiers }),
])
export type Method = z.infer<typeof method>

const codes = z.array(code).min(1).max(500)
const ids = z.array(identifier).min(1).max(5000)
/** A product matches when its sku or one of its categories is named. */
const productSet = z.strictObject({ skus: ids.optional(), categories: ids.optional() })

export const eligibility = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('tiers'), tiers: codes }),
  z.strictObject({ kind: z.literal('territories'), territories: ids }),
  /** those enrolled by `EnrolMember`, while they are members */
  z.strictObject({ kind: z.literal('members') }),
])
export type Eligibility = z.infer<typeof eligibility>

export const terms = z
  .strictObject({
    version: z.int().min(1),
    name: localLabel,
    /** the legal entity that owes the rebate */
    payer: identifier,
    /** periods that start at or after this instant use this version, until the next version's */
    effectiveFrom: businessTime,
    eligibility,
    products: z.strictObject({ include: productSet.optional(), exclude: productSet.optional() }).default({}),
    basis,
    measure,
    /** the unit that is counted; facts in another unit stay outside */
    unit: unit.optional(),
    /** `deduct`: a return lowers the volume of the period of its sale; `ignore`: it does not */
    returns: z.enum(['deduct', 'ignore']),
    calendarId: identifier,
    grain: z.enum(['month', 'quarter', 'year']),
    /** settled each on its own, with the same figures in each; absent: every currency */
    currencies: z.array(currency).min(1).max(50).optional(),
    method,
    /** at most, and at least, per dealer and period, in the settled currency; the floor needs a volume above zero */
    cap: price.optional(),
    floor: price.optional(),
    rounding: z.strictObject({
      mode: z.enum(['half-up', 'half-even', 'down', 'up', 'floor']),
      level: z.literal('settlement'),
    }),
    /** how variable consideration is estimated (IFRS 15 §53) */
    accrual: z.enum(['expected-value', 'most-likely-amount']),
    outlet: z.literal('credit_note'),
    /** an interim settlement below zero: take it back at once, or let the next one carry it */
    negativeInterim: z.enum(['carry', 'clawback']).default('carry'),
    /** facts recorded until so many days after the period's end are in its final settlement */
    graceDays: z.int().min(0).max(366),
    /** returns until so many days after their sale lower its period */
    clawbackDays: z.int().min(0).max(3660),
  })
  .refine((t) => t.measure !== 'units' || t.unit !== undefined, {
    path: ['unit'],
    message: 'tiers in units need a unit',
  })
  .refine((t) => !t.cap || !t.floor || parseDecimal(t.floor) <= parseDecimal(t.cap), {
    path: ['floor'],
    message: 'floor is above cap',
  })
export type Terms = z.infer<typeof terms>
