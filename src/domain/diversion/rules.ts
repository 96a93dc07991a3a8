import { z } from 'zod'
import { rate, share } from '../kernel/fields.ts'

const days = z.int().min(1).max(730)
const times = z.int().min(1).max(1_000)
/** what a signal adds to the score of a case */
const points = rate

/**
 * By what goods that turn up in a foreign region become a case (domain.md §2.4): every signal adds its points, and a case opens at
 * `opensAt`. A signal that is not there is not looked for.
 */
export const diversionRule = z.strictObject({
  /** scans of so many days are looked at together */
  withinDays: days,
  /** a place that is less exact than that does not say in which region it is */
  accuracyMetres: z.int().min(0).max(20_000_000),
  opensAt: rate,
  /** fewer sightings are noise, whatever else there is */
  least: times,
  /** each sighting, up to `most` of them */
  outOfTerritory: z.strictObject({ points, most: times }).optional(),
  /** at least so many sightings, and such a share of all of the dealer's goods that were seen */
  cluster: z.strictObject({ sightings: times, share, points }).optional(),
  /** the same goods seen so far apart within so many hours */
  twinScan: z
    .strictObject({ hours: z.int().min(1).max(720), kilometres: z.int().min(1).max(20_000), points })
    .optional(),
  /** of the codes that should be on the goods found there, such a share cannot be read, and so many */
  missingCodes: z.strictObject({ codes: times, share, points }).optional(),
  /** the dealer ordered more than it sells (`ORDER_SPIKE`) in so many days before the goods were seen */
  orderSpike: z.strictObject({ beforeDays: days, points }).optional(),
  /** it ordered up to a step of the ladder at the end of a period (`TIER_CHASE`) */
  rebatePhase: z.strictObject({ beforeDays: days, points }).optional(),
  /** low advertised prices of the product in the region: shown apart, and without points (domain.md §2.7) */
  priceLink: z.strictObject({ tolerance: share }).optional(),
})
export type DiversionRule = z.infer<typeof diversionRule>

/** What consumers' scans alone show: a sign of where to look, never more. */
export const diversionLeadRule = z.strictObject({ sightings: times, share })
