import { describe, expect, test } from 'vitest'
import { bottomUp } from '../../../src/domain/forecasting/bottomUp.ts'
import { forecast, forecastAll, type SeriesForecast } from '../../../src/domain/forecasting/forecast.ts'
import { sampleSeries, sparseSeries } from '../../support/sampleSeries.ts'

const horizon = 18
const of = (length: number, value: (t: number) => number): Float64Array =>
  Float64Array.from({ length }, (_, t) => value(t))
const mixed = (count: number): Float64Array[] =>
  Array.from({ length: count }, (_, i) => (i % 2 === 0 ? sampleSeries(40 + (i % 20), i + 1) : sparseSeries(36, i + 1)))

function isSound({ point, intervals, cover }: SeriesForecast): boolean {
  const numbers = [point, ...intervals.flatMap(({ low, high }) => [low, high]), cover.map(({ stock }) => stock)]
  const ordered = intervals.every(({ low, high }) =>
    point.every((value, h) => (low[h] ?? Number.NaN) <= value && value <= (high[h] ?? Number.NaN)),
  )
  return ordered && numbers.every((list) => [...list].every((value) => Number.isFinite(value) && value >= 0))
}

describe('whatever the series, the forecast is finite, not negative, within its intervals, and says what was not as usual', () => {
  const growing = sampleSeries(60, 1)
  test.each([
    ['nothing', new Float64Array(0), 'no values'],
    ['nothing but gaps', of(5, () => Number.NaN), 'no values'],
    ['one value', Float64Array.of(5), 'too few earlier forecasts in the pool'],
    ['zeros', new Float64Array(40), 'too few earlier forecasts in the pool'],
    ['a constant', new Float64Array(40).fill(7), 'a rule of thumb'],
    ['negative values', of(40, (t) => -5 - (t % 3)), 'negative values'],
    ['values around zero', of(48, (t) => 10 * Math.sin(t)), 'without logarithms'],
    ['gaps', growing.map((value, t) => (t % 7 === 3 ? Number.NaN : value)), '9 missing months filled'],
    ['gaps at the end', Float64Array.of(...growing, Number.NaN, Number.NaN), '2 missing months filled'],
    ['what is not finite', growing.map((value, t) => (t === 9 ? Number.POSITIVE_INFINITY : value)), '1 missing month'],
    ['doubling', of(60, (t) => 2 ** t), 'kept within three times the range'],
    ['a last value out of all proportion', of(60, (t) => (t === 59 ? 1e12 : 1)), 'kept within three times the range'],
    ['very large', growing.map((value) => value * 1e9), 'a rule of thumb'],
    ['very small', growing.map((value) => value * 1e-9), 'a rule of thumb'],
    ['sparse and very large', sparseSeries(40, 1).map((value) => value * 1e9), 'too few earlier forecasts'],
  ])('%s', (_, y, note) => {
    for (const ahead of [1, 3, horizon]) {
      const found = forecast(y, ahead)
      expect(found.point).toHaveLength(ahead)
      expect(isSound(found)).toBe(true)
      expect(forecast(y, ahead)).toEqual(found)
    }
    expect(forecast(y, horizon).model.notes.join('; ')).toContain(note)
  })
})

test('an ordinary series of a large enough pool has nothing to note', () => {
  const pool = Array.from({ length: 120 }, (_, i) => sampleSeries(60, i + 1))
  for (const found of forecastAll(pool, 3)) expect(found.model.notes).toEqual([])
})

test('a pool teaches the same whatever the order of its series', () => {
  const series = mixed(40)
  const there = forecastAll(series, 6)
  const back = forecastAll(series.toReversed(), 6).toReversed()
  for (const [i, { point, intervals, cover }] of there.entries()) {
    const other = back[i]
    for (const [h, value] of point.entries()) expect(other?.point[h]).toBeCloseTo(value, 9)
    for (const [h, value] of (intervals[1]?.high ?? []).entries())
      expect(other?.intervals[1]?.high[h]).toBeCloseTo(value, 9)
    expect(other?.cover.map(({ stock }) => stock.toFixed(6))).toEqual(cover.map(({ stock }) => stock.toFixed(6)))
  }
})

test('a thousand times the demand is a thousand times the forecast', () => {
  const y = sampleSeries(60, 4)
  const [small, large] = [
    forecast(y, 6),
    forecast(
      y.map((value) => value * 1000),
      6,
    ),
  ]
  for (const [h, value] of small.point.entries()) expect((large.point[h] ?? 0) / 1000 / value).toBeCloseTo(1, 9)
})

test('intervals hold what they promise on series of the same kind that they have not seen', () => {
  const full = Array.from({ length: 300 }, (_, i) => sampleSeries(66, i + 500))
  const found = forecastAll(
    full.map((y) => y.subarray(0, 60)),
    6,
  )
  for (const [i, level] of [0.8, 0.95, 0.99].entries()) {
    let within = 0
    for (const [s, { intervals }] of found.entries())
      for (let h = 0; h < 6; h += 1) {
        const actual = full[s]?.[60 + h] ?? 0
        if (actual >= (intervals[i]?.low[h] ?? 0) && actual <= (intervals[i]?.high[h] ?? 0)) within += 1
      }
    expect(Math.abs(within / 1800 - level)).toBeLessThan(0.05)
  }
})

test('stock for the lead time lasts as often as was asked for, on sparse demand too', () => {
  const full = Array.from({ length: 600 }, (_, i) => sparseSeries(39, i + 2000))
  const found = forecastAll(
    full.map((y) => y.subarray(0, 36)),
    3,
  )
  for (const [i, level] of [0.9, 0.95, 0.99].entries()) {
    const lasted = found.filter(({ cover }, s) => {
      const demand = [...(full[s]?.subarray(36) ?? [])].reduce((sum, value) => sum + value, 0)
      return demand <= (cover[i]?.stock ?? 0)
    }).length
    expect(lasted / 600).toBeGreaterThan(level - 0.025)
    expect(lasted / 600).toBeLessThan(level + 0.05)
  }
})

describe('a sum of forecasts', () => {
  const parts = forecastAll(mixed(6), 3)

  test('is the sum of its parts, and its interval lies between those of errors that cancel and that agree', () => {
    const [apart, half, together] = [bottomUp(parts, 0), bottomUp(parts, 0.5), bottomUp(parts, 1)]
    for (const [h, value] of half.point.entries()) {
      expect(value).toBeCloseTo(
        parts.reduce((sum, part) => sum + (part.point[h] ?? 0), 0),
        9,
      )
      const [a = 0, b = 0, c = 0] = [apart, half, together].map(({ intervals }) => intervals[1]?.high[h] ?? 0)
      expect(a).toBeLessThan(b)
      expect(b).toBeLessThan(c)
      expect(c).toBeCloseTo(
        parts.reduce((sum, part) => sum + (part.intervals[1]?.high[h] ?? 0), 0),
        6,
      )
    }
  })

  test('of nothing is nothing', () => {
    expect(bottomUp([], 0.5)).toEqual({ point: new Float64Array(0), intervals: [] })
  })
})
