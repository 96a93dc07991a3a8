import { z } from 'zod'
import { diversionLeadRule, diversionRule } from '../diversion/rules.ts'
import { currency, identifier, price, quantity, rate, share, zone } from '../kernel/fields.ts'

/** Price violations (domain.md §2.3) and abnormal transactions, by the codes under which they are known. */
export const priceKinds = [
  'SELLIN_BELOW_FLOOR',
  'ABOVE_CEILING',
  'ADVERTISED_BELOW_MAP',
  'PROMO_OUT_OF_WINDOW',
  'UNAPPROVED_DISCOUNT',
  'DUMPING_LOW_PRICE',
  'HIDDEN_REBATE',
  'PRICE_SPREAD',
] as const
export const tradeKinds = ['ORDER_SPIKE', 'TIER_CHASE', 'ROUND_TRIP', 'CREDIT_STRETCH'] as const
/** Goods outside the territory that they were sent to (窜货), and where to look for such. */
export const diversionKinds = ['DIVERSION', 'DIVERSION_LEAD'] as const
export const violationKind = z.enum([...priceKinds, ...tradeKinds, ...diversionKinds])
export type ViolationKind = z.infer<typeof violationKind>

const days = z.int().min(1).max(730)
const times = z.int().min(1).max(1_000)

/** What each kind is measured against. A kind that is not there is not looked for. */
export const rules = z.strictObject({
  /** `netNet`: what settlements paid on the line counts as a discount of it */
  SELLIN_BELOW_FLOOR: z.strictObject({ tolerance: share, netNet: z.boolean() }).optional(),
  ABOVE_CEILING: z.strictObject({ tolerance: rate }).optional(),
  /** `confidence`: what is less sure to be this product is passed over */
  ADVERTISED_BELOW_MAP: z.strictObject({ tolerance: share, confidence: share }).optional(),
  PROMO_OUT_OF_WINDOW: z.strictObject({}).optional(),
  /** off the list price and beside promotions: `authority` needs nobody, more an approval by somebody who may give so much */
  UNAPPROVED_DISCOUNT: z
    .strictObject({
      authority: share,
      approvers: z.array(z.strictObject({ principalId: identifier, share })).max(200),
    })
    .optional(),
  /** sold at more than `margin` below cost, at least so often and so much within so many days */
  DUMPING_LOW_PRICE: z.strictObject({ margin: share, volume: quantity, times, withinDays: days }).optional(),
  /** `above`: what is less is passed over, by currency; a currency that is not named has no such bound */
  HIDDEN_REBATE: z.strictObject({ above: z.array(z.strictObject({ currency, amount: price })).max(50) }).optional(),
  PRICE_SPREAD: z.strictObject({ threshold: rate, withinDays: days }).optional(),
  /**
   * The orders of seven days against the weeks before: more than `deviations` robust standard deviations above their median
   * and than `ratio` times the highest, unless sell-out or the same season last year come to `explained` of it.
   */
  ORDER_SPIKE: z
    .strictObject({
      historyWeeks: z.int().min(8).max(104),
      deviations: rate,
      ratio: rate,
      explained: share,
      volume: quantity,
    })
    .optional(),
  /** In the last days of a period: `ratio` times the pace before, and by it a step of the ladder reached, by no more than `overshoot` of it. */
  TIER_CHASE: z
    .strictObject({
      grain: z.enum(['month', 'quarter', 'year']),
      zone,
      lastDays: z.int().min(1).max(92),
      ratio: rate,
      overshoot: share,
      explained: share,
      ladders: z.array(z.strictObject({ currency, steps: z.array(price).min(1).max(50) })).max(50),
    })
    .optional(),
  /** Bought and given back, or resold to another dealer and bought back from it: at least `share` of it, and `volume`. */
  ROUND_TRIP: z.strictObject({ withinDays: days, share, volume: quantity }).optional(),
  /** In a window: at least `share` of what was paid came more than `lateDays` late, later than in the window before, while orders grew `growth` times. */
  CREDIT_STRETCH: z.strictObject({ withinDays: days, lateDays: days, share, growth: rate, times }).optional(),
  DIVERSION: diversionRule.optional(),
  /** goes by the window of `DIVERSION`, and is not looked for without it */
  DIVERSION_LEAD: diversionLeadRule.optional(),
})
export type Rules = z.infer<typeof rules>
