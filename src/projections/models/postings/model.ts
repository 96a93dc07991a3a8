import { instantOf } from '../../../domain/kernel/businessTime.ts'
import { type ErrorDeclared, errorDeclared } from '../../../domain/kernel/errorDeclaration.ts'
import { type PostingsEvent, postingsEvents } from '../../../domain/postings/events.ts'
import { legsOf, type PostingEvent, takesBack } from '../../../domain/postings/legsOf.ts'
import { settlementEvents } from '../../../domain/rebates/events.ts'
import { receivableEvents } from '../../../domain/receivables/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** What stands on the accounts; its facts are the legs of the journal. */
const ledger = factTable(
  'ledger',
  { company_id: 'text', dealer_id: 'text', role: 'text', currency: 'text' },
  {
    sums: ['debit', 'credit'],
    lasts: {
      account_id: 'text',
      document_id: 'text',
      detail: 'text',
      event_type: 'text',
      /** in the document's own zone */
      day: 'date',
    },
  },
)
/** Events that take back the entry of a document. */
const takenBack = factTable(
  'taken_back',
  { account_id: 'text', document_id: 'text' },
  { lasts: { event_type: 'text', day: 'date' } },
)
/** Declarations of errors, by their position. */
const declarations = factTable('declarations', { declaration: 'bigint' }, { lasts: { day: 'date' } })
const charts = factTable(
  'charts',
  { company_id: 'text', version: 'bigint' },
  { lasts: { accounts: 'jsonb', defined_at: 'timestamptz' } },
)
const batches = factTable(
  'batches',
  { company_id: 'text', batch_no: 'bigint' },
  {
    lasts: {
      chart_version: 'bigint',
      after: 'text',
      up_to: 'text',
      leg_count: 'bigint',
      totals: 'jsonb',
      hash: 'text',
      exported_at: 'timestamptz',
      reference: 'text',
      acknowledged_at: 'timestamptz',
      reason: 'text',
      /** sealed */
      note: 'jsonb',
      rejected_at: 'timestamptz',
    },
  },
)

export const postedTypes = [...receivableEvents, ...settlementEvents].map(({ type }) => type)

/** The journal of the general ledger by roles of accounts, the chart that gives them numbers, and the batches that left. Minor units. */
export const postingsModel: ReadModel = {
  name: 'postings',
  version: 1,
  events: [...postedTypes, errorDeclared.type, ...postingsEvents.map(({ type }) => type)],
  tables: [ledger, takenBack, declarations, charts, batches],
  facts: (event) => factsOf(event as RecordedEvent & (PostingEvent | PostingsEvent | ErrorDeclared)), // the types it declares, checked when appended
}

function factsOf(event: RecordedEvent & (PostingEvent | PostingsEvent | ErrorDeclared)): readonly Fact[] {
  switch (event.type) {
    case 'ErrorDeclared': {
      const key = { declaration: event.position.toString() }
      return [{ table: 'declarations', key, lasts: { day: dayOf(event) } }]
    }
    case 'ChartOfAccountsDefined': {
      const { companyId, version, accounts } = event.data
      const lasts = { accounts, defined_at: iso(event) }
      return [{ table: 'charts', key: { company_id: companyId, version }, lasts }]
    }
    case 'PostingsExported': {
      const { chartVersion, after, upTo, count, totals, hash } = event.data
      const drawn = { chart_version: chartVersion, after, up_to: upTo, leg_count: count, totals, hash }
      return [batchFact(event.data, { ...drawn, exported_at: iso(event) })]
    }
    case 'PostingsAcknowledged':
      return [batchFact(event.data, { reference: event.data.reference, acknowledged_at: iso(event) })]
    case 'PostingsRejected': {
      const { reason, note } = event.data
      return [batchFact(event.data, { reason, note, rejected_at: iso(event) })]
    }
    default:
      return [...legFacts(event), ...takenBackFacts(event)]
  }
}

function legFacts(event: RecordedEvent & PostingEvent): readonly Fact[] {
  const accountId = 'accountId' in event.data ? event.data.accountId : undefined
  return legsOf(event).map(({ companyId, dealerId, role, currency, amount, documentId, detail }) => ({
    table: 'ledger',
    key: { company_id: companyId, dealer_id: dealerId, role, currency },
    sums: amount > 0n ? { debit: amount.toString() } : { credit: (-amount).toString() },
    lasts: { account_id: accountId, document_id: documentId, detail, event_type: event.type, day: dayOf(event) },
  }))
}

function takenBackFacts(event: RecordedEvent & PostingEvent): readonly Fact[] {
  const documentId = takesBack(event)
  if (documentId === undefined || !('accountId' in event.data)) return []
  const key = { account_id: event.data.accountId, document_id: documentId }
  return [{ table: 'taken_back', key, lasts: { event_type: event.type, day: dayOf(event) } }]
}

function batchFact(
  { companyId, batchNo }: { companyId: string; batchNo: number },
  lasts: NonNullable<Fact['lasts']>,
): Fact {
  return { table: 'batches', key: { company_id: companyId, batch_no: batchNo }, lasts }
}

function dayOf({ occurredAt }: RecordedEvent): string {
  return occurredAt.slice(0, 10)
}

function iso({ occurredAt }: RecordedEvent): string {
  return new Date(instantOf(occurredAt)).toISOString()
}
