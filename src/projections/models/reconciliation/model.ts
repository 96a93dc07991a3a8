import { instantOf } from '../../../domain/kernel/businessTime.ts'
import { type EntryEvent, entryEventTypes, entryOf } from '../../../domain/reconciliation/entryOf.ts'
import { type ReconciliationEvent, reconciliationEvents } from '../../../domain/reconciliation/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

const chain = { company_id: 'text', dealer_id: 'text', currency: 'text' } as const

/** What a dealer owes: its facts are what statements are drawn from, with orders, deliveries and returned goods beside them. */
const entries = factTable('entries', chain, {
  sums: ['effect'],
  lasts: {
    kind: 'text',
    document_id: 'text',
    order_id: 'text',
    detail: 'text',
    reference: 'text',
    due_on: 'text',
    /** a decimal, as its digits are written */
    value: 'text',
    /** business time with its zone */
    happened_at: 'text',
  },
})
const statements = factTable(
  'statements',
  { ...chain, statement_no: 'bigint' },
  {
    sums: ['disputes', 'settled'],
    lasts: {
      version: 'bigint',
      calendar_id: 'text',
      period_id: 'text',
      from_time: 'text',
      until_time: 'text',
      until_at: 'timestamptz',
      prior: 'text',
      watermark: 'text',
      opening: 'numeric',
      closing: 'numeric',
      line_count: 'bigint',
      totals: 'jsonb',
      fingerprint: 'text',
      published_at: 'timestamptz',
      /** the version that a side stands by */
      dealer_version: 'bigint',
      manufacturer_version: 'bigint',
      dealer_at: 'timestamptz',
      manufacturer_at: 'timestamptz',
    },
    indexes: [['dealer_id'], ['period_id']],
  },
)
const lines = factTable(
  'lines',
  { ...chain, line_id: 'text' },
  { lasts: { statement_no: 'bigint', dealer_at: 'timestamptz', manufacturer_at: 'timestamptz' } },
)
const disputes = factTable(
  'disputes',
  { ...chain, dispute_id: 'text' },
  {
    lasts: {
      statement_no: 'bigint',
      version: 'bigint',
      side: 'text',
      line_id: 'text',
      effect: 'numeric',
      claimed: 'numeric',
      reason: 'text',
      reference: 'text',
      evidence: 'text',
      /** sealed */
      note: 'jsonb',
      raised_at: 'timestamptz',
      outcome: 'text',
      document: 'text',
      answer: 'jsonb',
      settled_at: 'timestamptz',
    },
    indexes: [['dealer_id'], ['line_id']],
  },
)

/** Statements of account that two parties confirm, and what they are drawn from. Amounts are minor units of the currency. */
export const reconciliationModel: ReadModel = {
  name: 'reconciliation',
  version: 1,
  events: [...entryEventTypes, ...reconciliationEvents.map(({ type }) => type)],
  tables: [entries, statements, lines, disputes],
  facts: (event) => factsOf(event as RecordedEvent & (EntryEvent | ReconciliationEvent)), // the types it declares, checked when appended
}

function factsOf(event: RecordedEvent & (EntryEvent | ReconciliationEvent)): readonly Fact[] {
  switch (event.type) {
    case 'StatementPublished': {
      const { statementNo, version, calendarId, periodId, from, until, ...drawn } = event.data
      const { prior, watermark, opening, closing, lineCount, totals, fingerprint } = drawn
      const lasts = {
        version,
        calendar_id: calendarId,
        period_id: periodId,
        from_time: from,
        until_time: until,
        until_at: iso(until),
        prior,
        watermark,
        opening,
        closing,
        line_count: lineCount,
        totals,
        fingerprint,
        published_at: iso(event.occurredAt),
      }
      return [{ table: 'statements', key: { ...chainOf(event.data), statement_no: statementNo }, lasts }]
    }
    case 'StatementConfirmed': {
      const { statementNo, side, version } = event.data
      const lasts = { [`${side}_version`]: version, [`${side}_at`]: iso(event.occurredAt) }
      return [{ table: 'statements', key: { ...chainOf(event.data), statement_no: statementNo }, lasts }]
    }
    case 'StatementLinesConfirmed': {
      const { statementNo, side, lines: confirmed } = event.data
      const lasts = { statement_no: statementNo, [`${side}_at`]: iso(event.occurredAt) }
      return confirmed.map(({ lineId }) => ({
        table: 'lines',
        key: { ...chainOf(event.data), line_id: lineId },
        lasts,
      }))
    }
    case 'StatementLineDisputed': {
      const { statementNo, version, disputeId, side, lineId, effect, claimed, reason, reference, evidence, note } =
        event.data
      const said = { side, effect, claimed, reason, reference, evidence, note }
      const lasts = { statement_no: statementNo, version, line_id: lineId, ...said, raised_at: iso(event.occurredAt) }
      return [
        { table: 'disputes', key: { ...chainOf(event.data), dispute_id: disputeId }, lasts },
        { table: 'statements', key: { ...chainOf(event.data), statement_no: statementNo }, sums: { disputes: '1' } },
      ]
    }
    case 'StatementDisputeSettled': {
      const { statementNo, disputeId, outcome, document, note } = event.data
      const lasts = { outcome, document, answer: note, settled_at: iso(event.occurredAt) }
      return [
        { table: 'disputes', key: { ...chainOf(event.data), dispute_id: disputeId }, lasts },
        { table: 'statements', key: { ...chainOf(event.data), statement_no: statementNo }, sums: { settled: '1' } },
      ]
    }
    default:
      return entryFacts(event)
  }
}

function entryFacts(event: RecordedEvent & EntryEvent): readonly Fact[] {
  const entry = entryOf(event)
  if (!entry) return []
  const { kind, documentId, orderId, detail, reference, dueOn, value, effect, ...of } = entry
  const fact: Fact = {
    table: 'entries',
    key: chainOf(of),
    sums: { effect },
    lasts: {
      kind,
      document_id: documentId,
      order_id: orderId,
      detail,
      reference,
      due_on: dueOn,
      value,
      happened_at: event.occurredAt,
    },
  }
  return [fact]
}

function chainOf({ companyId, dealerId, currency }: { companyId: string; dealerId: string; currency: string }): {
  company_id: string
  dealer_id: string
  currency: string
} {
  return { company_id: companyId, dealer_id: dealerId, currency }
}

function iso(time: string): string {
  return new Date(instantOf(time)).toISOString()
}
