import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import {
  calendarDate,
  code,
  currency,
  identifier,
  label,
  minorOrZero,
  positiveMinor,
  price,
  zone,
} from '../kernel/fields.ts'
import { lineNo } from '../orders/orderLine.ts'
import {
  claimRef,
  creditNoteReason,
  invoiceKind,
  invoiceLine,
  offset,
  paymentMethod,
  roundingMode,
  settlementRef,
} from './events.ts'

const account = { accountId: identifier }
const document = { ...account, companyId: identifier, dealerId: identifier, currency }
const byAccount = (command: { accountId: string }): string => command.accountId

/**
 * Net, tax per rate and gross are computed from the lines, each rounded once. `stated` are the totals on the paper of
 * the source: a difference refuses the command; in a recorded fact the stated gross is owed and the difference shown.
 * A `debit_note` without lines owes `stated.gross`.
 */
export const issueInvoice = defineCommand(
  'IssueInvoice',
  z
    .strictObject({
      ...document,
      invoiceId: identifier,
      kind: invoiceKind.default('invoice'),
      orderId: identifier.optional(),
      shipmentId: identifier.optional(),
      settlement: settlementRef.optional(),
      lines: z.array(invoiceLine).max(1000),
      stated: z.strictObject({ net: minorOrZero.optional(), gross: minorOrZero }).optional(),
      rounding: roundingMode.default('half-up'),
      dueOn: calendarDate,
      /** the zone in which the due date ends */
      zone,
    })
    .refine(
      (c) => (c.lines.length > 0 ? true : c.kind === 'debit_note' && c.stated !== undefined),
      'an invoice has lines; a debit note has lines or a stated total',
    )
    .refine((c) => new Set(c.lines.map((line) => line.lineNo)).size === c.lines.length, 'line numbers are unique'),
  byAccount,
)

export const cancelInvoice = defineCommand(
  'CancelInvoice',
  z.strictObject({ ...account, invoiceId: identifier, reason: code }),
  byAccount,
)

export const receivePayment = defineCommand(
  'ReceivePayment',
  z.strictObject({
    ...document,
    paymentId: identifier,
    amount: positiveMinor,
    method: paymentMethod.default('bank_transfer'),
    reference: label.optional(),
    /** `oldest_first` allocates at once to the dealer's open invoices of this company and currency */
    allocate: z.enum(['none', 'oldest_first']).default('none'),
  }),
  byAccount,
)

/** To the named invoices, or with `oldest_first` to the dealer's by due date. The named amounts are totals of this payment on the invoice: the same command again does nothing. */
export const allocatePayment = defineCommand(
  'AllocatePayment',
  z.strictObject({
    ...account,
    paymentId: identifier,
    to: z.union([
      z.literal('oldest_first'),
      z
        .array(z.strictObject({ invoiceId: identifier, amount: positiveMinor }))
        .min(1)
        .max(100)
        .refine((to) => new Set(to.map(({ invoiceId }) => invoiceId)).size === to.length, 'each invoice once'),
    ]),
  }),
  byAccount,
)

/** Takes back what a payment pays on one invoice, or on all. */
export const unallocatePayment = defineCommand(
  'UnallocatePayment',
  z.strictObject({ ...account, paymentId: identifier, invoiceId: identifier.optional() }),
  byAccount,
)

export const reversePayment = defineCommand(
  'ReversePayment',
  z.strictObject({ ...account, paymentId: identifier, reason: code }),
  byAccount,
)

/**
 * For goods: lines with values as they were sold. Otherwise the amount is `stated.gross`. With `invoiceId` and
 * `apply`, it lowers that invoice at once as far as it is open.
 */
export const issueCreditNote = defineCommand(
  'IssueCreditNote',
  z
    .strictObject({
      ...document,
      creditNoteId: identifier,
      reason: creditNoteReason,
      lines: z
        .array(
          z.strictObject({
            lineNo,
            orderLineNo: lineNo.optional(),
            sku: identifier,
            quantity: invoiceLine.shape.quantity,
            unit: invoiceLine.shape.unit,
            lineValue: price,
            tax: invoiceLine.shape.tax,
          }),
        )
        .max(1000)
        .default([]),
      stated: z.strictObject({ net: minorOrZero.optional(), gross: positiveMinor }).optional(),
      rounding: roundingMode.default('half-up'),
      invoiceId: identifier.optional(),
      orderId: identifier.optional(),
      returnId: identifier.optional(),
      settlement: settlementRef.optional(),
      offset: offset.optional(),
      claim: claimRef.optional(),
      apply: z.boolean().default(false),
    })
    .refine((c) => c.lines.length > 0 || c.stated !== undefined, 'lines or a stated total'),
  byAccount,
)

/** `amount` absent: as much as both allow. */
export const applyCreditNote = defineCommand(
  'ApplyCreditNote',
  z.strictObject({ ...account, creditNoteId: identifier, invoiceId: identifier, amount: positiveMinor.optional() }),
  byAccount,
)

/** What is left of a credit for invoices to come, once its time is over. */
export const expireCreditNote = defineCommand(
  'ExpireCreditNote',
  z.strictObject({ ...account, creditNoteId: identifier }),
  byAccount,
)

export const receivableCommands = [
  issueInvoice,
  cancelInvoice,
  receivePayment,
  allocatePayment,
  unallocatePayment,
  reversePayment,
  issueCreditNote,
  applyCreditNote,
  expireCreditNote,
] as const
export type ReceivableCommand = CommandOf<(typeof receivableCommands)[number]>
