import { orderAggregate } from '../../domain/orders/decide.ts'
import type { OrderEvent } from '../../domain/orders/events.ts'
import type { SettlementCommand } from '../../domain/rebates/commands.ts'
import type { SettlementEvent } from '../../domain/rebates/events.ts'
import { settlementAggregate } from '../../domain/rebates/settlement.ts'
import { metaOf, type WorkContext } from '../context.ts'
import { orderUpTo } from '../fulfilment/orderUpTo.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import type { Fact, Reaction } from '../reactor.ts'

type Granted = Extract<SettlementEvent, { type: 'GoodsGranted' }>
type Moved = Extract<
  OrderEvent,
  { type: 'ShipmentDelivered' | 'OrderLinesCancelled' | 'ShipmentLost' | 'GoodsReturned' }
>
type Change = Pick<Extract<SettlementCommand, { type: 'FollowGrantedGoods' }>, 'changeId' | 'change'>

/** A payout in goods (货补): it becomes an order that costs nothing, and what becomes of the order comes back to its settlement. */
export function goodsReactions(context: WorkContext): readonly Reaction[] {
  return [
    { name: 'goods-order', types: ['GoodsGranted'], run: (fact) => order(context, fact) },
    {
      name: 'granted-goods',
      types: ['ShipmentDelivered', 'OrderLinesCancelled', 'ShipmentLost', 'GoodsReturned'],
      run: (fact) => follow(context, fact),
    },
  ]
}

async function order({ handler }: WorkContext, fact: Fact): Promise<void> {
  const { data } = fact as Fact & Granted // its type says so
  const { orderId, companyId, dealerId, currency, shipFrom, programmeId, periodId, settlementNo } = data
  const lines = data.lines.map(({ lineValue: _lineValue, ...line }) => line)
  const grant = { programmeId, periodId, settlementNo }
  const command = { orderId, companyId, dealerId, currency, shipFrom, grant, lines } as const
  const key = `${fact.event.id}/order`
  const outcome = await processCommand(
    handler,
    orderAggregate,
    { type: 'PlaceGrantedOrder', ...command },
    key,
    metaOf('rebates', fact),
  )
  if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
}

async function follow(context: WorkContext, fact: Fact): Promise<void> {
  const moved = fact as Fact & Moved // its type says so
  // only goods that cost nothing can be granted ones: the others are not looked up
  if (moved.data.lines.some(({ value }) => value !== '0')) return
  const { order: placed, event } = await orderUpTo(context, fact)
  if (placed.phase !== 'placed' || event === undefined || !placed.header.grant) return
  const change = changeOf(moved)
  if (change === undefined) return
  const { orderId, dealerId, currency, grant } = placed.header
  const { programmeId, periodId } = grant
  const lines = moved.data.lines.map(({ lineNo, quantity }) => ({ lineNo, quantity }))
  const command = { programmeId, dealerId, currency, periodId, orderId, ...change, lines } as const
  const key = `${fact.event.id}/goods`
  const { handler } = context
  const outcome = await processCommand(
    handler,
    settlementAggregate,
    { type: 'FollowGrantedGoods', ...command },
    key,
    metaOf('rebates', fact),
  )
  if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
}

/** Names are unique in an order. Undefined: goods that are lost and sent again are still on their way. */
function changeOf({ type, data }: Moved): Change | undefined {
  switch (type) {
    case 'ShipmentDelivered':
      return { change: 'delivered', changeId: `delivered:${data.deliveryId}` }
    case 'OrderLinesCancelled':
      return { change: 'not-delivered', changeId: `cancelled:${data.cancellationId}` }
    case 'ShipmentLost':
      return data.remedy === 'cancel' ? { change: 'not-delivered', changeId: `lost:${data.lossId}` } : undefined
    case 'GoodsReturned':
      return { change: 'returned', changeId: `returned:${data.returnId}` }
  }
}
