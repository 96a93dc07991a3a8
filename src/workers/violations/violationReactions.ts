import { completed } from '../../domain/detection/completed.ts'
import { companyOf, judge, type Sources } from '../../domain/detection/judge.ts'
import { tradeEventTypes, type Standing, type TradeEvent } from '../../domain/detection/tradeFact.ts'
import { orderAggregate } from '../../domain/orders/decide.ts'
import { pricePolicyAggregate, priceRulesAt } from '../../domain/violations/pricePolicy.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { WorkContext } from '../context.ts'
import type { Fact, Reaction } from '../reactor.ts'
import { standingFacts } from './ledgerTrade.ts'
import { recordFinding } from './recordFinding.ts'

/**
 * Trade is judged as it comes, by the price policy in force at its instant. What was seen in the market comes in files as
 * often as not, and is judged all the same; other imported facts are history, which a back-test is for.
 */
export function violationReactions(context: WorkContext): readonly Reaction[] {
  const run = (fact: Fact): Promise<void> => detect(context, fact)
  // a case that goes on is found again: one dealer's trade is judged in the order in which it came
  const lane = ({ event, data }: Fact): string => {
    const { dealerId, party } = data as { dealerId?: string; party?: string }
    return `violations/${dealerId ?? party ?? event.stream}`
  }
  const others = tradeEventTypes.filter((type) => type !== 'MarketPriceObserved')
  return [
    { name: 'market-price-violations', types: ['MarketPriceObserved'], ofImports: true, lane, run },
    { name: 'violations', types: others, lane, run },
  ]
}

async function detect(context: WorkContext, fact: Fact): Promise<void> {
  const { handler, trade, goods } = context
  const sources: Sources = { load: handler.load, trade, movements: goods.movements }
  // only events of `tradeEventTypes` come
  const event = { ...fact.event, data: fact.data } as TradeEvent & RecordedEvent
  for (const one of standingFacts(event)) {
    const whole = await withOrder(context, one)
    if (!whole) continue
    const companyId = await companyOf(handler.load, whole)
    if (companyId === undefined) continue
    const terms = priceRulesAt(await handler.load(pricePolicyAggregate, companyId), whole.at)
    if (!terms) continue
    for (const finding of await judge(sources, whole, terms, whole.position))
      await recordFinding(context, fact, finding, terms)
  }
}

/** A change of an order does not say whose it is. */
async function withOrder({ handler }: WorkContext, fact: Standing): Promise<Standing | undefined> {
  if (fact.kind !== 'repriced') return fact
  const order = await handler.load(orderAggregate, fact.orderId)
  return order.phase === 'placed' ? completed(fact, order.header) : undefined
}
