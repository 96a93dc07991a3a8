import { parseDecimal } from '../kernel/decimal.ts'
import { distinct } from './sighting.ts'
import type { SignalOf } from './signal.ts'

/** Goods were seen outside the regions that were their dealer's when they were sent to it. */
export const outOfTerritory: SignalOf = ({ rule, foreign }) => {
  const seen = distinct(foreign)
  if (!rule.outOfTerritory || seen.length === 0) return undefined
  const { points, most } = rule.outOfTerritory
  return {
    points: parseDecimal(points) * BigInt(Math.min(seen.length, most)),
    figures: { sightings: String(seen.length) },
    evidence: [],
  }
}
