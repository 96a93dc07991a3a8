import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { CreditEvent } from '../../../domain/credit/events.ts'
import { creditEvents } from '../../../domain/credit/events.ts'
import { type AccountEvent, buckets, exposureEffects, isReceivable } from '../../../domain/credit/exposure.ts'
import { owedMoreBy, receivableEffects } from '../../../domain/receivables/effects.ts'
import { type ReceivableEvent, receivableEvents } from '../../../domain/receivables/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** The parties whose limits hold for a dealer, from itself up to the topmost one. */
const members = factTable(
  'members',
  { account_id: 'text', dealer_id: 'text' },
  { lasts: { parties: 'jsonb' }, time: 'versioned' },
)
/** The limit of a party in force: one value, so that what a new limit leaves out is gone. */
const limits = factTable(
  'limits',
  { account_id: 'text', party: 'text' },
  { lasts: { terms: 'jsonb', set_at: 'timestamptz' }, time: 'versioned' },
)
/** The parts of exposure per dealer and currency, minor units (domain.md §2.6). */
const exposures = factTable(
  'exposures',
  { account_id: 'text', dealer_id: 'text', currency: 'text' },
  { sums: buckets, lasts: { event_type: 'text', document_id: 'text' }, indexes: [['dealer_id']] },
)
/** Of each order what is open and what is delivered and not invoiced. */
const orders = factTable(
  'orders',
  { account_id: 'text', order_id: 'text' },
  {
    sums: ['placed', 'confirmed', 'delivered'],
    lasts: { dealer_id: 'text', currency: 'text', check_point: 'text', cleared_at: 'timestamptz', override_id: 'text' },
    indexes: [['dealer_id']],
  },
)
const holds = factTable(
  'holds',
  { account_id: 'text', hold_id: 'text' },
  {
    lasts: {
      kind: 'text',
      party: 'text',
      order_id: 'text',
      dealer_id: 'text',
      is_placed: 'boolean',
      placed_at: 'timestamptz',
      /** the figures that placed it, and the oldest overdue invoices */
      evidence: 'jsonb',
      released_at: 'timestamptz',
      cause: 'text',
    },
  },
)
const overrides = factTable(
  'overrides',
  { account_id: 'text', override_id: 'text' },
  {
    lasts: {
      order_id: 'text',
      dealer_id: 'text',
      currency: 'text',
      up_to: 'numeric',
      until: 'timestamptz',
      approved_at: 'timestamptz',
      /** sealed */
      reason: 'jsonb',
    },
  },
)
/** Invoices, payments and credit notes: `open` is what is neither paid nor credited, or not yet applied. */
const documents = factTable(
  'documents',
  { account_id: 'text', kind: 'text', document_id: 'text' },
  {
    sums: ['amount', 'open', 'paid', 'credited'],
    lasts: {
      dealer_id: 'text',
      company_id: 'text',
      currency: 'text',
      dated_at: 'timestamptz',
      due_on: 'date',
      due_at: 'timestamptz',
      /** invoice or debit_note; method of a payment; reason of a credit note */
      subtype: 'text',
      order_id: 'text',
      shipment_id: 'text',
      invoice_id: 'text',
      reference: 'text',
      settlement: 'jsonb',
      /** of a credit for invoices to come: how much of each, until when */
      set_off: 'jsonb',
      /** net, freight, taxes, roundings and lines as the document states them */
      content: 'jsonb',
      is_void: 'boolean',
    },
    indexes: [['dealer_id', 'kind'], ['document_id'], ['order_id']],
  },
)
/** What a payment or credit note settles of an invoice. */
const allocations = factTable(
  'allocations',
  { account_id: 'text', kind: 'text', document_id: 'text', invoice_id: 'text' },
  {
    sums: ['amount'],
    lasts: { dealer_id: 'text', currency: 'text', applied_at: 'timestamptz' },
    indexes: [['dealer_id']],
  },
)
/** What a dealer owes: its facts are the lines of the statement, the day is the document's own. */
const balances = factTable(
  'balances',
  { dealer_id: 'text', company_id: 'text', currency: 'text' },
  { sums: ['amount'], lasts: { day: 'date', event_type: 'text', document_id: 'text', due_on: 'date' } },
)
const breaches = factTable(
  'breaches',
  { account_id: 'text', breached_by: 'text' },
  { lasts: { dealer_id: 'text', event_type: 'text', breached_at: 'timestamptz', breaches: 'jsonb' } },
)

/** Credit and receivables, folded from the same effects as the decider's state. Amounts are minor units of their currency. */
export const accountsModel: ReadModel = {
  name: 'accounts',
  version: 3,
  events: [...creditEvents, ...receivableEvents].map(({ type }) => type),
  tables: [members, limits, exposures, orders, holds, overrides, documents, allocations, balances, breaches],
  facts: (event) => accountFacts(event as RecordedEvent & AccountEvent), // the types it declares, checked when appended
}

