import type { OrderEvent } from '../orders/events.ts'
import { onHandEventTypes, stockEffects } from '../stock/effects.ts'
import type { StockEvent } from '../stock/events.ts'

/** The events that say what goods a dealer has had from us. */
export const goodsEventTypes = [
  'ShipmentDispatched',
  'ShipmentDelivered',
  'ShipmentLost',
  'GoodsReturned',
  ...onHandEventTypes,
] as const satisfies readonly (OrderEvent | StockEvent)['type'][]

export type GoodsEvent = Extract<OrderEvent | StockEvent, { type: (typeof goodsEventTypes)[number] }>

/**
 * What an event does to the goods of one sku at one dealer. Order lines bring goods and take them back; the dealer's own
 * stock says what left it (`moved` with `leaves`) and what is there (`counted`).
 */
export type GoodsMovement =
  | {
      readonly kind: 'shipped'
      readonly orderId: string
      readonly shipmentId: string
      readonly lineNo: number
      readonly companyId: string
      readonly unit: string
      readonly currency: string
      readonly quantity: string
      /** net of tax */
      readonly value: string
    }
  | {
      readonly kind: 'delivered' | 'lost'
      readonly orderId: string
      readonly shipmentId: string
      readonly lineNo: number
      readonly quantity: string
    }
  | { readonly kind: 'returned'; readonly orderId: string; readonly lineNo: number; readonly quantity: string }
  /** signed: what comes into the dealer's stock, or goes */
  | { readonly kind: 'moved'; readonly place: string; readonly quantity: string; readonly leaves: boolean }
  | {
      readonly kind: 'counted'
      readonly place: string
      readonly quantity: string
      /** of an opening balance whose price is known: goods that no shipment of this ledger brought */
      readonly opening?: { readonly unit: string; readonly currency: string; readonly price: string }
    }

export interface GoodsOf {
  readonly dealerId: string
  readonly sku: string
  readonly movement: GoodsMovement
}

/** The one place that knows it: the read model and the reader of the log both take these. */
export function goodsMovements(event: GoodsEvent): readonly GoodsOf[] {
  switch (event.type) {
    case 'ShipmentDispatched': {
      const { orderId, shipmentId, companyId, dealerId, currency, lines } = event.data
      return lines.map(({ lineNo, sku, unit, quantity, value }) => ({
        dealerId,
        sku,
        movement: { kind: 'shipped', orderId, shipmentId, lineNo, companyId, unit, currency, quantity, value },
      }))
    }
    case 'ShipmentDelivered':
    case 'ShipmentLost': {
      const { orderId, shipmentId, dealerId, lines } = event.data
      const kind = event.type === 'ShipmentLost' ? 'lost' : 'delivered'
      return lines.map(({ lineNo, sku, quantity }) => ({
        dealerId,
        sku,
        movement: { kind, orderId, shipmentId, lineNo, quantity },
      }))
    }
    case 'GoodsReturned': {
      const { orderId, dealerId, lines } = event.data
      return lines.map(({ lineNo, sku, quantity }) => ({
        dealerId,
        sku,
        movement: { kind: 'returned', orderId, lineNo, quantity },
      }))
    }
    default:
      return stockMovements(event)
  }
}

const leaving: ReadonlySet<StockEvent['type']> = new Set([
  'ResaleReported',
  'StockIssued',
  'StockScrapped',
  // what a dealer's customer brings back is there again
  'GoodsReturnedToStock',
])

function stockMovements(event: Extract<GoodsEvent, StockEvent>): readonly GoodsOf[] {
  const { party: dealerId, location, sku } = event.data
  const leaves = leaving.has(event.type)
  return stockEffects(event)
    .filter(({ measure }) => measure === 'onHand')
    .map(({ lot, kind, quantity }) => {
      const place = `${location}/${lot}`
      if (kind === 'movement') return { dealerId, sku, movement: { kind: 'moved', place, quantity, leaves } }
      const opening = event.type === 'StockOpened' ? openingOf(event.data) : undefined
      return { dealerId, sku, movement: { kind: 'counted', place, quantity, ...(opening && { opening }) } }
    })
}

function openingOf({ unit, cost }: Extract<StockEvent, { type: 'StockOpened' }>['data']) {
  return unit === undefined || cost === undefined ? undefined : { unit, currency: cost.currency, price: cost.unitPrice }
}
