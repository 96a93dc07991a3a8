import { formatDecimal } from '../../domain/kernel/decimal.ts'

/** An estimate as a quantity: rounded to thousandths, never below zero. The one place where estimates become decimals. */
export function estimatedQuantity(estimate = 0): string {
  return formatDecimal(BigInt(Math.round(Math.max(0, estimate) * 1000)) * 1000n)
}
