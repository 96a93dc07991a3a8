import { z } from 'zod'
import { lineAmount, minor, rate } from '../kernel/fields.ts'

/** What `settle` found, without the single lines: it stands in the event; the lines follow from the facts up to the watermark. */
export const calculation = z.strictObject({
  /** in the measure: money at scale 6, or units */
  volume: lineAmount,
  /** the highest tier reached, from 1; 0 when none is */
  tierReached: z.int().min(0).max(50),
  parts: z
    .array(
      z.union([
        z.strictObject({
          tier: z.int().min(1).max(51),
          /** of the terms: volume, ratio or days */
          from: lineAmount.optional(),
          to: lineAmount.optional(),
          rate,
          /** the rate exactly, when it has more than six decimals: `over/under` */
          fraction: z
            .string()
            .max(100)
            .regex(/^\d+\/\d+$/)
            .optional(),
          /** the value the rate was applied to, at scale 6 */
          base: lineAmount,
          /** what it gave: the exact shares of its lines, at scale 6 */
          amount: lineAmount,
        }),
        /** an amount that is paid so many times: once, per unit, per order, per step */
        z.strictObject({
          tier: z.literal(1),
          from: lineAmount.optional(),
          each: lineAmount,
          times: lineAmount,
          amount: lineAmount,
        }),
      ]),
    )
    .max(51),
  /** what the shape looked at besides the volume, each where it does: the dealer's target and baseline, the volume of a mix's set, orders that count */
  target: lineAmount.optional(),
  baseline: lineAmount.optional(),
  named: lineAmount.optional(),
  orders: z.int().min(0).optional(),
  /** why nothing could be earned */
  missing: z.enum(['target', 'baseline']).optional(),
  /** what is left of the last step of an increment, in the measure */
  rest: lineAmount.optional(),
  /** the gates of the terms, in their order; without a figure where there was nothing to look at */
  gates: z
    .array(z.strictObject({ found: lineAmount.optional(), open: z.boolean() }))
    .max(20)
    .optional(),
  /** what closed gates took, at scale 6 */
  gated: lineAmount.optional(),
  /** what the cap took or the floor gave, at scale 6 */
  capped: lineAmount,
  /** earned − (parts + capped + gated), at scale 6; with rounding by line, of what bounds and gates left */
  rounding: lineAmount,
  /** minor units of the settled currency */
  earned: minor,
  facts: z.int().min(0),
  /** facts that match but are counted in another unit */
  otherUnits: z.int().min(0),
})
export type Calculation = z.infer<typeof calculation>
