import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { calendarDate, code, currency, identifier } from '../../domain/kernel/fields.ts'
import { formulaText, inputText } from '../../domain/metrics/formulaText.ts'
import type { Input } from '../../domain/metrics/formula.ts'
import { digitsOf, eventsOf, grainOf, isInternal, type Metric, splitOf } from '../../domain/metrics/metric.ts'
import { metricByCode, metrics } from '../../domain/metrics/registry.ts'
import { askMetrics, type MetricsAnswer, type MetricValue } from '../../projections/models/measures/askMetrics.ts'
import { bucketsOf, mostBuckets, timeGrains } from '../../projections/models/measures/buckets.ts'
import { type Dimension, dimensions, productDimensions } from '../../projections/models/measures/figuresSql.ts'
import { measuresModel } from '../../projections/models/measures/model.ts'
import { RateMissing } from '../../projections/models/measures/rates.ts'
import { waitForPosition } from '../../projections/engine/waitForPosition.ts'
import type { ApiPorts, Principal } from '../ports.ts'
import { invalid, Problem } from '../problem.ts'
import { accessTo } from '../queryRoute.ts'
import { momentParameters, readMoment } from '../readMoment.ts'
import { readSignedCursor, signCursor } from '../signedCursor.ts'

const access = accessTo({ audience: 'everyone', owner: 'dealerId' })
const localName = z.object({ en: z.string(), 'zh-CN': z.string() })
const registered = z.object({
  code: z.string(),
  name: localName,
  area: z.string(),
  definition: localName,
  note: localName.nullable(),
  unit: z.string(),
  digits: z.int().describe('after the point, of what a division gives; everything else is exact'),
  perCurrency: z.boolean(),
  perUnit: z.boolean(),
  grain: z.array(z.string()).describe('what it can be told of: dealer, product'),
  owner: z.string(),
  events: z.array(z.string()).describe('the types of events that feed it'),
})

const grouping = [...dimensions, ...timeGrains]
const filters = {
  dealerId: identifier.optional(),
  territoryId: identifier.optional(),
  country: z.string().max(2).optional(),
  tier: code.optional(),
  companyId: identifier.optional(),
  sku: identifier.optional(),
  category: z.string().min(1).max(200).optional(),
  currency: currency.optional(),
}
const window = {
  from: calendarDate.describe('the first day, local to each event'),
  until: calendarDate.describe('the day after the last one'),
}
const reporting = {
  in: currency.optional().describe('all money in this currency, by the rates in force at the end of each window'),
  rateKind: code.default('mid').describe('of the published rates, with `in`'),
}
const valuesQuery = z.strictObject({
  metric: z
    .string()
    .max(4000)
    .optional()
    .describe('codes with commas between them; every metric of the grain that is asked by when absent'),
  by: z
    .string()
    .max(200)
    .optional()
    .describe(`what to group by, with commas between: ${dimensions.join(', ')}, and one of ${timeGrains.join(', ')}`),
  ...window,
  ...filters,
  ...reporting,
  ...momentParameters,
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('groups on a page'),
  cursor: z.string().min(1).max(8000).optional().describe('`next` of the page before; it carries the moment on'),
})
const explanationQuery = z.strictObject({
  metric: code,
  ...window,
  ...filters,
  ...reporting,
  ...momentParameters,
})

const figure = {
  metric: z.string(),
  currency: z.string().nullable(),
  unit: z.string().nullable().describe('of measure, where the figure is of goods'),
  value: z.string().nullable().describe('null where there is nothing to tell, such as a division by nothing'),
}
const answered = {
  model: z.object({ name: z.string(), version: z.int() }),
  asOf: z.string().nullable(),
  knownAt: z.string(),
  rates: z
    .array(z.object({ base: z.string(), quote: z.string(), rate: z.string(), effectiveAt: z.string() }))
    .describe('published rates that were used'),
}
const values = z.object({
  items: z.array(
    z.object({
      group: z.record(z.string(), z.string()).describe('by what was asked; empty where nothing is known'),
      ...figure,
    }),
  ),
  next: z.string().nullable(),
  ...answered,
})
const explanation = z.object({
  metric: registered,
  values: z.array(
    z.object({
      ...figure,
      inputs: z.array(
        z.object({
          name: localName,
          value: z.string().nullable(),
          window: z.object({ from: z.string(), until: z.string() }),
          facts: z
            .string()
            .nullable()
            .describe('where its facts are: an address of this API; null when it is a plain number'),
        }),
      ),
    }),
  ),
  ...answered,
})

