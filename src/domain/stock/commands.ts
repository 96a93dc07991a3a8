import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
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
import { lotId, ownership, processKey, unlotted } from './events.ts'
import { stockId, stockKeyFields as key } from './stockKey.ts'

// The business time of a movement or count is the command's. Ids name the fact: the same id again is nothing new.

const lots = <T extends z.ZodType>(line: T) => z.array(line).min(1).max(1000)
const lineNo = z.int().min(1).max(9999)
const lot = lotId.default(unlotted)
const lotFacts = {
  receivedOn: calendarDate.optional(),
  expiresOn: calendarDate.optional(),
  ownership: ownership.optional(),
}
const received = z.strictObject({ lot, quantity, ...lotFacts })
const cost = z.strictObject({ unitPrice: price, currency })
const lineQuantity = z.strictObject({ lineNo, quantity })

export const setStockRules = defineCommand(
  'SetStockRules',
  z.strictObject({
    ...key,
    unit,
    allowNegative: z.boolean().default(false),
    minimumRemainingLifeDays: z.int().min(0).max(3650).default(0),
  }),
  stockId,
)
export const openStock = defineCommand(
  'OpenStock',
  z.strictObject({ ...key, lot, quantity: signedQuantity, unit: unit.optional(), ...lotFacts, cost: cost.optional() }),
  stockId,
)
export const receiveStock = defineCommand(
  'ReceiveStock',
  z.strictObject({
    ...key,
    receiptId: processKey,
    supplyId: processKey.optional(),
    lines: lots(received),
    cost: cost.optional(),
  }),
  stockId,
)
/**
 * Lots as given, or chosen: from the line's allocation when `orderId` and `lineNo` are given, else first-expired-first-out
 * from what is available.
 */
export const issueStock = defineCommand(
  'IssueStock',
  z.strictObject({
    ...key,
    issueId: processKey,
    orderId: identifier.optional(),
    shipmentId: identifier.optional(),
    lines: lots(z.strictObject({ lineNo: lineNo.optional(), lot: lotId.optional(), quantity })),
    cost: cost.optional(),
  }),
  stockId,
)
export const transferOutStock = defineCommand(
  'TransferOutStock',
  z.strictObject({ ...key, transferId: identifier, lines: lots(z.strictObject({ lot, quantity })) }),
  stockId,
)
export const transferInStock = defineCommand(
  'TransferInStock',
  z.strictObject({ ...key, transferId: identifier, receiptId: processKey, lines: lots(received) }),
  stockId,
)
export const reportResale = defineCommand(
  'ReportResale',
  z.strictObject({
    ...key,
    reportId: processKey,
    source: code,
    lines: lots(z.strictObject({ lot: lotId.optional(), quantity })),
    endCustomer: identifier.optional(),
    resalePrice: cost.optional(),
  }),
  stockId,
)
export const returnToStock = defineCommand(
  'ReturnToStock',
  z.strictObject({ ...key, returnId: processKey, orderId: identifier.optional(), lines: lots(received) }),
  stockId,
)
export const scrapStock = defineCommand(
  'ScrapStock',
  z.strictObject({
    ...key,
    scrapId: processKey,
    reason: code,
    lines: lots(z.strictObject({ lot, quantity, blocked: quantityOrZero.default('0') })),
  }),
  stockId,
)
/** `complete`: lots that are not listed were counted as none. */
export const countStock = defineCommand(
  'CountStock',
  z.strictObject({
    ...key,
    countId: processKey,
    lines: lots(z.strictObject({ lot, counted: signedQuantity })),
    complete: z.boolean().default(false),
  }),
  stockId,
)
export const reportStock = defineCommand(
  'ReportStock',
  z.strictObject({
    ...key,
    reportId: processKey,
    source: code,
    asOf: businessTime,
    /** `asOf` when absent */
    cutOff: businessTime.optional(),
    basis: z.enum(['on-hand', 'salable']).default('on-hand'),
    lines: lots(z.strictObject({ lot, quantity: signedQuantity })),
  }),
  stockId,
)

