import { z } from 'zod'
import { month } from '../../../domain/forecasting/events.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { plainDecimal, where, wholeNumber } from '../sqlText.ts'
import { salesModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: salesModel, owner: 'dealerId', audience: 'everyone', kind: 'list' } as const
const filters = z.object({
  dealerId: id.optional(),
  companyId: id.optional(),
  sku: id.optional(),
  /** of the months forecast, both inclusive */
  from: month.optional(),
  to: month.optional(),
})

const monthsOf = (column: string): string => `(12 * left(${column}, 4)::integer + right(${column}, 2)::integer)`
/** how many months ahead */
const lag = `${monthsOf('p.month')} - ${monthsOf('p.seen_month')}`

/** Forecasts `f`, each with what was ordered in its month (`actual`), null until a later publication has seen it. */
function forecasts(params: z.infer<typeof filters>, from: Source, bind: Bind): string {
  const { dealerId, companyId, sku } = params
  return `(select p.*, ${lag} as lag,
      case when p.month <= s.seen_month then coalesce(a.quantity, 0) end as actual
    from ${from('forecasts', { dealer_id: dealerId, sku })} p
    join (select dealer_id, max(seen_month) as seen_month from ${from('forecasts', { dealer_id: dealerId })} f group by 1) s on s.dealer_id = p.dealer_id
    left join (
      select o.dealer_id, l.sku, l.unit, to_char(o.day, 'YYYY-MM') as month, sum(l.quantity) as quantity
      from ${from('ordered')} l join ${from('orders')} o on o.order_id = l.order_id
      ${where('l.sku is not null', dealerId !== undefined && `o.dealer_id = ${bind(dealerId)}`, sku !== undefined && `l.sku = ${bind(sku)}`)}
      group by 1, 2, 3, 4) a on a.dealer_id = p.dealer_id and a.sku = p.sku and a.unit = p.unit and a.month = p.month
    ${where(
      companyId !== undefined && `p.company_id = ${bind(companyId)}`,
      params.from !== undefined && `p.month >= ${bind(params.from)}`,
      params.to !== undefined && `p.month <= ${bind(params.to)}`,
    )}) f`
}

