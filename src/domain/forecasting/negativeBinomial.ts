const mostSteps = 20_000
const certain = 1 - 1e-13

/**
 * P(Y ≤ k) for k = 0, 1, … until it is all but certain: a count with this mean and variance, negative binomial where it varies
 * more than a Poisson count does, else Poisson.
 */
export function countDistribution(mean: number, variance: number): Float64Array {
  if (!(mean > 0)) return Float64Array.of(1)
  const overdispersed = variance > mean * 1.0001
  const r = overdispersed ? (mean * mean) / (variance - mean) : 0
  const q = overdispersed ? 1 - mean / variance : 0
  let p = overdispersed ? Math.exp(r * Math.log(mean / variance)) : Math.exp(-mean)
  let below = 0
  const out: number[] = []
  for (let k = 0; k < mostSteps && below < certain; k += 1) {
    below += p
    out.push(below)
    p *= overdispersed ? (q * (k + r)) / (k + 1) : mean / (k + 1)
  }
  return Float64Array.from(out)
}

/** The least k with P(Y ≤ k) above `p`, or the largest that was tabulated. */
export function quantileOf(distribution: Float64Array, p: number): number {
  let low = 0
  let high = distribution.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (distribution[middle]! > p) high = middle
    else low = middle + 1
  }
  return low
}
