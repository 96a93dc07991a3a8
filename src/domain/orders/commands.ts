import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import {
  calendarDate,
  code,
  currency,
  identifier,
  label,
  plainText,
  price,
  quantity,
  quantityOrZero,
  rate,
  unit,
} from '../kernel/fields.ts'
import { backorderPolicy, holdKind, orderGrant, place } from './events.ts'
import { factKey, lineNo, orderLine } from './orderLine.ts'

const orderId = identifier
const lines = <T extends z.ZodType>(line: T) => z.array(line).min(1).max(2000)
const part = z.strictObject({ lineNo, quantity })
const note = plainText.optional()
const byOrder = (command: { orderId: string }): string => command.orderId

const header = {
  orderId,
  companyId: identifier,
  dealerId: identifier,
  currency,
  shipFrom: place,
  affectsStock: z.boolean().default(true),
  /** absent: as in the dealer's terms */
  backorderPolicy: backorderPolicy.optional(),
  requestedDeliveryOn: calendarDate.optional(),
  customerReference: label.optional(),
  note,
}
/** `expectedUnitPrice` is what the caller has seen: another price refuses the order and shows both. `tax` is as given; its amount is line value × rate. */
const wanted = {
  lineNo,
  sku: identifier,
  unit,
  quantity,
  expectedUnitPrice: price.optional(),
  tax: z.strictObject({ code, rate }).optional(),
}

export const draftOrder = defineCommand(
  'DraftOrder',
  z.strictObject({ ...header, lines: lines(z.strictObject({ lineNo, sku: identifier, unit, quantity })) }),
  byOrder,
)

/** Places a new order or a draft of the same id. Prices come from the price book of the command's business time. */
export const placeOrder = defineCommand(
  'PlaceOrder',
  z.strictObject({
    ...header,
    placedVia: z.enum(['portal', 'api', 'staff', 'edi']).default('api'),
    lines: lines(z.strictObject(wanted)),
  }),
  byOrder,
)

/** Goods that a payout pays for, at the prices of their grant; the lines cost nothing. */
export const placeGrantedOrder = defineCommand(
  'PlaceGrantedOrder',
  z.strictObject({
    orderId,
    companyId: identifier,
    dealerId: identifier,
    currency,
    shipFrom: place,
    grant: orderGrant,
    lines: lines(orderLine.pick({ lineNo: true, sku: true, unit: true, quantity: true, unitPrice: true, price: true })),
  }),
  byOrder,
)

/** A fact from elsewhere with its prices as given: accepted only as a recorded fact (domain.md §2.14). */
export const recordOrder = defineCommand(
  'RecordOrder',
  z.strictObject({
    ...header,
    tier: identifier.optional(),
    territory: z.strictObject({ id: identifier, version: z.int().positive().optional() }).optional(),
    lines: lines(orderLine.omit({ price: true, rounding: true })),
  }),
  byOrder,
)

/** Takes a recorded open order into the normal flow. */
export const adoptOrder = defineCommand(
  'AdoptOrder',
  z.strictObject({
    orderId,
    shipFrom: place.optional(),
    affectsStock: z.boolean().optional(),
    backorderPolicy: backorderPolicy.optional(),
  }),
  byOrder,
)

export const confirmOrder = defineCommand(
  'ConfirmOrder',
  z.strictObject({
    orderId,
    confirmationId: factKey,
    lines: lines(z.strictObject({ lineNo, confirmed: quantityOrZero, backordered: quantityOrZero })),
  }),
  byOrder,
)
export const fillBackorder = defineCommand(
  'FillBackorder',
  z.strictObject({ orderId, fillId: factKey, lines: lines(part) }),
  byOrder,
)
export const allocateLines = defineCommand(
  'AllocateLines',
  z.strictObject({ orderId, allocationId: factKey, lines: lines(part) }),
  byOrder,
)

export const holdOrder = defineCommand(
  'HoldOrder',
  z.strictObject({ orderId, kind: holdKind, reason: code, note }),
  byOrder,
)
export const releaseHold = defineCommand(
  'ReleaseHold',
  z.strictObject({ orderId, kind: holdKind, reason: code, note }),
  byOrder,
)

