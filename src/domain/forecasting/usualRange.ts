/**
 * Where the first month ahead usually comes to lie: 99 in 100 within, and beyond with a chance that falls as a power of the distance
 * from the forecast. What is needed of a forecast to say later how rare an actual was.
 */
export interface UsualRange {
  readonly low: number
  readonly high: number
  /** by which power distances grow as their chance falls: 0.25 doubles them for each sixteenth of the chance */
  readonly tail: number
}

export const usualLevel = 0.99

/** no tail is taken to be thinner: a chance far beyond what a pool has seen is a guess, and a thin tail a bold one */
const thinnest = 0.2
/** of a pool too small to show its tail */
const unknown = 0.5
const tailShare = 0.1
const leastBeyond = 10

/** The tail of errors, in ascending order, by the mean logarithm of the largest tenth of them (Hill 1975). */
export function tailOf(sorted: Float64Array): number {
  const beyond = Math.floor(sorted.length * tailShare)
  const from = sorted[sorted.length - beyond - 1] ?? 0
  if (beyond < leastBeyond || !(from > 0)) return unknown
  let sum = 0
  for (let i = sorted.length - beyond; i < sorted.length; i += 1) sum += Math.log(sorted[i]! / from)
  return kept(sum / beyond)
}

/** The tail that has the second distance at the second chance, and the first at that of the usual range. */
export function tailThrough(first: number, second: number, chance: number): number {
  return first > 0 ? kept(Math.log(Math.max(1, second / first)) / Math.log((1 - usualLevel) / chance)) : unknown
}

function kept(tail: number): number {
  return Math.min(1, Math.max(thinnest, tail))
}

/**
 * How probable something as far from its forecast was, when it lies outside the usual range. Distances are measured by the wider side:
 * the other may end at zero, where nothing lies beyond.
 */
export function chanceOf(actual: number, point: number, { low, high, tail }: UsualRange): number {
  if (actual >= low && actual <= high) return 1
  const width = Math.max(high - point, point - low)
  const distance = Math.abs(actual - point) / width
  return (1 - usualLevel) * Math.max(1, distance) ** (-1 / tail)
}
