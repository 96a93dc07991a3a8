import { minorToMicros } from '../kernel/currency.ts'
import { formatDecimal } from '../kernel/decimal.ts'
import { sumOf } from '../kernel/decimalText.ts'
import type { OrderEvent } from '../orders/events.ts'
import { lineEffects, type LineMeasure } from '../orders/lineEffects.ts'
import { owedMoreBy } from '../receivables/effects.ts'
import type { ReceivableEvent } from '../receivables/events.ts'
import type { EntryKind } from './events.ts'

/** What an event puts on the statement of a dealer. */
export interface Entry {
  readonly companyId: string
  readonly dealerId: string
  readonly currency: string
  readonly kind: EntryKind
  readonly documentId: string
  readonly orderId?: string
  /** method of a payment, reason of a credit note or of what was taken back, shipment of a delivery */
  readonly detail?: string
  /** the payer's own reference */
  readonly reference?: string
  readonly dueOn?: string
  /** of an order, a delivery, goods returned: what they are worth with tax and freight, scale 6; of credit for invoices to come how much */
  readonly value?: string
  /** what it adds to the debt, minor units */
  readonly effect: string
}

/** An entry with its place in the log. */
export interface RecordedEntry extends Entry {
  readonly eventId: string
  readonly occurredAt: string
  readonly position: bigint
  /** position of the declaration that it was an error */
  readonly withdrawnAt?: bigint
}

/** The event types that `entryOf` reads. The allocation of a payment moves nothing between the parties, so it is not among them. */
export const entryEventTypes = [
  'OrderPlaced',
  'ShipmentDelivered',
  'GoodsReturned',
  'InvoiceIssued',
  'InvoiceCancelled',
  'PaymentReceived',
  'PaymentReversed',
  'CreditNoteIssued',
  'CreditNoteApplied',
] as const satisfies readonly (OrderEvent | ReceivableEvent)['type'][]
export type EntryEvent = Extract<OrderEvent | ReceivableEvent, { type: (typeof entryEventTypes)[number] }>

/** Undefined for a credit note that is applied and has counted since it was issued. */
export function entryOf(event: EntryEvent): Entry | undefined {
  if (event.type === 'CreditNoteApplied' && event.data.offset !== true) return undefined
  const { companyId, dealerId, currency } = event.data
  return { companyId, dealerId, currency, ...contentOf(event) }
}

type Content = Omit<Entry, 'companyId' | 'dealerId' | 'currency'>

function contentOf(event: EntryEvent): Content {
  switch (event.type) {
    case 'OrderPlaced': {
      const { orderId, customerReference } = event.data
      return { ...goods(event, 'order', 'ordered'), documentId: orderId, ...named('reference', customerReference) }
    }
    case 'ShipmentDelivered':
      return { ...goods(event, 'delivery', 'delivered'), documentId: event.data.shipmentId }
    case 'GoodsReturned':
      return { ...goods(event, 'goods_return', 'returned'), documentId: event.data.returnId, detail: event.data.reason }
    case 'InvoiceIssued': {
      const { invoiceId, kind, orderId, dueOn } = event.data
      return { kind, documentId: invoiceId, ...named('orderId', orderId), dueOn, effect: effectOf(event) }
    }
    case 'InvoiceCancelled': {
      const { invoiceId, orderId, reason } = event.data
      const said = { ...named('orderId', orderId), detail: reason }
      return { kind: 'invoice_cancelled', documentId: invoiceId, ...said, effect: effectOf(event) }
    }
    case 'PaymentReceived': {
      const { paymentId, method, reference } = event.data
      const said = { detail: method, ...named('reference', reference) }
      return { kind: 'payment', documentId: paymentId, ...said, effect: effectOf(event) }
    }
    case 'PaymentReversed': {
      const { paymentId, reason } = event.data
      return { kind: 'payment_reversed', documentId: paymentId, detail: reason, effect: effectOf(event) }
    }
    case 'CreditNoteIssued': {
      const { creditNoteId, reason, orderId, invoiceId, offset, amount } = event.data
      const said = { ...named('orderId', orderId), detail: reason, ...named('reference', invoiceId) }
      // credit for invoices to come counts when it is set off
      const value = offset && { value: formatDecimal(minorToMicros(BigInt(amount), event.data.currency)) }
      return { kind: 'credit_note', documentId: creditNoteId, ...said, ...value, effect: effectOf(event) }
    }
    case 'CreditNoteApplied': {
      const { creditNoteId, invoiceId } = event.data
      return { kind: 'offset', documentId: creditNoteId, reference: invoiceId, effect: effectOf(event) }
    }
  }
}

function goods(
  event: Extract<EntryEvent, { type: 'OrderPlaced' | 'ShipmentDelivered' | 'GoodsReturned' }>,
  kind: EntryKind,
  of: LineMeasure,
): Omit<Content, 'documentId'> {
  const money = lineEffects(event).flatMap(({ measure, value, tax, freight }) =>
    measure === of ? [value, tax, freight] : [],
  )
  return { kind, orderId: event.data.orderId, value: sumOf(money), effect: '0' }
}

/** The same effects that the account's decisions and balances fold. */
function effectOf(event: ReceivableEvent): string {
  return owedMoreBy(event).toString()
}

function named<Name extends string>(name: Name, value: string | undefined): { [key in Name]?: string } {
  // an object of that one key, or of none
  return (value === undefined ? {} : { [name]: value }) as { [key in Name]?: string }
}
