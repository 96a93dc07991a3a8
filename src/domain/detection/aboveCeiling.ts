import type { Detector } from './detector.ts'
import { excess } from './shortfall.ts'

/** Dearer than the ceiling in force: to a dealer, or as it was seen in the market. */
export const aboveCeiling: Detector = {
  kind: 'ABOVE_CEILING',
  judges: ['sell-in', 'repriced', 'observed'],
  lookBackDays: () => 0,
  find(fact, { rules, limits }) {
    const rule = rules.ABOVE_CEILING
    if (!rule || (fact.kind !== 'sell-in' && fact.kind !== 'repriced' && fact.kind !== 'observed')) return []
    const ceiling = (fact.kind === 'observed' ? undefined : fact.ceiling) ?? limits?.ceiling
    const price = fact.kind === 'observed' ? fact.price : fact.unitPrice
    const over = ceiling === undefined ? undefined : excess(price, ceiling, rule.tolerance)
    if (ceiling === undefined || over === undefined) return []
    const { eventId, at, currency } = fact
    const line = fact.kind === 'observed' ? {} : { lineNo: fact.lineNo }
    return [
      {
        about: { eventId, at, ...line },
        from: at,
        to: at,
        score: over,
        figures: {
          price,
          ceiling,
          currency,
          ...(fact.kind === 'observed'
            ? { offer: fact.offer }
            : { orderId: fact.orderId, lineNo: String(fact.lineNo) }),
        },
        evidence: [
          { eventId, role: fact.kind === 'observed' ? 'observation' : 'line' },
          ...(limits?.eventId === undefined ? [] : [{ eventId: limits.eventId, role: 'ceiling' }]),
        ],
      },
    ]
  },
}
