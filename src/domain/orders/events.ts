import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import {
  calendarDate,
  code,
  currency,
  identifier,
  label,
  lineAmount,
  personalText,
  price,
  quantity,
  quantityOrZero,
  unit,
} from '../kernel/fields.ts'
import { factKey, lineNo, lineTax, orderLine } from './orderLine.ts'

// Event names and schemas are the storage format: a change is a new version with an upcast.

const orderId = identifier
const lines = <T extends z.ZodType>(line: T) => z.array(line).min(1).max(2000)
export const place = z.strictObject({ party: identifier, location: identifier })
/**
 * What happens to a quantity that stock cannot cover: `backorder` it waits; `split` a line that is short waits as a
 * whole; `cancel` it falls away; `hold` nothing is confirmed until somebody decides.
 */
export const backorderPolicy = z.enum(['backorder', 'split', 'cancel', 'hold'])
export const placedVia = z.enum(['portal', 'api', 'staff', 'edi', 'recorded'])
/** `stock` is the hold of the backorder policy `hold`. Several kinds may hold an order at once. */
export const holdKind = z.enum(['credit', 'stock', 'risk', 'manual'])

const header = {
  orderId,
  companyId: identifier,
  dealerId: identifier,
  currency,
  shipFrom: place,
  /** false: goods of this order never move our stock streams (domain.md §2.14, stock known from another source) */
  affectsStock: z.boolean(),
  backorderPolicy,
  requestedDeliveryOn: calendarDate.optional(),
  customerReference: label.optional(),
  note: personalText.optional(),
}

/** The payout in goods (货补) that pays for an order: its lines cost nothing. */
export const orderGrant = z.strictObject({
  programmeId: identifier,
  periodId: identifier,
  settlementNo: z.int().min(1),
})

/** Money of a part of a line, cut from the line's terms so that the parts of a line add up to it exactly. */
const part = { value: lineAmount, tax: lineTax.optional(), freight: lineAmount.optional() }

/** Where a quantity that falls away is taken from; the rest of it was open (neither confirmed nor backordered). */
const takenFrom = { fromBackordered: quantityOrZero, fromConfirmed: quantityOrZero, deallocated: quantityOrZero }

export const orderDrafted = defineEvent(
  'OrderDrafted',
  z.strictObject({ ...header, lines: lines(z.strictObject({ lineNo, sku: identifier, unit, quantity })) }),
  { personal: { note: 'actor' } },
)

export const orderPlaced = defineEvent(
  'OrderPlaced',
  z.strictObject({
    ...header,
    /** versions frozen at placed (domain.md §2.10) */
    tier: identifier.optional(),
    territory: z.strictObject({ id: identifier, version: z.int().positive().optional() }).optional(),
    placedVia,
    grant: orderGrant.optional(),
    lines: lines(orderLine),
    breaches,
  }),
  { personal: { note: 'actor' }, correctable: true },
)

/** A recorded open order enters the normal flow (domain.md §2.14). */
export const orderAdopted = defineEvent(
  'OrderAdopted',
  z.strictObject({ orderId, dealerId: identifier, shipFrom: place, affectsStock: z.boolean(), backorderPolicy }),
)

export const orderConfirmed = defineEvent(
  'OrderConfirmed',
  z.strictObject({
    orderId,
    confirmationId: factKey,
    lines: lines(z.strictObject({ lineNo, confirmed: quantityOrZero, backordered: quantityOrZero })),
  }),
)

export const backorderFilled = defineEvent(
  'BackorderFilled',
  z.strictObject({ orderId, fillId: factKey, lines: lines(z.strictObject({ lineNo, quantity })) }),
)

export const linesAllocated = defineEvent(
  'LinesAllocated',
  z.strictObject({ orderId, allocationId: factKey, lines: lines(z.strictObject({ lineNo, quantity })) }),
)

export const orderHeld = defineEvent(
  'OrderHeld',
  z.strictObject({ orderId, kind: holdKind, reason: code, note: personalText.optional() }),
  {
    personal: { note: 'actor' },
  },
)
export const orderHoldReleased = defineEvent(
  'OrderHoldReleased',
  z.strictObject({ orderId, kind: holdKind, reason: code, note: personalText.optional() }),
  { personal: { note: 'actor' } },
)

const terms = z.strictObject({
  quantity,
  unitPrice: price,
  lineValue: lineAmount,
  tax: lineTax.optional(),
  freight: lineAmount.optional(),
})
const change = z.strictObject({
  lineNo,
  /** absent for an added line */ before: terms.optional(),
  after: orderLine,
  ...takenFrom,
})

