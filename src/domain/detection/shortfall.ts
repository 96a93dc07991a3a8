import { divide, formatDecimal, multiply, parseDecimal } from '../kernel/decimal.ts'

const one = 1_000_000n

/** How far a price lies under a bound that gives `tolerance`, as a share of it; undefined when it does not. */
export function shortfall(price: string, bound: string, tolerance: string): string | undefined {
  const [paid, limit] = [parseDecimal(price), parseDecimal(bound)]
  const least = multiply(limit, one - parseDecimal(tolerance), 'half-even').value
  return limit <= 0n || paid >= least ? undefined : formatDecimal(divide(least - paid, limit, 'half-even'))
}

/** How far it lies above, likewise. */
export function excess(price: string, bound: string, tolerance: string): string | undefined {
  const [paid, limit] = [parseDecimal(price), parseDecimal(bound)]
  const most = multiply(limit, one + parseDecimal(tolerance), 'half-even').value
  return limit <= 0n || paid <= most ? undefined : formatDecimal(divide(paid - most, limit, 'half-even'))
}
