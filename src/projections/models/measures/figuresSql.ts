import type { EpisodeCode } from '../../../domain/metrics/episodes.ts'
import type { Column, MeasureCode } from '../../../domain/metrics/measures.ts'
import { heldMeasures, measureOf, newProductDays, ownMeasures } from '../../../domain/metrics/measures.ts'
import type { Entity, EpisodeTake } from '../../../domain/metrics/formula.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { where } from '../sqlText.ts'

/** What figures may be grouped and chosen by, beside time. */
export const dimensions = ['dealer', 'territory', 'country', 'tier', 'company', 'product', 'category'] as const
export type Dimension = (typeof dimensions)[number]
export const productDimensions: readonly Dimension[] = ['product', 'category']

/** A window of days [start, stop), numbered over the buckets and the windows they are compared with. */
export interface NumberedWindow {
  readonly no: number
  readonly start: string
  readonly stop: string
  /** the end, or the day after the asked instant where that is earlier: nothing is told of days to come */
  readonly edge: string
}

export interface FiguresQuestion {
  readonly dimensions: readonly Dimension[]
  readonly filters: Readonly<Partial<Record<Dimension | 'currency', string>>>
  readonly windows: readonly NumberedWindow[]
  /** every day on which a window begins or ends, ascending: sums are told per slot between two of them */
  readonly borders: readonly string[]
  readonly flows: readonly MeasureCode[]
  /** asked for their opening or closing: they reach back to the first fact */
  readonly levels: readonly MeasureCode[]
  readonly averages: readonly MeasureCode[]
  readonly newest: readonly MeasureCode[]
  readonly distinct: readonly DistinctQuestion[]
  readonly episodes: readonly EpisodeCode[]
  /** also the median and the ninth decile of their times */
  readonly ranked: readonly EpisodeCode[]
  /** the windows that episodes are asked for */
  readonly episodeWindows: readonly number[]
}

/** `byCurrency`, `byUnit`: whether the metric keeps currencies and units apart; else an entity counts once over all of them. */
export interface DistinctQuestion {
  readonly entity: Entity
  readonly measure: MeasureCode
  readonly column: Column
  readonly byCurrency: boolean
  readonly byUnit: boolean
}

/** One figure of a group: `part` and `code` say what it is, `no` of which window or slot, the rest whose. */
export interface FigureRow {
  /** the group's values, `betweenValues` between them: in the order of their bytes, as lists of texts are ordered */
  readonly g: string
  readonly currency: string
  readonly unit: string
  readonly part: string
  readonly code: string
  readonly no: number
  readonly amount: string | null
  readonly quantity: string | null
  readonly count: string | null
  /** of episodes: each of `episodeTakes`, with spaces between */
  readonly takes: string | null
}

const columns: readonly Column[] = ['amount', 'quantity', 'count']
export const overdueMeasures: readonly MeasureCode[] = [
  'overdue-to-30',
  'overdue-to-60',
  'overdue-to-90',
  'overdue-longer',
  'overdue-days',
]
const adjustments: readonly MeasureCode[] = ['stock-adjusted', 'stock-adjusted-size']
/** lower than every sign of a value */
export const betweenValues = '\u0001'
/** days are weighed by their number since then */
export const dayZero = '2000-01-01'

/**
 * Every figure of every group that a question needs, in one statement over the tables of `measures`. Facts are read once and
 * summed per slot of days; windows are put together from slots by whoever asks.
 */
