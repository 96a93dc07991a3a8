import { rememberByText } from './rememberByText.ts'

/**
 * Exact decimals. A value is a `bigint` of millionths (scale 6, the largest scale that prices and line
 * values may declare), so sums, differences and comparisons are exact; only multiplication and division
 * can lose digits, and both take a rounding mode; `multiply` and `divideRounded` hand back what was lost.
 */
export type Micros = bigint

export const scaleLimit = 6
const one = 1_000_000n

/** `half-up` is commercial rounding (away from zero on a tie); `half-even` is banker's rounding. */
export type RoundingMode = 'half-up' | 'half-even' | 'down' | 'up' | 'floor'

const decimalPattern = /^-?(0|[1-9]\d{0,17})(\.\d{1,6})?$/

/** True for a plain decimal string with at most `scale` digits after the point: no exponent, no plus sign, no leading zeros. */
export function isDecimal(text: string, scale: number = scaleLimit): boolean {
  if (!decimalPattern.test(text)) return false
  const point = text.indexOf('.')
  return point === -1 || text.length - point - 1 <= scale
}

/**
 * Reads a decimal string. Throws a RangeError on anything `isDecimal` rejects: callers validate at the edge, so this is a bug.
 * Remembered: quantities and prices repeat, and reading one costs ten times as much as finding it.
 */
export const parseDecimal: (text: string) => Micros = rememberByText(10_000, readDecimal)

function readDecimal(text: string): Micros {
  if (!decimalPattern.test(text)) throw new RangeError(`not a decimal with at most ${scaleLimit} digits: ${text}`)
  const negative = text.startsWith('-')
  const digits = negative ? text.slice(1) : text
  const point = digits.indexOf('.')
  const whole = point === -1 ? digits : digits.slice(0, point)
  const fraction = point === -1 ? '' : digits.slice(point + 1)
  const micros = BigInt(whole) * one + BigInt(fraction.padEnd(scaleLimit, '0'))
  return negative ? -micros : micros
}

/** Writes the shortest decimal string: `2024.994`, `-0.5`, `17`. */
export function formatDecimal(value: Micros): string {
  const negative = value < 0n
  const magnitude = negative ? -value : value
  const rest = magnitude % one
  const fraction = rest === 0n ? '' : `.${rest.toString().padStart(scaleLimit, '0').replace(/0+$/, '')}`
  const text = `${magnitude / one}${fraction}`
  return negative ? `-${text}` : text
}

export interface Rounded {
  value: bigint
  /** exact value − rounded value, in the units the named function documents */
  remainder: bigint
}

/** Integer division with a rounding mode; the remainder is `numerator − value · denominator`. */
export function divideRounded(numerator: bigint, denominator: bigint, mode: RoundingMode): Rounded {
  if (denominator <= 0n) throw new RangeError('denominator must be positive')
  const truncated = numerator / denominator
  const rest = numerator % denominator
  const value = rest === 0n ? truncated : truncated + stepAway(truncated, rest, denominator, mode)
  return { value, remainder: numerator - value * denominator }
}

function stepAway(truncated: bigint, rest: bigint, denominator: bigint, mode: RoundingMode): bigint {
  const direction = rest < 0n ? -1n : 1n
  const twice = 2n * (rest < 0n ? -rest : rest)
  switch (mode) {
    case 'down':
      return 0n
    case 'up':
      return direction
    case 'floor':
      return direction < 0n ? -1n : 0n
    case 'half-up':
      return twice >= denominator ? direction : 0n
    case 'half-even':
      return twice > denominator || (twice === denominator && truncated % 2n !== 0n) ? direction : 0n
  }
}

/** Product of two decimals at scale 6; the remainder is in units of 10⁻¹². */
export function multiply(a: Micros, b: Micros, mode: RoundingMode): Rounded {
  return divideRounded(a * b, one, mode)
}

/** Quotient of two decimals at scale 6. Throws on a divisor of zero. */
export function divide(a: Micros, b: Micros, mode: RoundingMode): Micros {
  if (b === 0n) throw new RangeError('division by zero')
  return b < 0n ? divideRounded(-a * one, -b, mode).value : divideRounded(a * one, b, mode).value
}

/**
 * Splits `total` into shares proportional to `weights` (none negative, not all zero) that add up to it exactly:
 * everybody gets the floor, and the units left over go to the largest remainders, the earlier one on a tie.
 */
export function splitByLargestRemainder(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((acc, weight) => acc + weight, 0n)
  if (sum <= 0n || weights.some((weight) => weight < 0n)) throw new RangeError('weights must be ≥ 0 and not all zero')
  const parts = weights.map((weight, index) => ({ index, ...divideRounded(total * weight, sum, 'floor') }))
  let left = total - parts.reduce((acc, part) => acc + part.value, 0n)
  const byRemainder = parts.toSorted((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  )
  for (const part of byRemainder) {
    if (left === 0n) break
    part.value += 1n
    left -= 1n
  }
  return parts.map((part) => part.value)
}
