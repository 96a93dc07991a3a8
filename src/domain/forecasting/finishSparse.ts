import { conformalQuantile } from './conformalQuantile.ts'
import { atLeastZero, type Finished } from './finishDense.ts'
import type { SeriesFit } from './fitSeries.ts'
import type { SparseFit } from './fitSparse.ts'
import type { ForecastOptions } from './forecast.ts'
import { quantileOf } from './negativeBinomial.ts'
import { tailThrough, usualLevel, type UsualRange } from './usualRange.ts'
import { sparseDistribution, sparseGroup, type SparsePool } from './sparsePool.ts'

/** a chance by which the tail is drawn */
const rare = 0.0001

/**
 * Sparse demand: the series' own level in the shape of the pool, and quantiles of a negative binomial count whose nominal level is
 * the one that reached the wanted level at earlier origins of the pool: a conformal prediction on probabilities, which is what
 * makes 99 % mean 99 %.
 */
export function finishSparse(
  fit: SeriesFit,
  { now }: SparseFit,
  pool: SparsePool,
  { levels, coverLevels, lead }: ForecastOptions,
): Finished {
  const notes = new Set<string>()
  const group = sparseGroup(now)
  const quantile = (distribution: Float64Array, scores: Float64Array | undefined, level: number): number => {
    const known = scores && conformalQuantile(scores, level)
    if (known === undefined)
      notes.add('too few earlier forecasts in the pool to calibrate every level: as the distribution says')
    return quantileOf(distribution, known ?? level) * now.unit
  }
  const point = atLeastZero(fit.point.map((value, h) => value * pool.shape[h]!))
  if (pool.shape.some((factor) => factor !== 1)) notes.add('trend and season from the sum of the pool')
  const month = sparseDistribution(now, pool, 1)
  const intervals = levels.map((level) => {
    const least = quantileOf(month, (1 - level) / 2) * now.unit
    // where nothing lies below, all that may be missed is missed above
    const most = quantile(month, pool.month.get(group), least > 0 ? (1 + level) / 2 : level)
    return {
      level,
      low: point.map((value) => Math.min(least, value)),
      high: point.map((value) => Math.max(most, value)),
    }
  })
  const whole = sparseDistribution(now, pool, lead)
  const cover = coverLevels.map((level) => ({ level, stock: quantile(whole, pool.lead.get(group), level) }))
  return { point, intervals, cover, ...usualOf(), notes: [...notes] }

  /** The calibration of one in a hundred is carried on to one in ten thousand, of which no pool knows enough. */
  function usualOf(): { readonly usual?: UsualRange } {
    const first = point[0]
    if (first === undefined) return {}
    const scores = pool.month.get(group)
    const least = quantileOf(month, (1 - usualLevel) / 2) * now.unit
    const sides = least > 0 ? 2 : 1
    const chance = (1 - usualLevel) / sides
    const reached = (scores && conformalQuantile(scores, 1 - chance)) ?? 1 - chance
    const asFar = Math.log(1 - reached) / Math.log(chance)
    const high = quantileOf(month, reached) * now.unit
    const far = quantileOf(month, 1 - (rare / sides) ** asFar) * now.unit
    if (!(high > first)) return {}
    return { usual: { low: Math.min(first, least), high, tail: tailThrough(high - first, far - first, rare) } }
  }
}
