import { completed } from '../../domain/detection/completed.ts'
import { companyOf, judge, type Finding, type Sources } from '../../domain/detection/judge.ts'
import { tradeEventTypes, type Standing, type TradeEvent } from '../../domain/detection/tradeFact.ts'
import { orderAggregate } from '../../domain/orders/decide.ts'
import type { ViolationCommand } from '../../domain/violations/commands.ts'
import { pricePolicyAggregate, priceRulesAt, type PriceRules } from '../../domain/violations/pricePolicy.ts'
import { violationIdOf } from '../../domain/violations/violationIdOf.ts'
import { violationsAggregate } from '../../domain/violations/violations.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import { metaOf, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import type { Fact, Reaction } from '../reactor.ts'
import { standingFacts } from './ledgerTrade.ts'

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
      await record(context, fact, finding, terms)
  }
}

/** A change of an order does not say whose it is. */
async function withOrder({ handler }: WorkContext, fact: Standing): Promise<Standing | undefined> {
  if (fact.kind !== 'repriced') return fact
  const order = await handler.load(orderAggregate, fact.orderId)
  return order.phase === 'placed' ? completed(fact, order.header) : undefined
}

async function record({ handler }: WorkContext, fact: Fact, finding: Finding, terms: PriceRules): Promise<void> {
  const command = detection(finding, terms)
  const outcome = await processCommand(
    handler,
    violationsAggregate,
    command,
    command.violationId,
    metaOf('violations', fact),
  )
  if (!outcome.ok) throw new StepRefused(command.violationId, outcome.refusal)
}

function detection(finding: Finding, terms: PriceRules): Extract<ViolationCommand, { type: 'DetectViolation' }> {
  const { about: _about, sku, figures, evidence, ...found } = finding
  const { repeatWithinDays, explainWithinDays, quietDays } = terms
  return {
    type: 'DetectViolation',
    ...found,
    violationId: violationIdOf(finding),
    ...(sku !== '' && { sku }),
    figures: { ...figures },
    evidence: [...evidence],
    repeatWithinDays,
    explainWithinDays,
    quietDays,
  }
}
