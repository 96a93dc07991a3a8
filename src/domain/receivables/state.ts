import { instantOf } from '../kernel/businessTime.ts'
import { formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import type { Happened } from '../kernel/event.ts'
import { emptyTable, own, row, withRow, type Table } from '../kernel/table.ts'
import type { z } from 'zod'
import type { InvoiceLine, LinePart, offset, ReceivableEvent } from './events.ts'

interface Document {
  readonly companyId: string
  readonly dealerId: string
  readonly currency: string
  /** instant (ms) at which nothing was open any more, or it was taken back or ran out */
  readonly closedAt?: number
  readonly void?: boolean
}

export interface Invoice extends Document {
  readonly kind: 'invoice' | 'debit_note'
  readonly orderId?: string
  readonly shipmentId?: string
  readonly gross: string
  readonly open: string
  readonly paid: string
  readonly takesOver: { readonly open: string; readonly delivered: string; readonly stage: 'placed' | 'confirmed' }
  readonly issuedAt: string
  readonly dueAt: string
  readonly lines: readonly LinePart[]
}

export interface Payment extends Document {
  readonly amount: string
  readonly unapplied: string
  readonly receivedAt: string
  /** what it pays on each invoice */
  readonly to: Readonly<Record<string, string>>
}

export interface CreditNote extends Document {
  readonly amount: string
  /** for invoices to come */
  readonly offset?: z.infer<typeof offset>
  readonly unapplied: string
  readonly to: Readonly<Record<string, string>>
}

export interface Receivables {
  readonly invoices: Table<Invoice>
  readonly payments: Table<Payment>
  readonly creditNotes: Table<CreditNote>
}

export const noReceivables: Receivables = { invoices: emptyTable, payments: emptyTable, creditNotes: emptyTable }

/**
 * Settled documents stay as long as a payment may still bounce or a repeated document may still come; then only
 * totals know of them, so that the state is bounded by what is open and what was settled lately.
 */
export const settledFor = 180 * 86_400_000

export function evolveReceivables(state: Receivables, event: Happened<ReceivableEvent>): Receivables {
  const { type, data } = event
  const at = instantOf(event.occurredAt)
  switch (type) {
    case 'InvoiceIssued': {
      const { companyId, dealerId, currency, kind, orderId, shipmentId, gross, takesOver, dueAt } = data
      const invoice: Invoice = {
        companyId,
        dealerId,
        currency,
        kind,
        gross,
        open: gross,
        paid: '0',
        takesOver,
        dueAt,
        ...(orderId !== undefined && { orderId }),
        ...(shipmentId !== undefined && { shipmentId }),
        ...(gross === '0' && { closedAt: at }),
        issuedAt: event.occurredAt,
        lines: data.lines.map(linePartOf),
      }
      return { ...state, invoices: put(state.invoices, data.invoiceId, invoice, at) }
    }
    case 'InvoiceCancelled':
      return { ...state, invoices: changed(state.invoices, data.invoiceId, at, cancelled) }
    case 'PaymentReceived': {
      const { companyId, dealerId, currency, amount } = data
      const payment: Payment = {
        companyId,
        dealerId,
        currency,
        amount,
        unapplied: amount,
        receivedAt: event.occurredAt,
        to: {},
      }
      return { ...state, payments: put(state.payments, data.paymentId, payment, at) }
    }
    case 'PaymentReversed':
      return { ...state, payments: changed(state.payments, data.paymentId, at, reversed) }
    case 'PaymentAllocated':
    case 'PaymentUnallocated': {
      const by = type === 'PaymentAllocated' ? BigInt(data.amount) : -BigInt(data.amount)
      const pay = (invoice: Invoice): Invoice => ({
        ...invoice,
        open: minus(invoice.open, by),
        paid: minus(invoice.paid, -by),
      })
      return {
        ...state,
        invoices: changed(state.invoices, data.invoiceId, at, pay),
        payments: changed(state.payments, data.paymentId, at, (payment) => moved(payment, data.invoiceId, by)),
      }
    }
    case 'CreditNoteIssued': {
      const { companyId, dealerId, currency, amount, offset } = data
      const parties = { companyId, dealerId, currency }
      const note: CreditNote = { ...parties, amount, unapplied: amount, to: {}, ...(offset && { offset }) }
      return { ...state, creditNotes: put(state.creditNotes, data.creditNoteId, note, at) }
    }
    case 'CreditNoteExpired':
      return { ...state, creditNotes: changed(state.creditNotes, data.creditNoteId, at, expired) }
    case 'CreditNoteApplied': {
      const by = BigInt(data.amount)
      const credit = (invoice: Invoice): Invoice => ({ ...invoice, open: minus(invoice.open, by) })
      return {
        ...state,
        invoices: changed(state.invoices, data.invoiceId, at, credit),
        creditNotes: changed(state.creditNotes, data.creditNoteId, at, (note) => moved(note, data.invoiceId, by)),
      }
    }
  }
}

/** An invoice line without its prices: what allocations, returns and rebates need of it. */
export function linePartOf(line: Omit<InvoiceLine, 'unitPrice' | 'freight'>): LinePart {
  const { lineNo, orderLineNo, sku, unit, quantity, lineValue, tax } = line
  return {
    lineNo,
    ...(orderLineNo !== undefined && { orderLineNo }),
    sku,
    unit,
    quantity,
    net: lineValue,
    gross: tax ? formatDecimal(parseDecimal(lineValue) + parseDecimal(tax.amount)) : lineValue,
  }
}

function put<T extends Document>(table: Table<T>, id: string, value: T, at: number): Table<T> {
  return withRow(table, id, value, ({ closedAt }) => closedAt === undefined || closedAt + settledFor > at)
}

/** Changes a document that is there; an event about one that was dropped or declared in error changes totals only. */
function changed<T extends Invoice | Payment | CreditNote>(
  table: Table<T>,
  id: string,
  at: number,
  change: (document: T) => T,
): Table<T> {
  const before = row(table, id)
  if (!before) return table
  const after = change(before)
  const rest = 'open' in after ? after.open : after.unapplied
  if (rest === '0') return put(table, id, { ...after, closedAt: at }, at)
  const { closedAt: _reopened, ...open } = after
  // without an optional key it is a T still
  return put(table, id, open as T, at)
}

const cancelled = (invoice: Invoice): Invoice => ({ ...invoice, open: '0', void: true })
const expired = (note: CreditNote): CreditNote => ({ ...note, unapplied: '0', void: true })
const reversed = (payment: Payment): Payment => ({ ...payment, unapplied: '0', void: true })

function moved<T extends Payment | CreditNote>(document: T, invoiceId: string, by: bigint): T {
  const { [invoiceId]: _before, ...others } = document.to
  const now = BigInt(own(document.to, invoiceId) ?? '0') + by
  return {
    ...document,
    unapplied: minus(document.unapplied, by),
    to: now === 0n ? others : { ...others, [invoiceId]: now.toString() },
  }
}

function minus(amount: string, by: bigint): string {
  return (BigInt(amount) - by).toString()
}

/** Documents settle each other only between the same parties and in the same currency. */
export function sameParties(
  a: { companyId: string; dealerId: string; currency: string },
  b: { companyId: string; dealerId: string; currency: string },
): boolean {
  return a.companyId === b.companyId && a.dealerId === b.dealerId && a.currency === b.currency
}
