import { describe, expect, test } from 'vitest'
import { conformalQuantile, sortedFinite } from '../../../src/domain/forecasting/conformalQuantile.ts'
import { minimise } from '../../../src/domain/forecasting/minimise.ts'
import { countDistribution, quantileOf } from '../../../src/domain/forecasting/negativeBinomial.ts'

describe('the simplex search', () => {
  test("finds the bottom of Rosenbrock's valley", () => {
    const { at, value } = minimise(
      ([x = 0, y = 0]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
      Float64Array.of(-1.2, 1),
      0.5,
      { evaluations: 2000, tolerance: 1e-12 },
    )
    expect(value).toBeLessThan(1e-8)
    expect(at[0]).toBeCloseTo(1, 3)
    expect(at[1]).toBeCloseTo(1, 3)
  })

  test('takes what is not finite for the worst', () => {
    const { at } = minimise(([x = 0]) => (x < 0 ? Number.NaN : (x - 2) ** 2), Float64Array.of(0.5), 1, {
      evaluations: 200,
      tolerance: 1e-10,
    })
    expect(at[0]).toBeCloseTo(2, 4)
  })
})

describe('a count', () => {
  test('without overdispersion is a Poisson count', () => {
    const below = countDistribution(2, 2)
    expect(below[0]).toBeCloseTo(Math.exp(-2), 12)
    expect(below[2]).toBeCloseTo(Math.exp(-2) * (1 + 2 + 2), 12)
    expect(quantileOf(below, 0.95)).toBe(5)
  })

  test('with it is negative binomial: mean 3 and variance 12 make r = 1, a geometric count with p = 1/4', () => {
    const below = countDistribution(3, 12)
    for (const k of [0, 1, 2, 10]) expect(below[k]).toBeCloseTo(1 - 0.75 ** (k + 1), 10)
    expect(quantileOf(below, 0.99)).toBe(16) // 1 − 0.75^17 = 0.9925
  })

  test('of nothing is nothing', () => {
    expect(quantileOf(countDistribution(0, 0), 0.99)).toBe(0)
  })
})

describe('the conformal quantile', () => {
  test('of 19 scores at 95 % is the largest, and of 18 unknown', () => {
    const scores = sortedFinite([...Array(19).keys(), Number.NaN].toReversed())
    expect(scores).toHaveLength(19)
    expect(conformalQuantile(scores, 0.95)).toBe(18)
    expect(conformalQuantile(scores.slice(1), 0.95)).toBeUndefined()
    expect(conformalQuantile(scores, 0.5)).toBe(9)
  })
})
