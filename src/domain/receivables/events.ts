import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import {
  businessTime,
  calendarDate,
  code,
  currency,
  identifier,
  label,
  lineAmount,
  minorOrZero,
  positiveMinor,
  price,
  quantity,
  rate,
  share,
  unit,
} from '../kernel/fields.ts'
import { countFrom } from '../credit/events.ts'
import { lineNo, lineTax } from '../orders/orderLine.ts'

/** The documents of `account-<partyId>`: invoices, payments, credit notes (domain.md §2.6). Amounts are minor units of the document's currency. */

export const roundingMode = z.enum(['half-up', 'half-even', 'down', 'up', 'floor'])

const account = { accountId: identifier }
const document = { ...account, companyId: identifier, dealerId: identifier, currency }
/** at scale 6, not negative: a deduction is a credit note */
const nonNegative = price
/** carried as given (domain.md §2.13) */
const tax = lineTax.extend({ amount: nonNegative })

/** `lineValue` is what the line is worth after discount, before tax; tax is carried as given (domain.md §2.13). */
export const invoiceLine = z.strictObject({
  lineNo,
  orderLineNo: lineNo.optional(),
  sku: identifier,
  quantity,
  unit,
  unitPrice: price,
  lineValue: nonNegative,
  tax: tax.optional(),
  freight: nonNegative.optional(),
})
export type InvoiceLine = z.infer<typeof invoiceLine>

/** One step from an exact sum to an amount. `remainder` is exact − amount, at scale 6. `stated`: the source's total against ours. */
export const roundingNode = z.strictObject({
  of: z.enum(['net', 'freight', 'tax', 'stated']),
  taxCode: code.optional(),
  mode: roundingMode,
  remainder: lineAmount,
})

/** The part of an invoice line that a payment, its return, or a cancelled invoice stands for; quantity and values at scale 6, signed as the event says. */
export const linePart = z.strictObject({
  lineNo,
  orderLineNo: lineNo.optional(),
  sku: identifier,
  unit,
  quantity: lineAmount,
  /** net of tax */
  net: lineAmount,
  /** with tax, without freight */
  gross: lineAmount,
})
export type LinePart = z.infer<typeof linePart>
const lineParts = z.array(linePart).max(1000)

/** `debit_note`: owed for another reason than goods, such as a clawback; it may have no lines. */
export const invoiceKind = z.enum(['invoice', 'debit_note'])
/** What the invoice takes out of the order's open and delivered-not-invoiced value, so that no unit counts twice. */
const takesOver = z.strictObject({ open: minorOrZero, delivered: minorOrZero, stage: countFrom })

/** What a rebate document settles. */
export const settlementRef = z.strictObject({
  programmeId: identifier,
  periodId: identifier,
  settlementNo: z.int().min(1),
})

export const invoiceIssued = defineEvent(
  'InvoiceIssued',
  z.strictObject({
    ...document,
    invoiceId: identifier,
    kind: invoiceKind,
    orderId: identifier.optional(),
    shipmentId: identifier.optional(),
    settlement: settlementRef.optional(),
    lines: z.array(invoiceLine).max(1000),
    net: minorOrZero,
    freight: minorOrZero,
    taxes: z.array(z.strictObject({ code, rate: rate.optional(), base: minorOrZero, amount: minorOrZero })).max(50),
    gross: minorOrZero,
    roundings: z.array(roundingNode).max(60),
    dueOn: calendarDate,
    /** the first instant at which it is overdue */
    dueAt: businessTime,
    takesOver,
    breaches,
  }),
  { correctable: true },
)

/** An invoice that nothing was paid or credited on is taken back; its order value is owed again as open or delivered. */
export const invoiceCancelled = defineEvent(
  'InvoiceCancelled',
  z.strictObject({
    ...document,
    invoiceId: identifier,
    orderId: identifier.optional(),
    shipmentId: identifier.optional(),
    gross: minorOrZero,
    givesBack: takesOver,
    issuedAt: businessTime,
    /** what is taken back, positive */
    lines: lineParts,
    reason: code,
  }),
)

export const paymentMethod = z.enum(['bank_transfer', 'card', 'cash', 'cheque', 'direct_debit', 'online', 'other'])

export const paymentReceived = defineEvent(
  'PaymentReceived',
  z.strictObject({
    ...document,
    paymentId: identifier,
    amount: positiveMinor,
    method: paymentMethod,
    reference: label.optional(),
    breaches,
  }),
  { correctable: true },
)

