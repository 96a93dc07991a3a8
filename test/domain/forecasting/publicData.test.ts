import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { accuracyOf } from '../../../src/domain/forecasting/accuracy.ts'
import { forecastAll, type SeriesForecast } from '../../../src/domain/forecasting/forecast.ts'
import { holm } from '../../../src/domain/forecasting/holm.ts'
import { seasonalNaiveError } from '../../../src/domain/forecasting/seasonalNaive.ts'
import { chanceOf } from '../../../src/domain/forecasting/usualRange.ts'

const directory = process.env['FORECAST_DATA_DIR'] ?? ''
const lead = 3

function read(file: string): Map<string, number[]> {
  const series = new Map<string, number[]>()
  const lines = gunzipSync(readFileSync(join(directory, file)))
    .toString('utf8')
    .split('\n')
  for (const line of lines.slice(1)) {
    const [id = '', , value] = line.split(',')
    if (value === undefined) continue
    const list = series.get(id)
    if (list) list.push(Number(value))
    else series.set(id, [Number(value)])
  }
  return series
}

interface Scored {
  readonly y: Float64Array
  readonly actual: readonly number[]
  readonly found: SeriesForecast
}

function score(name: string, horizon: number): readonly Scored[] {
  const came = read(`${name}-test.csv.gz`)
  const series = [...read(`${name}-train.csv.gz`)].map(([id, list]) => ({
    y: Float64Array.from(list),
    actual: came.get(id) ?? [],
  }))
  const found = forecastAll(
    series.map(({ y }) => y),
    horizon,
  )
  return series.flatMap((one, i) => (found[i] ? [{ ...one, found: found[i] }] : []))
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const ahead = (count: number): readonly number[] => [...Array(count).keys()]

// the figures are those of docs/forecasting.md, with a little room
describe.skipIf(directory === '')('with FORECAST_DATA_DIR', () => {
  test('monthly series of the M3 competition: 18 months, one configuration', { timeout: 300_000 }, () => {
    const all = score('m3-monthly', 18)
    expect(all).toHaveLength(1428)
    const errors = all.map(({ y, actual, found: { point } }) => {
      const scale = seasonalNaiveError(y, 12, y.length)
      const off = actual.map((value, h) => Math.abs(value - (point[h] ?? 0)))
      return {
        smape: mean(off.map((error, h) => (200 * error) / ((actual[h] ?? 0) + (point[h] ?? 0)))),
        mase: mean(off) / scale,
      }
    })
    expect(mean(errors.map(({ smape }) => smape))).toBeLessThan(13.3)
    expect(mean(errors.map(({ mase }) => mase))).toBeLessThan(0.82)
    const { accuracy, covered } = accuracyOf(
      all.map(({ actual, found: { point, intervals } }) => ({
        actual: actual.slice(0, lead),
        point,
        naive: point,
        low: intervals[1]?.low ?? [],
        high: intervals[1]?.high ?? [],
      })),
    )
    expect(accuracy).toBeGreaterThan(91.4)
    expect(covered).toBeGreaterThan(94)
    expect(covered).toBeLessThan(97)
  })

  test('car parts: twelve months, and stock for three', { timeout: 300_000 }, () => {
    const all = score('carparts-2674', 12)
    expect(all).toHaveLength(2674)
    const scaled = all.flatMap(({ y, actual, found: { point } }) => {
      const steps = [...y].slice(1).map((value, t) => (value - (y[t] ?? 0)) ** 2)
      const scale = mean(steps)
      return scale > 0 ? [Math.sqrt(mean(actual.map((value, h) => (value - (point[h] ?? 0)) ** 2)) / scale)] : []
    })
    expect(mean(scaled)).toBeLessThan(0.668)
    const sums = (count: number): { actual: number; forecast: number }[] =>
      ahead(count).map((h) => ({
        actual: all.reduce((sum, { actual }) => sum + (actual[h] ?? 0), 0),
        forecast: all.reduce((sum, { found }) => sum + (found.point[h] ?? 0), 0),
      }))
    const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
    const year = sums(12)
    const bias = total(year.map(({ forecast, actual }) => forecast - actual)) / total(year.map(({ actual }) => actual))
    expect(Math.abs(bias)).toBeLessThan(0.08)
    const quarter = sums(lead)
    const off = total(quarter.map(({ forecast, actual }) => Math.abs(forecast - actual)))
    expect(1 - off / total(quarter.map(({ actual }) => actual))).toBeGreaterThan(0.93)

    const demand = all.map(({ actual }) => total(actual.slice(0, lead)))
    for (const [i, level] of [0.9, 0.95, 0.99].entries()) {
      const lasted = all.filter(({ found }, s) => (demand[s] ?? 0) <= (found.cover[i]?.stock ?? 0)).length
      expect(Math.abs(lasted / all.length - level)).toBeLessThan(0.01)
    }
    const stock = total(all.map(({ found }) => found.cover[1]?.stock ?? 0))
    expect(stock / total(demand)).toBeLessThan(3.3)
  })

  test.each([
    { name: 'm3-monthly', months: 18 },
    { name: 'carparts-2674', months: 12 },
  ])('$name: one month in a hundred lies outside its usual range', { timeout: 900_000 }, ({ name, months }) => {
    const came = read(`${name}-test.csv.gz`)
    const train = [...read(`${name}-train.csv.gz`)]
    let [looked, outside, standing] = [0, 0, 0]
    for (const known of ahead(months).filter((k) => k % 2 === 0)) {
      const found = forecastAll(
        train.map(([id, list]) => Float64Array.from([...list, ...(came.get(id) ?? []).slice(0, known)])),
        1,
      )
      const chances = train.flatMap(([id], i) => {
        const { usual, point } = found[i] ?? {}
        const actual = came.get(id)?.[known]
        return usual && actual !== undefined ? [chanceOf(actual, point?.[0] ?? 0, usual)] : []
      })
      looked += chances.length
      outside += chances.filter((chance) => chance < 1).length
      standing += holm(chances, chances.length, 0.05).filter(Boolean).length
    }
    console.log(name, { looked, outside, standing })
    expect(outside / looked).toBeGreaterThan(0.007)
    expect(outside / looked).toBeLessThan(0.013)
    expect(standing / looked).toBeLessThan(0.0005)
  })
})
