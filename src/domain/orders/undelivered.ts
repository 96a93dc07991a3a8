import { roundToMinor } from '../kernel/currency.ts'
import { formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { linesOf, type Placed } from './state.ts'

/** Line value, tax and freight of what is neither cancelled nor delivered, exact at scale 6. */
export function undeliveredValue(order: Placed): bigint {
  return linesOf(order).reduce((sum, { money }) => {
    const of = (measure: 'ordered' | 'cancelled' | 'delivered'): bigint =>
      parseDecimal(money[measure].value) + parseDecimal(money[measure].tax) + parseDecimal(money[measure].freight)
    return sum + of('ordered') - of('cancelled') - of('delivered')
  }, 0n)
}

/** What an order has open on its credit account: one rounding per order, half-up; the remainder is exact − amount at scale 6. Never negative. */
export function undeliveredAmount(order: Placed): { readonly amount: string; readonly remainder: string } {
  const value = undeliveredValue(order)
  const rounded = roundToMinor(value > 0n ? value : 0n, order.header.currency, 'half-up')
  return { amount: rounded.value.toString(), remainder: formatDecimal(rounded.remainder) }
}
