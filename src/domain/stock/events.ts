import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import {
  businessTime,
  calendarDate,
  code,
  currency,
  identifier,
  price,
  quantity,
  quantityOrZero,
  rate,
  signedQuantity,
  unit,
} from '../kernel/fields.ts'
import { stockKeyFields as key } from './stockKey.ts'

// Event names and schemas are the storage format: a change is a new version with an upcast.
// Quantities are in the stream's one unit. Goods without a lot stand under the lot `unlotted`.

export const unlotted = '-'
export const lotId = z.union([identifier, z.literal(unlotted)])
export const ownership = z.enum(['owned', 'consignment'])
/** Names a reservation or another sub-process of a stream; longer than an identifier since it is composed of them. */
export const processKey = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._/:-]{0,199}$/u)

const lots = <T extends z.ZodType>(line: T) => z.array(line).min(1).max(1000)
const lotQuantity = z.strictObject({ lot: lotId, quantity })
const lineNo = z.int().min(1).max(9999)
const lineQuantity = z.strictObject({ lineNo, quantity })
const lotFacts = {
  receivedOn: calendarDate.optional(),
  expiresOn: calendarDate.optional(),
  ownership: ownership.optional(),
}
const cost = z.strictObject({ unitPrice: price, currency })

/** How this stock is kept. */
export const stockRulesSet = defineEvent(
  'StockRulesSet',
  z.strictObject({
    ...key,
    unit,
    allowNegative: z.boolean(),
    /** days a lot must have left to be promised to an order */ minimumRemainingLifeDays: z.int().min(0).max(3650),
  }),
)

/** Assertion: the balance of a lot at an instant, before anything known of it. */
export const stockOpened = defineEvent(
  'StockOpened',
  z.strictObject({
    ...key,
    lot: lotId,
    quantity: signedQuantity,
    unit: unit.optional(),
    ...lotFacts,
    cost: cost.optional(),
    breaches,
  }),
  { correctable: true },
)

/** `fromOnOrder` and `fromInTransit` are what the receipt takes off the expected supply. */
export const stockReceived = defineEvent(
  'StockReceived',
  z.strictObject({
    ...key,
    receiptId: processKey,
    supplyId: processKey.optional(),
    lines: lots(z.strictObject({ lot: lotId, quantity, ...lotFacts })),
    fromOnOrder: quantityOrZero,
    fromInTransit: quantityOrZero,
    cost: cost.optional(),
    breaches,
  }),
  { correctable: true },
)

/** Goods leave. `allocated` is the part that an allocation had set aside; `lineNo` names the order line it served. */
export const stockIssued = defineEvent(
  'StockIssued',
  z.strictObject({
    ...key,
    issueId: processKey,
    orderId: identifier.optional(),
    shipmentId: identifier.optional(),
    lines: lots(z.strictObject({ lineNo: lineNo.optional(), lot: lotId, quantity, allocated: quantityOrZero })),
    cost: cost.optional(),
    breaches,
  }),
  { correctable: true },
)

export const stockTransferredOut = defineEvent(
  'StockTransferredOut',
  z.strictObject({ ...key, transferId: identifier, lines: lots(lotQuantity), breaches }),
  { correctable: true },
)
export const stockTransferredIn = defineEvent(
  'StockTransferredIn',
  z.strictObject({
    ...key,
    transferId: identifier,
    receiptId: processKey,
    lines: lots(z.strictObject({ lot: lotId, quantity, ...lotFacts })),
    fromInTransit: quantityOrZero,
  }),
  { correctable: true },
)

/** Sell-out of a dealer's stock. */
export const resaleReported = defineEvent(
  'ResaleReported',
  z.strictObject({
    ...key,
    reportId: processKey,
    source: code,
    lines: lots(lotQuantity),
    endCustomer: identifier.optional(),
    resalePrice: cost.optional(),
    breaches,
  }),
  { correctable: true },
)

export const goodsReturnedToStock = defineEvent(
  'GoodsReturnedToStock',
  z.strictObject({
    ...key,
    returnId: processKey,
    orderId: identifier.optional(),
    lines: lots(z.strictObject({ lot: lotId, quantity, ...lotFacts })),
  }),
  { correctable: true },
)

export const stockScrapped = defineEvent(
  'StockScrapped',
  z.strictObject({
    ...key,
    scrapId: processKey,
    reason: code,
    lines: lots(
      z.strictObject({ lot: lotId, quantity, /** the part that was blocked before */ blocked: quantityOrZero }),
    ),
    breaches,
  }),
  { correctable: true },
)

/** Assertion: a stocktake. The adjustment that follows from it is derived, never stored (domain.md §2.5). */
export const stockCounted = defineEvent(
  'StockCounted',
  z.strictObject({
    ...key,
    countId: processKey,
    lines: lots(z.strictObject({ lot: lotId, counted: signedQuantity })),
    breaches,
  }),
  { correctable: true },
)

/**
 * Assertion: a dealer's snapshot. It stands at `cutOff`, the instant up to which the source has included movements
 * (the event's business time), and speaks of `asOf`. `salable` figures count reservations and allocations already,
 * so they are added back: `onHand` is what is asserted, `reported` what was said.
 */
export const stockReported = defineEvent(
  'StockReported',
  z.strictObject({
    ...key,
    reportId: processKey,
    source: code,
    asOf: businessTime,
    cutOff: businessTime,
    basis: z.enum(['on-hand', 'salable']),
    lines: lots(z.strictObject({ lot: lotId, reported: signedQuantity, onHand: signedQuantity })),
    breaches,
  }),
  { correctable: true },
)

