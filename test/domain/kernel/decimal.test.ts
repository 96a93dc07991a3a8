import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  divide,
  divideRounded,
  formatDecimal,
  isDecimal,
  multiply,
  parseDecimal,
  splitByLargestRemainder,
  type RoundingMode,
} from '../../../src/domain/kernel/decimal.ts'

const micros = fc.bigInt({ min: -(10n ** 23n), max: 10n ** 23n })
const modes: readonly RoundingMode[] = ['half-up', 'half-even', 'down', 'up', 'floor']
const mode = fc.constantFrom(...modes)

describe('decimals', () => {
  it.each(['0', '17', '2024.994', '-0.5', '0.000001', '999999999999999999.999999'])(
    'reads and writes %s unchanged',
    (text) => {
      expect(formatDecimal(parseDecimal(text))).toBe(text)
    },
  )

  it.each([
    '',
    '.5',
    '1.',
    '01',
    '+1',
    '1e3',
    '0x1',
    ' 1',
    '1\n',
    '1,5',
    '1.0000001',
    '1234567890123456789',
    'NaN',
    '-',
  ])('are not %j', (text) => {
    expect(isDecimal(text)).toBe(false)
    expect(() => parseDecimal(text)).toThrow(RangeError)
  })

  it('have at most the declared digits after the point', () => {
    expect(isDecimal('1.234', 3)).toBe(true)
    expect(isDecimal('1.2345', 3)).toBe(false)
  })

  it('survive writing and reading, whatever their value', () => {
    fc.assert(
      fc.property(micros, (value) => {
        expect(parseDecimal(formatDecimal(value))).toBe(value)
      }),
    )
  })
})

describe('rounding', () => {
  it.each([
    ['half-up', [-3n, -2n, -1n, 1n, 2n, 3n]],
    ['half-even', [-2n, -2n, 0n, 0n, 2n, 2n]],
    ['down', [-2n, -1n, 0n, 0n, 1n, 2n]],
    ['up', [-3n, -2n, -1n, 1n, 2n, 3n]],
    ['floor', [-3n, -2n, -1n, 0n, 1n, 2n]],
  ] as const)('of −2.5 … 2.5 by %s', (by, expected) => {
    expect([-5n, -3n, -1n, 1n, 3n, 5n].map((halves) => divideRounded(halves, 2n, by).value)).toEqual(expected)
  })

  it('loses less than one unit, says how much, and a half at most when it goes to the nearest', () => {
    fc.assert(
      fc.property(micros, fc.bigInt({ min: 1n, max: 10n ** 12n }), mode, (numerator, denominator, by) => {
        const { value, remainder } = divideRounded(numerator, denominator, by)
        const size = remainder < 0n ? -remainder : remainder
        expect(value * denominator + remainder).toBe(numerator)
        expect(size).toBeLessThan(denominator)
        expect(by.startsWith('half') && 2n * size > denominator).toBe(false)
        expect(by === 'floor' && remainder < 0n).toBe(false)
      }),
    )
  })

  it('treats a debt as it treats a claim, floor aside', () => {
    fc.assert(
      fc.property(micros, fc.bigInt({ min: 1n, max: 10n ** 9n }), mode, (numerator, denominator, by) => {
        fc.pre(by !== 'floor')
        expect(divideRounded(-numerator, denominator, by).value).toBe(-divideRounded(numerator, denominator, by).value)
      }),
    )
  })

  it('of a product keeps what was lost at twelve digits', () => {
    expect(multiply(parseDecimal('0.333333'), parseDecimal('0.5'), 'half-up')).toEqual({
      value: 166_667n,
      remainder: -500_000n,
    })
  })

  it('of a quotient knows the sign of its divisor, and refuses zero', () => {
    expect(formatDecimal(divide(parseDecimal('1'), parseDecimal('-3'), 'half-up'))).toBe('-0.333333')
    expect(() => divide(1n, 0n, 'down')).toThrow(RangeError)
  })
})

describe('splitting by largest remainder', () => {
  it('gives the units left over to the largest remainders, the earlier one on a tie', () => {
    expect(splitByLargestRemainder(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n])
    expect(splitByLargestRemainder(10n, [5n, 3n, 1n])).toEqual([6n, 3n, 1n])
  })

  it('adds up to the total, and no share is a whole unit away from its exact part', () => {
    const weights = fc
      .array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { minLength: 1, maxLength: 30 })
      .filter((all) => all.some((one) => one > 0n))
    fc.assert(
      fc.property(micros, weights, (total, all) => {
        const parts = splitByLargestRemainder(total, all)
        const sum = all.reduce((a, b) => a + b, 0n)
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(total)
        parts.forEach((part, index) => {
          const off = part * sum - total * (all[index] ?? 0n)
          expect(off < 0n ? -off : off).toBeLessThan(sum)
        })
      }),
    )
  })

  it('refuses weights that say nothing', () => {
    expect(() => splitByLargestRemainder(1n, [])).toThrow(RangeError)
    expect(() => splitByLargestRemainder(1n, [0n, 0n])).toThrow(RangeError)
    expect(() => splitByLargestRemainder(1n, [2n, -1n])).toThrow(RangeError)
  })
})