/**
 * `quantity` is what the line shall be, cancelled units left aside; an unknown line number adds a line (sku and unit
 * required). Changed lines are priced anew unless part of them was shipped; then they can only be made smaller.
 */
export const amendOrder = defineCommand(
  'AmendOrder',
  z.strictObject({
    orderId,
    lines: lines(z.strictObject({ ...wanted, sku: identifier.optional(), unit: unit.optional() })),
    reason: code,
    note,
  }),
  byOrder,
)
export const approvePriceOverride = defineCommand(
  'ApprovePriceOverride',
  z.strictObject({ orderId, lineNo, unitPrice: price, reason: code, note }),
  byOrder,
)
/** Prices unshipped lines anew at the command's business time; all of them when `lineNos` is absent. */
export const applyReprice = defineCommand(
  'ApplyReprice',
  z.strictObject({ orderId, lineNos: z.array(lineNo).min(1).max(2000).optional(), reason: code }),
  byOrder,
)

export const cancelLines = defineCommand(
  'CancelLines',
  z.strictObject({ orderId, cancellationId: factKey, lines: lines(part), reason: code, note }),
  byOrder,
)
/** Cancels everything that has not been shipped. */
export const cancelOrder = defineCommand('CancelOrder', z.strictObject({ orderId, reason: code, note }), byOrder)

export const dispatchShipment = defineCommand(
  'DispatchShipment',
  z.strictObject({
    orderId,
    shipmentId: identifier,
    lines: lines(
      z.strictObject({
        lineNo,
        quantity,
        lots: z
          .array(z.strictObject({ lot: identifier, quantity }))
          .min(1)
          .max(200)
          .optional(),
      }),
    ),
    carrier: label.optional(),
    trackingNumber: label.optional(),
  }),
  byOrder,
)
/** All that is still on its way when `lines` is absent. `deliveryId` is unique inside the order; the shipment's own when absent. */
export const deliverShipment = defineCommand(
  'DeliverShipment',
  z
    .strictObject({
      orderId,
      shipmentId: identifier,
      deliveryId: identifier.optional(),
      lines: lines(part).optional(),
      receivedBy: plainText.optional(),
    })
    .refine(
      (command) => command.lines === undefined || command.deliveryId !== undefined,
      'a delivery of some lines has a deliveryId',
    ),
  byOrder,
)
export const reportShipmentLost = defineCommand(
  'ReportShipmentLost',
  z
    .strictObject({
      orderId,
      shipmentId: identifier,
      lossId: identifier.optional(),
      lines: lines(part).optional(),
      remedy: z.enum(['reship', 'cancel']),
      reason: code,
    })
    .refine(
      (command) => command.lines === undefined || command.lossId !== undefined,
      'a loss of some lines has a lossId',
    ),
  byOrder,
)

export const authoriseReturn = defineCommand(
  'AuthoriseReturn',
  z.strictObject({ orderId, returnId: identifier, lines: lines(part), reason: code, note }),
  byOrder,
)
/** Needs an authorised return of the same id, unless it is a recorded fact. */
export const receiveReturn = defineCommand(
  'ReceiveReturn',
  z.strictObject({
    orderId,
    returnId: identifier,
    to: place.optional(),
    lines: lines(
      z.strictObject({ lineNo, quantity, condition: z.enum(['restock', 'scrap']), lot: identifier.optional() }),
    ),
    reason: code.default('returned'),
  }),
  byOrder,
)

/** Only when every unit is delivered or cancelled; an order is never opened again (domain.md §3, defect 8). */
export const closeOrder = defineCommand(
  'CloseOrder',
  z.strictObject({ orderId, reason: code.default('complete') }),
  byOrder,
)

export const orderCommands = [
  draftOrder,
  placeOrder,
  placeGrantedOrder,
  recordOrder,
  adoptOrder,
  confirmOrder,
  fillBackorder,
  allocateLines,
  holdOrder,
  releaseHold,
  amendOrder,
  approvePriceOverride,
  applyReprice,
  cancelLines,
  cancelOrder,
  dispatchShipment,
  deliverShipment,
  reportShipmentLost,
  authoriseReturn,
  receiveReturn,
  closeOrder,
] as const

export type OrderCommand = CommandOf<(typeof orderCommands)[number]>
