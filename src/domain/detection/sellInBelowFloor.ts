import { formatDecimal, multiply, parseDecimal } from '../kernel/decimal.ts'
import { sumOf } from '../kernel/decimalText.ts'
import type { Around, Detector, Found, GivenBack } from './detector.ts'
import { shortfall } from './shortfall.ts'
import type { Repriced, SellIn, Standing } from './tradeFact.ts'

const one = 1_000_000n

/**
 * Sold to a dealer below the floor in force. The price is that of the invoice; with `netNet`, less what settlements gave
 * back on the line: then a settlement is judged too, on the lines of its period.
 */
export const sellInBelowFloor: Detector = {
  kind: 'SELLIN_BELOW_FLOOR',
  judges: ['sell-in', 'repriced', 'settled'],
  // a period of a year, and its days of grace
  lookBackDays: ({ SELLIN_BELOW_FLOOR: rule }) => (rule?.netNet ? 430 : 0),
  find(fact, around) {
    const { rules, own } = around
    const rule = rules.SELLIN_BELOW_FLOOR
    if (!rule) return []
    if (fact.kind === 'sell-in' || fact.kind === 'repriced') return judged(fact, around, [])
    if (fact.kind !== 'settled' || !rule.netNet) return []
    return own.flatMap((line) => {
      if (line.kind !== 'sell-in' || line.currency !== fact.currency) return []
      const given = around.givenBack.filter(({ covers }) => covers(line))
      return given.some(({ eventId }) => eventId === fact.eventId) ? judged(line, around, given) : []
    })
  },
}

function judged(
  line: Standing<SellIn> | Standing<Repriced>,
  { rules, limits }: Around,
  given: readonly GivenBack[],
): Found[] {
  const floor = line.floor ?? (given.length === 0 ? limits?.floor : undefined)
  // goods for nothing are another kind's
  if (floor === undefined || parseDecimal(line.unitPrice) === 0n) return []
  const back = sumOf(given.map(({ share }) => share))
  const netNet = formatDecimal(multiply(parseDecimal(line.unitPrice), one - parseDecimal(back), 'half-even').value)
  const under = shortfall(netNet, floor, rules.SELLIN_BELOW_FLOOR?.tolerance ?? '0')
  if (under === undefined) return []
  const { eventId, at, lineNo, orderId, unitPrice, currency, quantity } = line
  return [
    {
      about: { eventId, at, lineNo },
      from: at,
      to: at,
      score: under,
      figures: { orderId, lineNo: String(lineNo), unitPrice, netNet, givenBack: back, floor, currency, quantity },
      evidence: [
        { eventId, role: 'line' },
        ...(line.floor === undefined && limits?.eventId !== undefined
          ? [{ eventId: limits.eventId, role: 'floor' }]
          : []),
        ...given.map((one) => ({ eventId: one.eventId, role: 'settlement' })),
      ],
    },
  ]
}