export function figuresSql(question: FiguresQuestion, from: Source, bind: Bind): string {
  const { windows, borders, flows, levels, averages, newest, distinct } = question
  const list = (values: readonly string[]): string => `${bind(values)}::text[]`
  const told = [...flows, ...levels, ...averages, ...newest, ...distinct.map(({ measure }) => measure)]
  const needsOverdue = overdueMeasures.some((code) => told.includes(code))
  const plain = told.filter((code) => !overdueMeasures.includes(code))
  const sources = [...new Set(plain.map(storedAs))]
  const reachBack = [...new Set([...levels, ...averages, ...newest].map(storedAs))]
  // dealers and products are kept apart only where they are counted
  const byDealer = [...newest, ...distinct.filter(({ entity }) => entity !== 'product').map(({ measure }) => measure)]
  const bySku = distinct.filter(({ entity }) => entity !== 'dealer').map(({ measure }) => measure)
  const scope: Scope = {
    question,
    list,
    bind,
    byProduct: question.dimensions.some((one) => productDimensions.includes(one)) || hasProductFilter(question),
    byCompany: question.dimensions.includes('company') || question.filters.company !== undefined,
  }
  const bounds = `${bind(borders)}::date[]`
  const [first, last] = [borders[0] ?? '', borders.at(-1) ?? '']
  const inTime = (codes: string): string =>
    `c.measure = any(${codes}) and c.day < ${bind(last)}::date and (c.day >= ${bind(first)}::date or c.measure = any(${list(reachBack)}))`
  const added = list(sources.filter((code) => !measureOf(code).isAsserted))
  const asserted = sources.filter((code) => measureOf(code).isAsserted)
  const raw = [
    `select c.measure, c.company_id, c.dealer_id, c.sku, c.currency, c.unit, c.day, c.amount, c.quantity, c.count
      from ${from('changes')} c where c.kind = '' and ${inTime(added)}`,
    `select c.measure, ${['company_id', 'dealer_id', 'sku', 'currency', 'unit'].map((column) => `coalesce(nullif(c.${column}, ''), e.${column}, o.${column}, '')`).join(', ')},
        c.day, c.amount, c.quantity, c.count
      from ${from('changes')} c left join ${from('episodes')} e on e.kind = c.kind and e.id = c.doc
        left join ${from('episodes')} o on o.kind = 'order' and o.id = e.of_order where c.kind <> '' and ${inTime(added)}`,
    ...(asserted.length > 0
      ? [
          levelChanges(
            from,
            list(asserted),
            adjustments.some((code) => told.includes(code)),
          ),
        ]
      : []),
    ...(told.includes('invoiced-new')
      ? [
          `select 'invoiced-new', c.company_id, c.dealer_id, c.sku, c.currency, c.unit, c.day, c.amount, c.quantity, c.count
           from ${from('changes')} c join p on p.sku = c.sku where ${inTime(list(['invoiced']))} and c.day >= p.launched_on and c.day < p.launched_on + ${newProductDays}`,
        ]
      : []),
  ]
  const weighed = columns.map((column) =>
    averages.length > 0
      ? `sum(s.${column} * (s.day - date '${dayZero}')) filter (where s.measure = any(${list(averages.map(storedAs))}))`
      : 'null::numeric',
  )
  const only = (codes: readonly MeasureCode[], column: string): string =>
    `case when s.measure = any(${list(codes.flatMap((code) => [code, storedAs(code)]))}) then ${column} else '' end`
  const clauses = [
    `w as materialized (
      select x.*, width_bucket(x.start, ${bounds}) as first_slot, width_bucket(x.stop, ${bounds}) as stop_slot, width_bucket(x.edge, ${bounds}) as edge_slot
      from unnest(${bind(windows.map(({ no }) => no))}::int[], ${bind(windows.map(({ start }) => start))}::date[], ${bind(windows.map(({ stop }) => stop))}::date[],
        ${bind(windows.map(({ edge }) => edge))}::date[]) as x(no, start, stop, edge))`,
    `d as materialized (select * from ${from('dealers')} d)`,
    `p as materialized (select * from ${from('products')} p)`,
    `told as materialized (${tell(
      scope,
      `(${raw.join('\n      union all\n      ')})`,
      `${only(byDealer, 's.dealer_id')} as dealer_id, ${only(bySku, 's.sku')} as sku, s.currency, coalesce(nullif(s.unit, ''), p.unit, '') as unit,
        width_bucket(s.day, ${bounds}) as slot, ${columns.map((column) => `sum(s.${column}) as ${column}`).join(', ')},
        ${weighed.map((sql, n) => `${sql} as weighed_${columns[n] ?? ''}`).join(', ')}, max(s.day) as newest`,
      `s.day < ${bind(last)}::date`,
    )} group by 1, 2, 3, 4, 5, 6, 7)`,
    ...(needsOverdue
      ? [
          `owed as (${owed(from, scope.byCompany)})`,
          `told_owed as materialized (${tell(scope, 'owed', 's.currency, s.unit, s.no, s.amount, s.days')})`,
        ]
      : []),
    ...(question.ranked.length > 0
      ? [`ranked as (${rankedTimes(scope, from)})`, `told_ranked as (${tell(scope, 'ranked', 's.no, s.lasted')})`]
      : []),
    ...(question.episodes.length > 0
      ? [`lasting as (${lasting(scope, from)})`, `told_lasting as (${tell(scope, 'lasting', 's.*')})`]
      : []),
  ]
  const parts = [
    ...(plain.length > 0
      ? [
          `select ${groupColumns}, 'slot' as part, m.code, m.slot as no, sum(m.amount) as amount, sum(m.quantity) as quantity, sum(m.count) as count, null
           from told m where m.code = any(${list([...new Set([...flows, ...levels, ...averages])])}) group by 1, 2, 3, 5, 6`,
        ]
      : []),
    ...(averages.length > 0
      ? [
          `select ${groupColumns}, 'weighed', m.code, m.slot, sum(m.weighed_amount), sum(m.weighed_quantity), sum(m.weighed_count), null
           from told m where m.code = any(${list(averages)}) group by 1, 2, 3, 5, 6`,
        ]
      : []),
    ...distinctParts(distinct, list),
    ...(newest.length > 0 ? [newestPart(list(newest))] : []),
    ...(needsOverdue ? [overduePart] : []),
    ...episodeParts(scope),
  ]
  return `with ${clauses.join(',\n    ')}\n    ${[nothing, ...parts].join('\n    union all\n    ')}`
}

