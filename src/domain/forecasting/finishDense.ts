import { conformalQuantile } from './conformalQuantile.ts'
import { errorQuantile, type DensePool } from './densePool.ts'
import type { SeriesFit } from './fitSeries.ts'
import type { ForecastOptions, SeriesForecast } from './forecast.ts'
import { tailOf, usualLevel, type UsualRange } from './usualRange.ts'

export type Finished = Pick<SeriesForecast, 'point' | 'intervals' | 'cover' | 'usual'> & {
  readonly notes: readonly string[]
}

/**
 * Intervals of smooth and erratic demand, split-conformal (Vovk; Lei and others 2018): as wide as held-out errors of the whole
 * pool were, each in units of its own series' scale. A level to order up to is the same for the sum over the lead time.
 */
export function finishDense(fit: SeriesFit, pool: DensePool, { levels, coverLevels, lead }: ForecastOptions): Finished {
  const notes = new Set<string>()
  const point = atLeastZero(fit.point)
  const errors = pool.errors.get(fit.demandClass) ?? []
  const intervals = levels.map((level) => {
    const low = new Float64Array(point.length)
    const high = new Float64Array(point.length)
    for (let h = 0; h < point.length; h += 1) {
      const { reach, known } = errorQuantile(errors[h], level, h)
      if (!known) notes.add('too few series for the pool to know the width of every interval: a rule of thumb')
      low[h] = Math.max(0, point[h]! - reach * fit.scale[h]!)
      high[h] = point[h]! + reach * fit.scale[h]!
    }
    return { level, low, high }
  })
  const months = Math.min(lead, point.length)
  let expected = 0
  let scale = 0
  for (let h = 0; h < months; h += 1) {
    expected += point[h]!
    scale += fit.scale[h]!
  }
  if (months < lead) notes.add('the horizon is shorter than the lead time: no level to order up to')
  const signed = pool.lead.get(fit.demandClass)
  const cover = (months < lead ? [] : coverLevels).map((level) => {
    const known = signed && conformalQuantile(signed, level)
    const reach = known ?? errorQuantile(undefined, 2 * level - 1, 0).reach
    if (known === undefined)
      notes.add('too few series for the pool to know every level to order up to: a rule of thumb')
    return { level, stock: Math.max(0, expected + reach * scale) }
  })
  return { point, intervals, cover, ...usualOf(point[0], fit.scale[0], errors[0]), notes: [...notes] }
}

/** Nothing is usual of a series that was never seen to vary. */
function usualOf(point = 0, scale = 0, errors?: Float64Array): { readonly usual?: UsualRange } {
  const reach = errorQuantile(errors, usualLevel, 0).reach * scale
  if (!errors || !(reach > 0)) return {}
  return { usual: { low: Math.max(0, point - reach), high: point + reach, tail: tailOf(errors) } }
}

export function atLeastZero(x: Float64Array): Float64Array {
  return x.map((value) => (value > 0 ? value : 0))
}
