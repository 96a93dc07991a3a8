/**
 * The conformal quantile: of n sorted scores the one that a new score exceeds with a probability of at most 1 − p; undefined
 * where n is too small to know it.
 */
export function conformalQuantile(sorted: Float64Array, p: number): number | undefined {
  return sorted[Math.ceil(p * (sorted.length + 1) - 1e-9) - 1]
}

export function sortedFinite(scores: Iterable<number>): Float64Array {
  return Float64Array.from(scores).filter(Number.isFinite).sort()
}