/** Names and types of the columns, whatever parts follow. */
const nothing = `select ''::text as g, '' as currency, '' as unit, '' as part, '' as code, 0 as no, null::numeric as amount, null::numeric as quantity, null::numeric as count, null::text as takes where false`

interface Scope {
  readonly question: FiguresQuestion
  readonly list: (values: readonly string[]) => string
  readonly bind: Bind
  readonly byProduct: boolean
  readonly byCompany: boolean
}

function hasProductFilter({ filters }: FiguresQuestion): boolean {
  return productDimensions.some((one) => filters[one] !== undefined)
}

/** The stored measure that a measure is told from. */
export function storedAs(code: MeasureCode): MeasureCode {
  if (code === 'invoiced-new') return 'invoiced'
  if (adjustments.includes(code)) return 'stock-on-hand'
  if (overdueMeasures.includes(code)) return 'invoice-open'
  return (Object.entries(ownMeasures).find(([, own]) => own === code)?.[0] ?? code) as MeasureCode // a key of the table
}

const groupColumns = 'm.g, m.currency, m.unit'

/**
 * What each fact of an asserted level changed: an addition what it says; an assertion the difference to what stood before it,
 * which is the assertion before and what was added between the two.
 */
function levelChanges(from: Source, codes: string, withAdjustments: boolean): string {
  const inOrder =
    '(partition by f.measure, f.company_id, f.dealer_id, f.sku, f.currency, f.item order by f.at, f.position, f.seq)'
  const facts = `select f.*, sum(f.value_add) over o as added, row_number() over o as nth
      from ${from.facts('levels')} f where f.measure = any(${codes}) window o as ${inOrder}`
  const asserted = `select f.*, f.rests_on - coalesce(lag(f.rests_on) over ${inOrder}, 0) as change
      from (select f.*, f.value_assert - coalesce(f.added, 0) as rests_on from f where f.value_assert is not null) f`
  const row = (measure: string, amount: string, quantity: string, count: string, of: string): string =>
    `select ${measure} as measure, f.company_id, f.dealer_id, f.sku, f.currency, '' as unit, f.day, ${amount} as amount, ${quantity} as quantity, ${count} as count from ${of} f`
  const whole = (change: string, of: string): string =>
    row(
      'f.measure',
      `case when f.currency <> '' then ${change} end`,
      `case when f.currency = '' then ${change} end`,
      change,
      of,
    )
  const adjusted = `where f.measure = 'stock-on-hand' and f.nth > 1`
  return `select x.* from (with f as materialized (${facts}), asserted as materialized (${asserted})
      ${whole('f.value_add', 'f')} where f.value_assert is null
      union all ${whole('f.change', 'asserted')}
      ${
        withAdjustments
          ? `union all ${row(`'stock-adjusted'`, 'null', 'f.change', '0', 'asserted')} ${adjusted}
      union all ${row(`'stock-adjusted-size'`, 'null', 'abs(f.change)', 'case when f.change = 0 then 0 else 1 end', 'asserted')} ${adjusted}`
          : ''
      }) x`
}

