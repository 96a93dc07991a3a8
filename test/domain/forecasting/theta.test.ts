import { describe, expect, test } from 'vitest'
import { fitTheta } from '../../../src/domain/forecasting/theta.ts'
import { sampleSeries } from '../../support/sampleSeries.ts'

describe('the dynamic optimised theta model', () => {
  test('carries a constant on', () => {
    expect([...fitTheta(new Float64Array(20).fill(7), 3).point].map((value) => value.toFixed(9))).toEqual(
      Array(3).fill('7.000000000'),
    )
  })

  test('carries a straight line on', () => {
    const { point, mse } = fitTheta(
      Float64Array.from({ length: 30 }, (_, t) => 10 + 2 * t),
      3,
    )
    expect(mse).toBeLessThan(1e-3)
    for (const [h, value] of point.entries()) expect(value).toBeCloseTo(10 + 2 * (30 + h), 1)
  })

  test('moves and stretches with the series', () => {
    const y = sampleSeries(60, 5)
    const { point } = fitTheta(y, 6)
    const moved = fitTheta(
      y.map((value) => 3 * value + 1000),
      6,
    ).point
    for (const [h, value] of point.entries()) expect(moved[h]).toBeCloseTo(3 * value + 1000, 6)
  })

  test('is the best of its own grid: no smoothing parameter nearby errs less', () => {
    const y = sampleSeries(60, 6)
    const { alpha, weight, mse } = fitTheta(y, 1)
    expect(alpha).toBeGreaterThanOrEqual(0.1)
    expect(alpha).toBeLessThanOrEqual(0.99)
    expect(weight).toBeGreaterThanOrEqual(0)
    expect(weight).toBeLessThanOrEqual(1)
    // a random walk of the last values errs more
    let naive = 0
    for (let t = 2; t < y.length; t += 1) naive += ((y[t] ?? 0) - (y[t - 1] ?? 0)) ** 2 / (y.length - 2)
    expect(mse).toBeLessThan(naive)
  })
})
