import { divideRounded, formatDecimal, parseDecimal, splitByLargestRemainder } from '../kernel/decimal.ts'
import type { LinePart } from './events.ts'
import type { Invoice } from './state.ts'

/**
 * The lines that stand behind the part of an invoice between `from` and `to` minor units paid. Each line's share is a
 * difference of cumulative shares, so that allocations and their returns add up to the lines exactly, in any parts.
 */
export function allocationLines(invoice: Invoice, from: bigint, to: bigint): LinePart[] {
  const before = paidShares(invoice, from)
  const after = paidShares(invoice, to)
  return invoice.lines.map((line, index) => ({
    ...line,
    quantity: difference(after.quantity, before.quantity, index),
    net: difference(after.net, before.net, index),
    gross: difference(after.gross, before.gross, index),
  }))
}

type Shares = Readonly<Record<'quantity' | 'net' | 'gross', readonly bigint[]>>

function paidShares({ lines, gross }: Invoice, paid: bigint): Shares {
  const whole = BigInt(gross)
  const of = (key: 'net' | 'gross'): bigint[] => {
    const weights = lines.map((line) => parseDecimal(line[key]))
    const sum = weights.reduce((total, weight) => total + weight, 0n)
    if (sum === 0n) return weights
    return splitByLargestRemainder(divideRounded(sum * paid, whole, 'half-even').value, weights)
  }
  const quantity = lines.map((line) => divideRounded(parseDecimal(line.quantity) * paid, whole, 'half-even').value)
  return { quantity, net: of('net'), gross: of('gross') }
}

function difference(after: readonly bigint[], before: readonly bigint[], index: number): string {
  return formatDecimal((after[index] ?? 0n) - (before[index] ?? 0n))
}
