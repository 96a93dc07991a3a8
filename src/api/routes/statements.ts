import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Printer } from '../../documents/printer.ts'
import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { businessTime, instantOf } from '../../domain/kernel/businessTime.ts'
import { isRefusal } from '../../domain/kernel/decider.ts'
import { currency, identifier } from '../../domain/kernel/fields.ts'
import { nextStatement, reconciliationAggregate } from '../../domain/reconciliation/chain.ts'
import { statementPaper } from '../../domain/reconciliation/statementPaper.ts'
import { entryKind, fingerprint, side } from '../../domain/reconciliation/events.ts'
import { reconciliationModel } from '../../projections/models/reconciliation/model.ts'
import { openStatementEntries } from '../../projections/models/reconciliation/statementEntries.ts'
import { isoTime, plainDecimal } from '../../projections/models/sqlText.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { csvAnswer, sendCsv } from '../csvAnswer.ts'
import { accessTo } from '../queryRoute.ts'
import { finance } from '../roles.ts'
import { paperAnswer, sendPaper } from '../sendPaper.ts'
import { entriesWaitMilliseconds, type ShownStatement, statementOf } from '../statementOf.ts'
import { figuresFor } from './reconciliation.ts'

const params = z.strictObject({
  companyId: identifier,
  dealerId: identifier,
  currency,
  statementNo: z.coerce.number().int().min(1).max(100_000),
})
type Params = z.infer<typeof params>
const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: z.coerce.number().int().min(0).max(10_000_000).default(0).describe('`next` of the page before'),
})
const line = z.object({
  lineNo: z.int(),
  lineId: z.string(),
  record: z
    .enum(['line', 'late', 'withdrawn'])
    .describe(
      '`late`: of an earlier period and recorded after its statement; `withdrawn`: in error, and in an earlier statement',
    ),
  kind: entryKind,
  occurredAt: z.string(),
  documentId: z.string(),
  orderId: z.string().nullable(),
  detail: z.string().nullable(),
  reference: z.string().nullable(),
  dueOn: z.string().nullable(),
  value: z.string().nullable().describe('what an order, delivery or return is worth, a decimal'),
  effect: z.string().describe('what it adds to the debt, minor units'),
  balance: z.string().describe('owed after it, minor units'),
  dealerConfirmedAt: z.string().nullable(),
  manufacturerConfirmedAt: z.string().nullable(),
  disputes: z.array(
    z.object({ disputeId: z.string(), side, claimed: z.string(), reason: z.string(), outcome: z.string().nullable() }),
  ),
})
const linesAnswer = z.object({
  version: z.int(),
  fingerprint: fingerprint.describe('as published'),
  drawn: fingerprint.describe('of what is shown here, drawn again from the log as it was known then'),
  verified: z.boolean().describe('both are the same'),
  items: z.array(line),
  next: z.int().nullable(),
})
// as CSV it is what the fingerprint is taken over, in no language
const formats = ['html', 'pdf', 'xlsx'] as const
const onPaper = z.strictObject({
  format: z.enum(formats).default('html'),
  language: z.enum(['en', 'zh-CN']).default('en'),
})
const path = '/v1/reconciliations/:companyId/:dealerId/:currency/statements/:statementNo'
const chainOf = z.strictObject({ dealerId: identifier, currency })
const runBody = z.strictObject({
  companyId: identifier,
  calendarId: identifier,
  periodId: identifier,
  limit: z.int().min(1).max(200).default(100),
  after: chainOf.optional().describe('`next` of the run before'),
})
const runAnswer = z.object({
  published: z.int(),
  unchanged: z.int().describe('had their statement of the period'),
  refused: z.array(chainOf.extend({ code: z.string() })),
  next: chainOf.nullable().describe('give it as `after` to go on; null when all dealers had their turn'),
})

