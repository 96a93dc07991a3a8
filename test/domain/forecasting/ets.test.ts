import { describe, expect, test } from 'vitest'
import { fitEts } from '../../../src/domain/forecasting/ets.ts'
import { countedParameters, etsForms, etsName } from '../../../src/domain/forecasting/etsForm.ts'
import { etsPass } from '../../../src/domain/forecasting/etsPass.ts'
import { sampleSeries } from '../../support/sampleSeries.ts'

describe('exponential smoothing', () => {
  test('has fifteen forms', () => {
    expect(etsForms.map(etsName)).toHaveLength(15)
    expect(new Set(etsForms.map(etsName)).size).toBe(15)
    expect(etsForms.map(etsName)).not.toContain('ETS(A,A,M)')
    // α β γ φ, level, slope, eleven seasonal states, variance
    expect(countedParameters({ error: 'M', trend: 'Ad', season: 'M' }, 12)).toBe(18)
  })

  test('does by hand what it does: simple smoothing of 10, 12, 11 from 10 with α = 0.5', () => {
    const states = { level: 10, slope: 0, season: new Float64Array(1) }
    const parameters = { alpha: 0.5, beta: 0, gamma: 0, phi: 1 }
    const y = Float64Array.of(10, 12, 11)
    // errors 0, 2, 0; levels 10, 11, 11
    expect(etsPass({ error: 'A', trend: 'N', season: 'N' }, parameters, states, y)).toBeCloseTo(3 * Math.log(4 / 3), 12)
    expect(states.level).toBe(11)
    states.level = 10
    // relative errors 0, 0.2, 0, expected 10, 10, 11
    expect(etsPass({ error: 'M', trend: 'N', season: 'N' }, parameters, states, y)).toBeCloseTo(
      3 * Math.log(0.04 / 3) + 2 * Math.log(10 * 10 * 11),
      12,
    )
  })

  test('a multiplicative season is followed: one step by hand', () => {
    const states = { level: 10, slope: 1, season: Float64Array.of(2, 0.5) }
    etsPass(
      { error: 'M', trend: 'A', season: 'M' },
      { alpha: 0.5, beta: 0.25, gamma: 0.1, phi: 1 },
      states,
      Float64Array.of(26),
    )
    // expected 22, error 4: level 11 + 0.5 · 4/2, slope 1 + 0.25 · 4/2, season 2 + 0.1 · 4/11
    expect(states.level).toBeCloseTo(12, 12)
    expect(states.slope).toBeCloseTo(1.5, 12)
    expect(states.season[0]).toBeCloseTo(2 + 0.4 / 11, 12)
  })

  test('finds a trend with a season, and carries it on', () => {
    const y = sampleSeries(84, 1)
    const [best] = fitEts(y.subarray(0, 72), 12, 12)
    expect(best?.form.season).not.toBe('N')
    for (const [h, value] of (best?.point ?? []).entries()) {
      const actual = y[72 + h] ?? 0
      expect(Math.abs(value - actual) / actual).toBeLessThan(0.15)
    }
  })

  test('the best is first', () => {
    const y = sampleSeries(60, 2)
    const fits = fitEts(y, 3, 12)
    expect(fits).toHaveLength(15)
    const criteria = fits.map(({ aicc }) => aicc)
    expect(criteria).toEqual(criteria.toSorted((a, b) => a - b))
  })

  test('multiplicative models are left out where a value is not above zero', () => {
    const y = sampleSeries(60, 3)
    y[5] = 0
    expect(fitEts(y, 1, 12).map(({ form }) => form.error)).toEqual(Array(6).fill('A'))
  })
})
