import type { EtsStates } from './etsFirstStates.ts'
import type { EtsForm, EtsParameters } from './etsForm.ts'

/**
 * Runs an exponential smoothing model over the series, changing `states`, and answers −2 log L without its constant. Point
 * forecasts of additive and multiplicative errors are the same recursion; they differ in the likelihood alone.
 */
export function etsPass(
  { error, season: kind }: EtsForm,
  { alpha, beta, gamma, phi }: EtsParameters,
  states: EtsStates,
  y: Float64Array,
): number {
  const n = y.length
  const { season } = states
  const period = season.length
  const relative = error === 'M'
  let { level, slope } = states
  let place = 0
  let squares = 0
  let logs = 0
  // a logarithm a step is what a pass would take longest for: a product takes one for many steps
  let product = 1
  for (let t = 0; t < n; t += 1) {
    const drift = phi * slope
    const base = level + drift
    const factor = season[place]!
    const expected = kind === 'M' ? base * factor : base + factor
    const e = y[t]! - expected
    if (relative) {
      if (!(expected > 0)) return Number.POSITIVE_INFINITY
      const share = e / expected
      squares += share * share
      product *= expected
      if (product > 1e150 || product < 1e-150) {
        logs += Math.log(product)
        product = 1
      }
    } else squares += e * e
    const step = kind === 'M' ? e / factor : e
    level = base + alpha * step
    slope = drift + beta * step
    if (kind === 'M') season[place] = factor + (gamma * e) / base
    else if (kind === 'A') season[place] = factor + gamma * e
    place += 1
    if (place === period) place = 0
  }
  states.level = level
  states.slope = slope
  return n * Math.log(squares / n + Number.MIN_VALUE) + 2 * (logs + Math.log(product))
}