const cursorContent = z.strictObject({
  question: z.string(),
  after: z.array(z.string()).max(10),
  asOf: z.number().optional(),
  knownAt: z.string().regex(/^\d{1,19}$/),
})
/** values on one page */
const mostValues = 20_000
const waitMilliseconds = 2_000

/** What the channel's figures are called, what they are, and how each is made up. */
export function metricRoutes(app: FastifyInstance, ports: ApiPorts): void {
  const tags = [measuresModel.name]
  app.route({
    method: 'GET',
    url: '/v1/metrics',
    config: { access },
    schema: {
      operationId: 'metrics.list',
      summary: 'The registry of metrics',
      tags,
      querystring: z.strictObject({ area: code.optional() }),
      response: { 200: z.object({ items: z.array(registered) }) },
    },
    handler: async (request) => {
      const { area } = request.query as { area?: string } // checked by its schema
      return {
        items: visibleTo(request.principal)
          .filter((metric) => area === undefined || metric.area === area)
          .map(registeredMetric),
      }
    },
  })
  app.route({
    method: 'GET',
    url: '/v1/metrics/values',
    config: { access },
    schema: {
      operationId: 'metrics.values',
      summary:
        'Values of metrics over a window of days, by dealer, territory, product, category, time or several of them',
      tags,
      querystring: valuesQuery,
      response: { 200: values },
    },
    handler: async (request) => {
      const asked = request.query as z.infer<typeof valuesQuery> // checked by its schema
      const { principal } = request
      const { by, grain } = readGrouping(asked.by)
      const chosen = chosenMetrics(principal, asked.metric, [...by, ...filteredBy(asked)])
      checkWindow(asked, grain)
      const buckets = bucketsOf(asked.from, asked.until, grain).length
      if (buckets > mostBuckets) throw invalid('query.by', `more than ${mostBuckets} windows`)
      const { cursor, limit, ...question } = asked
      const fingerprint = JSON.stringify(question)
      const place = cursor === undefined ? undefined : readCursor(ports, principal, fingerprint, cursor)
      const reader = ports.readerOf(measuresModel)
      const { moment, awaited } = place
        ? {
            moment: { ...(place.asOf !== undefined && { asOf: place.asOf }), knownAt: BigInt(place.knownAt) },
            awaited: 0n,
          }
        : await readMoment(ports, { asOf: asked.asOf, knownAt: asked.knownAt, atLeast: asked.atLeast })
      if (awaited > 0n) await waitForPosition(reader, measuresModel.name, awaited, waitMilliseconds)
      const groups = Math.max(1, Math.min(limit, Math.floor(mostValues / (chosen.length * buckets))))
      const page = { limit: groups, ...(place && { after: place.after }) }
      const answer = await answering(() =>
        askMetrics(reader, { ...questionOf(asked, principal), metrics: chosen, by, grain }, moment, page, ports.now()),
      )
      const next =
        answer.next &&
        JSON.stringify({
          question: fingerprint,
          after: answer.next,
          ...(moment.asOf !== undefined && { asOf: moment.asOf }),
          knownAt: answer.knownAt.toString(),
        })
      return {
        items: answer.values.map((value) => ({ group: groupOf(value, by, grain), ...figureOf(value) })),
        next:
          next === undefined
            ? null
            : signCursor(ports, principal, 'metrics.values', Buffer.from(next).toString('base64url')),
        ...wireAnswer(answer),
      }
    },
  })
  app.route({
    method: 'GET',
    url: '/v1/metrics/explanation',
    config: { access },
    schema: {
      operationId: 'metrics.explanation',
      summary: 'One figure with the base measures that it is computed from, and where their facts are',
      tags,
      querystring: explanationQuery,
      response: { 200: explanation },
    },
    handler: async (request) => {
      const asked = request.query as z.infer<typeof explanationQuery> // checked by its schema
      const [metric] = chosenMetrics(request.principal, asked.metric, filteredBy(asked))
      if (!metric) throw new Problem('metrics.unknown')
      checkWindow(asked, undefined)
      const reader = ports.readerOf(measuresModel)
      const { moment, awaited } = await readMoment(ports, {
        asOf: asked.asOf,
        knownAt: asked.knownAt,
        atLeast: asked.atLeast,
      })
      if (awaited > 0n) await waitForPosition(reader, measuresModel.name, awaited, waitMilliseconds)
      const question = { ...questionOf(asked, request.principal), metrics: [metric], by: [], explained: true }
      const answer = await answering(() => askMetrics(reader, question, moment, { limit: 1 }, ports.now()))
      return {
        metric: registeredMetric(metric),
        values: answer.values.map((value) => ({
          ...figureOf(value),
          inputs: value.inputs.map(({ input, value: figureValue, window: days }) => ({
            name: { en: inputText(input, 'en'), 'zh-CN': inputText(input, 'zh-CN') },
            value: figureValue,
            window: days,
            facts: factsOf(input, days, question.filters, value, answer),
          })),
        })),
        ...wireAnswer(answer),
      }
    },
  })
}

