import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { StandingFact, StandingQuery } from '../../../domain/rebates/standingFacts.ts'
import type { Moment, Reader, Source } from '../../engine/ask.ts'
import { factTable, type Fact, type FactTable } from '../../engine/factTable.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { plainDecimal } from '../sqlText.ts'

/** What gates look at beside the volume; the single facts are asked for, and the rows are shown. */
const evidence = factTable(
  'evidence',
  { dealer_id: 'text', evidence_id: 'text' },
  {
    lasts: {
      company_id: 'text',
      kind: 'text',
      happened_at: 'text',
      evidence_at: 'text',
      is_withdrawn: 'boolean',
      document_hash: 'text',
    },
  },
)
const evaluations = factTable(
  'evaluations',
  {
    dealer_id: 'text',
    company_id: 'text',
    evaluation: 'text',
    version: 'bigint',
    calendar_id: 'text',
    period_id: 'text',
  },
  { lasts: { happened_at: 'text', score: 'numeric' } },
)
/** What is open of each invoice, minor units. */
const receivables = factTable(
  'receivables',
  { dealer_id: 'text', invoice_id: 'text' },
  {
    sums: ['amount'],
    lasts: {
      company_id: 'text',
      happened_at: 'text',
      issued_at: 'text',
      issued_instant: 'timestamptz',
      due_at: 'text',
      money_at: 'text',
      is_cancelled: 'boolean',
    },
  },
)
export const standingTables: readonly FactTable[] = [evidence, evaluations, receivables]

/** A fact as a row. */
export function standingRow(fact: StandingFact, document_hash?: string): Fact {
  const { companyId: company_id, dealerId: dealer_id, occurredAt: happened_at } = fact
  switch (fact.about) {
    case 'evidence': {
      const { evidenceId: evidence_id, kind, counts, at: evidence_at } = fact
      const key = { dealer_id, evidence_id }
      const is_withdrawn = counts < 0
      return {
        table: 'evidence',
        key,
        lasts: { company_id, kind, happened_at, evidence_at, is_withdrawn, document_hash },
      }
    }
    case 'evaluation': {
      const { evaluation, version, calendarId: calendar_id, periodId: period_id, score } = fact
      const key = { dealer_id, company_id, evaluation, version, calendar_id, period_id }
      return { table: 'evaluations', key, lasts: { happened_at, score } }
    }
    case 'receivable': {
      const { invoiceId: invoice_id, amount, issuedAt: issued_at, dueAt: due_at, moneyAt: money_at } = fact
      const issued_instant = issued_at === undefined ? undefined : new Date(instantOf(issued_at)).toISOString()
      const dates = { issued_at, issued_instant, due_at, money_at, is_cancelled: fact.isCancelled }
      return {
        table: 'receivables',
        key: { dealer_id, invoice_id },
        sums: { amount },
        lasts: { company_id, happened_at, ...dates },
      }
    }
  }
}

/** Back from the rows: of receivables those that are open at the moment, or issued in the period. */
export async function readStanding(
  reader: Reader,
  moment: Moment,
  query: StandingQuery,
  dealerIds: readonly string[],
): Promise<readonly StandingFact[]> {
  const facts: StandingFact[] = []
  for (const about of query.about) facts.push(...(await factsAbout[about](reader, moment, query, dealerIds)))
  return facts
}

type Read = (
  reader: Reader,
  moment: Moment,
  query: StandingQuery,
  dealerIds: readonly string[],
) => Promise<readonly StandingFact[]>

const factsAbout: Readonly<Record<StandingFact['about'], Read>> = {
  async evidence(reader, moment, query, dealerIds) {
    const { rows } = await reader.ask<{ fact: StandingFact }>(
      moment,
      (from, bind) =>
        `select ${factSql('evidence', "'evidenceId', f.evidence_id, 'kind', f.kind, 'counts', case when f.is_withdrawn then -1 else 1 end, 'at', f.evidence_at")}
         from ${from.facts('evidence')} f where ${ofDealers(query, dealerIds, bind)} and f.at < ${timeOf(query.before, bind)}`,
    )
    return rows.map(({ fact }) => fact)
  },
  async evaluation(reader, moment, query, dealerIds) {
    const { rows } = await reader.ask<{ fact: StandingFact }>(
      moment,
      (from, bind) =>
        `select ${factSql('evaluation', `'evaluation', f.evaluation, 'version', f.version, 'calendarId', f.calendar_id, 'periodId', f.period_id, 'score', ${plainDecimal('f.score')}::text`)}
         from ${from.facts('evaluations')} f where ${ofDealers(query, dealerIds, bind)} and f.at < ${timeOf(query.before, bind)}
           and f.calendar_id = ${bind(query.calendarId)} and f.period_id = ${bind(query.periodId)}`,
    )
    return rows.map(({ fact }) => fact)
  },
  async receivable(reader, moment, query, dealerIds) {
    const { rows } = await reader.ask<{ fact: StandingFact }>(
      moment,
      (from: Source, bind: Bind) =>
        `select ${factSql('receivable', `'invoiceId', f.invoice_id, 'amount', ${plainDecimal('f.amount')}::text, 'issuedAt', f.issued_at, 'dueAt', f.due_at, 'moneyAt', f.money_at, 'isCancelled', f.is_cancelled`)}
         from (select f.*, sum(f.amount) over invoice as open, min(f.issued_instant) over invoice as issued
           from ${from.facts('receivables')} f where ${ofDealers(query, dealerIds, bind)} and f.at < ${timeOf(query.moment, bind)}
           window invoice as (partition by f.dealer_id, f.invoice_id)) f
         where f.open > 0 or f.issued >= ${timeOf(query.from, bind)} and f.issued < ${timeOf(query.until, bind)}`,
    )
    return rows.map(({ fact }) => fact)
  },
}

/** What facts have in common, and what they are about, without what is not there. */
function factSql(about: StandingFact['about'], fields: string): string {
  return `jsonb_strip_nulls(jsonb_build_object('about', '${about}', 'companyId', f.company_id, 'dealerId', f.dealer_id,
    'occurredAt', f.happened_at, 'position', f.position::text, ${fields})) as fact`
}

function ofDealers({ companyId }: StandingQuery, dealerIds: readonly string[], bind: Bind): string {
  return `f.company_id = ${bind(companyId)} and f.dealer_id = any(${bind(dealerIds)}::text[])`
}

function timeOf(instant: number, bind: Bind): string {
  return `${bind(new Date(instant).toISOString())}::timestamptz`
}
