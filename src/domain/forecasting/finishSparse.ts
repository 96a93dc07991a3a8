import { conformalQuantile } from './conformalQuantile.ts'
import { atLeastZero, type Finished } from './finishDense.ts'
import type { SeriesFit } from './fitSeries.ts'
import type { SparseFit } from './fitSparse.ts'
import type { ForecastOptions } from './forecast.ts'
import { quantileOf } from './negativeBinomial.ts'
import { sparseDistribution, sparseGroup, type SparsePool } from './sparsePool.ts'

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
  return { point, intervals, cover, notes: [...notes] }
}
