import { divide, formatDecimal, multiply, parseDecimal } from '../kernel/decimal.ts'
import type { Detector } from './detector.ts'

const one = 1_000_000n

/** A discount beside promotions that nobody approved, or somebody who may not give so much. */
export const unapprovedDiscount: Detector = {
  kind: 'UNAPPROVED_DISCOUNT',
  judges: ['sell-in', 'repriced'],
  lookBackDays: () => 0,
  find(fact, { rules, limits }) {
    const rule = rules.UNAPPROVED_DISCOUNT
    if (!rule || (fact.kind !== 'sell-in' && fact.kind !== 'repriced')) return []
    const { eventId, at, lineNo, orderId, unitPrice, promoted, currency } = fact
    const listPrice = fact.listPrice ?? limits?.newPrice
    // goods for nothing are another kind's
    if (listPrice === undefined || parseDecimal(unitPrice) === 0n) return []
    const due = multiply(parseDecimal(listPrice), one - parseDecimal(promoted), 'half-even').value
    if (due <= 0n) return []
    const discount = one - divide(parseDecimal(unitPrice), due, 'half-even')
    const approvedBy = fact.kind === 'repriced' ? fact.approvedBy : undefined
    const theirs = rule.approvers.find(({ principalId }) => principalId === approvedBy)?.share
    const authority = parseDecimal(theirs ?? rule.authority)
    if (discount <= authority) return []
    return [
      {
        about: { eventId, at, lineNo },
        from: at,
        to: at,
        score: formatDecimal(discount - authority),
        figures: {
          orderId,
          lineNo: String(lineNo),
          listPrice,
          promoted,
          unitPrice,
          currency,
          discount: formatDecimal(discount),
          authority: formatDecimal(authority),
          ...(approvedBy !== undefined && { approvedBy }),
        },
        evidence: [
          { eventId, role: 'line' },
          ...(fact.listPrice === undefined && limits?.eventId !== undefined
            ? [{ eventId: limits.eventId, role: 'list-price' }]
            : []),
        ],
      },
    ]
  },
}
