import { divide, formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { distinct, isTrusted } from './sighting.ts'
import type { SignalOf } from './signal.ts'

const one = 1_000_000n

/** So many sightings in one region, and such a share of all of the dealer's: one odd scan is noise, a pattern is not. */
export const cluster: SignalOf = ({ rule, foreign, own }) => {
  if (!rule.cluster) return undefined
  const { sightings, share, points } = rule.cluster
  const [there, everywhere] = [distinct(foreign).length, distinct(own.filter(isTrusted)).length]
  if (there < sightings || everywhere === 0) return undefined
  const part = divide(BigInt(there) * one, BigInt(everywhere) * one, 'half-even')
  if (part < parseDecimal(share)) return undefined
  return {
    points: parseDecimal(points),
    figures: { share: formatDecimal(part), seen: String(everywhere) },
    evidence: [],
  }
}
