import { minus, negated, sumOf } from '../kernel/decimalText.ts'
import { unlotted, type StockEvent } from './events.ts'

export const measures = ['onHand', 'reserved', 'allocated', 'blocked', 'inTransit', 'onOrder', 'backordered'] as const
export type Measure = (typeof measures)[number]

/** The events that change what is on hand. */
export const onHandEventTypes = [
  'StockOpened',
  'StockReceived',
  'StockIssued',
  'StockTransferredOut',
  'StockTransferredIn',
  'ResaleReported',
  'GoodsReturnedToStock',
  'StockScrapped',
  'StockCounted',
  'StockReported',
] as const satisfies readonly StockEvent['type'][]
export type OnHandEventType = (typeof onHandEventTypes)[number]

/**
 * What an event does to the quantities of its stream: a movement adds `quantity`, an assertion (only of `onHand`) says
 * what the lot's level is at its instant. Reserved, in transit, on order and backordered are not kept per lot.
 */
export type StockEffect =
  | { readonly lot: string; readonly measure: Measure; readonly kind: 'movement'; readonly quantity: string }
  | { readonly lot: string; readonly measure: 'onHand'; readonly kind: 'assertion'; readonly quantity: string }

/** The one place that knows it: the decider's state and the read models both fold these rows. Rows of zero are left out. */
export function stockEffects(event: StockEvent): readonly StockEffect[] {
  return effectsOf(event).filter((effect) => effect.kind === 'assertion' || effect.quantity !== '0')
}

function effectsOf(event: StockEvent): readonly StockEffect[] {
  switch (event.type) {
    case 'StockOpened':
      return [assertion(event.data.lot, event.data.quantity)]
    case 'StockCounted':
      return event.data.lines.map((line) => assertion(line.lot, line.counted))
    case 'StockReported':
      return event.data.lines.map((line) => assertion(line.lot, line.onHand))
    case 'StockReceived':
      return [
        ...event.data.lines.map((line) => movement(line.lot, 'onHand', line.quantity)),
        movement(unlotted, 'onOrder', negated(event.data.fromOnOrder)),
        movement(unlotted, 'inTransit', negated(event.data.fromInTransit)),
      ]
    case 'StockTransferredIn':
      return [
        ...event.data.lines.map((line) => movement(line.lot, 'onHand', line.quantity)),
        movement(unlotted, 'inTransit', negated(event.data.fromInTransit)),
      ]
    case 'GoodsReturnedToStock':
      return event.data.lines.map((line) => movement(line.lot, 'onHand', line.quantity))
    case 'StockTransferredOut':
    case 'ResaleReported':
      return event.data.lines.map((line) => movement(line.lot, 'onHand', negated(line.quantity)))
    case 'StockIssued':
      return event.data.lines.flatMap((line) => [
        movement(line.lot, 'onHand', negated(line.quantity)),
        movement(line.lot, 'allocated', negated(line.allocated)),
      ])
    case 'StockScrapped':
      return event.data.lines.flatMap((line) => [
        movement(line.lot, 'onHand', negated(line.quantity)),
        movement(line.lot, 'blocked', negated(line.blocked)),
      ])
    case 'StockReserved':
      return [movement(unlotted, 'reserved', total(event.data.lines))]
    case 'ReservationReleased':
    case 'ReservationExpired':
      return [movement(unlotted, 'reserved', negated(total(event.data.lines)))]
    case 'StockAllocated':
      return [
        movement(unlotted, 'reserved', negated(event.data.reservedReleased)),
        ...event.data.lines.map((line) => movement(line.lot, 'allocated', line.quantity)),
      ]
    case 'StockDeallocated':
      return event.data.lines.map((line) => movement(line.lot, 'allocated', negated(line.quantity)))
    case 'StockBackorderChanged':
      return event.data.lines.map((line) => movement(unlotted, 'backordered', minus(line.to, line.from)))
    case 'StockBlocked':
      return [movement(event.data.lot, 'blocked', event.data.quantity)]
    case 'StockUnblocked':
      return [movement(event.data.lot, 'blocked', negated(event.data.quantity))]
    case 'SupplyExpected':
      return [movement(unlotted, 'onOrder', event.data.quantity)]
    case 'SupplyShipped':
      return [
        movement(unlotted, 'onOrder', negated(event.data.fromOnOrder)),
        movement(unlotted, 'inTransit', event.data.quantity),
      ]
    case 'SupplyReduced':
      return [
        movement(unlotted, 'onOrder', negated(event.data.fromOnOrder)),
        movement(unlotted, 'inTransit', negated(event.data.fromInTransit)),
      ]
    case 'StockRulesSet':
    case 'ReplenishmentPolicySet':
    case 'LowStockDetected':
    case 'StockReplenished':
      return []
  }
}

function movement(lot: string, measure: Measure, quantity: string): StockEffect {
  return { lot, measure, kind: 'movement', quantity }
}

function assertion(lot: string, quantity: string): StockEffect {
  return { lot, measure: 'onHand', kind: 'assertion', quantity }
}

function total(lines: readonly { quantity: string }[]): string {
  return sumOf(lines.map((line) => line.quantity))
}
