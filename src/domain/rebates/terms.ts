import { z } from 'zod'
import { parseDecimal } from '../kernel/decimal.ts'
import { businessTime, code, currency, identifier, localLabel, price, share, unit } from '../kernel/fields.ts'

/** The terms of a rebate programme (domain.md §2.1). A version never changes once it is active; an amendment is a new version. */

/** Whole days, signed. */
const wholeDays = z.string().regex(/^(0|-?[1-9]\d{0,3})$/, 'whole days')
/** A dealer without a baseline, or with one of zero: it earns nothing, or all of its volume is growth. */
const withoutBaseline = z.enum(['nothing', 'all'])

/** Which event makes the volume: each has its own facts (`basisFacts.ts`). */
export const basis = z.enum(['ordered', 'delivered', 'invoiced', 'paid', 'sold-out', 'evidence'])
export type Basis = z.infer<typeof basis>

/** Counted, never valued: what a dealer sells for is nobody's business here (docs/settlement-rules.md §2, §6). */
export function isWithoutValue(of: Basis): boolean {
  return of === 'sold-out' || of === 'evidence'
}

/** The unit of evidence: one. */
export const evidenceUnit = 'C62'

/** What the tiers count. With `units`, rates are still fractions of the net value of the units in each tier. */
export const measure = z.enum(['net', 'gross', 'units'])

const codes = z.array(code).min(1).max(500)
const ids = z.array(identifier).min(1).max(5000)
/** A product matches when its sku or one of its categories is named. */
export const productSet = z.strictObject({ skus: ids.optional(), categories: ids.optional() })
export type ProductSet = z.infer<typeof productSet>

/** Half-open `[from, to)` in the measure: money of the settled currency, or units; the last tier has no `to`. `rate` is a fraction. */
export const tier = z.strictObject({ from: price, to: price.optional(), rate: share })
export type Tier = z.infer<typeof tier>

const tiers = z.array(tier).min(1).max(50)
/** Tiers of days, whole and signed: paid before the day that counts is below zero. The first may have no `from`. */
const ageBands = z
  .array(z.strictObject({ from: wholeDays.optional(), to: wholeDays.optional(), rate: share }))
  .min(1)
  .max(50)

/** What a dealer has to reach: named here for all, or set for each dealer-period (`SetTarget`). */
const target = z.union([price, z.literal('own')])
const point = z.strictObject({ volume: price, rate: share })

/** The shape of the programme (docs/settlement-rules.md §4). Another shape is another member here, and another case in `plan.ts`. */
export const method = z.discriminatedUnion('kind', [
  /** each part of the volume earns the rate of its own tier (分段) */
  z.strictObject({ kind: z.literal('marginal'), tiers }),
  /** the whole volume earns the rate of the highest tier reached (全额累进) */
  z.strictObject({ kind: z.literal('all-units'), tiers }),
  /** compatibility: a tier that was passed earns its rate on its upper bound, the one reached on the whole volume */
  z.strictObject({ kind: z.literal('rolling'), tiers }),
  /** compatibility: the whole volume earns the rates of all tiers reached, added up */
  z.strictObject({ kind: z.literal('total'), tiers }),
  /** once, when the target is reached */
  z.strictObject({ kind: z.literal('fixed-sum'), target, amount: price }),
  z.strictObject({ kind: z.literal('per-unit'), amount: price }),
  /** for each order whose lines in scope add up to more than nothing */
  z.strictObject({ kind: z.literal('per-transaction'), amount: price }),
  /** for every full step above the target */
  z.strictObject({ kind: z.literal('increment'), target, step: price, amount: price }),
  /** a rate on the straight line between two points, the second one's above it; below the first nothing, or its rate */
  z.strictObject({ kind: z.literal('linear'), from: point, to: point, below: z.enum(['nothing', 'first']) }),
  /** over the dealer's baseline: on the growth, tier by tier, or on the whole volume, tiers being ratios of growth to baseline */
  z.strictObject({ kind: z.literal('growth'), on: z.enum(['growth', 'volume']), tiers, withoutBaseline }),
  /** tiers are ratios of volume to the dealer's target, 0.9 is ninety percent; `excess` is one more rate on what lies above the target */
  z.strictObject({ kind: z.literal('attainment'), tiers, excess: share.optional() }),
  /** tiers are shares of a product set in the volume */
  z.strictObject({ kind: z.literal('mix'), set: productSet, tiers }),
  /** each payment by the days from the invoice, or from its due date, to the money */
  z.strictObject({ kind: z.literal('early-payment'), since: z.enum(['invoice', 'due']), tiers: ageBands }),
])
export type Method = z.infer<typeof method>

