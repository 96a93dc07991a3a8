import { accuracyOf, type Compared } from '../../domain/forecasting/accuracy.ts'
import type { Interval, SeriesForecast } from '../../domain/forecasting/forecast.ts'
import { seasonalNaive } from '../../domain/forecasting/seasonalNaive.ts'
import type { TimeSeries } from './readSeries.ts'

const writtenLevel = 0.95

/** The interval that a file of forecasts has. */
export function writtenInterval(intervals: readonly Interval[]): Interval | undefined {
  return intervals.find(({ level }) => level === writtenLevel)
}

export type ByClass = Record<string, Record<'series' | 'accuracy' | 'bias' | 'gain' | 'covered', number>>

/** Forecasts beside what came, pooled over the series of each demand class and over all. */
export function accuracyByClass(
  series: readonly TimeSeries[],
  forecasts: readonly SeriesForecast[],
  actuals: readonly TimeSeries[],
  period: number,
): ByClass {
  const came = new Map(actuals.map((one) => [one.id, one]))
  const compared = new Map<string, Compared[]>()
  for (const [i, { id, from, values }] of series.entries()) {
    const found = forecasts[i]
    const after = came.get(id)
    if (!found || !after) continue
    const { point, intervals, model } = found
    const interval = writtenInterval(intervals)
    const start = from + values.length - after.from
    const one: Compared = {
      actual: Float64Array.from(point, (_, h) => after.values[start + h] ?? Number.NaN),
      point,
      naive: seasonalNaive(
        values.map((value) => (Number.isFinite(value) ? value : 0)),
        point.length,
        period,
      ),
      low: interval?.low ?? [],
      high: interval?.high ?? [],
    }
    for (const name of [model.demandClass, 'all']) {
      const list = compared.get(name)
      if (list) list.push(one)
      else compared.set(name, [one])
    }
  }
  return Object.fromEntries(
    [...compared]
      .sort(([a], [b]) => (a === 'all' ? 1 : b === 'all' ? -1 : a < b ? -1 : 1))
      .map(([name, all]) => {
        const { accuracy, bias, gain, covered } = accuracyOf(all)
        const rounded = (value: number): number => Math.round(value * 10) / 10
        return [
          name,
          {
            series: all.length,
            accuracy: rounded(accuracy),
            bias: rounded(bias),
            gain: rounded(gain),
            covered: rounded(covered),
          },
        ]
      }),
  )
}
