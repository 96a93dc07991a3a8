import { divideRounded, parseDecimal, type Micros, type RoundingMode } from '../kernel/decimal.ts'
import { minorDigits } from '../kernel/currency.ts'
import type { Take } from './take.ts'

/** What takes are worth together, exact at scale 12. */
export function valueOf(takes: readonly Take[]): bigint {
  return takes.reduce((sum, one) => sum + areaOf(one), 0n)
}

/** Units × stretch, exact at scale 12. */
export function areaOf({ from, to, low, high }: Take): bigint {
  return (parseDecimal(to) - parseDecimal(from)) * (parseDecimal(high) - parseDecimal(low))
}

export function quantityOf(takes: readonly Take[]): Micros {
  return takes.reduce((sum, { from, to }) => sum + parseDecimal(to) - parseDecimal(from), 0n)
}

/** The one step from the exact value to minor units. */
export function claimAmount(takes: readonly Take[], currency: string, mode: RoundingMode): bigint {
  return divideRounded(valueOf(takes), 10n ** BigInt(12 - minorDigits(currency)), mode).value
}
