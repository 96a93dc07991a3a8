import { instantOf } from '../kernel/businessTime.ts'
import { formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { compare } from '../kernel/decimalText.ts'
import type { Detector } from './detector.ts'
import { excess } from './shortfall.ts'
import type { SellIn } from './tradeFact.ts'
import { medianOf } from './weekly.ts'

const day = 86_400_000

/**
 * A dealer pays a price too far from what others of like standing paid for the same in the same days: from their median, so
 * that it is the line out of the common that is found. It is the company's own pricing that is out of order, and no dealer
 * learns from it what another one pays.
 */
export const priceSpread: Detector = {
  kind: 'PRICE_SPREAD',
  judges: ['sell-in'],
  lookBackDays: ({ PRICE_SPREAD: rule }) => rule?.withinDays ?? 0,
  find(fact, { rules, everywhere }) {
    const rule = rules.PRICE_SPREAD
    if (!rule || fact.kind !== 'sell-in' || parseDecimal(fact.unitPrice) <= 0n) return []
    const since = instantOf(fact.at) - rule.withinDays * day
    const like = everywhere
      .filter((one) => one.dealerId !== fact.dealerId && instantOf(one.at) >= since && areLike(fact, one))
      .map((one) => ({ line: one, price: parseDecimal(one.unitPrice) }))
      .filter(({ price }) => price > 0n)
    const common = formatDecimal(medianOf(like.map(({ price }) => price)))
    const isDearer = compare(fact.unitPrice, common) > 0
    const over = excess(
      ...(isDearer ? ([fact.unitPrice, common] as const) : ([common, fact.unitPrice] as const)),
      rule.threshold,
    )
    const [other] = like.toSorted((a, b) => (a.price < b.price ? -1 : 1) * (isDearer ? 1 : -1))
    if (!other || over === undefined) return []
    const [high, low] = isDearer ? [fact, other.line] : [other.line, fact]
    return [
      {
        about: { eventId: fact.eventId, at: fact.at, lineNo: fact.lineNo },
        from: fact.at,
        to: fact.at,
        score: over,
        figures: {
          high: high.unitPrice,
          highDealer: high.dealerId,
          highOrder: high.orderId,
          low: low.unitPrice,
          lowDealer: low.dealerId,
          lowOrder: low.orderId,
          common,
          lines: String(like.length),
          currency: fact.currency,
        },
        evidence: [
          { eventId: high.eventId, role: 'dearer' },
          { eventId: low.eventId, role: 'cheaper' },
        ],
      },
    ]
  },
}

/**
 * The same unit and money, the same tier, price list and break of quantity, and no promotion that one of them had alone. Of lines that
 * say no break, neither is more than twice the other.
 */
function areLike(a: SellIn, b: SellIn): boolean {
  const [less, more] = [parseDecimal(a.quantity), parseDecimal(b.quantity)].toSorted((x, y) => (x < y ? -1 : 1))
  if (a.listId === undefined && more !== undefined && less !== undefined && more > 2n * less) return false
  const of = ({ unit, currency, tier, listId, breakFrom, promotions }: SellIn): string =>
    JSON.stringify([unit, currency, tier ?? '', listId ?? '', breakFrom ?? '0', [...promotions].sort()])
  return of(a) === of(b)
}