/** Soft: promised to order lines until `expiresAt`. All lines of an order on this key are promised together (domain.md §2.5). */
export const stockReserved = defineEvent(
  'StockReserved',
  z.strictObject({
    ...key,
    reservationId: processKey,
    orderId: identifier,
    lines: lots(lineQuantity),
    /** asked for and not available */
    short: z.array(lineQuantity).max(1000),
    expiresAt: businessTime,
  }),
)
const reservationEnd = { ...key, reservationId: processKey, orderId: identifier, lines: lots(lineQuantity) }
export const reservationReleased = defineEvent(
  'ReservationReleased',
  z.strictObject({ ...reservationEnd, reason: code }),
)
export const reservationExpired = defineEvent('ReservationExpired', z.strictObject(reservationEnd))

/** Hard: lots are set aside for order lines, chosen first-expired-first-out. Ends the reservation it names, all of it. */
export const stockAllocated = defineEvent(
  'StockAllocated',
  z.strictObject({
    ...key,
    allocationId: processKey,
    orderId: identifier,
    reservationId: processKey.optional(),
    /** what the ended reservation had held */
    reservedReleased: quantityOrZero,
    lines: z.array(z.strictObject({ lineNo, lot: lotId, quantity, expiresOn: calendarDate.optional() })).max(1000),
    short: z.array(lineQuantity).max(1000),
  }),
)
export const stockDeallocated = defineEvent(
  'StockDeallocated',
  z.strictObject({
    ...key,
    deallocationId: processKey,
    orderId: identifier,
    lines: lots(z.strictObject({ lineNo, lot: lotId, quantity })),
    reason: code,
  }),
)

/** What order lines still wait for. `to` is the new quantity, `from` the one before. */
export const stockBackorderChanged = defineEvent(
  'StockBackorderChanged',
  z.strictObject({
    ...key,
    orderId: identifier,
    lines: lots(z.strictObject({ lineNo, from: quantityOrZero, to: quantityOrZero })),
  }),
)

export const stockBlocked = defineEvent(
  'StockBlocked',
  z.strictObject({ ...key, blockId: processKey, lot: lotId, quantity, reason: code }),
)
export const stockUnblocked = defineEvent(
  'StockUnblocked',
  z.strictObject({ ...key, blockId: processKey, lot: lotId, quantity, reason: code }),
)

/** Supply on its way: ordered (`onOrder`), then shipped (`inTransit`), then received; `onOrder` excludes what is in transit. */
export const supplyExpected = defineEvent(
  'SupplyExpected',
  z.strictObject({
    ...key,
    supplyId: processKey,
    kind: z.enum(['purchase', 'transfer', 'order']),
    quantity,
    expectedOn: calendarDate.optional(),
  }),
)
export const supplyShipped = defineEvent(
  'SupplyShipped',
  z.strictObject({
    ...key,
    supplyId: processKey,
    shipmentId: processKey,
    quantity,
    fromOnOrder: quantityOrZero,
    expectedOn: calendarDate.optional(),
  }),
)
export const supplyReduced = defineEvent(
  'SupplyReduced',
  z.strictObject({
    ...key,
    supplyId: processKey,
    changeId: processKey,
    fromOnOrder: quantityOrZero,
    fromInTransit: quantityOrZero,
    reason: z.enum(['cancelled', 'lost']),
  }),
)

/** Levels with what they were computed from: z, daily demand and its deviation, lead time in days, sample window (domain.md §2.5). */
export const replenishmentPolicySet = defineEvent(
  'ReplenishmentPolicySet',
  z.strictObject({
    ...key,
    policyVersion: z.int().positive(),
    safetyStock: quantityOrZero,
    reorderPoint: quantityOrZero,
    inputs: z
      .strictObject({
        serviceLevel: rate,
        z: rate,
        dailyDemand: rate,
        demandDeviation: rate,
        leadTimeDays: rate,
        leadTimeDeviationDays: rate,
        sampleFrom: calendarDate,
        sampleTo: calendarDate,
        sampleCount: z.int().positive(),
        /** coefficient of variation over 1: the normal formula does not fit this demand */
        lumpy: z.boolean(),
      })
      .optional(),
  }),
)

const levels = z.strictObject({
  onHand: signedQuantity,
  reserved: signedQuantity,
  allocated: signedQuantity,
  blocked: signedQuantity,
  inTransit: signedQuantity,
  onOrder: signedQuantity,
  backordered: signedQuantity,
})
const alert = {
  ...key,
  position: signedQuantity,
  available: signedQuantity,
  levels,
  safetyStock: quantityOrZero,
  reorderPoint: quantityOrZero,
  policyVersion: z.int().positive(),
}
export const lowStockDetected = defineEvent(
  'LowStockDetected',
  z.strictObject({ ...alert, level: z.enum(['out', 'low']) }),
)
export const stockReplenished = defineEvent('StockReplenished', z.strictObject(alert))

export const stockEvents = [
  stockRulesSet,
  stockOpened,
  stockReceived,
  stockIssued,
  stockTransferredOut,
  stockTransferredIn,
  resaleReported,
  goodsReturnedToStock,
  stockScrapped,
  stockCounted,
  stockReported,
  stockReserved,
  reservationReleased,
  reservationExpired,
  stockAllocated,
  stockDeallocated,
  stockBackorderChanged,
  stockBlocked,
  stockUnblocked,
  supplyExpected,
  supplyShipped,
  supplyReduced,
  replenishmentPolicySet,
  lowStockDetected,
  stockReplenished,
] as const

export type StockEvent = EventOf<(typeof stockEvents)[number]>