type Lasts = NonNullable<Fact['lasts']>
type Sums = Record<string, string>

function accountFacts(event: RecordedEvent & AccountEvent): readonly Fact[] {
  return [
    ...exposureFacts(event),
    ...(isReceivable(event)
      ? [...documentFacts(event), ...allocationFacts(event), ...balanceFacts(event)]
      : creditFacts(event)),
    ...breachFacts(event),
  ]
}

/** Per dealer and currency, and the same figures again per order where the event names one. */
function exposureFacts(event: RecordedEvent & AccountEvent): readonly Fact[] {
  const effects = exposureEffects(event)
  if (effects.length === 0) return []
  const { accountId, dealerId, currency } = event.data as { accountId: string; dealerId: string; currency: string } // only events that name them have effects
  const sums: Sums = Object.fromEntries(effects.map(({ bucket, by }) => [bucket, by.toString()]))
  const exposure: Fact = {
    table: 'exposures',
    key: { account_id: accountId, dealer_id: dealerId, currency },
    sums,
    lasts: { event_type: event.type, document_id: documentOf(event) },
  }
  const orderId = 'orderId' in event.data ? event.data.orderId : undefined
  const { placed, confirmed, delivered } = sums
  if (orderId === undefined || (placed ?? confirmed ?? delivered) === undefined) return [exposure]
  return [
    exposure,
    {
      table: 'orders',
      key: { account_id: accountId, order_id: orderId },
      sums: { placed, confirmed, delivered },
      lasts: { dealer_id: dealerId, currency },
    },
  ]
}

/** The document or order that an event is about. */
function documentOf({ data }: AccountEvent): string | undefined {
  if ('creditNoteId' in data) return data.creditNoteId
  if ('paymentId' in data) return data.paymentId
  if ('invoiceId' in data) return data.invoiceId
  return 'orderId' in data ? data.orderId : undefined
}

function creditFacts(event: RecordedEvent & CreditEvent): readonly Fact[] {
  const account = { account_id: event.data.accountId }
  switch (event.type) {
    case 'AccountMemberAttached': {
      const { dealerId, parties } = event.data
      return [{ table: 'members', key: { ...account, dealer_id: dealerId }, lasts: { parties } }]
    }
    case 'CreditLimitSet': {
      const { accountId: _account, party, ...terms } = event.data
      return [{ table: 'limits', key: { ...account, party }, lasts: { terms, set_at: utc(event) } }]
    }
    case 'CreditCleared': {
      const { orderId, dealerId, currency, checkPoint, overrideId } = event.data
      const lasts = {
        dealer_id: dealerId,
        currency,
        check_point: checkPoint,
        cleared_at: utc(event),
        override_id: overrideId,
      }
      return [{ table: 'orders', key: { ...account, order_id: orderId }, lasts }]
    }
    case 'CreditHoldPlaced': {
      const { holdId, exposures: figures, overdueInvoices, checkPoint } = event.data
      const evidence = {
        exposures: figures,
        overdueInvoices: overdueInvoices ?? [],
        ...(checkPoint !== undefined && { checkPoint }),
      }
      const lasts = { ...holdColumns(event.data), is_placed: true, placed_at: utc(event), evidence }
      return [{ table: 'holds', key: { ...account, hold_id: holdId }, lasts }]
    }
    case 'CreditHoldReleased': {
      const { holdId, cause } = event.data
      const lasts = { ...holdColumns(event.data), is_placed: false, released_at: utc(event), cause }
      return [{ table: 'holds', key: { ...account, hold_id: holdId }, lasts }]
    }
    case 'CreditOverrideApproved': {
      const { overrideId, orderId, dealerId, currency, upTo, until, reason } = event.data
      const lasts = {
        order_id: orderId,
        dealer_id: dealerId,
        currency,
        up_to: upTo,
        until: until && instant(until),
        approved_at: utc(event),
        reason,
      }
      return [{ table: 'overrides', key: { ...account, override_id: overrideId }, lasts }]
    }
    case 'CreditReserved':
    case 'CreditReservationAdjusted':
    case 'CreditReservationReleased':
    case 'OrderValueDelivered':
    case 'OrderValueReturned':
      return []
    default:
      return event satisfies never
  }
}

function holdColumns({
  kind,
  party,
  orderId,
  dealerId,
}: Extract<CreditEvent, { type: 'CreditHoldPlaced' | 'CreditHoldReleased' }>['data']): Lasts {
  return { kind, party, order_id: orderId, dealer_id: dealerId }
}

