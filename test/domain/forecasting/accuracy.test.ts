import { expect, test } from 'vitest'
import { accuracyOf } from '../../../src/domain/forecasting/accuracy.ts'
import { seasonalNaive, seasonalNaiveError } from '../../../src/domain/forecasting/seasonalNaive.ts'

test('accuracy, bias, gain and coverage are pooled over series', () => {
  const found = accuracyOf([
    { actual: [10, 20], point: [12, 16], naive: [5, 20], low: [11, 10], high: [13, 30] },
    { actual: [0, Number.NaN], point: [3, 1], naive: [4, 4], low: [0, 0], high: [5, 5] },
  ])
  // errors 2 + 4 + 3 of a demand of 30; 2 − 4 + 3; the naive forecast errs 5 + 0 + 4
  expect(found).toEqual({ values: 3, accuracy: 70, bias: (100 * 1) / 30, gain: 0, covered: (100 * 2) / 3 })
})

test('the seasonal naive forecast repeats the last year, or the last value where no year is known', () => {
  const y = Float64Array.from({ length: 25 }, (_, t) => t)
  expect([...seasonalNaive(y, 14, 12)]).toEqual([13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 13, 14])
  expect([...seasonalNaive(y.subarray(0, 5), 2, 12)]).toEqual([4, 4])
  expect([...seasonalNaive(new Float64Array(0), 2, 12)]).toEqual([0, 0])
  expect(seasonalNaiveError(y, 12, 48)).toBe(12)
  expect(seasonalNaiveError(y.subarray(0, 5), 12, 48)).toBe(1)
})
