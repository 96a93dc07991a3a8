import { instantOf } from '../kernel/businessTime.ts'
import { divide, formatDecimal, multiply, parseDecimal } from '../kernel/decimal.ts'
import type { Detector } from './detector.ts'
import type { Resale, SellIn, Standing } from './tradeFact.ts'
import { largestOf, medianOf, robustDeviation, weekly } from './weekly.ts'

const week = 7 * 86_400_000
const year = 364 * 86_400_000
/** weeks of sell-out that are compared with as many before them */
const soldWeeks = 4
/** weeks around the same one last year */
const seasonWeeks = 5

/**
 * A dealer orders far more of a product in a week than it ever did, and neither what it sells nor the season, nor a
 * promotion that the order has, explains it. A dealer without a history of so many weeks is not judged.
 */
export const orderSpike: Detector = {
  kind: 'ORDER_SPIKE',
  judges: ['sell-in'],
  lookBackDays: ({ ORDER_SPIKE: rule }) => (rule ? Math.max(rule.historyWeeks * 7 + 7, 364 + seasonWeeks * 7) : 0),
  find(fact, { rules, own }) {
    const rule = rules.ORDER_SPIKE
    if (!rule || fact.kind !== 'sell-in' || fact.promotions.length > 0) return []
    const end = instantOf(fact.at) + 1
    const bought = own.filter((one): one is Standing<SellIn> => one.kind === 'sell-in' && one.sku === fact.sku)
    const first = bought[0]
    // its own first order begins the history
    if (!first || end - instantOf(first.at) < (rule.historyWeeks / 2 + 1) * week) return []
    const [now = 0n, ...before] = weekly(bought, end, rule.historyWeeks + 1, ({ quantity }) => quantity)
    const known = before.slice(0, Math.ceil((end - instantOf(first.at)) / week) - 1)
    const [median, deviation, highest] = [medianOf(known), robustDeviation(known), largestOf(known)]
    const usual = median + multiply(deviation, parseDecimal(rule.deviations), 'half-even').value
    const most = multiply(highest, parseDecimal(rule.ratio), 'half-even').value
    const bound = usual > most ? usual : most
    if (now <= bound || now < parseDecimal(rule.volume)) return []

    const sold = own.filter((one): one is Standing<Resale> => one.kind === 'resale' && one.sku === fact.sku)
    const recent = weekly(sold, end, 2 * soldWeeks, ({ quantity }) => quantity)
    const sumOf = (weeks: readonly bigint[]): bigint => weeks.reduce((sum, one) => sum + one, 0n)
    const [soldNow, soldBefore] = [sumOf(recent.slice(0, soldWeeks)), sumOf(recent.slice(soldWeeks))]
    // what is sold over what was sold, times what was usual
    const bySales = soldBefore > 0n ? (highest * soldNow) / soldBefore : 0n
    const around = end - year + Math.floor(seasonWeeks / 2) * week
    const bySeason = largestOf(weekly(bought, around, seasonWeeks, ({ quantity }) => quantity))
    const asked = multiply(now, parseDecimal(rule.explained), 'half-even').value
    if (bySales >= asked || bySeason >= asked) return []

    const ordered = bought.filter(({ at }) => end - 1 - instantOf(at) < week)
    return [
      {
        about: { eventId: fact.eventId, at: fact.at, lineNo: fact.lineNo },
        from: ordered[0]?.at ?? fact.at,
        to: fact.at,
        score: formatDecimal(divide(now - bound, bound > 0n ? bound : parseDecimal(rule.volume), 'half-even')),
        figures: {
          ordered: formatDecimal(now),
          median: formatDecimal(median),
          deviation: formatDecimal(deviation),
          highest: formatDecimal(highest),
          weeks: String(known.length),
          soldNow: formatDecimal(soldNow),
          soldBefore: formatDecimal(soldBefore),
          lastYear: formatDecimal(bySeason),
        },
        evidence: ordered.slice(-50).map(({ eventId }) => ({ eventId, role: 'order' })),
      },
    ]
  },
}
