import { compare, minus, negated, plus, positivePart, smaller } from '../kernel/decimalText.ts'
import { divideRounded, formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import type { LineMoney } from './lineEffects.ts'
import type { OrderLine } from './orderLine.ts'
import { openQuantity, type LineQuantities } from './orderStatus.ts'
import type { Line } from './state.ts'

/**
 * The money of a part: its share of what is left, half-up at scale 6; the last part takes the rest, so that all parts
 * of a line add up to the line exactly.
 */
export function shareOf(rest: LineMoney, restQuantity: string, quantity: string): LineMoney {
  const share = (amount: string): string => {
    const base = parseDecimal(restQuantity)
    return base <= 0n
      ? '0'
      : formatDecimal(divideRounded(parseDecimal(amount) * parseDecimal(quantity), base, 'half-up').value)
  }
  return { value: share(rest.value), tax: share(rest.tax), freight: share(rest.freight) }
}

/** What of a line's money neither shipments nor cancellations have taken. */
export function unsettled({ quantities, money }: Line): { quantity: string; money: LineMoney } {
  const rest = (part: keyof LineMoney): string =>
    minus(money.ordered[part], plus(money.cancelled[part], money.shipped[part]))
  return {
    quantity: minus(quantities.ordered, plus(quantities.cancelled, quantities.shipped)),
    money: { value: rest('value'), tax: rest('tax'), freight: rest('freight') },
  }
}

/** The money of the next part of a line that ships or is cancelled. More than is left (a recorded fact) is valued at the line's terms. */
export function nextPart(line: Line, quantity: string): LineMoney {
  const rest = unsettled(line)
  if (compare(quantity, rest.quantity) <= 0) return shareOf(rest.money, rest.quantity, quantity)
  return shareOf(line.money.ordered, line.quantities.ordered, quantity)
}

/** Money as events carry it: tax with its code, absent where the line has none. */
export function partFields(
  terms: OrderLine,
  { value, tax, freight }: LineMoney,
): { value: string; tax?: OrderLine['tax']; freight?: string } {
  return {
    value,
    ...(terms.tax && { tax: { ...terms.tax, amount: tax } }),
    ...(terms.freight !== undefined && { freight }),
  }
}

/** Where a quantity that falls away is taken: first from what is open, then backordered, then confirmed, allocated goods last. */
export function takeFrom(
  quantities: LineQuantities,
  quantity: string,
): { fromBackordered: string; fromConfirmed: string; deallocated: string } {
  const beyondOpen = positivePart(minus(quantity, positivePart(openQuantity(quantities))))
  const fromBackordered = smaller(beyondOpen, quantities.backordered)
  const fromConfirmed = minus(beyondOpen, fromBackordered)
  const unallocated = minus(quantities.confirmed, quantities.allocated)
  return { fromBackordered, fromConfirmed, deallocated: positivePart(minus(fromConfirmed, unallocated)) }
}

/** Signed sum of two parts of money. */
export function plusMoney(a: LineMoney, b: LineMoney): LineMoney {
  return { value: plus(a.value, b.value), tax: plus(a.tax, b.tax), freight: plus(a.freight, b.freight) }
}

export function minusMoney(a: LineMoney, b: LineMoney): LineMoney {
  return plusMoney(a, { value: negated(b.value), tax: negated(b.tax), freight: negated(b.freight) })
}
