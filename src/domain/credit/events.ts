import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import {
  businessTime,
  code,
  currency,
  identifier,
  label,
  minor,
  minorOrZero,
  personalText,
  positiveMinor,
} from '../kernel/fields.ts'
import { exchangeRate } from '../rates/events.ts'

/** The events of `account-<partyId>` that say how far a topmost party and all below it are trusted (domain.md §2.6). */

/** Where an order is checked against the limits of its dealer. */
export const checkPoint = z.enum(['place', 'confirm', 'allocate', 'ship'])
export type CheckPoint = z.infer<typeof checkPoint>

export const holdKind = z.enum(['over_limit', 'overdue', 'risk'])
export type HoldKind = z.infer<typeof holdKind>

/**
 * How far an order has come, and from where on a limit counts its value: with `confirmed`, bulk call-off orders sit
 * outside until they are confirmed.
 */
export const countFrom = z.enum(['placed', 'confirmed'])

/**
 * The exposure of one limited party at a decision, in minor units of the limit's currency, with its parts per
 * currency. Exposure = open + delivered + receivable − unapplied − credits, each unit in one of the first three.
 */
export const exposureSnapshot = z.strictObject({
  party: identifier,
  limit: minorOrZero,
  currency,
  limitVersion: z.int().min(1),
  exposure: minor,
  parts: z
    .array(
      z.strictObject({
        currency,
        /** ordered, neither delivered nor invoiced */
        open: minor,
        /** delivered, not invoiced */
        delivered: minor,
        /** invoiced, neither paid nor credited */
        receivable: minor,
        /** received, not allocated */
        unapplied: minor,
        /** credit notes not applied */
        credits: minor,
        exposure: minor,
        /** the published rate that turned it into the limit's currency; absent for the limit's own */
        rate: z
          .strictObject({ base: currency, quote: currency, rate: exchangeRate, effectiveAt: businessTime })
          .optional(),
      }),
    )
    .max(50),
})
export type ExposureSnapshot = z.infer<typeof exposureSnapshot>
const snapshots = z.array(exposureSnapshot).max(10)

const account = { accountId: identifier }
const orderCredit = { ...account, orderId: identifier, dealerId: identifier, currency }

/** First sight of a dealer on this account, or its place in the hierarchy changed: from the dealer up to the topmost party. */
export const accountMemberAttached = defineEvent(
  'AccountMemberAttached',
  z.strictObject({ ...account, dealerId: identifier, parties: z.array(identifier).min(1).max(10) }),
)

export const creditLimitSet = defineEvent(
  'CreditLimitSet',
  z.strictObject({
    ...account,
    /** a dealer, group or company inside the account: the limit holds for all at and below it */
    party: identifier,
    amount: minorOrZero,
    currency,
    checkPoints: z.array(checkPoint).max(4),
    countFrom,
    /** days after the due date from which an open invoice holds further orders; absent: never */
    overdueDaysHold: z.int().min(0).max(3650).optional(),
    /** kind of the published rates by which other currencies count against it, such as `mid` */
    rateKind: code,
    /** counts the settings of this party's limit, from 1 */
    version: z.int().min(1),
  }),
  { correctable: true },
)

/** The check that let it pass is the CreditCleared beside it. */
export const creditReserved = defineEvent(
  'CreditReserved',
  z.strictObject({ ...orderCredit, amount: minorOrZero, stage: countFrom }),
)

/** The order's value changed: amended, partly cancelled. `by` is signed; `open` is what stands reserved after it. */
export const creditReservationAdjusted = defineEvent(
  'CreditReservationAdjusted',
  z.strictObject({ ...orderCredit, stage: countFrom, by: minor, open: minorOrZero, exposures: snapshots, breaches }),
)

/** The rest of the reservation ends: order cancelled, rejected, expired or closed. */
export const creditReservationReleased = defineEvent(
  'CreditReservationReleased',
  z.strictObject({
    ...orderCredit,
    stage: countFrom,
    amount: minorOrZero,
    reason: z.enum(['cancelled', 'rejected', 'expired', 'closed']),
  }),
)

/** The order passed a check point. `exposures` are those of the limits checked there, the order included. */
export const creditCleared = defineEvent(
  'CreditCleared',
  z.strictObject({
    ...orderCredit,
    checkPoint,
    /** open value that counts as confirmed from here on */
    confirms: minorOrZero.optional(),
    exposures: snapshots,
    /** set when a limit did not hold and an authorised actor let the order pass */
    overrideId: identifier.optional(),
    breaches,
  }),
)

/** A hold on one order (it failed a check point) or on a party (over its limit, or a risk somebody saw). */
export const creditHoldPlaced = defineEvent(
  'CreditHoldPlaced',
  z.strictObject({
    ...account,
    /** `<kind>/<order or party>`: one hold per kind and object */
    holdId: label,
    kind: holdKind,
    party: identifier,
    orderId: identifier.optional(),
    dealerId: identifier.optional(),
    checkPoint: checkPoint.optional(),
    exposures: snapshots,
    /** the oldest overdue invoices, at most ten */
    overdueInvoices: z.array(identifier).max(10).optional(),
  }),
)

export const creditHoldReleased = defineEvent(
  'CreditHoldReleased',
  z.strictObject({
    ...account,
    holdId: label,
    kind: holdKind,
    party: identifier,
    orderId: identifier.optional(),
    dealerId: identifier.optional(),
    cause: z.enum(['cleared', 'within_limit', 'override', 'manual', 'order_ended']),
  }),
)

export const creditOverrideApproved = defineEvent(
  'CreditOverrideApproved',
  z.strictObject({
    ...orderCredit,
    overrideId: identifier,
    /** highest value of the order (open and delivered, not invoiced) that may pass */
    upTo: positiveMinor,
    until: businessTime.optional(),
    reason: personalText,
  }),
  { personal: { reason: 'actor' } },
)

/**
 * Goods reached the dealer. Of `amount`, `fromInvoiced` was invoiced before it arrived and stays a receivable; the
 * rest is delivered-not-invoiced now, and `fromOpen` leaves the open reservation.
 */
export const orderValueDelivered = defineEvent(
  'OrderValueDelivered',
  z.strictObject({
    ...orderCredit,
    shipmentId: identifier,
    deliveryId: identifier.optional(),
    stage: countFrom,
    amount: minorOrZero,
    fromOpen: minorOrZero,
    fromInvoiced: minorOrZero,
    breaches,
  }),
)

/** Goods came back before they were invoiced: `amount` leaves delivered-not-invoiced. After the invoice it is a credit note. */
export const orderValueReturned = defineEvent(
  'OrderValueReturned',
  z.strictObject({ ...orderCredit, returnId: identifier, amount: minorOrZero, breaches }),
)

export const creditEvents = [
  accountMemberAttached,
  creditLimitSet,
  creditReserved,
  creditReservationAdjusted,
  creditReservationReleased,
  creditCleared,
  creditHoldPlaced,
  creditHoldReleased,
  creditOverrideApproved,
  orderValueDelivered,
  orderValueReturned,
] as const
export type CreditEvent = EventOf<(typeof creditEvents)[number]>