/** A diff: only the lines that were added or changed, each with its terms before and after. */
export const orderAmended = defineEvent(
  'OrderAmended',
  z.strictObject({
    orderId,
    amendment: z.int().positive(),
    changes: lines(change),
    reason: code,
    note: personalText.optional(),
  }),
  { personal: { note: 'actor' } },
)

export const priceOverrideApproved = defineEvent(
  'PriceOverrideApproved',
  z.strictObject({ orderId, lineNo, before: terms, after: orderLine, reason: code, note: personalText.optional() }),
  { personal: { note: 'actor' } },
)

/** Open lines get today's price, by an explicit event and never silently (domain.md §2.2). */
export const repriceApplied = defineEvent(
  'RepriceApplied',
  z.strictObject({
    orderId,
    changes: lines(z.strictObject({ lineNo, before: terms, after: orderLine })),
    reason: code,
  }),
)

export const orderLinesCancelled = defineEvent(
  'OrderLinesCancelled',
  z.strictObject({
    orderId,
    cancellationId: factKey,
    lines: lines(z.strictObject({ lineNo, quantity, ...takenFrom, ...part })),
    reason: code,
    note: personalText.optional(),
  }),
  { personal: { note: 'actor' } },
)

/** The whole order, or the rest of it that had not been shipped; its quantities stand in the OrderLinesCancelled before it. */
export const orderCancelled = defineEvent(
  'OrderCancelled',
  z.strictObject({ orderId, reason: code, note: personalText.optional() }),
  {
    personal: { note: 'actor' },
  },
)

const shipped = z.strictObject({
  lineNo,
  sku: identifier,
  unit,
  quantity,
  ...part,
  lots: z
    .array(z.strictObject({ lot: identifier, quantity }))
    .max(200)
    .optional(),
})

/** `value`, `tax` and `freight` are the shipped part's shares, so that an invoice per shipment can be written from this event alone. */
export const shipmentDispatched = defineEvent(
  'ShipmentDispatched',
  z.strictObject({
    orderId,
    shipmentId: identifier,
    companyId: identifier,
    dealerId: identifier,
    currency,
    shipFrom: place,
    affectsStock: z.boolean(),
    lines: lines(shipped),
    carrier: label.optional(),
    trackingNumber: label.optional(),
    breaches,
  }),
  { correctable: true },
)

const delivered = z.strictObject({ lineNo, sku: identifier, unit, quantity, ...part })

/** One delivery of a shipment, which may take several. */
export const shipmentDelivered = defineEvent(
  'ShipmentDelivered',
  z.strictObject({
    orderId,
    shipmentId: identifier,
    deliveryId: factKey,
    companyId: identifier,
    dealerId: identifier,
    currency,
    lines: lines(delivered),
    receivedBy: personalText.optional(),
    breaches,
  }),
  { personal: { receivedBy: 'actor' }, correctable: true },
)

/** Goods lost on the way: `reship` turns them into a backorder, `cancel` takes them off the order. */
export const shipmentLost = defineEvent(
  'ShipmentLost',
  z.strictObject({
    orderId,
    shipmentId: identifier,
    lossId: factKey,
    companyId: identifier,
    dealerId: identifier,
    currency,
    lines: lines(delivered),
    remedy: z.enum(['reship', 'cancel']),
    reason: code,
  }),
)

export const returnAuthorised = defineEvent(
  'ReturnAuthorised',
  z.strictObject({
    orderId,
    returnId: identifier,
    lines: lines(z.strictObject({ lineNo, quantity })),
    reason: code,
    note: personalText.optional(),
  }),
  { personal: { note: 'actor' } },
)

/** Priced by the terms of the sale, never by today's (domain.md §2.0). */
export const goodsReturned = defineEvent(
  'GoodsReturned',
  z.strictObject({
    orderId,
    returnId: identifier,
    companyId: identifier,
    dealerId: identifier,
    currency,
    to: place,
    affectsStock: z.boolean(),
    lines: lines(
      z.strictObject({
        lineNo,
        sku: identifier,
        unit,
        quantity,
        ...part,
        condition: z.enum(['restock', 'scrap']),
        lot: identifier.optional(),
      }),
    ),
    reason: code,
    breaches,
  }),
  { correctable: true },
)

export const orderClosed = defineEvent('OrderClosed', z.strictObject({ orderId, reason: code }))

export const orderEvents = [
  orderDrafted,
  orderPlaced,
  orderAdopted,
  orderConfirmed,
  backorderFilled,
  linesAllocated,
  orderHeld,
  orderHoldReleased,
  orderAmended,
  priceOverrideApproved,
  repriceApplied,
  orderLinesCancelled,
  orderCancelled,
  shipmentDispatched,
  shipmentDelivered,
  shipmentLost,
  returnAuthorised,
  goodsReturned,
  orderClosed,
] as const

export type OrderEvent = EventOf<(typeof orderEvents)[number]>