const list = defineQuery({
  ...base,
  name: 'forecasts.list',
  summary:
    'Forecast demand per dealer, product and month, as of each month it was published from, beside what was ordered',
  path: '/v1/forecasts',
  params: filters.extend({ seenMonth: month.optional() }),
  row: z.object({
    dealerId: z.string(),
    sku: z.string(),
    unit: z.string(),
    month: z.string(),
    /** the last month whose demand the forecast saw, and how many months ahead it looked */
    seenMonth: z.string(),
    lag: z.int(),
    quantity: z.string(),
    /** a central 95 % interval */
    low: z.string(),
    high: z.string(),
    /** the same month a year ago, or the last one */
    naive: z.string(),
    /** null until a later publication has seen the month */
    actual: z.string().nullable(),
    demandClass: z.string(),
    notes: z.array(z.string()),
    modelVersion: z.int(),
    /** the position of the log that it rests on */
    watermark: z.string(),
  }),
  order: [
    ['dealerId', 'asc'],
    ['sku', 'asc'],
    ['unit', 'asc'],
    ['month', 'asc'],
    ['seenMonth', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select f.dealer_id as "dealerId", f.sku, f.unit, f.month, f.seen_month as "seenMonth", f.lag,
       ${plainDecimal('f.quantity')} as quantity, ${plainDecimal('f.low')} as low, ${plainDecimal('f.high')} as high,
       ${plainDecimal('f.naive')} as naive, ${plainDecimal('f.actual')} as actual, f.demand_class as "demandClass", f.notes,
       ${wholeNumber('f.model_version')} as "modelVersion", f.watermark
     from ${forecasts(params, from, bind)} ${where(params.seenMonth !== undefined && `f.seen_month = ${bind(params.seenMonth)}`)}`,
})

/** What forecasts are summed to. */
const levels = {
  dealer: 'f.dealer_id',
  territory: "coalesce(d.territory_id, '')",
  product: 'f.sku',
  category: "coalesce(p.category, '')",
  company: 'f.company_id',
} as const
const sumLevels = Object.keys(levels) as [Level, ...Level[]] // the keys of the table, and there are some
type Level = keyof typeof levels

/** months that are over, from which on errors tell how they hang together */
const leastMonths = 6
/** of errors of two forecasts in one month, where too little is known: of a good part of them the cause is the same */
const usualCorrelation = 0.25

/**
 * Forecasts summed bottom-up, as `f`: per company, `id` of a level, unit, month and publication. Points and naive forecasts add up;
 * half-widths as spreads do whose errors have a correlation (`domain/forecasting/bottomUp.ts`): that of the errors one month
 * ahead, in half-widths, of all that is asked about. The actual is null until all that is summed has been seen.
 */
function sums(level: Level, params: z.infer<typeof filters>, from: Source, bind: Bind): string {
  const { dealerId, companyId } = params
  const correlation = `coalesce(c.correlation, ${usualCorrelation})`
  const spread = (edge: 'low' | 'high'): string =>
    `sqrt((1 - ${correlation}) * g.${edge}_squares + ${correlation} * g.${edge}_half * g.${edge}_half)`
  const half = (edge: 'low' | 'high'): string =>
    `sum(abs(f.quantity - f.${edge})) as ${edge}_half, sum(power(f.quantity - f.${edge}, 2)) as ${edge}_squares`
  return `(select g.*, 'all'::text as demand_class, ${correlation} as correlation,
      greatest(0, round(g.quantity - ${spread('low')}, 3)) as low, round(g.quantity + ${spread('high')}, 3) as high
    from (
      select f.company_id, ${levels[level]} as id, f.unit, f.month, f.seen_month, f.lag, count(*) as series, sum(f.quantity) as quantity,
        sum(f.naive) as naive, case when count(f.actual) = count(*) then sum(f.actual) end as actual, ${half('low')}, ${half('high')}
      from ${forecasts(params, from, bind)}
        ${level === 'territory' ? `left join ${from('dealers')} d on d.dealer_id = f.dealer_id` : ''}
        ${level === 'category' ? `left join ${from('products')} p on p.sku = f.sku` : ''}
      group by 1, 2, 3, 4, 5, 6) g
    left join (
      select m.company_id,
        case when count(*) >= ${leastMonths} then least(1, greatest(0, sum(m.sum * m.sum - m.squares) / nullif(sum((m.series - 1) * m.squares), 0))) end as correlation
      from (
        select e.company_id, sum(e.error) as sum, sum(e.error * e.error) as squares, count(*) as series
        from (
          select f.company_id, f.month, (f.actual - f.quantity) / nullif(greatest(f.high - f.quantity, f.quantity - f.low), 0) as error
          from ${forecasts({ dealerId, companyId }, from, bind)} where f.lag = 1 and f.actual is not null) e
        where e.error is not null group by e.company_id, e.month having count(*) > 1) m
      group by m.company_id) c on c.company_id = g.company_id) f`
}

const totals = defineQuery({
  ...base,
  name: 'forecasts.totals',
  summary:
    'Published forecasts summed by dealer, territory, product, category or company, per unit: points are the sums of those below, intervals as wide as their errors hang together',
  path: '/v1/forecasts/totals',
  params: filters.extend({ level: z.enum(sumLevels).default('company'), seenMonth: month.optional() }),
  row: z.object({
    companyId: z.string(),
    /** of the dealer, the territory (empty where there is none), the product, the category or the company */
    id: z.string(),
    unit: z.string(),
    month: z.string(),
    seenMonth: z.string(),
    lag: z.int(),
    /** forecasts that are summed */
    series: z.int(),
    quantity: z.string(),
    low: z.string(),
    high: z.string(),
    naive: z.string(),
    /** ordered of what was forecast; null until later publications have seen the month of all of it */
    actual: z.string().nullable(),
    /** of the errors of two forecasts, measured once there are enough, by which the interval was told */
    correlation: z.string(),
  }),
  order: [
    ['companyId', 'asc'],
    ['id', 'asc'],
    ['unit', 'asc'],
    ['month', 'asc'],
    ['seenMonth', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select f.company_id as "companyId", f.id, f.unit, f.month, f.seen_month as "seenMonth", f.lag, f.series::integer as series,
       ${plainDecimal('f.quantity')} as quantity, ${plainDecimal('f.low')} as low, ${plainDecimal('f.high')} as high,
       ${plainDecimal('f.naive')} as naive, ${plainDecimal('f.actual')} as actual, ${plainDecimal('round(f.correlation, 3)')} as correlation
     from ${sums(params.level, params, from, bind)} ${where(params.seenMonth !== undefined && `f.seen_month = ${bind(params.seenMonth)}`)}`,
})

/** Percent with one digit; null where there is nothing to divide by. */
const percent = (of: string, by: string): string => `round(100 * ${of} / nullif(${by}, 0), 1)`

const accuracy = defineQuery({
  ...base,
  name: 'forecasts.accuracy',
  summary:
    'How good published forecasts were, or their sums at a level, per unit, demand class and months ahead: accuracy, bias, gain on the seasonal naive forecast, coverage',
  path: '/v1/forecasts/accuracy',
  /** `series`: of each product of each dealer, by demand class; else of sums (`all`) */
  params: filters.extend({ level: z.enum(['series', ...sumLevels]).default('series') }),
  row: z.object({
    unit: z.string(),
    demandClass: z.string(),
    lag: z.int(),
    /** forecasts of months that are over */
    forecasts: z.int(),
    actual: z.string(),
    /** 100 (1 − Σ|actual − forecast| / Σ actual) */
    accuracy: z.string().nullable(),
    /** 100 Σ(forecast − actual) / Σ actual */
    bias: z.string().nullable(),
    /** percent of the absolute error of the seasonal naive forecast that is saved */
    gain: z.string().nullable(),
    /** percent within the 95 % interval */
    covered: z.string().nullable(),
  }),
  order: [
    ['unit', 'asc'],
    ['demandClass', 'asc'],
    ['lag', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select f.unit, f.demand_class as "demandClass", f.lag, count(*)::integer as forecasts, ${plainDecimal('sum(f.actual)')} as actual,
       ${percent('(sum(f.actual) - sum(abs(f.actual - f.quantity)))', 'sum(f.actual)')} as accuracy,
       ${percent('sum(f.quantity - f.actual)', 'sum(f.actual)')} as bias,
       ${percent('(sum(abs(f.actual - f.naive)) - sum(abs(f.actual - f.quantity)))', 'sum(abs(f.actual - f.naive))')} as gain,
       ${percent('count(*) filter (where f.actual between f.low and f.high)', 'count(*)')} as covered
     from ${params.level === 'series' ? forecasts(params, from, bind) : sums(params.level, params, from, bind)} where f.actual is not null group by 1, 2, 3`,
})

const policies = defineQuery({
  model: salesModel,
  owner: 'shared',
  audience: 'staff',
  kind: 'list',
  name: 'forecastPolicies.list',
  summary: 'Whose demand companies forecast every month, and how far ahead; nobody’s where none is named',
  path: '/v1/forecast-policies',
  params: z.object({ companyId: id.optional() }),
  row: z.object({
    companyId: z.string(),
    dealers: z.union([z.literal('all'), z.array(z.string())]),
    horizon: z.int(),
    leastMonths: z.int(),
  }),
  order: [['companyId', 'asc']],
  sql: (params, from) =>
    `select company_id as "companyId", dealers, horizon, least_months as "leastMonths"
     from ${from('forecast_policies', { company_id: params.companyId })} p`,
})

const figures = ['actual', 'expected', 'low', 'high'].map((name) => `(f->>'${name}')::numeric as ${name}`).join(', ')

const anomalies = defineQuery({
  ...base,
  name: 'forecasts.anomalies',
  summary:
    'Demand outside the range in which 99 of 100 months lie by the forecast published before; `stands` where it is too rare for the number of products looked at',
  path: '/v1/forecasts/anomalies',
  // what stands depends on how many products of other dealers were looked at
  audience: 'staff',
  params: filters.extend({ stands: z.enum(['true', 'false']).optional() }),
  row: z.object({
    dealerId: z.string(),
    month: z.string(),
    sku: z.string(),
    unit: z.string(),
    actual: z.string(),
    expected: z.string(),
    low: z.string(),
    high: z.string(),
    /** as rare as one month in so many */
    oneIn: z.int(),
    stands: z.boolean(),
    /** products of this dealer that were looked at */
    series: z.int(),
    /** the position of the log that the actual rests on */
    watermark: z.string(),
  }),
  order: [
    ['month', 'desc'],
    ['oneIn', 'desc'],
    ['dealerId', 'asc'],
    ['sku', 'asc'],
    ['unit', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select j.dealer_id as "dealerId", j.month, f->>'sku' as sku, f->>'unit' as unit, ${figures}, (f->>'oneIn')::integer as "oneIn", (f->>'stands')::boolean as stands,
       ${wholeNumber('j.series')} as series, j.watermark
     from ${from('judgements', { dealer_id: params.dealerId })} j, jsonb_array_elements(j.findings) f ${where(
       params.companyId !== undefined && `j.company_id = ${bind(params.companyId)}`,
       params.sku !== undefined && `f->>'sku' = ${bind(params.sku)}`,
       params.from !== undefined && `j.month >= ${bind(params.from)}`,
       params.to !== undefined && `j.month <= ${bind(params.to)}`,
       params.stands !== undefined && `f->>'stands' = ${bind(params.stands)}`,
     )}`,
})

export const forecastQueries = [list, accuracy, policies, anomalies, totals] as const
