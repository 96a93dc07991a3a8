import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, code, currency, identifier, minorOrZero, plainText, positiveMinor } from '../kernel/fields.ts'
import { checkPoint, countFrom } from './events.ts'

/** `accountId` is the topmost party above the dealer (`partiesOf`); a dealer with no parent is its own. */
const account = { accountId: identifier }
const byAccount = (command: { accountId: string }): string => command.accountId
const order = { ...account, orderId: identifier, dealerId: identifier, currency }
/** What a failed check does: refuse the command and write nothing, or place a hold that somebody can release. */
const ifOver = z.enum(['refuse', 'hold']).default('refuse')

/** Sets or replaces the limit of a party. When exposure is above it already, the party is put on hold. */
export const setCreditLimit = defineCommand(
  'SetCreditLimit',
  z.strictObject({
    ...account,
    party: identifier,
    amount: minorOrZero,
    currency,
    checkPoints: z.array(checkPoint).max(4).default(['place', 'confirm']),
    countFrom: countFrom.default('placed'),
    overdueDaysHold: z.int().min(0).max(3650).optional(),
    rateKind: code.default('mid'),
  }),
  byAccount,
)

/** Reserves an order's value not yet delivered (tax and freight included) and takes it past `checkPoint`. An order reserved before gets the new amount; the same amount again does nothing. */
export const reserveCredit = defineCommand(
  'ReserveCredit',
  z.strictObject({ ...order, amount: minorOrZero, checkPoint: z.enum(['place', 'confirm']).default('place'), ifOver }),
  byAccount,
)

/**
 * Takes a reserved order past a later check point. `anew`: it is confirmed, so where the account knows it no more nothing of it stood,
 * as of a rest worth less than half a cent, and it counts again with nothing open.
 */
export const clearCredit = defineCommand(
  'ClearCredit',
  z.strictObject({ ...order, checkPoint, anew: z.boolean().default(false), ifOver }),
  byAccount,
)

/**
 * The order was amended or partly cancelled: `amount` is its value not yet delivered. An increase is checked again; with `hold` it
 * stands all the same. `anew`: it is confirmed, so where the account knows it no more nothing of it stood, and it is reserved again.
 */
export const adjustCreditReservation = defineCommand(
  'AdjustCreditReservation',
  z.strictObject({ ...order, amount: minorOrZero, anew: z.boolean().default(false), ifOver }),
  byAccount,
)

/** The order ended: what is still open is free again. Unknown or released orders: nothing to do. */
export const releaseCredit = defineCommand(
  'ReleaseCredit',
  z.strictObject({ ...account, orderId: identifier, reason: z.enum(['cancelled', 'rejected', 'expired', 'closed']) }),
  byAccount,
)

/** Delivered goods move from open to delivered-not-invoiced, unless their invoice came first. A shipment that arrives in parts names each `deliveryId`. */
export const recordDelivery = defineCommand(
  'RecordDelivery',
  z.strictObject({ ...order, shipmentId: identifier, deliveryId: identifier.optional(), amount: minorOrZero }),
  byAccount,
)

/** Goods back before they were invoiced; what was invoiced is a matter of a credit note. */
export const recordReturn = defineCommand(
  'RecordReturn',
  z.strictObject({ ...order, returnId: identifier, amount: minorOrZero }),
  byAccount,
)

/** A hold that a person places on a party, or on one order. */
export const placeCreditHold = defineCommand(
  'PlaceCreditHold',
  z.strictObject({ ...account, party: identifier, orderId: identifier.optional() }),
  byAccount,
)
export const releaseCreditHold = defineCommand(
  'ReleaseCreditHold',
  z.strictObject({ ...account, holdId: z.string().min(1).max(200) }),
  byAccount,
)

/** Lets one order pass over limits, overdue invoices and holds, up to a value and a time. */
export const approveCreditOverride = defineCommand(
  'ApproveCreditOverride',
  z.strictObject({
    ...order,
    overrideId: identifier,
    upTo: positiveMinor,
    until: businessTime.optional(),
    reason: plainText,
  }),
  byAccount,
)

export const creditCommands = [
  setCreditLimit,
  reserveCredit,
  clearCredit,
  adjustCreditReservation,
  releaseCredit,
  recordDelivery,
  recordReturn,
  placeCreditHold,
  releaseCreditHold,
  approveCreditOverride,
] as const
export type CreditCommand = CommandOf<(typeof creditCommands)[number]>
