import { describe, expect, test } from 'vitest'
import { isSeasonal, seasonalFigure } from '../../../src/domain/forecasting/decompose.ts'
import { adjustSeason } from '../../../src/domain/forecasting/seasonalAdjustment.ts'
import { stl } from '../../../src/domain/forecasting/stl.ts'
import { sampleSeries } from '../../support/sampleSeries.ts'
import { seededRandom } from '../../support/seededRandom.ts'

const quarters = Float64Array.of(4, -1, -5, 2)
const line = (length: number): Float64Array =>
  Float64Array.from({ length }, (_, t) => 50 + 3 * t + (quarters[t % 4] ?? 0))

describe('a season', () => {
  test('is found where there is one, and seldom where there is none', () => {
    expect(isSeasonal(sampleSeries(60, 1), 12)).toBe(true)
    expect(isSeasonal(sampleSeries(35, 1), 12)).toBe(false) // less than three periods show nothing
    const noise = Array.from({ length: 200 }, (_, seed) => {
      const random = seededRandom(seed + 1)
      return isSeasonal(Float64Array.from({ length: 60 }, random), 12)
    })
    expect(noise.filter(Boolean).length).toBeLessThan(30) // a test at 90 % errs in one of ten
  })

  test('on a straight line is told exactly, added or multiplied', () => {
    const { figure, remainder, count } = seasonalFigure(line(24), 4, 'additive')
    for (const [place, value] of figure.entries()) expect(value).toBeCloseTo(quarters[place] ?? 0, 9)
    expect(remainder).toBeCloseTo(0, 9)
    expect(count).toBe(20)
    const factors = Float64Array.of(1.2, 0.9, 0.8, 1.1)
    const constant = Float64Array.from({ length: 24 }, (_, t) => 50 * (factors[t % 4] ?? 0))
    const multiplied = seasonalFigure(constant, 4, 'multiplicative').figure
    for (const [place, value] of multiplied.entries()) expect(value).toBeCloseTo(factors[place] ?? 0, 9)
  })

  test('and the trend add up to a series without noise, by loess', () => {
    const y = line(32)
    const { trend, seasonal } = stl(y, { period: 4, seasonalWindow: 11 })
    for (let t = 4; t < 28; t += 1) {
      expect(Math.abs((trend[t] ?? 0) + (seasonal[t] ?? 0) - (y[t] ?? 0))).toBeLessThan(0.5)
      expect(Math.abs((seasonal[t] ?? 0) - (quarters[t % 4] ?? 0))).toBeLessThan(0.5)
    }
  })

  test.each(['classical', 'stl'] as const)('is believed as far as it is no noise (%s)', (method) => {
    const clear = adjustSeason(line(32), 4, { period: 4, method })
    expect(clear.believed).toBeGreaterThan(0.95)
    for (const [h, value] of clear.ahead.entries()) expect(Math.abs(value - (quarters[h] ?? 0))).toBeLessThan(0.6)
    const random = seededRandom(7)
    const noise = adjustSeason(Float64Array.from({ length: 48 }, random), 4, { period: 12, method })
    expect(noise.believed).toBeLessThan(0.6)
  })

  test('of two years is told from a line, of less not at all', () => {
    const two = adjustSeason(line(9), 4, { period: 4, method: 'stl' })
    for (const [h, value] of two.ahead.entries()) expect(value).toBeCloseTo(quarters[(9 + h) % 4] ?? 0, 0)
    expect(adjustSeason(line(7), 4, { period: 4, method: 'stl' }).believed).toBe(0)
  })
})
