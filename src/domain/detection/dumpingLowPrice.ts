import { instantOf } from '../kernel/businessTime.ts'
import { compare, sumOf } from '../kernel/decimalText.ts'
import type { Detector } from './detector.ts'
import { shortfall } from './shortfall.ts'
import type { Resale, Standing } from './tradeFact.ts'

const day = 86_400_000

/**
 * Resold below what the goods had cost the dealer, so often and so much in a window that it is no clearance. It looks at
 * resale prices, which a policy has to allow by country; what it finds derives from them (domain.md §2.7).
 */
export const dumpingLowPrice: Detector = {
  kind: 'DUMPING_LOW_PRICE',
  judges: ['resale'],
  lookBackDays: ({ DUMPING_LOW_PRICE: rule }) => rule?.withinDays ?? 0,
  find(fact, { rules, own, soldBelow }) {
    const rule = rules.DUMPING_LOW_PRICE
    if (!rule || fact.kind !== 'resale') return []
    const since = instantOf(fact.at) - rule.withinDays * day
    const below = own.flatMap((one) => {
      const prices = soldBelow.get(one.eventId)
      if (one.kind !== 'resale' || one.sku !== fact.sku || instantOf(one.at) < since || !prices) return []
      const under = shortfall(prices.price, prices.cost, rule.margin)
      return under === undefined ? [] : [{ resale: one, under, ...prices }]
    })
    const quantity = sumOf(below.map(({ resale }) => resale.quantity))
    const last = below.at(-1)
    if (last?.resale.eventId !== fact.eventId || below.length < rule.times || compare(quantity, rule.volume) < 0)
      return []
    return [
      {
        about: { eventId: fact.eventId, at: fact.at },
        from: below[0]?.resale.at ?? fact.at,
        to: fact.at,
        score: last.under,
        figures: { quantity, times: String(below.length), price: last.price, cost: last.cost },
        evidence: below
          .slice(-20)
          .flatMap(({ resale, layerEventId }: { resale: Standing<Resale>; layerEventId: string }) => [
            { eventId: resale.eventId, role: 'resale' },
            { eventId: layerEventId, role: 'cost' },
          ]),
      },
    ]
  },
}