const allocation = {
  ...document,
  paymentId: identifier,
  invoiceId: identifier,
  orderId: identifier.optional(),
  amount: positiveMinor,
  /** after this event */
  invoiceOpen: minorOrZero,
  unapplied: minorOrZero,
  /** business time of the payment: early payment is judged by it, not by the posting day */
  receivedAt: businessTime,
  issuedAt: businessTime,
  /** the first instant at which the invoice is late */
  dueAt: businessTime.optional(),
  /** the lines that this amount pays, proportionally; they add up over all allocations to the whole invoice */
  lines: lineParts,
}
export const paymentAllocated = defineEvent('PaymentAllocated', z.strictObject({ ...allocation, breaches }), {
  correctable: true,
})
/** Amount and lines are positive: what is no longer paid. */
export const paymentUnallocated = defineEvent(
  'PaymentUnallocated',
  z.strictObject({ ...allocation, reason: z.enum(['manual', 'payment_reversed']) }),
)

/** A bounced cheque, a recalled transfer: its allocations were taken back by the events before it. */
export const paymentReversed = defineEvent(
  'PaymentReversed',
  z.strictObject({ ...document, paymentId: identifier, amount: positiveMinor, reason: code, breaches }),
)

/** Credit for invoices to come (冲抵货款): of each at most this share, of all its lines or those of some skus; gone at `until`. */
export const offset = z.strictObject({
  share,
  skus: z.array(identifier).min(1).max(200).optional(),
  until: businessTime.optional(),
})
/** Only `return` and `correction` take from the value of a sale; the others pay what was promised on it. */
export const creditNoteReason = z.enum([
  'return',
  'rebate',
  'price_protection',
  'ship_and_debit',
  'special_price',
  'stock_rotation',
  'fund',
  'correction',
])
/** The claim that a credit note pays: of a sku's differences of price, or of a fund and which of its payments. */
export const claimRef = z.union([
  z.strictObject({ sku: identifier, claimId: identifier }),
  z.strictObject({ fundId: identifier, claimId: identifier, paymentNo: z.int().min(1) }),
])

export const creditNoteIssued = defineEvent(
  'CreditNoteIssued',
  z.strictObject({
    ...document,
    creditNoteId: identifier,
    reason: creditNoteReason,
    /** what it lowers the debt by, tax included */
    amount: positiveMinor,
    net: minorOrZero,
    taxes: z.array(z.strictObject({ code, rate: rate.optional(), amount: minorOrZero })).max(50),
    roundings: z.array(roundingNode).max(60),
    /** returned or corrected parts of an invoice, positive; judged by the rules of the sale at `issuedAt` */
    lines: lineParts,
    invoiceId: identifier.optional(),
    /** business time of that invoice, where it is known */
    invoiceIssuedAt: businessTime.optional(),
    orderId: identifier.optional(),
    returnId: identifier.optional(),
    settlement: settlementRef.optional(),
    /** absent: it counts against what is owed at once, and lowers any invoice */
    offset: offset.optional(),
    claim: claimRef.optional(),
    breaches,
  }),
  // version 2 knows claims; what version 1 said holds as it stands
  { correctable: true, version: 2, upcasts: { 1: (data) => data } },
)

export const creditNoteApplied = defineEvent(
  'CreditNoteApplied',
  z.strictObject({
    ...document,
    creditNoteId: identifier,
    invoiceId: identifier,
    amount: positiveMinor,
    /** after this event */
    invoiceOpen: minorOrZero,
    unapplied: minorOrZero,
    /** it was credit for invoices to come */
    offset: z.literal(true).optional(),
  }),
  { correctable: true },
)

/** What was not used in time of a credit for invoices to come. */
export const creditNoteExpired = defineEvent(
  'CreditNoteExpired',
  z.strictObject({ ...document, creditNoteId: identifier, amount: positiveMinor }),
)

export const receivableEvents = [
  invoiceIssued,
  invoiceCancelled,
  paymentReceived,
  paymentAllocated,
  paymentUnallocated,
  paymentReversed,
  creditNoteIssued,
  creditNoteApplied,
  creditNoteExpired,
] as const
export type ReceivableEvent = EventOf<(typeof receivableEvents)[number]>
