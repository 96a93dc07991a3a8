import type { OrderEvent } from '../orders/events.ts'
import type { Attempt } from './state.ts'

/**
 * Why an order's event asks its process to look again (`RetryFulfilment` with the event's id as `requestId`), or
 * nothing. The first attempt of a placed or adopted order is begun with `StartFulfilment`.
 */
export function retryCause(event: OrderEvent): Attempt['cause'] | undefined {
  switch (event.type) {
    case 'OrderAmended':
    case 'PriceOverrideApproved':
    case 'RepriceApplied':
    case 'ShipmentLost':
      return 'amended'
    case 'OrderLinesCancelled':
      return 'cancelled'
    case 'OrderHoldReleased':
      return 'hold-released'
    default:
      return undefined
  }
}
