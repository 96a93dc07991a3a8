import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { daysOf, periodById } from '../../domain/calendars/periodOf.ts'
import { dealerAggregate } from '../../domain/dealers/decide.ts'
import { month } from '../../domain/forecasting/events.ts'
import type { Printer } from '../../documents/printer.ts'
import { diagnosisPaper } from '../../domain/health/diagnosisPaper.ts'
import { diagnosesOf } from '../diagnosesOf.ts'
import { diagnosisOf } from '../diagnosisOf.ts'
import { paperAnswer, sendPaper } from '../sendPaper.ts'
import { judgeHealth, type JudgedDimension, type JudgedMetric } from '../../domain/health/judgeHealth.ts'
import { dealerClass } from '../../domain/health/model.ts'
import { businessTime } from '../../domain/kernel/businessTime.ts'
import { calendarDate, identifier, localLabel } from '../../domain/kernel/fields.ts'
import { metricByCode } from '../../domain/metrics/registry.ts'
import { healthModel } from '../../projections/models/health/model.ts'
import { evaluateDealers } from '../../workers/health/evaluateDealers.ts'
import { healthFigures, healthModelOf, openedAt, shownApart } from '../healthOf.ts'
import type { ApiPorts, Principal } from '../ports.ts'
import { invalid, Problem } from '../problem.ts'
import { accessTo } from '../queryRoute.ts'
import { momentParameters, readMoment } from '../readMoment.ts'
import { sales } from '../roles.ts'

const params = z.strictObject({ dealerId: identifier })
const version = z.coerce.number().int().min(0).max(100_000).optional()
const querystring = z.strictObject({
  from: calendarDate.describe('the first day'),
  until: calendarDate.describe('the day after the last one'),
  version: version.describe('of the health model; the newest when absent, 0 for the usual one'),
  ...momentParameters,
})
const reportFormats = ['html', 'pdf'] as const
const reportQuery = z.strictObject({
  month: month.describe('YYYY-MM'),
  format: z.enum(reportFormats).default('html'),
  language: z.enum(['en', 'zh-CN']).default('en'),
  version: version.describe('of the health model; the newest when absent'),
  knownAt: momentParameters.knownAt,
})
const dueReports = z.object({
  dealerId: z.string(),
  months: z.array(
    z.object({
      month: z.string(),
      closedAt: z.string(),
      knownAt: z.string().describe('the position of the ledger that it is told by'),
      version: z.int().describe('of the health model, as it was then'),
      report: z
        .string()
        .describe('an address of this API, with the same bytes whenever it is asked; add `format` and `language`'),
    }),
  ),
})
const points = z.string().nullable().describe('0 to 100; null where nothing is known, which is not zero')
const judgedMetric = z.object({
  metric: z.string(),
  name: z.object({ en: z.string(), 'zh-CN': z.string() }),
  weight: z.string(),
  points,
  figures: z.array(
    z.object({ currency: z.string().nullable(), unit: z.string().nullable(), value: z.string().nullable(), points }),
  ),
  opens: z.string().describe('what the figure is computed from, down to its events: an address of this API'),
})
const judged = { code: z.string(), name: localLabel, points, confidence: z.string(), metrics: z.array(judgedMetric) }
const answer = z.object({
  dealerId: z.string(),
  from: z.string(),
  until: z.string(),
  modelVersion: z.int(),
  rated: z.boolean(),
  index: z.string().nullable().describe('null when two dimensions or more are missing: not rated'),
  confidence: z.string().describe('share of the weights that something is known of, 0 to 1'),
  dimensions: z.array(
    z.object({ ...judged, weight: z.string(), contribution: z.string().nullable().describe('to the index') }),
  ),
  matrix: z.object({
    dimensions: z.array(z.object(judged)),
    mean: z.string().nullable(),
    growth: z.string().nullable(),
    dealerClass: dealerClass.nullable(),
  }),
  apart: z
    .object({ violations: z.string() })
    .describe('what derives from resale prices: shown here, and part of no score'),
  asOf: z.string().nullable(),
  knownAt: z.string(),
})
const runBody = z.strictObject({
  companyId: identifier,
  calendarId: identifier,
  periodId: identifier,
  isFinal: z.boolean().default(false).describe('a final evaluation stands; a draft may be told again'),
  version: z.int().min(1).optional().describe('of the health model; the newest when absent'),
  limit: z.int().min(1).max(200).default(100),
  after: identifier.optional().describe('`next` of the run before'),
  knownAt: momentParameters.knownAt,
})
const runAnswer = z.object({
  evaluated: z.int(),
  unchanged: z.int().describe('had the same evaluation'),
  scored: z.int().describe('whose index now is their newest score of the evaluation `channel-health`, for gates'),
  refused: z.array(z.object({ dealerId: z.string(), code: z.string() })),
  knownAt: z.string().describe('the ledger position that all of them rest on; give it with `after`'),
  next: z.string().nullable().describe('give it as `after` to go on; null when all dealers had their turn'),
})