/** A condition for being paid; `whenClosed` is the share that is paid all the same, nothing when absent (docs/settlement-rules.md §6). */
const whenClosed = share.optional()
export const gate = z.discriminatedUnion('kind', [
  /** the volume of a set, or of the scope, in the measure of the programme */
  z.strictObject({ kind: z.literal('minimum'), set: productSet.optional(), volume: price, whenClosed }),
  /** volume over the dealer's target */
  z.strictObject({ kind: z.literal('attainment'), ratio: price, whenClosed }),
  /** share of a set in the volume */
  z.strictObject({ kind: z.literal('mix'), set: productSet, ratio: share, whenClosed }),
  /** skus of a set, or of the scope, with a quantity above nothing */
  z.strictObject({
    kind: z.literal('breadth'),
    set: productSet.optional(),
    skus: z.int().min(1).max(5000),
    whenClosed,
  }),
  /** evidence of a kind in the period */
  z.strictObject({ kind: z.literal('process'), evidence: code, count: z.int().min(1).max(9999), whenClosed }),
  /** nothing is overdue by more than so many days */
  z.strictObject({ kind: z.literal('payment'), overdueDays: z.int().min(0).max(3660), whenClosed }),
  /** days from the invoices of the period, or from their due dates, to the money: the rate of a band is the share that is paid */
  z.strictObject({ kind: z.literal('collection'), since: z.enum(['invoice', 'due']), bands: ageBands }),
  /** an evaluation of the dealer for the period */
  z.strictObject({
    kind: z.literal('score'),
    evaluation: code,
    version: z.int().min(1),
    score: price,
    whenClosed,
  }),
])
export type Gate = z.infer<typeof gate>

/** How a programme counts a sale that an earlier one of its group has counted (docs/settlement-rules.md §7). */
export const stackingClass = z.enum(['independent', 'exclusive', 'net-of-previous'])
export type StackingClass = z.infer<typeof stackingClass>

export const eligibility = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('tiers'), tiers: codes }),
  z.strictObject({ kind: z.literal('territories'), territories: ids }),
  /** those enrolled by `EnrolMember`, while they are members */
  z.strictObject({ kind: z.literal('members') }),
])
export type Eligibility = z.infer<typeof eligibility>

/** How a payout leaves (docs/settlement-rules.md §10): on the account, as money, as credit for orders to come, or in goods. */
export const outlet = z.union([
  z.enum(['credit_note', 'payment']),
  z.strictObject({
    kind: z.literal('offset'),
    /** at most this part of an invoice, or of its lines of these skus */
    share,
    skus: z.array(identifier).min(1).max(200).optional(),
    expiresAfterDays: z.int().min(1).max(3660).optional(),
  }),
  z.strictObject({
    kind: z.literal('goods'),
    /** what may be chosen; absent: every product with a price */
    skus: z.array(identifier).min(1).max(200).optional(),
  }),
])
export type Outlet = z.infer<typeof outlet>

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
    /** a new product counts for so many days from its launch */
    launchedWithinDays: z.int().min(0).max(3660).optional(),
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
    /** the group of programmes that may count the same sale, in which `DefineStacking` gives it its place; absent: for itself */
    stackingGroup: identifier.optional(),
    /** which revision of a dealer's own target counts; that at the period's end when absent */
    targetAt: z.enum(['period-start', 'period-end']).optional(),
    /** conditions for being paid, each shown as open or closed */
    gates: z.array(gate).max(20).optional(),
    /** at most, and at least, per dealer and period, in the settled currency; the floor needs a volume above zero */
    cap: price.optional(),
    floor: price.optional(),
    rounding: z.strictObject({
      mode: z.enum(['half-up', 'half-even', 'down', 'up', 'floor']),
      /** the exact result, once; or every line of the explanation, and their sum is what is earned */
      level: z.enum(['settlement', 'line']),
    }),
    /** how variable consideration is estimated (IFRS 15 §53) */
    accrual: z.enum(['expected-value', 'most-likely-amount']),
    /** a payout above it is approved by two people, in the settled currency */
    secondApprovalAbove: price.optional(),
    outlet,
    /** an interim settlement below zero: take it back at once, or let the next one carry it */
    negativeInterim: z.enum(['carry', 'clawback']).default('carry'),
    /** facts recorded until so many days after the period's end are in its final settlement */
    graceDays: z.int().min(0).max(366),
    /** returns until so many days after their sale lower its period */
    clawbackDays: z.int().min(0).max(3660),
    /** a settlement may be disputed until so many days after its calculation; without it as long as it stands */
    disputeDays: z.int().min(1).max(3660).optional(),
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
