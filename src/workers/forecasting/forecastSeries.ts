import { finishForecast, type ForecastOptions, type SeriesForecast } from '../../domain/forecasting/forecast.ts'
import { poolFits } from '../../domain/forecasting/pool.ts'
import type { DemandSeries } from './demandSeries.ts'
import { fitMany } from './fitMany.ts'

/** more series are fitted beside this thread, which serves requests; one core stays free */
const manySeries = 500
const threads = 2

/** The forecast of each series, in their order, all of them one pool. */
export async function forecastSeries(
  series: readonly DemandSeries[],
  horizon: number,
  options: ForecastOptions,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly [DemandSeries, SeriesForecast])[]> {
  const fits = await fitMany(
    series.map(({ values }) => values),
    horizon,
    { ...options, threads: series.length > manySeries ? threads : 1, signal },
  )
  const pool = poolFits(fits, horizon, options)
  return series.flatMap((of, i) => {
    const fit = fits[i]
    return fit ? [[of, finishForecast(fit, pool, options)] as const] : []
  })
}
