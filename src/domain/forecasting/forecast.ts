import type { Member } from './combination.ts'
import type { DemandClass } from './demandClass.ts'
import { finishDense } from './finishDense.ts'
import { fitSeries, usualFit, type FitOptions, type SeriesFit } from './fitSeries.ts'
import { poolFits, type Pool } from './pool.ts'
import { finishSparse } from './finishSparse.ts'
import type { UsualRange } from './usualRange.ts'

/** Raised whenever the same series would be forecast otherwise. */
export const modelVersion = 1

export interface Interval {
  /** of the actuals to lie within */
  readonly level: number
  readonly low: Float64Array
  readonly high: Float64Array
}

export interface SeriesForecast {
  readonly point: Float64Array
  readonly intervals: readonly Interval[]
  /** stock that lasts for the lead time in this share of cases */
  readonly cover: readonly { readonly level: number; readonly stock: number }[]
  /** of the first month ahead; absent where nothing is known of how the series varies */
  readonly usual?: UsualRange
  readonly model: {
    readonly id: string
    readonly version: number
    readonly demandClass: DemandClass
    /** everything that was not done as usual */
    readonly notes: readonly string[]
  }
  /** the forecasts that `point` is made of, before a pool changed them */
  readonly components: readonly Member[]
}

export interface ForecastOptions extends FitOptions {
  readonly levels: readonly number[]
  readonly coverLevels: readonly number[]
}

export const usualOptions: ForecastOptions = { ...usualFit, levels: [0.8, 0.95, 0.99], coverLevels: [0.9, 0.95, 0.99] }

/** One series, with what a pool of its like teaches, or alone. */
export function forecast(
  y: Float64Array,
  horizon: number,
  { pool, ...options }: Partial<ForecastOptions> & { readonly pool?: Pool } = {},
): SeriesForecast {
  const all = { ...usualOptions, ...options }
  const fit = fitSeries(y, horizon, all)
  return finishForecast(fit, pool ?? poolFits([fit], horizon, all), all)
}

/** Many series that teach each other. */
export function forecastAll(
  series: readonly Float64Array[],
  horizon: number,
  options: Partial<ForecastOptions> = {},
): readonly SeriesForecast[] {
  const all = { ...usualOptions, ...options }
  const fits = series.map((y) => fitSeries(y, horizon, all))
  const pool = poolFits(fits, horizon, all)
  return fits.map((fit) => finishForecast(fit, pool, all))
}

export function finishForecast(fit: SeriesFit, pool: Pool, options: ForecastOptions): SeriesForecast {
  const { intervals, cover, point, usual, notes } = fit.sparse
    ? finishSparse(fit, fit.sparse, pool.sparse, options)
    : finishDense(fit, pool.dense, options)
  const { demandClass, members } = fit
  return {
    point,
    intervals,
    cover,
    ...(usual && { usual }),
    model: {
      id: members.map(({ name }) => name).join(' + '),
      version: modelVersion,
      demandClass,
      notes: [...fit.notes, ...notes],
    },
    components: members,
  }
}
