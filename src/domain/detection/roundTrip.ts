import { instantOf } from '../kernel/businessTime.ts'
import { divide, formatDecimal, multiply, parseDecimal } from '../kernel/decimal.ts'
import { compare, sumOf } from '../kernel/decimalText.ts'
import type { Around, Detector, Found } from './detector.ts'
import type { Rules } from './rules.ts'
import type { Resale, Returned, SellIn, Standing } from './tradeFact.ts'

const day = 86_400_000

/** Goods that go round: bought and given back to us, or resold to another dealer and bought back from it. */
export const roundTrip: Detector = {
  kind: 'ROUND_TRIP',
  judges: ['returned', 'resale'],
  lookBackDays: ({ ROUND_TRIP: rule }) => rule?.withinDays ?? 0,
  find(fact, around) {
    const rule = around.rules.ROUND_TRIP
    if (rule && fact.kind === 'returned') return givenBack(fact, around, rule)
    return rule && fact.kind === 'resale' ? boughtBack(fact, around, rule) : []
  },
}

type Rule = NonNullable<Rules['ROUND_TRIP']>

function givenBack(fact: Standing<Returned>, { own }: Around, rule: Rule): Found[] {
  const recent = within(own, fact, rule)
  const bought = recent.filter((one): one is Standing<SellIn> => one.kind === 'sell-in' && one.sku === fact.sku)
  const lines = new Set(bought.map(({ orderId, lineNo }) => `${orderId}/${lineNo}`))
  const returned = recent.filter(
    (one): one is Standing<Returned> =>
      one.kind === 'returned' && one.sku === fact.sku && lines.has(`${one.orderId}/${one.lineNo}`),
  )
  return goneRound(fact, rule, bought, returned, 'return')
}

function boughtBack(fact: Standing<Resale>, { own, back }: Around, rule: Rule): Found[] {
  if (fact.endCustomer === undefined) return []
  const there = within(back, fact, rule).filter(
    ({ endCustomer, sku }) => endCustomer === fact.dealerId && sku === fact.sku,
  )
  const here = within(own, fact, rule).filter(
    (one): one is Standing<Resale> =>
      one.kind === 'resale' && one.sku === fact.sku && one.endCustomer === fact.endCustomer,
  )
  return goneRound(fact, rule, there, here, 'resold-back')
}

function goneRound(
  fact: Standing<Returned | Resale>,
  { share, volume }: Rule,
  came: readonly Standing<SellIn | Resale>[],
  went: readonly Standing<Returned | Resale>[],
  role: string,
): Found[] {
  const [bought, back] = [came, went].map((facts) => sumOf(facts.map(({ quantity }) => quantity)))
  if (bought === undefined || back === undefined || compare(bought, '0') <= 0 || compare(back, volume) < 0) return []
  const least = multiply(parseDecimal(bought), parseDecimal(share), 'half-even').value
  if (parseDecimal(back) < least) return []
  const first = [...came, ...went].toSorted((a, b) => instantOf(a.at) - instantOf(b.at))[0]
  return [
    {
      about: { eventId: fact.eventId, at: fact.at, ...(fact.kind === 'returned' && { lineNo: fact.lineNo }) },
      from: first?.at ?? fact.at,
      to: fact.at,
      score: formatDecimal(divide(parseDecimal(back), parseDecimal(bought), 'half-even')),
      figures: { bought, back, share },
      evidence: [
        ...came.slice(-25).map(({ eventId }) => ({ eventId, role: 'bought' })),
        ...went.slice(-25).map(({ eventId }) => ({ eventId, role })),
      ],
    },
  ]
}

function within<F extends Standing>(facts: readonly F[], { at }: Standing, { withinDays }: Rule): F[] {
  const until = instantOf(at)
  return facts.filter((one) => instantOf(one.at) >= until - withinDays * day && instantOf(one.at) <= until)
}
