import { calendarDate, instantOf, zoneOf } from '../../domain/kernel/businessTime.ts'
import { minus, positivePart, sumOf } from '../../domain/kernel/decimalText.ts'
import { orderAggregate } from '../../domain/orders/decide.ts'
import { linesOf, type OrderState } from '../../domain/orders/state.ts'
import { promisable, stockAggregate } from '../../domain/stock/decide.ts'
import type { StockKey } from '../../domain/stock/stockKey.ts'
import { stockId } from '../../domain/stock/stockKey.ts'
import type { WorkContext } from '../context.ts'
import { runFulfilment } from '../fulfilment/runFulfilment.ts'

/** orders of one stock stream that are looked at for one arrival */
const atOnce = 1_000

/**
 * Gives goods of a stock stream to the orders that wait for them, those first that wait longest, until none are left to
 * promise. `requestId` names the reason, from what is free and what the order waits for: for the same one an order tries once.
 */
export async function fillWaiting(
  context: WorkContext,
  key: StockKey,
  requestId: (promisable: string, wanted: string) => string,
  at: string,
  from: { readonly correlationId: string; readonly causationId?: string },
): Promise<void> {
  const { handler, progress, policy, lock } = context
  const group = stockId(key)
  const free = async (): Promise<string> =>
    promisable(await handler.load(stockAggregate, group), calendarDate(instantOf(at), zoneOf(at)))
  let left = await free()
  if (left === '0') return
  for (const { subject: orderId } of await progress.inGroup('waiting', group, atOnce)) {
    const wanted = wantedOf(await handler.load(orderAggregate, orderId), key.sku)
    const request = { cause: 'stock-arrived' as const, requestId: requestId(left, wanted) }
    await lock(orderId, () => runFulfilment(handler, orderId, at, { ...from, policy, request }))
    if (wantedOf(await handler.load(orderAggregate, orderId), key.sku) === '0')
      await progress.forget('waiting', group, orderId)
    left = await free()
    if (left === '0') return
  }
}

/** Backordered, or confirmed and not set aside yet. */
function wantedOf(order: OrderState, sku: string): string {
  if (order.phase !== 'placed' || order.cancelled || order.closed) return '0'
  const ofSku = linesOf(order).filter(({ terms }) => terms.sku === sku)
  return sumOf(
    ofSku.flatMap(({ quantities: q }) => [positivePart(q.backordered), positivePart(minus(q.confirmed, q.allocated))]),
  )
}
