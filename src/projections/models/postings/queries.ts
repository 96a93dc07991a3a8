import { z } from 'zod'
import { calendarDate, sealedText } from '../../../domain/kernel/fields.ts'
import { accounts, batch } from '../../../domain/postings/events.ts'
import { postingRole } from '../../../domain/postings/postingRole.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where, wholeNumber } from '../sqlText.ts'
import { postingsModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: postingsModel, owner: 'shared', audience: 'finance' } as const
const filters = {
  companyId: id.optional(),
  dealerId: id.optional(),
  role: postingRole.optional(),
  currency: id.optional(),
  /** days in the documents' own zones, both included */
  from: calendarDate.optional(),
  to: calendarDate.optional(),
}
type Filters = z.infer<z.ZodObject<typeof filters>>

/**
 * Legs, and those that take them back: of what was declared in error, and of cancelled invoices. `readPostings` says the same of
 * the log itself; a test holds one against the other.
 */
function journal({ companyId, dealerId, role, currency, from: first, to: last }: Filters, from: Source, bind: Bind) {
  const key = { company_id: companyId, dealer_id: dealerId, role, currency }
  const columns = 'l.company_id, l.dealer_id, l.role, l.currency, l.document_id, l.detail, l.seq'
  const days = where(
    first !== undefined && `day >= ${bind(first)}::date`,
    last !== undefined && `day <= ${bind(last)}::date`,
  )
  return `(with legs as (select * from ${from.recorded('ledger', key)} l)
    select * from (
      select ${columns}, l.position, l.at, l.day, l.event_id, l.event_type, coalesce(l.debit, 0) as debit, coalesce(l.credit, 0) as credit, null::uuid as reverses from legs l
      union all
      select ${columns}, d.position, d.at, d.day, d.event_id, 'ErrorDeclared', coalesce(l.credit, 0), coalesce(l.debit, 0), l.event_id
        from legs l join ${from.facts('declarations')} d on d.declaration = l.withdrawn_at
      union all
      select ${columns}, t.position, t.at, t.day, t.event_id, t.event_type, coalesce(l.credit, 0), coalesce(l.debit, 0), l.event_id
        from legs l join ${from.facts('taken_back')} t on t.account_id = l.account_id and t.document_id = l.document_id
        where l.event_type = 'InvoiceIssued' and l.position < t.position and (l.withdrawn_at is null or l.withdrawn_at > t.position)
    ) entries ${days})`
}

const postings = defineQuery({
  ...base,
  name: 'postings.list',
  summary:
    'The journal: balanced entries by role of account; minor units. Errors and cancellations are entries of their own',
  path: '/v1/postings',
  kind: 'list',
  params: z.object({ ...filters, documentId: z.string().min(1).max(300).optional() }),
  row: z.object({
    /** position of the event; its legs make one entry */
    entry: z.string(),
    leg: z.int(),
    day: z.string(),
    occurredAt: z.string(),
    companyId: z.string(),
    dealerId: z.string(),
    role: postingRole,
    currency: z.string(),
    debit: z.string(),
    credit: z.string(),
    documentId: z.string(),
    detail: z.string().nullable(),
    eventId: z.string(),
    eventType: z.string(),
    /** the event whose entry it takes back; empty when it is an entry of its own */
    reverses: z.string(),
  }),
  order: [
    ['entry', 'asc'],
    ['reverses', 'asc'],
    ['leg', 'asc'],
  ],
  sql: ({ documentId, ...params }, from, bind) =>
    `select j.position as entry, j.seq + 1 as leg, j.day::text as day, ${isoTime('j.at')} as "occurredAt", j.company_id as "companyId", j.dealer_id as "dealerId",
       j.role, j.currency, ${plainDecimal('j.debit')} as debit, ${plainDecimal('j.credit')} as credit, j.document_id as "documentId", j.detail,
       j.event_id as "eventId", j.event_type as "eventType", coalesce(j.reverses::text, '') as reverses
     from ${journal(params, from, bind)} j ${where(documentId !== undefined && `j.document_id = ${bind(documentId)}`)}`,
})