/** A dealer's staff see their own figures only, and none that is the manufacturer's own. */
function visibleTo({ role }: Principal): readonly Metric[] {
  return role === 'dealer'
    ? metrics.filter((metric) => !isInternal(metric) && grainOf(metric).includes('dealer'))
    : metrics
}

function registeredMetric(metric: Metric): z.infer<typeof registered> {
  const { code: metricCode, name, area, unit, formula, owner, note } = metric
  const { byCurrency, byUnit } = splitOf(metric)
  return {
    code: metricCode,
    name,
    area,
    definition: { en: formulaText(formula, 'en'), 'zh-CN': formulaText(formula, 'zh-CN') },
    note: note ?? null,
    unit,
    digits: digitsOf[unit],
    perCurrency: byCurrency,
    perUnit: byUnit,
    grain: [...grainOf(metric)],
    owner,
    events: [...eventsOf(metric)],
  }
}

function readGrouping(text: string | undefined): {
  by: readonly Dimension[]
  grain: (typeof timeGrains)[number] | undefined
} {
  const names = text === undefined ? [] : text.split(',')
  if (names.some((name, n) => !grouping.some((one) => one === name) || names.indexOf(name) !== n))
    throw invalid('query.by', `of ${grouping.join(', ')}, each once`)
  const times = timeGrains.filter((grain) => names.includes(grain))
  if (times.length > 1) throw invalid('query.by', `at most one of ${timeGrains.join(', ')}`)
  return { by: dimensions.filter((dimension) => names.includes(dimension)), grain: times[0] }
}

/** Named ones must be there for the caller and fit the grain; without names all that fit it. */
function chosenMetrics(principal: Principal, codes: string | undefined, by: readonly Dimension[]): readonly Metric[] {
  const fits = (metric: Metric): boolean => {
    const grain = grainOf(metric)
    return by.every(
      (dimension) =>
        dimension === 'company' || grain.includes(productDimensions.includes(dimension) ? 'product' : 'dealer'),
    )
  }
  const visible = visibleTo(principal)
  if (codes === undefined) return visible.filter(fits)
  return [...new Set(codes.split(','))].map((name) => {
    const metric = metricByCode(name)
    if (!metric || !visible.includes(metric)) throw new Problem('metrics.unknown', { metric: name })
    if (!fits(metric)) throw new Problem('metrics.grain', { metric: name, grain: grainOf(metric).join(', ') })
    return metric
  })
}

