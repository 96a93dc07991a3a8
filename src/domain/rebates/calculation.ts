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
      z.strictObject({
        tier: z.int().min(1).max(50),
        from: lineAmount,
        to: lineAmount.optional(),
        rate,
        /** the value the rate was applied to, at scale 6 */
        base: lineAmount,
        /** what it gave: the exact shares of its lines, at scale 6 */
        amount: lineAmount,
      }),
    )
    .max(50),
  /** what the cap took or the floor gave, at scale 6 */
  capped: lineAmount,
  /** earned − (parts + capped), at scale 6 */
  rounding: lineAmount,
  /** minor units of the settled currency */
  earned: minor,
  facts: z.int().min(0),
  /** facts that match but are counted in another unit */
  otherUnits: z.int().min(0),
})
export type Calculation = z.infer<typeof calculation>