/** The lines of a statement as JSON, as CSV and on paper, and the statements of a period for all dealers. */
export function statementRoutes(app: FastifyInstance, ports: ApiPorts, printer: Printer): void {
  const access = accessTo({ audience: 'everyone', owner: 'dealerId' })
  const tags = [reconciliationModel.name]

  async function shown(request: FastifyRequest): Promise<ShownStatement> {
    const key = request.params as Params // checked by its schema
    const { role, dealerId } = request.principal
    const found = role === 'dealer' && dealerId !== key.dealerId ? undefined : await statementOf(ports, key)
    if (!found) throw new Problem('object.not_found')
    return found
  }

  app.route({
    method: 'GET',
    url: `${path}/lines`,
    config: { access },
    schema: {
      operationId: 'reconciliations.lines',
      summary: 'The lines of a statement, with what both sides said of each',
      tags,
      params,
      querystring: page,
      response: { 200: linesAnswer },
    },
    handler: async (request): Promise<z.infer<typeof linesAnswer>> => {
      const { limit, after } = request.query as z.infer<typeof page> // checked by its schema
      const { statement, drawn, isVerified } = await shown(request)
      const part = drawn.lines.slice(after, after + limit)
      const said = await saidOf(
        request.params as Params,
        part.map(({ lineId }) => lineId),
      )
      return {
        version: statement.version,
        fingerprint: statement.fingerprint,
        drawn: drawn.fingerprint,
        verified: isVerified,
        items: part.map(({ lineNo, lineId, record, kind, occurredAt, documentId, effect, balance, ...more }) => ({
          lineNo,
          lineId,
          record,
          kind,
          occurredAt,
          documentId,
          orderId: more.orderId ?? null,
          detail: more.detail ?? null,
          reference: more.reference ?? null,
          dueOn: more.dueOn ?? null,
          value: more.value ?? null,
          effect,
          balance,
          ...(said.get(lineId) ?? { dealerConfirmedAt: null, manufacturerConfirmedAt: null, disputes: [] }),
        })),
        next: after + limit < drawn.lines.length ? after + limit : null,
      }
    },
  })

  type Said = Pick<z.infer<typeof line>, 'dealerConfirmedAt' | 'manufacturerConfirmedAt' | 'disputes'>

  /** What was said of lines by now, of this statement or of an earlier version of it. */
  async function saidOf(
    { companyId, dealerId, currency }: Params,
    lineIds: readonly string[],
  ): Promise<ReadonlyMap<string, Said>> {
    const key = { company_id: companyId, dealer_id: dealerId, currency }
    const { rows } = await ports.readerOf(reconciliationModel).ask<Said & { lineId: string }>(
      {},
      (
        from,
        bind,
      ) => `select i.line_id as "lineId", ${isoTime('l.dealer_at')} as "dealerConfirmedAt", ${isoTime('l.manufacturer_at')} as "manufacturerConfirmedAt",
          coalesce((select jsonb_agg(jsonb_build_object('disputeId', d.dispute_id, 'side', d.side, 'claimed', ${plainDecimal('d.claimed')}::text, 'reason', d.reason,
            'outcome', d.outcome) order by d.raised_at, d.dispute_id) from ${from('disputes', key)} d where d.line_id = i.line_id and d.raised_at is not null), '[]') as disputes
        from unnest(${bind(lineIds)}::text[]) i(line_id) left join ${from('lines', key)} l on l.line_id = i.line_id`,
    )
    return new Map(rows.map(({ lineId, ...said }) => [lineId, said]))
  }

  app.route({
    method: 'GET',
    url: `${path}/csv`,
    config: { access },
    schema: {
      operationId: 'reconciliations.csv',
      summary: 'A statement as CSV: the bytes that its fingerprint is taken over',
      tags,
      params,
      response: { 200: csvAnswer },
    },
    handler: async (request, reply) => {
      const { drawn } = await shown(request)
      const { dealerId, currency, statementNo, version } = drawn.head
      return sendCsv(reply, `statement-${dealerId}-${currency}-${statementNo}-v${version}`, drawn.text)
    },
  })

  app.route({
    method: 'GET',
    url: `${path}/paper`,
    config: { access },
    schema: {
      operationId: 'reconciliations.paper',
      summary: 'A statement for people, as HTML, PDF or spreadsheet, in English or Chinese',
      tags,
      params,
      querystring: onPaper,
      response: { 200: paperAnswer(...formats) },
    },
    handler: async (request, reply) => {
      const { format, language } = request.query as z.infer<typeof onPaper> // checked by its schema
      const { statement, drawn, isVerified } = await shown(request)
      const { fingerprint, watermark } = statement
      const paper = statementPaper({ ...drawn, fingerprint, watermark, isVerified }, language)
      return sendPaper(request, reply, printer, paper, format)
    },
  })

  app.route({
    method: 'POST',
    url: '/v1/reconciliation-runs',
    config: { access: { roles: finance } },
    schema: {
      operationId: 'reconciliations.run',
      summary: 'Publish the statements of a closed period for dealer after dealer; who has one keeps it',
      tags,
      body: runBody,
      response: { 200: runAnswer },
    },
    handler: async (request): Promise<z.infer<typeof runAnswer>> => {
      if (ports.isReadOnly()) throw new Problem('ledger.disk_full')
      const { companyId, calendarId, periodId, limit, after } = request.body as z.infer<typeof runBody> // checked by its schema
      const { handler, store, readerOf, now } = ports
      const at = businessTime(now(), 'UTC')
      const period = { calendarId, periodId, restate: false }
      const calendar = await handler.load(calendarAggregate, calendarId)
      const place = nextStatement(reconciliationAggregate.initialState, period, calendar, at)
      if (isRefusal(place)) throw new Problem(place.refused, place.details)
      if (place === undefined) throw new Problem('object.not_found')
      const watermark = await store.head()
      const source = openStatementEntries(readerOf(reconciliationModel), entriesWaitMilliseconds)
      const chains = await source.chains(companyId, instantOf(place.until), watermark, { after, limit })
      const refused: z.infer<typeof runAnswer>['refused'] = []
      let published = 0
      for (const chain of chains) {
        const figures = await figuresFor(ports, { companyId, ...chain, ...period }, watermark)
        const command = { type: 'PublishStatement', companyId, ...chain, ...period, figures } as const
        const meta = {
          at,
          actor: request.principal.id,
          source: { kind: 'command' },
          correlationId: request.id,
        } as const
        const outcome = await handler.execute(reconciliationAggregate, command, meta)
        if (!outcome.ok) refused.push({ ...chain, code: outcome.refusal.refused })
        else if (outcome.events.length > 0) published += 1
      }
      const last = chains.at(-1)
      const unchanged = chains.length - published - refused.length
      return { published, unchanged, refused, next: chains.length === limit && last ? last : null }
    },
  })
}
