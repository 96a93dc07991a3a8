import { compare } from '../kernel/decimalText.ts'
import type { SignalOf } from './signal.ts'

/**
 * The product is advertised there below the lowest price that may be. What somebody was sold it for is looked at nowhere, and what
 * is advertised adds no points either: it stands beside the case (domain.md §2.7).
 */
export const priceLink: SignalOf = ({ rule, prices }) => {
  if (!rule.priceLink || prices.length === 0) return undefined
  const [lowest] = prices.toSorted((a, b) => compare(a.price, b.price))
  return {
    points: 0n,
    figures: { lowPrices: String(prices.length), ...(lowest && { lowPrice: lowest.price, lowLimit: lowest.limit }) },
    evidence: prices.slice(0, 5).map(({ eventId }) => ({ eventId, role: 'low-price' })),
  }
}
