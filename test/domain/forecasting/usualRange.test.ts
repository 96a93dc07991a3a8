import { describe, expect, test } from 'vitest'
import { forecastAll } from '../../../src/domain/forecasting/forecast.ts'
import { holm } from '../../../src/domain/forecasting/holm.ts'
import { chanceOf, tailOf, tailThrough, type UsualRange } from '../../../src/domain/forecasting/usualRange.ts'
import { sampleSeries } from '../../support/sampleSeries.ts'

describe('the chance of an actual', () => {
  const range: UsualRange = { low: 6, high: 14, tail: 0.5 }

  test('is one in a hundred at the edge, and falls as a power of the distance', () => {
    expect(chanceOf(10, 10, range)).toBe(1)
    expect(chanceOf(14, 10, range)).toBe(1)
    expect(chanceOf(14.0001, 10, range)).toBeCloseTo(0.01, 5)
    expect(chanceOf(18, 10, range)).toBeCloseTo(0.0025, 10)
    expect(chanceOf(2, 10, range)).toBeCloseTo(0.0025, 10)
  })

  test('is measured by the wider side where the other ends at zero', () => {
    expect(chanceOf(0, 1, { low: 0.5, high: 5, tail: 0.5 })).toBeCloseTo(0.01, 10)
  })

  test('rests on a tail that is measured, never thin, and thick where nothing is known', () => {
    // P(X > x) = x^-3: a tail of a third
    const pareto = Float64Array.from({ length: 2_000 }, (_, i) => (1 - (i + 0.5) / 2_000) ** (-1 / 3))
    expect(tailOf(pareto)).toBeCloseTo(1 / 3, 1)
    expect(tailOf(Float64Array.from({ length: 2_000 }, (_, i) => i / 2_000))).toBe(0.2)
    expect(tailOf(pareto.slice(-50))).toBe(0.5)
    expect(tailThrough(2, 2 * 100 ** 0.3, 0.0001)).toBeCloseTo(0.3, 10)
    expect(tailThrough(0, 1, 0.0001)).toBe(0.5)
  })
})

test('of many findings those stand that are rare enough for the number looked at, each by one less', () => {
  expect(holm([0.02, 0.0004, 0.0006], 100, 0.05)).toEqual([false, true, false])
  expect(holm([0.024, 0.04, 0.01], 3, 0.05)).toEqual([true, true, true])
  // the first that does not ends it
  expect(holm([0.02, 0.026, 0.001], 3, 0.05)).toEqual([true, true, true])
  expect(holm([0.026, 0.026, 0.001], 3, 0.05)).toEqual([false, false, true])
  expect(holm([], 10, 0.05)).toEqual([])
})

test('a series that never varied has no usual range, and a longer one has', () => {
  const [constant, other] = forecastAll([new Float64Array(40).fill(7), sampleSeries(40, 5)], 3)
  expect(constant?.usual).toBeUndefined()
  expect(other?.usual?.high).toBeGreaterThan(other?.point[0] ?? 0)
})