/** What is measured with its group: whose it is at the asked instant. `shown` are the columns that are kept of it. */
function tell(scope: Scope, source: string, shown: string, ...conditions: readonly string[]): string {
  const { question, list, bind, byProduct } = scope
  const { dimensions: by, filters } = question
  const expressions: Readonly<Record<Dimension, string>> = {
    dealer: `case when ${isOwn} then '' else s.dealer_id end`,
    territory: `coalesce(d.territory_id, '')`,
    country: `coalesce(d.country, '')`,
    tier: `coalesce(d.tier, '')`,
    company: 's.company_id',
    product: 's.sku',
    category: `coalesce(p.category, '')`,
  }
  const chosen = Object.entries(filters).map(
    ([name, value]) =>
      name === 'currency' ? `s.currency in ('', ${bind(value)})` : `${expressions[name as Dimension]} = ${bind(value)}`, // the other keys of filters
  )
  const ownable = Object.entries(ownMeasures)
  const ownCodes = list(ownable.map(([code]) => code))
  return `select ${by.length === 0 ? `''::text` : by.map((one) => expressions[one]).join(` || '${betweenValues}' || `)} as g,
      case when ${isOwn} then (${list(ownable.map(([, own]) => own))})[array_position(${ownCodes}, s.measure)] else s.measure end as code, ${shown}
    from (select s.*, s.measure = any(${list(heldMeasures)}) as is_held from ${source} s) s left join d on d.dealer_id = s.dealer_id
      ${byProduct || shown.includes('p.unit') ? 'left join p on p.sku = s.sku' : ''}
    ${where(...conditions, ...chosen, `(d.dealer_id is not null or not s.is_held or s.measure = any(${ownCodes}))`)}`
}

const isOwn = 'd.dealer_id is null and s.is_held'
function distinctParts(distinct: readonly DistinctQuestion[], list: (values: readonly string[]) => string): string[] {
  const groups = new Map<string, DistinctQuestion[]>()
  for (const one of distinct) {
    const name = distinctPart(one)
    groups.set(name, [...(groups.get(name) ?? []), one])
  }
  return [...groups].flatMap(([part, same]) => {
    const [head] = same
    if (!head) return []
    const { entity, column, byCurrency, byUnit } = head
    const ids = { dealer: 'm.dealer_id', product: 'm.sku', 'dealer-product': 'm.dealer_id, m.sku' }[entity]
    return [
      `select x.g, x.currency, x.unit, '${part}', x.code, x.no, null, null, count(*)::numeric, null from (
         select m.g, ${byCurrency ? 'm.currency' : `'' as currency`}, ${byUnit ? 'm.unit' : `'' as unit`}, m.code, w.no, ${ids}
         from told m join w on m.slot >= w.first_slot and m.slot < w.stop_slot
         where m.code = any(${list(same.map(({ measure }) => measure))}) and ${entity === 'product' ? `m.sku <> ''` : `m.dealer_id <> ''`}
         group by 1, 2, 3, 4, 5, ${ids} having sum(m.${column}) > 0) x group by 1, 2, 3, 5, 6`,
    ]
  })
}

export function distinctPart({ entity, column, byCurrency, byUnit }: Omit<DistinctQuestion, 'measure'>): string {
  return `distinct-${entity}-${column}${byCurrency ? '-currency' : ''}${byUnit ? '-unit' : ''}`
}

/** The newest day of each dealer: its age at the end of the window, and that there is one. */
function newestPart(codes: string): string {
  return `select x.g, '', '', 'newest', x.code, x.no, null, count(*)::numeric, sum(x.age)::numeric, null from (
      select m.g, m.code, w.no, m.dealer_id, w.edge - 1 - max(m.newest) as age from told m join w on m.slot < w.edge_slot
      where m.code = any(${codes}) and m.dealer_id <> '' group by 1, 2, 3, 4, w.edge) x group by 1, 5, 6`
}

/** What is open of each invoice at the end of the window, and for how many days it is overdue then. */
function owed(from: Source, byCompany: boolean): string {
  return `select x.*, case when x.days > 90 then 'overdue-longer' when x.days > 60 then 'overdue-to-90' when x.days > 30 then 'overdue-to-60' else 'overdue-to-30' end as measure from (
      select ${byCompany ? 'c.company_id' : `''::text as company_id`}, c.dealer_id, ''::text as sku, c.currency, ''::text as unit, c.doc, w.no, (w.edge - 1) - e.due_on as days, sum(c.amount) as amount
      from ${from('changes')} c join ${from('episodes')} e on e.kind = c.kind and e.id = c.doc join w on c.day < w.edge and e.due_on < w.edge - 1
      where c.measure = 'invoice-open' group by 1, 2, 3, 4, 5, 6, 7, 8 having sum(c.amount) > 0) x`
}