type Asked = z.infer<typeof explanationQuery> | z.infer<typeof valuesQuery>

const filterNames = {
  dealer: 'dealerId',
  territory: 'territoryId',
  country: 'country',
  tier: 'tier',
  company: 'companyId',
  product: 'sku',
  category: 'category',
} as const satisfies Readonly<Record<Dimension, keyof Asked>>

function filteredBy(asked: Asked): readonly Dimension[] {
  return dimensions.filter((dimension) => asked[filterNames[dimension]] !== undefined)
}

function questionOf(
  asked: Asked,
  { role, dealerId }: Principal,
): Pick<Parameters<typeof askMetrics>[1], 'from' | 'until' | 'filters' | 'reporting'> {
  if (role === 'dealer' && (dealerId === undefined || (asked.dealerId !== undefined && asked.dealerId !== dealerId)))
    throw new Problem('object.not_found')
  const given = dimensions.flatMap((dimension) => {
    const value = role === 'dealer' && dimension === 'dealer' ? dealerId : asked[filterNames[dimension]]
    return value === undefined ? [] : [[dimension, value] as const]
  })
  return {
    from: asked.from,
    until: asked.until,
    filters: {
      ...Object.fromEntries(given),
      ...(asked.currency !== undefined && { currency: asked.currency }),
    },
    reporting: asked.in === undefined ? undefined : { currency: asked.in, rateKind: asked.rateKind },
  }
}

function checkWindow({ from, until }: Asked, grain: unknown): void {
  if (until <= from) throw invalid('query.until', 'later than from')
  if (grain === undefined && Date.parse(until) - Date.parse(from) > 40 * 366 * 86_400_000)
    throw invalid('query.until', 'at most forty years after from')
}

function readCursor(
  ports: ApiPorts,
  principal: Principal,
  question: string,
  signed: string,
): z.infer<typeof cursorContent> {
  const text = readSignedCursor(ports, principal, 'metrics.values', signed)
  const content = cursorContent.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))) // we signed it
  if (content.question !== question) throw new Problem('request.cursor_invalid')
  return content
}

async function answering<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof RateMissing) throw new Problem('metrics.rate_missing', error.details)
    throw error
  }
}

function groupOf(
  { group, bucket }: MetricValue,
  by: readonly Dimension[],
  grain: (typeof timeGrains)[number] | undefined,
): Record<string, string> {
  return { ...Object.fromEntries(by.map((name, n) => [name, group[n] ?? ''])), ...(grain && { [grain]: bucket }) }
}

const figureOf = ({ metric, currency: money, unit, value }: MetricValue) => ({ metric, currency: money, unit, value })

function wireAnswer({ model, asOf, knownAt, rates }: MetricsAnswer): z.infer<z.ZodObject<typeof answered>> {
  return {
    model,
    asOf: asOf === undefined ? null : new Date(asOf).toISOString(),
    knownAt: knownAt.toString(),
    rates: [...rates],
  }
}

/** The question for the facts of an input, at the moment of the answer; levels rest on everything before their window too. */
function factsOf(
  input: Input,
  days: { readonly from: string; readonly until: string },
  filters: Parameters<typeof askMetrics>[1]['filters'],
  { currency: money }: MetricValue,
  { asOf, knownAt }: MetricsAnswer,
): string {
  const isLevel = (input.op === 'measure' && input.take !== 'flow') || input.op === 'newest'
  const named = {
    ...(input.op === 'episode' ? { episode: input.episode } : { measure: input.measure }),
    dealerId: filters.dealer,
    companyId: filters.company,
    sku: filters.product,
    currency: money ?? filters.currency,
    from: isLevel ? undefined : days.from,
    until: days.until,
    asOf: asOf === undefined ? undefined : new Date(asOf).toISOString(),
    knownAt: knownAt.toString(),
  }
  const query = new URLSearchParams(
    Object.entries(named).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])),
  )
  return `/v1/metrics/${input.op === 'episode' ? 'episodes' : 'facts'}?${query.toString()}`
}