/** The health of a dealer in a window of days, and the evaluations of a period for all of them. */
export function dealerHealthRoutes(app: FastifyInstance, ports: ApiPorts, printer: Printer): void {
  const tags = [healthModel.name]
  app.route({
    method: 'GET',
    url: '/v1/dealers/:dealerId/health',
    config: { access: accessTo({ audience: 'everyone', owner: 'dealerId' }) },
    schema: {
      operationId: 'health.dealer',
      summary: 'The health index and the value matrix of a dealer; every point opens into its figures and their events',
      tags,
      params,
      querystring,
      response: { 200: answer },
    },
    handler: async (request): Promise<z.infer<typeof answer>> => {
      const { dealerId } = request.params as z.infer<typeof params> // both checked by their schemas
      const { from, until, version: wanted, ...asked } = request.query as z.infer<typeof querystring>
      const companyId = await companyOfOwn(ports, request.principal, dealerId)
      if (until <= from) throw invalid('query.until', 'later than from')
      const model = await healthModelOf(ports, companyId, wanted)
      const { moment, awaited } = await readMoment(ports, {
        asOf: asked.asOf,
        knownAt: asked.knownAt,
        atLeast: asked.atLeast,
      })
      const question = { terms: model.terms, from, until, dealerId }
      const found = await healthFigures(ports, question, moment, awaited)
      const figures = found.dealers[0]?.figures ?? []
      const { index, confidence, dimensions, matrix } = judgeHealth(model.terms, figures)
      const metricOf = (one: JudgedMetric) => ({
        metric: one.metric,
        name: metricByCode(one.metric)?.name ?? { en: one.metric, 'zh-CN': one.metric },
        weight: one.weight,
        points: one.points ?? null,
        figures: one.figures.map((figure) => ({ ...figure, points: figure.points ?? null })),
        opens: openedAt(one, { dealerId, from, until }, found),
      })
      const dimensionOf = (one: JudgedDimension, name: z.infer<typeof localLabel> | undefined) => ({
        code: one.code,
        name: name ?? { en: one.code },
        points: one.points ?? null,
        confidence: one.confidence,
        metrics: one.metrics.map(metricOf),
      })
      return {
        dealerId,
        from,
        until,
        modelVersion: model.version,
        rated: index !== undefined,
        index: index ?? null,
        confidence,
        dimensions: dimensions.map((one, n) => ({
          ...dimensionOf(one, model.terms.dimensions[n]?.name),
          weight: one.weight,
          contribution: one.contribution ?? null,
        })),
        matrix: {
          dimensions: matrix.dimensions.map((one, n) => dimensionOf(one, model.terms.matrix.dimensions[n]?.name)),
          mean: matrix.mean ?? null,
          growth: matrix.growth ?? null,
          dealerClass: matrix.dealerClass ?? null,
        },
        apart: { violations: shownApart(figures) },
        asOf: found.asOf === undefined ? null : new Date(found.asOf).toISOString(),
        knownAt: found.knownAt.toString(),
      }
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/dealers/:dealerId/diagnosis',
    config: { access: accessTo({ audience: 'everyone', owner: 'dealerId' }) },
    schema: {
      operationId: 'health.diagnosis',
      summary:
        'The monthly report of a dealer, as HTML or PDF, in English or Chinese; the same bytes for the same moment',
      tags,
      params,
      querystring: reportQuery,
      response: { 200: paperAnswer(...reportFormats) },
    },
    handler: async (request, reply) => {
      const { dealerId } = request.params as z.infer<typeof params> // both checked by their schemas
      const { month, format, language, version: wanted, knownAt } = request.query as z.infer<typeof reportQuery>
      const companyId = await companyOfOwn(ports, request.principal, dealerId)
      const model = await healthModelOf(ports, companyId, wanted)
      const { moment } = await readMoment(ports, { asOf: undefined, knownAt, atLeast: undefined })
      const position = moment.knownAt ?? (await ports.store.head())
      const diagnosis = await diagnosisOf(ports, { dealerId, month, model, knownAt: position })
      if (!diagnosis) throw new Problem('object.not_found')
      return sendPaper(request, reply, printer, diagnosisPaper(diagnosis, language), format)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/dealers/:dealerId/diagnoses',
    config: { access: accessTo({ audience: 'everyone', owner: 'dealerId' }) },
    schema: {
      operationId: 'health.diagnoses',
      summary: 'The monthly reports of a dealer that are there to be read, the newest first, at most 24',
      tags,
      params,
      response: { 200: dueReports },
    },
    handler: async (request): Promise<z.infer<typeof dueReports>> => {
      const { dealerId } = request.params as z.infer<typeof params> // checked by its schema
      const companyId = await companyOfOwn(ports, request.principal, dealerId)
      const due = await diagnosesOf(ports, { dealerId, companyId })
      return {
        dealerId,
        months: due.map(({ month, closedAt, knownAt, version }) => {
          const query = new URLSearchParams({ month, knownAt: knownAt.toString(), version: version.toString() })
          const report = `/v1/dealers/${encodeURIComponent(dealerId)}/diagnosis?${query.toString()}`
          return { month, closedAt, knownAt: knownAt.toString(), version, report }
        }),
      }
    },
  })

  app.route({
    method: 'POST',
    url: '/v1/health-evaluation-runs',
    config: { access: { roles: sales } },
    schema: {
      operationId: 'health.evaluate',
      summary: 'Evaluate dealer after dealer for a period, as a draft or finally; who has a final one keeps it',
      tags,
      body: runBody,
      response: { 200: runAnswer },
    },
    handler: async (request): Promise<z.infer<typeof runAnswer>> => {
      if (ports.isReadOnly()) throw new Problem('ledger.disk_full')
      const { companyId, calendarId, periodId, isFinal, limit, after, ...asked } = request.body as z.infer<
        typeof runBody
      > // checked by its schema
      const { handler, store, now } = ports
      const period = periodById(await handler.load(calendarAggregate, calendarId), periodId)
      if (!period) throw new Problem('calendars.unknown_period', { periodId })
      const model = await healthModelOf(ports, companyId, asked.version)
      if (model.version === 0) throw new Problem('health.unknown_model', { version: 0 })
      const { from, until } = daysOf(period)
      // a page rests on what the first one rested on
      const { moment } = await readMoment(ports, { asOf: undefined, knownAt: asked.knownAt, atLeast: undefined })
      const knownAt = moment.knownAt ?? (await store.head())
      const found = await healthFigures(ports, { terms: model.terms, from, until }, { knownAt }, knownAt, {
        limit,
        ...(after !== undefined && { after }),
      })
      const asOf = businessTime(now(), 'UTC')
      const meta = {
        at: asOf,
        actor: request.principal.id,
        source: { kind: 'command' },
        correlationId: request.id,
      } as const
      const run = { companyId, calendarId, periodId, from, until, model, isFinal, watermark: knownAt, asOf }
      const { refused, ...counts } = await evaluateDealers(handler, run, found.dealers, (aggregate, command) =>
        handler.execute(aggregate, command, meta),
      )
      return {
        ...counts,
        refused: refused.map(({ dealerId, refusal }) => ({ dealerId, code: refusal.refused })),
        knownAt: knownAt.toString(),
        next: found.next ?? null,
      }
    },
  })
}

/** The company of a dealer; for other dealers it does not exist. */
async function companyOfOwn(
  { handler }: Pick<ApiPorts, 'handler'>,
  { role, dealerId: own }: Principal,
  dealerId: string,
): Promise<string> {
  if (role === 'dealer' && own !== dealerId) throw new Problem('object.not_found')
  const dealer = await handler.load(dealerAggregate, dealerId)
  if (!dealer.known) throw new Problem('object.not_found')
  return dealer.companyId
}
