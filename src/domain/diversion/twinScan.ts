import { instantOf } from '../kernel/businessTime.ts'
import { parseDecimal } from '../kernel/decimal.ts'
import { metresApart } from './metresApart.ts'
import type { Sighting } from './sighting.ts'
import type { SignalOf } from './signal.ts'

const hour = 3_600_000

/** The same goods were seen in two places that nothing travels between so fast: a copied code, or goods that were never where they were said to be. */
export const twinScan: SignalOf = ({ rule, foreign, own }) => {
  if (!rule.twinScan) return undefined
  const { hours, kilometres, points } = rule.twinScan
  const isTwin = (a: Sighting, b: Sighting): boolean => {
    const distance = apart(a, b)
    const isSoon = Math.abs(instantOf(a.at) - instantOf(b.at)) <= hours * hour
    return isSoon && isSameGoods(a, b) && distance !== undefined && distance >= kilometres * 1_000
  }
  const pairs = foreign.flatMap((there) => own.filter((other) => isTwin(there, other)).map((here) => ({ there, here })))
  if (pairs.length === 0) return undefined
  return {
    points: parseDecimal(points),
    figures: { twins: String(pairs.length) },
    evidence: pairs.slice(0, 10).map(({ here }) => ({ eventId: here.eventId, role: 'twin' })),
  }
}

/** The same code, or one of what the other holds. */
function isSameGoods(a: Sighting, b: Sighting): boolean {
  return a.chain.includes(b.serial) || b.chain.includes(a.serial)
}

/** At least so many metres; undefined where a place is not known. */
function apart(a: Sighting, b: Sighting): number | undefined {
  if (!a.place || !b.place) return undefined
  return metresApart(a.place, b.place) - (a.accuracyMetres ?? 0) - (b.accuracyMetres ?? 0)
}
