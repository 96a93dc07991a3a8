import { availableParallelism } from 'node:os'
import { finishForecast, usualOptions } from '../src/domain/forecasting/forecast.ts'
import { poolFits } from '../src/domain/forecasting/pool.ts'
import { fitMany } from '../src/workers/forecasting/fitMany.ts'
import { sampleSeries, sparseSeries } from '../test/support/sampleSeries.ts'
import type { Bench, BenchRow } from './bench.ts'

const count = 10_000
const months = 100
const horizon = 18

/** Point forecasts, intervals and stock levels of many series: smooth ones, which take the whole combination, and a mixed channel. */
export const forecast: Bench = {
  name: 'forecast',
  title: `Forecasts of ${count} series of ${months} months, ${horizon} ahead, with intervals and stock levels`,
  async run({ rounds, log }) {
    const rows: BenchRow[] = []
    const smooth = Array.from({ length: count }, (_, i) => sampleSeries(months, i + 1))
    const mixed = smooth.map((y, i) => (i % 4 === 0 ? y : sparseSeries(months, i + 1)))
    for (const [name, series] of [
      ['smooth', smooth],
      ['three quarters sparse', mixed],
    ] as const) {
      for (const threads of new Set([1, availableParallelism()])) {
        const times: number[] = []
        for (let round = 1; round <= Math.min(rounds, 3); round += 1) {
          times.push(await timed(series, threads))
          log(`${name}, ${threads} threads: round ${round}`)
        }
        const seconds = times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0
        rows.push({
          series: name,
          threads,
          seconds: seconds.toFixed(1),
          'ms a series and thread': ((1000 * seconds * threads) / count).toFixed(2),
          'series/s': Math.round(count / seconds),
        })
      }
    }
    return rows
  },
}

async function timed(series: readonly Float64Array[], threads: number): Promise<number> {
  const began = performance.now()
  const fits = await fitMany(series, horizon, { ...usualOptions, threads })
  const pool = poolFits(fits, horizon, usualOptions)
  for (const fit of fits) finishForecast(fit, pool, usualOptions)
  return (performance.now() - began) / 1000
}
