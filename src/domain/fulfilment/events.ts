import { z } from 'zod'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, code, currency, identifier, minorOrZero, quantity, quantityOrZero } from '../kernel/fields.ts'
import { backorderPolicy, place } from '../orders/events.ts'
import { lineNo } from '../orders/orderLine.ts'
import { processKey } from '../stock/events.ts'

// Event names and schemas are the storage format: a change is a new version with an upcast.

const lines = <T extends z.ZodType>(line: T) => z.array(line).max(2000)
const lineQuantity = z.strictObject({ lineNo, quantity })
const base = { orderId: identifier, attempt: z.int().positive() }
export const fulfilmentOutcome = z.enum(['confirmed', 'backordered', 'held', 'cancelled'])
export const cause = z.enum([
  'placed',
  'adopted',
  'amended',
  'cancelled',
  'hold-released',
  'stock-arrived',
  'reservation-expired',
  'deadline',
  'manual',
])
const errorCode = z.string().regex(/^[a-z_]+\.[a-z_]+$/)

/** What a line still needs: not yet confirmed, backordered, and confirmed but not allocated. */
const need = z.strictObject({
  lineNo,
  sku: identifier,
  open: quantityOrZero,
  backordered: quantityOrZero,
  confirmed: quantityOrZero,
})

const attempt = {
  ...base,
  dealerId: identifier,
  /** topmost party with a limit: its account stream decides on credit */
  creditAccount: identifier,
  currency,
  /** value of the order that is not delivered, in minor units */
  amount: minorOrZero,
  policy: backorderPolicy,
  affectsStock: z.boolean(),
  shipFrom: place,
  /** in sku order: every process takes stock streams in the same order */
  lines: lines(need),
  cause,
  /** the request that this attempt answers */
  requestId: processKey.optional(),
  deadline: businessTime,
  /** until when the attempt's stock reservations hold */
  reservedUntil: businessTime,
}
export const fulfilmentStarted = defineEvent('FulfilmentStarted', z.strictObject(attempt))
export const fulfilmentRetried = defineEvent('FulfilmentRetried', z.strictObject(attempt))
/** The order changed while an attempt runs: another attempt follows it. */
export const fulfilmentRetryRequested = defineEvent(
  'FulfilmentRetryRequested',
  z.strictObject({ ...base, cause, requestId: processKey }),
)

export const creditReservationConfirmed = defineEvent(
  'CreditReservationConfirmed',
  z.strictObject({ ...base, creditAccount: identifier, amount: minorOrZero, currency }),
)
export const creditReservationRefused = defineEvent(
  'CreditReservationRefused',
  z.strictObject({
    ...base,
    creditAccount: identifier,
    amount: minorOrZero,
    currency,
    /** `credit` or the check before confirming or allocating */ step: processKey,
    code: errorCode,
  }),
)

const stock = { ...base, party: identifier, location: identifier, sku: identifier }
export const stockLineReserved = defineEvent(
  'StockLineReserved',
  z.strictObject({ ...stock, reservationId: processKey, lines: lines(lineQuantity) }),
)
export const stockLineShort = defineEvent(
  'StockLineShort',
  z.strictObject({ ...stock, lines: lines(lineQuantity), code: errorCode.optional() }),
)

/** The point of no return: the order holds its quantities as confirmed or backordered; from here the process only goes forward. */
export const fulfilmentConfirmed = defineEvent(
  'FulfilmentConfirmed',
  z.strictObject({
    ...base,
    lines: lines(
      z.strictObject({
        lineNo,
        confirmed: quantityOrZero,
        backordered: quantityOrZero,
        cancelled: quantityOrZero,
        filled: quantityOrZero,
      }),
    ),
  }),
)
/** A step that the process cannot go on without was refused. */
export const fulfilmentStepRefused = defineEvent(
  'FulfilmentStepRefused',
  z.strictObject({ ...base, step: processKey, code: errorCode }),
)
export const stockLineAllocated = defineEvent(
  'StockLineAllocated',
  z.strictObject({ ...stock, lines: lines(lineQuantity), short: lines(lineQuantity) }),
)

export const fulfilmentDeadlinePassed = defineEvent(
  'FulfilmentDeadlinePassed',
  z.strictObject({ ...base, deadline: businessTime, phase: code }),
)
export const compensationStarted = defineEvent(
  'CompensationStarted',
  z.strictObject({
    ...base,
    reason: code,
    /** what the process ends in; absent when another attempt follows */ outcome: fulfilmentOutcome.optional(),
  }),
)
/** A forward or compensating step that has no fact of its own is done. */
export const fulfilmentStepDone = defineEvent('FulfilmentStepDone', z.strictObject({ ...base, step: processKey }))
export const compensationCompleted = defineEvent('CompensationCompleted', z.strictObject(base))
export const fulfilmentCompleted = defineEvent(
  'FulfilmentCompleted',
  z.strictObject({
    ...base,
    outcome: fulfilmentOutcome,
    /** the request that found nothing more to do */ requestId: processKey.optional(),
  }),
)

export const fulfilmentEvents = [
  fulfilmentStarted,
  fulfilmentRetried,
  fulfilmentRetryRequested,
  creditReservationConfirmed,
  creditReservationRefused,
  stockLineReserved,
  stockLineShort,
  fulfilmentConfirmed,
  fulfilmentStepRefused,
  stockLineAllocated,
  fulfilmentDeadlinePassed,
  compensationStarted,
  fulfilmentStepDone,
  compensationCompleted,
  fulfilmentCompleted,
] as const

export type FulfilmentEvent = EventOf<(typeof fulfilmentEvents)[number]>
