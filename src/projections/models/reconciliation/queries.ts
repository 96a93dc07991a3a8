import { z } from 'zod'
import { sealedText } from '../../../domain/kernel/fields.ts'
import { disputeReason, drawn, side } from '../../../domain/reconciliation/events.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where, wholeNumber } from '../sqlText.ts'
import { reconciliationModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: reconciliationModel, owner: 'dealerId', audience: 'everyone' } as const
const is = (column: string, value: string | undefined, bind: Bind): string | false =>
  value !== undefined && `${column} = ${bind(value)}`

const chain = { companyId: z.string(), dealerId: z.string(), currency: z.string() }
const chainFilters = { dealerId: id.optional(), companyId: id.optional(), currency: id.optional() }
const status = z.enum(['open', 'disputed', 'confirmed'])
const statement = {
  ...chain,
  statementNo: z.int(),
  version: z.int(),
  calendarId: z.string().nullable(),
  periodId: z.string().nullable(),
  /** business time, [from, until) */
  from: z.string(),
  until: z.string(),
  publishedAt: z.string(),
  /** minor units; negative when the dealer is owed */
  opening: z.string(),
  closing: z.string(),
  lineCount: z.int(),
  fingerprint: z.string(),
  status,
  openDisputes: z.int(),
  /** when a side confirmed this version as a whole */
  dealerConfirmedAt: z.string().nullable(),
  manufacturerConfirmedAt: z.string().nullable(),
}
const open = '(s.disputes - s.settled)'
const by = (who: string): string => `s.${who}_version = s.version`
const statusSql = `case when ${open} > 0 then 'disputed' when ${by('dealer')} and ${by('manufacturer')} then 'confirmed' else 'open' end`
const columns = `s.company_id as "companyId", s.dealer_id as "dealerId", s.currency, ${wholeNumber('s.statement_no')} as "statementNo", ${wholeNumber('s.version')} as version, s.calendar_id as "calendarId",
  s.period_id as "periodId", s.from_time as "from", s.until_time as "until", ${isoTime('s.published_at')} as "publishedAt", ${plainDecimal('s.opening')} as opening,
  ${plainDecimal('s.closing')} as closing, ${wholeNumber('s.line_count')} as "lineCount", s.fingerprint, ${statusSql} as status, ${open}::integer as "openDisputes",
  case when ${by('dealer')} then ${isoTime('s.dealer_at')} end as "dealerConfirmedAt",
  case when ${by('manufacturer')} then ${isoTime('s.manufacturer_at')} end as "manufacturerConfirmedAt"`
const exists = 's.published_at is not null'

const statements = defineQuery({
  ...base,
  name: 'reconciliations.list',
  summary: 'Statements of account that both sides confirm or dispute, the newest version of each; minor units',
  path: '/v1/reconciliations',
  kind: 'list',
  params: z.object({ ...chainFilters, periodId: id.optional(), status: status.optional() }),
  row: z.object(statement),
  order: [
    ['publishedAt', 'desc'],
    ['companyId', 'asc'],
    ['dealerId', 'asc'],
    ['currency', 'asc'],
    ['statementNo', 'desc'],
  ],
  sql: ({ dealerId, companyId, currency, periodId, status: wanted }, from, bind) =>
    `select ${columns} from ${from('statements', { dealer_id: dealerId, company_id: companyId, currency })} s
     ${where(exists, is('s.period_id', periodId, bind), is(statusSql, wanted, bind))}`,
})

const { totals, prior, watermark } = drawn
export const oneStatement = defineQuery({
  ...base,
  name: 'reconciliations.one',
  summary: 'One statement of account with its totals and the positions of the log that it rests on',
  path: '/v1/reconciliations/:companyId/:dealerId/:currency/statements/:statementNo',
  kind: 'one',
  params: z.object({
    companyId: id,
    dealerId: id,
    currency: id,
    statementNo: z.string().regex(/^[1-9]\d{0,5}$/),
  }),
  row: z.object({ ...statement, totals, prior, watermark }),
  sql: ({ companyId, dealerId, currency, statementNo }, from, bind) =>
    `select ${columns}, s.totals, s.prior, s.watermark from ${from('statements', { company_id: companyId, dealer_id: dealerId, currency })} s
     ${where(exists, `s.statement_no = ${bind(statementNo)}::bigint`)}`,
})

const disputes = defineQuery({
  ...base,
  name: 'reconciliations.disputes',
  summary: 'What is or was in dispute on statements of account; minor units',
  path: '/v1/reconciliation-disputes',
  kind: 'list',
  params: z.object({
    ...chainFilters,
    disputeId: id.optional(),
    statementNo: z
      .string()
      .regex(/^[1-9]\d{0,5}$/)
      .optional(),
    open: z.enum(['true', 'false']).optional(),
  }),
  row: z.object({
    ...chain,
    statementNo: z.int(),
    disputeId: z.string(),
    side,
    /** null: something is missing from the statement */
    lineId: z.string().nullable(),
    /** what the line adds to the debt, and what the side says that it should */
    effect: z.string().nullable(),
    claimed: z.string(),
    reason: disputeReason,
    reference: z.string().nullable(),
    evidence: z.string().nullable(),
    note: sealedText.nullable(),
    raisedAt: z.string(),
    outcome: z.enum(['accepted', 'rejected', 'withdrawn']).nullable(),
    document: z.string().nullable(),
    answer: sealedText.nullable(),
    settledAt: z.string().nullable(),
  }),
  order: [
    ['raisedAt', 'desc'],
    ['companyId', 'asc'],
    ['dealerId', 'asc'],
    ['currency', 'asc'],
    ['disputeId', 'asc'],
  ],
  sql: (params, from, bind) => {
    const { dealerId, companyId, currency, disputeId, statementNo } = params
    const key = { dealer_id: dealerId, company_id: companyId, currency, dispute_id: disputeId }
    return `select company_id as "companyId", dealer_id as "dealerId", currency, ${wholeNumber('statement_no')} as "statementNo", dispute_id as "disputeId", side, line_id as "lineId",
        ${plainDecimal('effect')} as effect, ${plainDecimal('claimed')} as claimed, reason, reference, evidence, note, ${isoTime('raised_at')} as "raisedAt",
        outcome, document, answer, ${isoTime('settled_at')} as "settledAt"
      from ${from('disputes', key)} d ${where(
        'raised_at is not null',
        statementNo !== undefined && `statement_no = ${bind(statementNo)}::bigint`,
        params.open !== undefined && `(outcome is null) = ${bind(params.open === 'true')}`,
      )}`
  },
})

export const reconciliationQueries = [statements, oneStatement, disputes] as const