const trialBalance = defineQuery({
  ...base,
  name: 'postings.trialBalance',
  summary: 'Trial balance: debits and credits per role of account and currency; debits equal credits; minor units',
  path: '/v1/trial-balance',
  kind: 'list',
  params: z.object(filters),
  row: z.object({
    companyId: z.string(),
    currency: z.string(),
    role: postingRole,
    debit: z.string(),
    credit: z.string(),
    /** debit − credit */
    balance: z.string(),
  }),
  order: [
    ['companyId', 'asc'],
    ['currency', 'asc'],
    ['role', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select j.company_id as "companyId", j.currency, j.role, ${plainDecimal('sum(j.debit)')} as debit, ${plainDecimal('sum(j.credit)')} as credit,
       ${plainDecimal('sum(j.debit - j.credit)')} as balance
     from ${journal(params, from, bind)} j group by j.company_id, j.currency, j.role`,
})

const charts = defineQuery({
  ...base,
  name: 'postings.charts',
  summary: 'Versions of the charts of accounts: which account of the general ledger each role is',
  path: '/v1/charts-of-accounts',
  kind: 'list',
  params: z.object({ companyId: id.optional() }),
  row: z.object({ companyId: z.string(), version: z.int(), accounts, definedAt: z.string() }),
  order: [
    ['companyId', 'asc'],
    ['version', 'desc'],
  ],
  sql: ({ companyId }, from) =>
    `select company_id as "companyId", ${wholeNumber('version')} as version, accounts, ${isoTime('defined_at')} as "definedAt" from ${from('charts', { company_id: companyId })} c`,
})

const { totals, after, upTo, hash } = batch
const status = z.enum(['exported', 'acknowledged', 'rejected'])
const batchRow = z.object({
  companyId: z.string(),
  batchNo: z.int(),
  chartVersion: z.int(),
  after,
  upTo,
  count: z.int(),
  totals,
  hash,
  exportedAt: z.string(),
  status,
  reference: z.string().nullable(),
  acknowledgedAt: z.string().nullable(),
  reason: z.string().nullable(),
  note: sealedText.nullable(),
  rejectedAt: z.string().nullable(),
})
const statusSql = `case when acknowledged_at is not null then 'acknowledged' when rejected_at is not null then 'rejected' else 'exported' end`
const batchColumns = `company_id as "companyId", ${wholeNumber('batch_no')} as "batchNo", ${wholeNumber('chart_version')} as "chartVersion", after, up_to as "upTo", ${wholeNumber('leg_count')} as count, totals, hash,
  ${isoTime('exported_at')} as "exportedAt", ${statusSql} as status, reference, ${isoTime('acknowledged_at')} as "acknowledgedAt", reason, note,
  ${isoTime('rejected_at')} as "rejectedAt"`

const batches = defineQuery({
  ...base,
  name: 'postings.batches',
  summary: 'Batches of postings that left for the general ledger, and what it answered',
  path: '/v1/posting-exports',
  kind: 'list',
  params: z.object({ companyId: id.optional(), status: status.optional() }),
  row: batchRow,
  order: [
    ['companyId', 'asc'],
    ['batchNo', 'desc'],
  ],
  sql: ({ companyId, status: wanted }, from, bind) =>
    `select ${batchColumns} from ${from('batches', { company_id: companyId })} b
     ${where('exported_at is not null', wanted !== undefined && `${statusSql} = ${bind(wanted)}`)}`,
})

export const oneBatch = defineQuery({
  ...base,
  name: 'postings.batch',
  summary: 'One batch of postings',
  path: '/v1/posting-exports/:companyId/:batchNo',
  kind: 'one',
  params: z.object({ companyId: id, batchNo: z.string().regex(/^[1-9]\d{0,6}$/) }),
  row: batchRow,
  sql: ({ companyId, batchNo }, from, bind) =>
    `select ${batchColumns} from ${from('batches', { company_id: companyId })} b where exported_at is not null and batch_no = ${bind(batchNo)}::bigint`,
})

export const postingsQueries = [postings, trialBalance, charts, batches, oneBatch] as const
