import { z } from 'zod'
import { businessTime, currency, identifier, price, quantityOrZero, unit, uuid } from '../kernel/fields.ts'

/** The line of the shipment that brought the goods, or the opening balance that they stood in. */
export const layerName = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._/:~-]{0,299}$/u, 'order, shipment and line, or where an opening balance stood')

export const orderLine = z.strictObject({ orderId: identifier, lineNo: z.int().min(1).max(9999) })

/**
 * A layer as it stands at an instant: `[0, left)` has left the dealer, `[left, onHand)` is there, `[onHand, top)` is on its
 * way. What came back to us, or was lost, is behind `top`.
 */
export const layerAt = z.strictObject({
  layer: layerName,
  /** the shipment, or the opening of the stock */
  eventId: uuid,
  companyId: identifier.optional(),
  /** what it was sold on; absent for an opening balance */
  order: orderLine.optional(),
  unit,
  currency,
  /** what a unit was bought for, net: value ÷ quantity of the shipment's line, half-even at scale 6 */
  price,
  shippedAt: businessTime,
  arrivedAt: businessTime.optional(),
  /** what was shipped and not lost */
  bought: quantityOrZero,
  left: quantityOrZero,
  onHand: quantityOrZero,
  top: quantityOrZero,
})
export type LayerAt = z.infer<typeof layerAt>

/** The layers of one sku at one dealer at the instants that a decision looks at, read up to a position of the log. */
export const goodsKnown = z.strictObject({
  watermark: z.string().regex(/^(0|[1-9]\d{0,19})$/),
  moments: z
    .array(z.strictObject({ at: businessTime, layers: z.array(layerAt).max(5_000) }))
    .min(1)
    .max(100),
})
export type GoodsKnown = z.infer<typeof goodsKnown>
