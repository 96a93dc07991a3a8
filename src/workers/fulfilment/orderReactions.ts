import type { CreditEvent } from '../../domain/credit/events.ts'
import { accountOf } from '../../domain/credit/parties.ts'
import { fulfilmentAggregate } from '../../domain/fulfilment/decide.ts'
import type { FulfilmentCommand } from '../../domain/fulfilment/commands.ts'
import type { FulfilmentEvent } from '../../domain/fulfilment/events.ts'
import { keepsCredit } from '../../domain/fulfilment/state.ts'
import { stepsAfterCredit } from '../../domain/fulfilment/stepsAfterCredit.ts'
import { stepsAfterOrder } from '../../domain/fulfilment/stepsAfterOrder.ts'
import type { OrderEvent } from '../../domain/orders/events.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import { metaOf, nowAfter, type WorkContext } from '../context.ts'
import { executeStep } from '../executeStep.ts'
import { StepRefused } from '../processCommand.ts'
import type { Fact, Reaction } from '../reactor.ts'
import { orderUpTo } from './orderUpTo.ts'
import { runFulfilment } from './runFulfilment.ts'

type Cause = Extract<FulfilmentCommand, { type: 'RetryFulfilment' }>['cause']

/** Why an order's event starts its process or has it try again. What the process itself has done to the order is no reason. */
const causes = {
  OrderPlaced: 'placed',
  OrderAdopted: 'adopted',
  OrderAmended: 'amended',
  OrderLinesCancelled: 'cancelled',
  OrderHoldReleased: 'hold-released',
  ShipmentLost: 'amended',
} as const satisfies Partial<Record<OrderEvent['type'], Cause>>

const orderTypes = [
  'OrderPlaced',
  'OrderAdopted',
  'OrderConfirmed',
  'BackorderFilled',
  'OrderAmended',
  'OrderLinesCancelled',
  'OrderHoldReleased',
  'PriceOverrideApproved',
  'RepriceApplied',
  'ShipmentDispatched',
  'ShipmentDelivered',
  'ShipmentLost',
  'GoodsReturned',
  'OrderClosed',
] as const satisfies readonly OrderEvent['type'][]

/** After these a process has steps left; by the time they are read they are mostly done. */
const runningTypes = [
  'FulfilmentStarted',
  'FulfilmentRetried',
  'FulfilmentRetryRequested',
  'CompensationCompleted',
  'FulfilmentCompleted',
] as const satisfies readonly FulfilmentEvent['type'][]

/** Orders: what their events ask of stock and credit, and the process that fulfils them. */
export function orderReactions(context: WorkContext): readonly Reaction[] {
  return [
    { name: 'order-steps', types: orderTypes, run: (fact) => followOrder(context, fact) },
    {
      name: 'order-fulfilment',
      types: Object.keys(causes),
      run: (fact) => fulfil(context, fact),
    },
    {
      name: 'fulfilment-rest',
      types: runningTypes,
      lane: ({ data }) => `order-${orderIdOf(data)}`,
      run: (fact) => goOn(context, fact),
    },
  ]
}

/** Goods and credit outside the process (`stepsAfterOrder`), at the business time of the fact. */
async function followOrder(context: WorkContext, fact: Fact): Promise<void> {
  const { handler } = context
  const { order, event } = await orderUpTo(context, fact)
  if (order.phase !== 'placed' || event === undefined) return
  const { orderId, dealerId } = order.header
  const process = await handler.load(fulfilmentAggregate, orderId)
  const account =
    process.phase === 'none'
      ? await accountOf(handler.load, dealerId, fact.event.occurredAt)
      : process.attempt.creditAccount
  for (const step of stepsAfterOrder(event, order, account, keepsCredit(process))) {
    const outcome = await executeStep(handler, step, metaOf('orders', fact))
    if (outcome.ok) await followCredit(context, fact, outcome.events)
    // nothing reserved: there is nothing to adjust
    if (outcome.ok || (step.target === 'account' && outcome.refusal.refused === 'credit.not_reserved')) continue
    throw new StepRefused(step.key, outcome.refusal)
  }
}

/** An order that grew over its limit stops before its process goes on with it (domain.md §2.6). */
async function followCredit({ handler }: WorkContext, fact: Fact, events: readonly RecordedEvent[]): Promise<void> {
  for (const { id, type, data } of events) {
    if (type !== 'CreditHoldPlaced') continue
    // an event of an account, as the command answers it
    const held = { id, type, data } as Extract<CreditEvent, { type: 'CreditHoldPlaced' }> & { readonly id: string }
    for (const step of stepsAfterCredit(held)) {
      const outcome = await executeStep(handler, step, metaOf('orders', fact))
      if (!outcome.ok && outcome.refusal.refused !== 'orders.wrong_state')
        throw new StepRefused(step.key, outcome.refusal)
    }
  }
}

async function fulfil(context: WorkContext, fact: Fact): Promise<void> {
  const { handler, policy, lock } = context
  const { event, type } = fact
  if (event.source.system === 'fulfilment' && event.source.kind === 'process') return
  const orderId = orderIdOf(fact.data)
  // only the keys of `causes` come here
  const cause = causes[type as keyof typeof causes]
  const request = { cause, requestId: event.id }
  const { correlationId, id: causationId } = event
  await lock(orderId, () =>
    runFulfilment(handler, orderId, nowAfter(context, fact), { policy, correlationId, causationId, request }),
  )
}

/** A process that still has steps and that nobody runs: the one that ran it has stopped. */
async function goOn(context: WorkContext, fact: Fact): Promise<void> {
  const { handler, policy, lock } = context
  const orderId = orderIdOf(fact.data)
  const { correlationId, id: causationId } = fact.event
  await lock(orderId, () =>
    runFulfilment(handler, orderId, nowAfter(context, fact), { policy, correlationId, causationId }),
  )
}

/** Every event of an order and of its process names it. */
function orderIdOf(data: unknown): string {
  return (data as { orderId: string }).orderId
}
