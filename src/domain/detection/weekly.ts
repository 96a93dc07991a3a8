import { instantOf, type Instant } from '../kernel/businessTime.ts'
import { parseDecimal, type Micros } from '../kernel/decimal.ts'
import type { Place } from './tradeFact.ts'

const week = 7 * 86_400_000

/** Sums of the weeks before an instant, the last one at index 0: `weeks` of them, each [start, end). */
export function weekly<F extends Place>(
  facts: readonly F[],
  end: Instant,
  weeks: number,
  quantityOf: (fact: F) => string,
): Micros[] {
  const sums = Array.from({ length: weeks }, () => 0n)
  for (const fact of facts) {
    const ago = Math.floor((end - 1 - instantOf(fact.at)) / week)
    const before = sums[ago]
    if (before !== undefined) sums[ago] = before + parseDecimal(quantityOf(fact))
  }
  return sums
}

export function medianOf(values: readonly bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const middle = Math.floor(sorted.length / 2)
  const [low = 0n, high = 0n] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? high : (low + high) / 2n
}

/** The median of the distances from the median, times 1.4826: the standard deviation of what is normal among them. */
export function robustDeviation(values: readonly bigint[]): bigint {
  const median = medianOf(values)
  return (medianOf(values.map((one) => (one < median ? median - one : one - median))) * 14_826n) / 10_000n
}

export function largestOf(values: readonly bigint[]): bigint {
  return values.reduce((largest, one) => (one > largest ? one : largest), 0n)
}
