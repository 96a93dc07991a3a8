import { instantOf, type Instant } from '../kernel/businessTime.ts'
import { divide, formatDecimal, multiply, parseDecimal } from '../kernel/decimal.ts'
import { sumOf } from '../kernel/decimalText.ts'
import type { Detector } from './detector.ts'
import type { Paid, SellIn, Standing } from './tradeFact.ts'

const day = 86_400_000

/** A dealer pays later and later while it orders more: it lives on our credit. */
export const creditStretch: Detector = {
  kind: 'CREDIT_STRETCH',
  judges: ['paid'],
  lookBackDays: ({ CREDIT_STRETCH: rule }) => (rule ? 2 * rule.withinDays : 0),
  find(fact, { rules, own }) {
    const rule = rules.CREDIT_STRETCH
    if (!rule || fact.kind !== 'paid') return []
    const end = instantOf(fact.at) + 1
    const middle = end - rule.withinDays * day
    const start = middle - rule.withinDays * day
    const paid = own.filter((one): one is Standing<Paid> => one.kind === 'paid' && one.currency === fact.currency)
    const ordered = own.filter(
      (one): one is Standing<SellIn> => one.kind === 'sell-in' && one.currency === fact.currency,
    )
    const [now, before] = [between(paid, middle, end), between(paid, start, middle)]
    const late = now.filter((one) => daysLate(one) > rule.lateDays)
    const [all, lateSum] = [amountOf(now), amountOf(late)]
    if (late.length < rule.times || before.length < rule.times || all === 0n) return []
    if (lateSum * 1_000_000n < all * parseDecimal(rule.share)) return []
    const [latenessNow, latenessBefore] = [meanLateness(now), meanLateness(before)]
    if (latenessNow <= latenessBefore + BigInt(rule.lateDays) / 2n) return []
    const [boughtNow, boughtBefore] = [between(ordered, middle, end), between(ordered, start, middle)].map((lines) =>
      parseDecimal(sumOf(lines.map(({ value }) => value))),
    )
    if (boughtNow === undefined || boughtBefore === undefined || boughtBefore <= 0n) return []
    if (boughtNow < multiply(boughtBefore, parseDecimal(rule.growth), 'half-even').value) return []
    return [
      {
        about: { eventId: fact.eventId, at: fact.at },
        from: now[0]?.at ?? fact.at,
        to: fact.at,
        score: formatDecimal(divide(lateSum, all, 'half-even')),
        figures: {
          lateShare: formatDecimal(divide(lateSum, all, 'half-even')),
          meanDaysLate: String(latenessNow),
          meanDaysLateBefore: String(latenessBefore),
          ordered: formatDecimal(boughtNow),
          orderedBefore: formatDecimal(boughtBefore),
          currency: fact.currency,
        },
        evidence: late.slice(-50).map(({ eventId }) => ({ eventId, role: 'late-payment' })),
      },
    ]
  },
}

function between<F extends Standing>(facts: readonly F[], from: Instant, until: Instant): F[] {
  return facts.filter(({ at }) => instantOf(at) >= from && instantOf(at) < until)
}

/** Whole days; none when it was in time. */
function daysLate({ dueAt, receivedAt }: Paid): number {
  return Math.max(0, Math.floor((instantOf(receivedAt) - instantOf(dueAt)) / day))
}

function amountOf(paid: readonly Paid[]): bigint {
  return paid.reduce((sum, { amount }) => sum + BigInt(amount), 0n)
}

/** Days, weighted by what was paid. */
function meanLateness(paid: readonly Paid[]): bigint {
  const all = amountOf(paid)
  const weighted = paid.reduce((sum, one) => sum + BigInt(one.amount) * BigInt(daysLate(one)), 0n)
  return all === 0n ? 0n : weighted / all
}
