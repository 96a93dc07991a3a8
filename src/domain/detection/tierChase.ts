import { addDays, calendarDate, instantOf, startOfDay, type Instant } from '../kernel/businessTime.ts'
import { divide, formatDecimal, multiply, parseDecimal } from '../kernel/decimal.ts'
import { sumOf } from '../kernel/decimalText.ts'
import type { Detector } from './detector.ts'
import type { SellIn, Standing } from './tradeFact.ts'

const day = 86_400_000

/**
 * In the last days of a period a dealer orders at a multiple of its pace, and just so much that it reaches a step of the
 * rebate ladder. What it sells at that pace too is demand.
 */
export const tierChase: Detector = {
  kind: 'TIER_CHASE',
  judges: ['sell-in'],
  lookBackDays: ({ TIER_CHASE: rule }) => (rule ? 400 : 0),
  find(fact, { rules, own }) {
    const rule = rules.TIER_CHASE
    if (!rule || fact.kind !== 'sell-in') return []
    const steps = rule.ladders.find(({ currency }) => currency === fact.currency)?.steps ?? []
    const at = instantOf(fact.at)
    const [start, end] = periodOf(at, rule.grain, rule.zone)
    const lastDays = end - rule.lastDays * day
    if (at < lastDays) return []
    const bought = own.filter(
      (one): one is Standing<SellIn> => one.kind === 'sell-in' && one.currency === fact.currency,
    )
    const worth = (from: Instant, until: Instant): bigint =>
      parseDecimal(
        sumOf(bought.filter((one) => instantOf(one.at) >= from && instantOf(one.at) < until).map(({ value }) => value)),
      )
    const reached = worth(start, at + 1)
    // all lines of the order came at once: the step is reached by the order, and found by its first line
    const ofOrder = bought.filter(({ orderId }) => orderId === fact.orderId)
    if (ofOrder[0]?.lineNo !== fact.lineNo) return []
    const without = reached - parseDecimal(sumOf(ofOrder.map(({ value }) => value)))
    const step = steps.map(parseDecimal).find((one) => without < one && reached >= one)
    if (step === undefined) return []
    const most = multiply(step, 1_000_000n + parseDecimal(rule.overshoot), 'half-even').value
    const pushed = worth(lastDays, at + 1)
    // as many days at the pace of the thirteen weeks before them
    const quarter = 91
    const isNew = bought[0] === undefined || instantOf(bought[0].at) > lastDays - (quarter - 14) * day
    const usual = isNew ? 0n : (worth(lastDays - quarter * day, lastDays) * BigInt(rule.lastDays)) / BigInt(quarter)
    if (reached > most || usual <= 0n || pushed <= multiply(usual, parseDecimal(rule.ratio), 'half-even').value)
      return []

    const sold = own.filter(({ kind }) => kind === 'resale')
    const soldIn = (from: Instant, until: Instant): bigint =>
      sold.reduce((sum, one) => {
        const inside = one.kind === 'resale' && instantOf(one.at) >= from && instantOf(one.at) < until
        return inside ? sum + parseDecimal(one.quantity) : sum
      }, 0n)
    const soldUsually = soldIn(at - 120 * day, at - 30 * day) / 3n
    const pace = divide(pushed, usual, 'half-even')
    const explained = multiply(
      multiply(soldUsually, pace, 'half-even').value,
      parseDecimal(rule.explained),
      'half-even',
    )
    if (soldUsually > 0n && soldIn(at - 30 * day, at + 1) >= explained.value) return []

    const orders = bought.filter((one) => instantOf(one.at) >= lastDays)
    return [
      {
        about: { eventId: fact.eventId, at: fact.at, lineNo: fact.lineNo },
        from: orders[0]?.at ?? fact.at,
        to: fact.at,
        score: formatDecimal(pace),
        figures: {
          reached: formatDecimal(reached),
          before: formatDecimal(without),
          step: formatDecimal(step),
          pushed: formatDecimal(pushed),
          usual: formatDecimal(usual),
          currency: fact.currency,
        },
        evidence: [...new Set(orders.map(({ eventId }) => eventId))]
          .slice(-50)
          .map((eventId) => ({ eventId, role: 'order' })),
      },
    ]
  },
}

/** The month, quarter or year of the Gregorian calendar that an instant lies in, [start, end). */
function periodOf(at: Instant, grain: 'month' | 'quarter' | 'year', zone: string): readonly [Instant, Instant] {
  const months = { month: 1, quarter: 3, year: 12 }[grain]
  const [year = '', month = ''] = calendarDate(at, zone).split('-')
  const first = Math.floor((Number.parseInt(month, 10) - 1) / months) * months + 1
  const from = `${year}-${String(first).padStart(2, '0')}-01`
  let after = from
  for (let n = 0; n < months; n += 1) after = `${addDays(after, 31).slice(0, 8)}01`
  return [startOfDay(from, zone), startOfDay(after, zone)]
}
