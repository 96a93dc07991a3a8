import { stepsAfterTransfer } from '../../domain/fulfilment/stepsAfterTransfer.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import type { StockEvent } from '../../domain/stock/events.ts'
import { stockId, type StockKey } from '../../domain/stock/stockKey.ts'
import type { TransferEvent } from '../../domain/stock/transferEvents.ts'
import { metaOf, nowAfter, type WorkContext } from '../context.ts'
import { executeStep } from '../executeStep.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import type { Fact, Reaction } from '../reactor.ts'
import { fillWaiting } from './fillWaiting.ts'

/** What may leave goods that nobody is promised. */
const arrivals = [
  'StockOpened',
  'StockReceived',
  'StockTransferredIn',
  'GoodsReturnedToStock',
  'StockCounted',
  'StockReported',
  'ReservationReleased',
  'ReservationExpired',
  'StockAllocated',
  'StockDeallocated',
  'StockUnblocked',
  'StockRulesSet',
] as const satisfies readonly StockEvent['type'][]

/** What moves a level of domain.md §2.5, or what it is measured against. */
const movements = [
  ...arrivals,
  'StockIssued',
  'StockTransferredOut',
  'ResaleReported',
  'StockScrapped',
  'StockReserved',
  'StockBackorderChanged',
  'StockBlocked',
  'SupplyExpected',
  'SupplyShipped',
  'SupplyReduced',
  'ReplenishmentPolicySet',
] as const satisfies readonly StockEvent['type'][]

/** Stock: orders that wait get what arrives, alerts follow the level, transfers are followed through at both ends. */
export function stockReactions(context: WorkContext): readonly Reaction[] {
  return [
    { name: 'stock-arrival', types: arrivals, onlyLast: true, run: (fact) => fill(context, fact) },
    { name: 'stock-level', types: movements, onlyLast: true, run: (fact) => checkLevel(context, fact) },
    {
      name: 'transfer-steps',
      types: ['TransferDispatched', 'TransferReceived', 'TransferLost'],
      run: (fact) => followTransfer(context, fact),
    },
  ]
}

async function fill(context: WorkContext, fact: Fact): Promise<void> {
  const { id, correlationId } = fact.event
  const from = { correlationId, causationId: id }
  await fillWaiting(context, keyOf(fact), () => id, nowAfter(context, fact), from)
}

async function checkLevel(context: WorkContext, fact: Fact): Promise<void> {
  const { party, location, sku } = keyOf(fact)
  const { handler } = context
  const { policy } = await handler.load(stockAggregate, stockId({ party, location, sku }))
  if (policy === undefined) return
  const command = { type: 'CheckStockLevel', party, location, sku } as const
  const key = `${fact.event.id}/level`
  const outcome = await processCommand(handler, stockAggregate, command, key, metaOf('stock', fact))
  if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
}

async function followTransfer({ handler }: WorkContext, fact: Fact): Promise<void> {
  const { id, occurredAt, revision } = fact.event
  // only events of transfers come here
  const event = { id, occurredAt, revision, type: fact.type, data: fact.data } as TransferEvent & { id: string }
  for (const step of stepsAfterTransfer(event)) {
    const outcome = await executeStep(handler, step, metaOf('transfers', fact))
    if (!outcome.ok) throw new StepRefused(step.key, outcome.refusal)
  }
}

/** Every event of a stock stream names it. */
function keyOf({ data }: Fact): StockKey {
  const { party, location, sku } = data as StockKey
  return { party, location, sku }
}
