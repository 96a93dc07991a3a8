import { promotionFits, promotionRuns } from '../pricing/stackPromotions.ts'
import type { Detector } from './detector.ts'

/** The price of a promotion outside its window, or for whom or what it was not meant. */
export const promoOutOfWindow: Detector = {
  kind: 'PROMO_OUT_OF_WINDOW',
  judges: ['sell-in', 'repriced'],
  lookBackDays: () => 0,
  find(fact, { rules, promotions, dealer, category }) {
    if (!rules.PROMO_OUT_OF_WINDOW || !dealer || (fact.kind !== 'sell-in' && fact.kind !== 'repriced')) return []
    const { eventId, at, sku, lineNo, orderId, tier = dealer.tier, promoted, unitPrice, currency } = fact
    return promotions
      .filter(({ promotionId }) => fact.promotions.includes(promotionId))
      .flatMap((promotion) => {
        const fits = promotionFits(promotion, { dealer: { ...dealer, tier }, sku, category })
        if (fits && promotionRuns(promotion, at)) return []
        const { promotionId, startsAt, endsAt, cancelledAt } = promotion
        const wrong = fits ? 'window' : 'scope'
        const window = { startsAt, endsAt, ...(cancelledAt !== undefined && { cancelledAt }) }
        return [
          {
            about: { eventId, at, lineNo },
            from: at,
            to: at,
            score: promoted,
            figures: { orderId, lineNo: String(lineNo), promotionId, wrong, ...window, unitPrice, currency },
            evidence: [{ eventId, role: 'line' }],
          },
        ]
      })
      .slice(0, 1)
  },
}
