import type { ConductEvent } from '../conduct/events.ts'
import type { Instant } from '../kernel/businessTime.ts'
import type { ReceivableEvent } from '../receivables/events.ts'
import type { BasisEvent } from './basisFacts.ts'

/** One thing about a dealer that gates look at beside its volume. */
export type StandingFact = {
  readonly companyId: string
  readonly dealerId: string
  readonly occurredAt: string
  /** in the log, decimal */
  readonly position: string
} & (Evidence | Receivable | Evaluation)

/** Evidence, or its withdrawal; `at` is when the evidence was. */
interface Evidence {
  readonly about: 'evidence'
  readonly evidenceId: string
  readonly kind: string
  readonly counts: 1 | -1
  readonly at: string
}

/** What an event adds to what is open of an invoice, minor units. The dates of the invoice stand on its issue, those of money on what closes it. */
interface Receivable {
  readonly about: 'receivable'
  readonly invoiceId: string
  readonly amount: string
  readonly issuedAt?: string
  readonly dueAt?: string
  readonly moneyAt?: string
  readonly isCancelled?: true
}

interface Evaluation {
  readonly about: 'evaluation'
  readonly evaluation: string
  readonly version: number
  readonly calendarId: string
  readonly periodId: string
  readonly score: string
}

/** The event types that `standingFacts` reads. */
export const standingEventTypes = [
  'EvidenceRecorded',
  'EvidenceWithdrawn',
  'EvaluationRecorded',
  'InvoiceIssued',
  'InvoiceCancelled',
  'PaymentAllocated',
  'PaymentUnallocated',
  'CreditNoteApplied',
] as const satisfies readonly (ConductEvent | ReceivableEvent)['type'][]

/** Which facts are asked for: of these kinds, that happened before an instant, receivables before their moment, and stand at or before a position. */
export interface StandingQuery {
  readonly companyId: string
  readonly about: ReadonlySet<StandingFact['about']>
  readonly before: Instant
  readonly moment: Instant
  readonly upTo: bigint
  /** the period: evidence and receivables of it, beside what is open */
  readonly from: Instant
  readonly until: Instant
  readonly calendarId: string
  readonly periodId: string
}

/** With its place in the log. */
type Logged<E> = E & { readonly occurredAt: string; readonly position: bigint }
type StandingEvent = Extract<ConductEvent | ReceivableEvent, { type: (typeof standingEventTypes)[number] }>

const read: ReadonlySet<string> = new Set(standingEventTypes)
const isRead = (event: Logged<BasisEvent>): event is Logged<StandingEvent> => read.has(event.type)

export function standingFacts(event: Logged<BasisEvent>): StandingFact[] {
  if (!isRead(event)) return []
  const { companyId, dealerId } = event.data
  const of = { companyId, dealerId, occurredAt: event.occurredAt, position: event.position.toString() }
  switch (event.type) {
    case 'EvidenceRecorded': {
      const { evidenceId, kind } = event.data
      return [{ ...of, about: 'evidence', evidenceId, kind, counts: 1, at: event.occurredAt }]
    }
    case 'EvidenceWithdrawn': {
      const { evidenceId, kind, recordedAt } = event.data
      return [{ ...of, about: 'evidence', evidenceId, kind, counts: -1, at: recordedAt }]
    }
    case 'EvaluationRecorded': {
      const { evaluation, version, calendarId, periodId, score } = event.data
      return [{ ...of, about: 'evaluation', evaluation, version, calendarId, periodId, score }]
    }
    case 'InvoiceIssued': {
      const { invoiceId, gross: amount, dueAt } = event.data
      return [{ ...of, about: 'receivable', invoiceId, amount, issuedAt: event.occurredAt, dueAt }]
    }
    case 'InvoiceCancelled': {
      const { invoiceId, gross } = event.data
      return [{ ...of, about: 'receivable', invoiceId, amount: less(gross), isCancelled: true }]
    }
    case 'PaymentAllocated': {
      const { invoiceId, amount, receivedAt: moneyAt } = event.data
      return [{ ...of, about: 'receivable', invoiceId, amount: less(amount), moneyAt }]
    }
    case 'PaymentUnallocated': {
      const { invoiceId, amount } = event.data
      return [{ ...of, about: 'receivable', invoiceId, amount }]
    }
    case 'CreditNoteApplied': {
      const { invoiceId, amount } = event.data
      return [{ ...of, about: 'receivable', invoiceId, amount: less(amount), moneyAt: event.occurredAt }]
    }
    default:
      return event satisfies never
  }
}

function less(amount: string): string {
  return amount === '0' ? amount : `-${amount}`
}
