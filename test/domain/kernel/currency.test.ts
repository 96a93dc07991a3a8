import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCurrency, minorDigits, minorToMicros, roundToMinor } from '../../../src/domain/kernel/currency.ts'
import { parseDecimal } from '../../../src/domain/kernel/decimal.ts'

describe('currencies', () => {
  it('have the minor digits of ISO 4217', () => {
    expect(['JPY', 'USD', 'CNY', 'KWD', 'CLF'].map(minorDigits)).toEqual([0, 2, 2, 3, 4])
  })

  it('are active ISO 4217 codes, in capitals', () => {
    expect(['USD', 'CNY', 'XCG'].every(isCurrency)).toBe(true)
    expect(['usd', 'ANG', 'HRK', 'XXX', 'XAU', 'BTC', '', 'constructor'].some(isCurrency)).toBe(false)
  })

  it('round a line value to an amount in one step that says what was lost', () => {
    expect(roundToMinor(parseDecimal('2024.994'), 'USD', 'half-up')).toEqual({ value: 202_499n, remainder: 4_000n })
    expect(roundToMinor(parseDecimal('2024.5'), 'JPY', 'half-up')).toEqual({ value: 2_025n, remainder: -500_000n })
    expect(roundToMinor(parseDecimal('-0.0005'), 'KWD', 'half-up')).toEqual({ value: -1n, remainder: 500n })
  })

  it('lose nothing between an amount and its exact line value', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
        fc.constantFrom('JPY', 'USD', 'KWD', 'CLF'),
        (minor, currency) => {
          expect(roundToMinor(minorToMicros(minor, currency), currency, 'half-even')).toEqual({
            value: minor,
            remainder: 0n,
          })
        },
      ),
    )
  })
})
