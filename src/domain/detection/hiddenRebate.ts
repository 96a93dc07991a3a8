import { minorToMicros } from '../kernel/currency.ts'
import { formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import type { Detector } from './detector.ts'

/** A credit that no settlement, claim, return or invoice stands behind, or goods for nothing outside a promotion. */
export const hiddenRebate: Detector = {
  kind: 'HIDDEN_REBATE',
  judges: ['benefit', 'sell-in', 'repriced'],
  lookBackDays: () => 0,
  find(fact, { rules, limits }) {
    const rule = rules.HIDDEN_REBATE
    if (!rule) return []
    const { eventId, at } = fact
    if (fact.kind === 'benefit') {
      const { documentId, reason, amount, currency, hasSource } = fact
      const worth = minorToMicros(BigInt(amount), currency)
      if (hasSource || worth <= aboveIn(currency)) return []
      return [
        {
          about: { eventId, at },
          from: at,
          to: at,
          score: '1',
          figures: { documentId, reason, amount: formatDecimal(worth), currency },
          evidence: [{ eventId, role: 'credit' }],
        },
      ]
    }
    if (fact.kind !== 'sell-in' && fact.kind !== 'repriced') return []
    const { orderId, lineNo, quantity, currency, promotions } = fact
    const listPrice = fact.listPrice ?? limits?.newPrice
    if (parseDecimal(fact.value) !== 0n || promotions.length > 0 || listPrice === undefined) return []
    const worth = (parseDecimal(listPrice) * parseDecimal(quantity)) / 1_000_000n
    if (worth <= aboveIn(currency)) return []
    return [
      {
        about: { eventId, at, lineNo },
        from: at,
        to: at,
        score: '1',
        figures: { orderId, lineNo: String(lineNo), quantity, amount: formatDecimal(worth), currency },
        evidence: [{ eventId, role: 'line' }],
      },
    ]

    function aboveIn(currency: string): bigint {
      return parseDecimal(rule?.above.find((one) => one.currency === currency)?.amount ?? '0')
    }
  },
}
