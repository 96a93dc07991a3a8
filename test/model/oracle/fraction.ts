import { one } from './world.ts'

// Exact fractions, in lowest terms, and the two ways of the settlement rules to give them up: rounding (§9) and the largest remainder (§4, §12).

export interface Ratio {
  n: bigint
  d: bigint
}
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b))
export function ratio(n: bigint, d = 1n): Ratio {
  const common = gcd(n, d) * (d < 0n ? -1n : 1n)
  return { n: n / common, d: d / common }
}
export const zero = ratio(0n)
export const micro = ratio(1n, one)
export const plus = (a: Ratio, b: Ratio): Ratio => ratio(a.n * b.d + b.n * a.d, a.d * b.d)
export const minus = (a: Ratio, b: Ratio): Ratio => ratio(a.n * b.d - b.n * a.d, a.d * b.d)
export const times = (a: Ratio, b: Ratio): Ratio => ratio(a.n * b.n, a.d * b.d)
export const over = (a: Ratio, b: Ratio): Ratio => ratio(a.n * b.d, a.d * b.n)
export const isLess = (a: Ratio, b: Ratio): boolean => a.n * b.d < b.n * a.d
export const isAbove = (a: Ratio, b: Ratio): boolean => isLess(b, a)
export const isZero = (a: Ratio): boolean => a.n === 0n
export const lesser = (a: Ratio, b: Ratio): Ratio => (isLess(a, b) ? a : b)
export const greater = (a: Ratio, b: Ratio): Ratio => (isLess(a, b) ? b : a)
export const size = (a: Ratio): Ratio => (a.n < 0n ? minus(zero, a) : a)
export const total = <T>(items: readonly T[], of: (item: T) => Ratio): Ratio =>
  items.reduce((sum, item) => plus(sum, of(item)), zero)
export const floor = (a: Ratio): bigint => (a.n >= 0n ? a.n / a.d : -((-a.n + a.d - 1n) / a.d))
export function read(text: string): Ratio {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const value = ratio(BigInt(whole + fraction), 10n ** BigInt(fraction.length))
  return text.startsWith('-') ? minus(zero, value) : value
}
/** Of a whole number of millionths. */
export function write(value: Ratio): string {
  const micros = floor(over(value, micro))
  const digits = (micros < 0n ? -micros : micros).toString().padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0+$/, '')
  return `${micros < 0n ? '-' : ''}${digits.slice(0, -6)}${fraction === '' ? '' : '.'}${fraction}`
}
export type RoundingMode = 'half-up' | 'half-even' | 'down' | 'up' | 'floor'
/** §9, to a whole number of `step`. */
export function rounded(value: Ratio, step: Ratio, mode: RoundingMode): Ratio {
  const steps = over(size(value), step)
  const below = floor(steps)
  const rest = minus(steps, ratio(below))
  const half = ratio(1n, 2n)
  const isNegative = value.n < 0n
  const goesOn = {
    'half-up': !isLess(rest, half),
    'half-even': isAbove(rest, half) || (!isLess(rest, half) && below % 2n === 1n),
    down: false,
    up: !isZero(rest),
    floor: isNegative && !isZero(rest),
  }[mode]
  const result = times(ratio(goesOn ? below + 1n : below), step)
  return isNegative ? minus(zero, result) : result
}
/** To whole millionths that add up to `sum`: the floor each, then one more to the largest remainders, the earlier one on a tie. */
export function byLargestRemainder(exact: readonly Ratio[], sum: Ratio): Ratio[] {
  const shares = exact.map((value) => times(ratio(floor(over(value, micro))), micro))
  const remainders = exact.map((value, index) => ({ index, rest: minus(value, shares[index]!) }))
  // stable: equal remainders stay in their order
  remainders.sort((a, b) => (isAbove(a.rest, b.rest) ? -1 : isLess(a.rest, b.rest) ? 1 : 0))
  let left = minus(
    sum,
    total(shares, (share) => share),
  )
  for (const { index } of remainders) {
    const more = lesser(left, micro)
    shares[index] = plus(shares[index]!, more)
    left = minus(left, more)
  }
  if (!isZero(left)) throw new Error('more was left than there are shares')
  return shares
}
/** The weights are above zero; where there are none there is no share. */
export function inProportion(amount: Ratio, weights: readonly Ratio[]): Ratio[] {
  if (weights.length === 0) return []
  const all = total(weights, (weight) => weight)
  return byLargestRemainder(
    weights.map((weight) => over(times(amount, weight), all)),
    amount,
  )
}