/** What is open of a document comes from the shared effects; what it is, from the event that made it. */
function documentFacts(event: RecordedEvent & ReceivableEvent): readonly Fact[] {
  const { accountId, dealerId, companyId, currency } = event.data
  return receivableEffects(event).map(({ document, by }): Fact => ({
    table: 'documents',
    key: { account_id: accountId, kind: document.kind, document_id: document.id },
    sums: { open: by.toString(), ...settledSums(event, document.kind) },
    lasts: { dealer_id: dealerId, company_id: companyId, currency, ...documentColumns(event) },
  }))
}

function settledSums({ type, data }: ReceivableEvent, kind: string): Sums {
  switch (type) {
    case 'InvoiceIssued':
      return { amount: data.gross }
    case 'PaymentReceived':
    case 'CreditNoteIssued':
      return { amount: data.amount }
    case 'PaymentAllocated':
      return kind === 'invoice' ? { paid: data.amount } : {}
    case 'PaymentUnallocated':
      return kind === 'invoice' ? { paid: negative(data.amount) } : {}
    case 'CreditNoteApplied':
      return kind === 'invoice' ? { credited: data.amount } : {}
    case 'InvoiceCancelled':
    case 'PaymentReversed':
    case 'CreditNoteExpired':
      return {}
  }
}

function documentColumns(event: RecordedEvent & ReceivableEvent): Lasts {
  switch (event.type) {
    case 'InvoiceIssued': {
      const { kind, orderId, shipmentId, dueOn, dueAt, settlement, net, freight, taxes, roundings, lines } = event.data
      return {
        dated_at: utc(event),
        due_on: dueOn,
        due_at: instant(dueAt),
        subtype: kind,
        order_id: orderId,
        shipment_id: shipmentId,
        settlement,
        content: { net, freight, taxes, roundings, lines },
        is_void: false,
      }
    }
    case 'PaymentReceived': {
      const { method, reference } = event.data
      return { dated_at: utc(event), subtype: method, reference, is_void: false }
    }
    case 'CreditNoteIssued': {
      const { reason, orderId, invoiceId, settlement, offset, claim, net, taxes, roundings, lines } = event.data
      return {
        dated_at: utc(event),
        subtype: reason,
        order_id: orderId,
        invoice_id: invoiceId,
        settlement,
        set_off: offset,
        content: { net, taxes, roundings, lines, ...(claim && { claim }) },
        is_void: false,
      }
    }
    case 'InvoiceCancelled':
    case 'PaymentReversed':
      return { is_void: true }
    default:
      return {}
  }
}

function allocationFacts(event: RecordedEvent & ReceivableEvent): readonly Fact[] {
  const fact = (kind: 'payment' | 'creditNote', id: string, invoiceId: string, amount: string): Fact[] => [
    {
      table: 'allocations',
      key: { account_id: event.data.accountId, kind, document_id: id, invoice_id: invoiceId },
      sums: { amount },
      lasts: { dealer_id: event.data.dealerId, currency: event.data.currency, applied_at: utc(event) },
    },
  ]
  switch (event.type) {
    case 'PaymentAllocated':
      return fact('payment', event.data.paymentId, event.data.invoiceId, event.data.amount)
    case 'PaymentUnallocated':
      return fact('payment', event.data.paymentId, event.data.invoiceId, negative(event.data.amount))
    case 'CreditNoteApplied':
      return fact('creditNote', event.data.creditNoteId, event.data.invoiceId, event.data.amount)
    default:
      return []
  }
}

/** An allocation moves nothing between the parties, so it is no line of the statement. */
function balanceFacts(event: RecordedEvent & ReceivableEvent): readonly Fact[] {
  const owed = owedMoreBy(event)
  if (owed === 0n) return []
  const { dealerId, companyId, currency } = event.data
  const lasts = {
    // business time is written in the document's own zone
    day: event.occurredAt.slice(0, 10),
    event_type: event.type,
    document_id: documentOf(event),
    due_on: event.type === 'InvoiceIssued' ? event.data.dueOn : undefined,
  }
  const key = { dealer_id: dealerId, company_id: companyId, currency }
  return [{ table: 'balances', key, sums: { amount: owed.toString() }, lasts }]
}

function breachFacts(event: RecordedEvent & AccountEvent): readonly Fact[] {
  if (!('breaches' in event.data) || event.data.breaches.length === 0) return []
  const { accountId, dealerId, breaches: list } = event.data
  const lasts = { dealer_id: dealerId, event_type: event.type, breached_at: utc(event), breaches: list }
  return [{ table: 'breaches', key: { account_id: accountId, breached_by: event.id }, lasts }]
}

function negative(amount: string): string {
  return (-BigInt(amount)).toString()
}

function instant(businessTime: string): string {
  return new Date(instantOf(businessTime)).toISOString()
}

function utc({ occurredAt }: RecordedEvent): string {
  return instant(occurredAt)
}