const overduePart = `select m.g, m.currency, m.unit, 'overdue', m.code, m.no, sum(m.amount), null, count(*)::numeric, null from told_owed m group by 1, 2, 3, 5, 6
    union all select m.g, m.currency, m.unit, 'overdue', 'overdue-days', m.no, sum(m.amount * m.days), null, null, null from told_owed m group by 1, 2, 3, 6`

const hasEnded = 'e.ended_on is not null and coalesce(e.open, 0) <= 0'
/** over, whether it ended as it should have or was given up */
const isOver = (edge: string): string =>
  `coalesce(e.open, 0) <= 0 and coalesce(greatest(e.ended_on, e.gone_on) < ${edge}, false)`
const endedInWindow = `${hasEnded} and e.ended_on >= w.start and e.ended_on < w.stop`
const lasted = 'greatest(0, extract(epoch from e.ended_at - e.begun_at) * 1000)'
const openAtEdge = `not (${isOver('w.edge')}) and e.begun_on < w.edge`

const episodeSums: Readonly<Record<Exclude<EpisodeTake, 'median' | 'p90'>, string>> = {
  begun: 'count(*) filter (where e.begun_on >= w.start)',
  ended: `count(*) filter (where ${endedInWindow})`,
  lasted: `sum(${lasted}) filter (where ${endedInWindow})`,
  due: `count(*) filter (where ${endedInWindow} and e.due_on is not null)`,
  onTime: `count(*) filter (where ${endedInWindow} and e.ended_on <= e.due_on)`,
  open: `count(*) filter (where ${openAtEdge})`,
  age: `sum(greatest(0, extract(epoch from (w.edge::timestamp at time zone 'UTC') - e.begun_at) * 1000)) filter (where ${openAtEdge})`,
  late: `count(*) filter (where ${openAtEdge} and e.due_on < w.edge - 1)`,
}

/** In the order in which a row tells them. */
export const episodeTakes = Object.keys(episodeSums)

/** Episodes that a window touches, with their owners: those of an order have the order's. */
function touched({ windows, episodeWindows }: FiguresQuestion, from: Source, codes: string, bind: Bind): string {
  const first = windows.reduce((day, { start }) => (start < day ? start : day), windows[0]?.start ?? '')
  return `${from('episodes')} e left join ${from('episodes')} o on o.kind = 'order' and o.id = e.of_order
      join w on e.begun_on < w.stop where w.no = any(${bind(episodeWindows)}::int[]) and e.kind = any(${codes}) and not (${isOver(`${bind(first)}::date`)})`
}

const episodeOwners = ({ byCompany, byProduct }: Scope): string =>
  `${byCompany ? `coalesce(e.company_id, o.company_id, '')` : `''::text`} as company_id, coalesce(e.dealer_id, o.dealer_id, '') as dealer_id,
      ${byProduct ? `coalesce(e.sku, '')` : `''::text`} as sku, coalesce(e.currency, o.currency, '') as currency, ''::text as unit`

function lasting(scope: Scope, from: Source): string {
  const { question, list, bind } = scope
  return `select e.kind as measure, ${episodeOwners(scope)}, w.no, ${Object.entries(episodeSums)
    .map(([take, sql]) => `${sql} as "${take}"`)
    .join(', ')}
    from ${touched(question, from, list(question.episodes), bind)} group by 1, 2, 3, 4, 5, 6, 7`
}

function episodeParts({ question: { episodes, ranked }, list }: Scope): string[] {
  if (episodes.length === 0) return []
  const ranks = { median: 0.5, p90: 0.9 }
  return [
    `select m.g, '', '', 'episode', m.code, m.no, null, null, null, concat_ws(' ', ${episodeTakes.map((take) => `coalesce(sum(m."${take}"), 0)`).join(', ')})
       from told_lasting m group by 1, 5, 6`,
    ...(ranked.length > 0
      ? Object.entries(ranks).map(
          ([
            take,
            rank,
          ]) => `select m.g, '', '', 'episode-${take}', m.code, m.no, null, null, percentile_disc(${rank}) within group (order by m.lasted)::numeric, null
           from told_ranked m where m.code = any(${list(ranked)}) group by 1, 5, 6`,
        )
      : []),
  ]
}

function rankedTimes(scope: Scope, from: Source): string {
  const { question, list, bind } = scope
  return `select e.kind as measure, ${episodeOwners(scope)}, w.no, ${lasted} as lasted from ${touched(question, from, list(question.ranked), bind)} and ${endedInWindow}`
}