/** What is short: `units` reserves what there is, `lines` only lines that are covered whole, `none` everything or nothing. */
export const reserveStock = defineCommand(
  'ReserveStock',
  z.strictObject({
    ...key,
    reservationId: processKey,
    orderId: identifier,
    lines: lots(lineQuantity),
    partial: z.enum(['units', 'lines', 'none']).default('units'),
    expiresAt: businessTime,
  }),
  stockId,
)
export const releaseReservation = defineCommand(
  'ReleaseReservation',
  z.strictObject({ ...key, reservationId: processKey, reason: code }),
  stockId,
)
/** For a schedule: does nothing before the reservation's own time. */
export const expireReservation = defineCommand(
  'ExpireReservation',
  z.strictObject({ ...key, reservationId: processKey }),
  stockId,
)
/** Turns a reservation into an allocation (`lines` absent: all of it), or allocates free stock without one. */
export const allocateStock = defineCommand(
  'AllocateStock',
  z.strictObject({
    ...key,
    allocationId: processKey,
    orderId: identifier,
    reservationId: processKey.optional(),
    lines: lots(lineQuantity).optional(),
  }),
  stockId,
)
export const deallocateStock = defineCommand(
  'DeallocateStock',
  z.strictObject({ ...key, deallocationId: processKey, orderId: identifier, lines: lots(lineQuantity), reason: code }),
  stockId,
)
export const setBackorder = defineCommand(
  'SetBackorder',
  z.strictObject({ ...key, orderId: identifier, lines: lots(z.strictObject({ lineNo, quantity: quantityOrZero })) }),
  stockId,
)

export const blockStock = defineCommand(
  'BlockStock',
  z.strictObject({ ...key, blockId: processKey, lot, quantity, reason: code }),
  stockId,
)
/** All that is left of the block when `quantity` is absent. */
export const unblockStock = defineCommand(
  'UnblockStock',
  z.strictObject({ ...key, blockId: processKey, quantity: quantity.optional(), reason: code }),
  stockId,
)

export const expectSupply = defineCommand(
  'ExpectSupply',
  z.strictObject({
    ...key,
    supplyId: processKey,
    kind: z.enum(['purchase', 'transfer', 'order']),
    quantity,
    expectedOn: calendarDate.optional(),
  }),
  stockId,
)
/** Not expected before: it is in transit all the same. */
export const shipSupply = defineCommand(
  'ShipSupply',
  z.strictObject({
    ...key,
    supplyId: processKey,
    shipmentId: processKey,
    quantity,
    expectedOn: calendarDate.optional(),
  }),
  stockId,
)
/** `cancelled` takes from on order first, `lost` from in transit. */
export const reduceSupply = defineCommand(
  'ReduceSupply',
  z.strictObject({
    ...key,
    supplyId: processKey,
    changeId: processKey,
    quantity,
    reason: z.enum(['cancelled', 'lost']),
  }),
  stockId,
)

const demand = {
  serviceLevel: rate,
  z: rate,
  dailyDemand: rate,
  demandDeviation: rate,
  leadTimeDays: rate,
  leadTimeDeviationDays: rate,
  sampleFrom: calendarDate,
  sampleTo: calendarDate,
  sampleCount: z.int().positive(),
}
/** Levels as given, or computed from demand and lead time (domain.md §2.5); one of the two. */
export const setReplenishmentPolicy = defineCommand(
  'SetReplenishmentPolicy',
  z
    .strictObject({
      ...key,
      levels: z.strictObject({ safetyStock: quantityOrZero, reorderPoint: quantityOrZero }).optional(),
      demand: z.strictObject(demand).optional(),
    })
    .refine(
      (command) => (command.levels === undefined) !== (command.demand === undefined),
      'levels or demand, not both',
    ),
  stockId,
)
/** Compares position and reorder point; says something only when that changes. */
export const checkStockLevel = defineCommand('CheckStockLevel', z.strictObject(key), stockId)

export const stockCommands = [
  setStockRules,
  openStock,
  receiveStock,
  issueStock,
  transferOutStock,
  transferInStock,
  reportResale,
  returnToStock,
  scrapStock,
  countStock,
  reportStock,
  reserveStock,
  releaseReservation,
  expireReservation,
  allocateStock,
  deallocateStock,
  setBackorder,
  blockStock,
  unblockStock,
  expectSupply,
  shipSupply,
  reduceSupply,
  setReplenishmentPolicy,
  checkStockLevel,
] as const

export type StockCommand = CommandOf<(typeof stockCommands)[number]>
