import { z } from 'zod'
import { breaches as breachList } from '../../../domain/kernel/breach.ts'
import { calendarDate } from '../../../domain/kernel/fields.ts'
import { stockEvents } from '../../../domain/stock/events.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where, wholeNumber } from '../sqlText.ts'
import { inventoryModel, measureColumns } from './model.ts'

const id = z.string().min(1).max(64)
/** Stock belongs to its party: the manufacturer, a supplier, or the dealer of the same id. */
const base = { model: inventoryModel, owner: 'dealerId', audience: 'everyone' } as const
const place = { dealerId: id.optional(), party: id.optional(), location: id.optional(), sku: id.optional() }
type Place = z.infer<z.ZodObject<typeof place>>

const quantities = {
  onHand: z.string(),
  reserved: z.string(),
  allocated: z.string(),
  blocked: z.string(),
  inTransit: z.string(),
  onOrder: z.string(),
  backordered: z.string(),
}
const placeRow = { party: z.string(), location: z.string(), sku: z.string() }
const state = z.enum(['out', 'low', 'sufficient'])

function ofPlace(alias: string, { dealerId, party, location, sku }: Place, bind: Bind): string[] {
  return [
    ...(dealerId === undefined ? [] : [`${alias}.party = ${bind(dealerId)}`]),
    ...(party === undefined ? [] : [`${alias}.party = ${bind(party)}`]),
    ...(location === undefined ? [] : [`${alias}.location = ${bind(location)}`]),
    ...(sku === undefined ? [] : [`${alias}.sku = ${bind(sku)}`]),
  ]
}

/** All lots of a stock together, with available and position (domain.md §2.5) and the policy in force. */
function stockSql(params: Place, from: Source, bind: Bind): string {
  const sums = Object.values(measureColumns)
    .map((column) => `sum(${column}) as ${column}`)
    .join(', ')
  const columns = Object.entries(measureColumns).map(([name, column]) => `${plainDecimal(`l.${column}`)} as "${name}"`)
  return `select party, location, sku, ${columns.join(', ')}, ${plainDecimal('l.available')} as available, ${plainDecimal('l.position')} as position,
      p.unit, ${plainDecimal('p.safety_stock')} as "safetyStock", ${plainDecimal('p.reorder_point')} as "reorderPoint", ${wholeNumber('p.policy_version')} as "policyVersion",
      case when l.available <= 0 then 'out' when p.reorder_point is not null and l.position <= p.reorder_point then 'low' else 'sufficient' end as state,
      p.alert is not null and p.alert <> 'none' as alerted, ${isoTime('p.counted_at')} as "countedAt", ${isoTime('p.reported_at')} as "reportedAt", ${isoTime('l.moved_at')} as "movedAt"
    from (
      select t.*, on_hand - allocated - reserved - blocked as available, on_hand - blocked + in_transit + on_order - backordered - allocated as position
      from (select party, location, sku, ${sums}, max(moved_at) as moved_at from ${from('levels', keyOf(params))} f ${where(...ofPlace('f', params, bind))} group by party, location, sku) t
    ) l left join ${from('policies', keyOf(params))} p using (party, location, sku)`
}

const keyOf = ({
  dealerId,
  party,
  location,
  sku,
}: Place): { party: string | undefined; location: string | undefined; sku: string | undefined } => ({
  party: party ?? dealerId,
  location,
  sku,
})

const stockRow = z.object({
  ...placeRow,
  ...quantities,
  available: z.string(),
  position: z.string(),
  unit: z.string().nullable(),
  safetyStock: z.string().nullable(),
  reorderPoint: z.string().nullable(),
  policyVersion: z.int().nullable(),
  state,
  /** an alert is open */
  alerted: z.boolean(),
  countedAt: z.string().nullable(),
  /** when its party reported it last */
  reportedAt: z.string().nullable(),
  movedAt: z.string().nullable(),
})

const stock = defineQuery({
  ...base,
  name: 'inventory.list',
  summary: 'Stock by party, location and product, with available quantity and position',
  path: '/v1/inventory',
  kind: 'list',
  params: z.object({ ...place, state: state.optional(), alerted: z.enum(['true', 'false']).optional() }),
  row: stockRow,
  order: [
    ['party', 'asc'],
    ['location', 'asc'],
    ['sku', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select * from (${stockSql(params, from, bind)}) s ${where(
      params.state !== undefined && `s.state = ${bind(params.state)}`,
      params.alerted !== undefined && `s.alerted = ${bind(params.alerted === 'true')}`,
    )}`,
})

const oneStock = defineQuery({
  ...base,
  name: 'inventory.one',
  summary: 'One stock: a product at a location of a party',
  path: '/v1/inventory/:party/:location/:sku',
  kind: 'one',
  params: z.object({ dealerId: id.optional(), party: id, location: id, sku: id }),
  row: stockRow,
  sql: stockSql,
})

const lots = defineQuery({
  ...base,
  name: 'inventory.lots',
  summary: 'Stock by lot, with expiry; with expiresBefore those lots that are in stock and expire before that date',
  path: '/v1/inventory-lots',
  kind: 'list',
  params: z.object({ ...place, lot: id.optional(), expiresBefore: calendarDate.optional() }),
  row: z.object({
    ...placeRow,
    lot: z.string(),
    ...quantities,
    receivedOn: z.string().nullable(),
    expiresOn: z.string().nullable(),
    ownership: z.string().nullable(),
  }),
  order: [
    ['party', 'asc'],
    ['location', 'asc'],
    ['sku', 'asc'],
    ['lot', 'asc'],
  ],
  sql: (params, from, bind) => `select party, location, sku, lot,
      ${Object.entries(measureColumns)
        .map(([name, column]) => `${plainDecimal(`l.${column}`)} as "${name}"`)
        .join(', ')},
      t.received_on::text as "receivedOn", t.expires_on::text as "expiresOn", t.ownership
    from ${from('levels', { ...keyOf(params), lot: params.lot })} l left join ${from('lots', keyOf(params))} t using (party, location, sku, lot)
    ${where(...ofPlace('l', params, bind), params.expiresBefore !== undefined && `t.expires_on < ${bind(params.expiresBefore)}::date and l.on_hand > 0`)}`,
})

/** The level at the end of each day of a range, in one pass: what changes is summed from the newest assertion on. */
const days = defineQuery({
  ...base,
  name: 'inventory.days',
  summary: 'On hand by lot at the end of each day (UTC) of a range',
  path: '/v1/inventory-days',
  kind: 'list',
  params: z.object({ ...place, lot: id.optional(), from: calendarDate, to: calendarDate }),
  // each day is a row of every lot
  objection: ({ from, to }) =>
    (Date.parse(to) - Date.parse(from)) / 86_400_000 < 366
      ? undefined
      : { parameter: 'to', message: 'at most 366 days from `from`' },
  row: z.object({ ...placeRow, lot: z.string(), day: z.string(), onHand: z.string() }),
  order: [
    ['party', 'asc'],
    ['location', 'asc'],
    ['sku', 'asc'],
    ['lot', 'asc'],
    ['day', 'asc'],
  ],
  sql: (params, from, bind) => {
    const [first, last] = [`${bind(params.from)}::date`, `${bind(params.to)}::date`]
    const facts = `select party, location, sku, lot, at, position, seq, on_hand_add, on_hand_assert from ${from.facts('levels', { ...keyOf(params), lot: params.lot })} f
      ${where(...ofPlace('f', params, bind), '(on_hand_add is not null or on_hand_assert is not null)')}`
    // a run is an assertion and the additions up to the next one; the balance after each fact is the sum inside its run
    return `with facts as (${facts}),
      runs as (select *, count(on_hand_assert) over (partition by party, location, sku, lot order by at, position, seq) as run from facts),
      balances as (select party, location, sku, lot, at, position, seq,
        sum(coalesce(on_hand_assert, on_hand_add)) over (partition by party, location, sku, lot, run order by at, position, seq) as balance from runs),
      by_day as (select distinct on (party, location, sku, lot, (at at time zone 'UTC')::date) party, location, sku, lot, (at at time zone 'UTC')::date as day, balance
        from balances order by party, location, sku, lot, (at at time zone 'UTC')::date, at desc, position desc, seq desc),
      spans as (select *, coalesce(lead(day) over (partition by party, location, sku, lot order by day), ${last} + 1) as until from by_day)
      select party, location, sku, lot, d::date::text as day, ${plainDecimal('balance')} as "onHand"
      from spans, generate_series(greatest(day, ${first}), least(until - 1, ${last}), interval '1 day') d`
  },
})

const history = defineQuery({
  ...base,
  name: 'inventory.history',
  summary: 'The events behind a stock level, each with what it moved or asserted',
  path: '/v1/inventory/:party/:location/:sku/history',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), party: id, location: id, sku: id, lot: id.optional() }),
  row: z.object({
    position: z.string(),
    line: z.int(),
    eventId: z.string(),
    eventType: z.enum(stockEvents.map(({ type }) => type)),
    occurredAt: z.string(),
    lot: z.string(),
    moved: z.string().nullable(),
    asserted: z.string().nullable(),
    reserved: z.string().nullable(),
    allocated: z.string().nullable(),
    blocked: z.string().nullable(),
  }),
  order: [
    ['position', 'asc'],
    ['line', 'asc'],
  ],
  sql: (
    params,
    from,
    bind,
  ) => `select position, seq as line, event_id::text as "eventId", event_type as "eventType", ${isoTime('at')} as "occurredAt", lot,
      ${plainDecimal('on_hand_add')} as moved, ${plainDecimal('on_hand_assert')} as asserted, ${plainDecimal('reserved')} as reserved,
      ${plainDecimal('allocated')} as allocated, ${plainDecimal('blocked')} as blocked
    from ${from.facts('levels', { ...keyOf(params), lot: params.lot })} f ${where(...ofPlace('f', params, bind))}`,
})

const reservations = defineQuery({
  ...base,
  name: 'inventory.reservations',
  summary: 'Stock promised to orders and not yet allocated or released',
  path: '/v1/reservations',
  kind: 'list',
  params: z.object({ ...place, orderId: id.optional() }),
  row: z.object({
    ...placeRow,
    reservationId: z.string(),
    orderId: z.string(),
    quantity: z.string(),
    expiresAt: z.string(),
  }),
  order: [
    ['expiresAt', 'asc'],
    ['reservationId', 'asc'],
    ['sku', 'asc'],
    ['party', 'asc'],
    ['location', 'asc'],
  ],
  sql: (
    params,
    from,
    bind,
  ) => `select party, location, sku, reservation_id as "reservationId", order_id as "orderId", ${plainDecimal('quantity')} as quantity, ${isoTime('expires_at')} as "expiresAt"
    from ${from('reservations', keyOf(params))} r ${where('quantity > 0', ...ofPlace('r', params, bind), params.orderId !== undefined && `order_id = ${bind(params.orderId)}`)}`,
})

const breaches = defineQuery({
  ...base,
  name: 'inventory.breaches',
  summary: 'Recorded stock facts that broke a rule',
  path: '/v1/inventory-breaches',
  kind: 'list',
  params: z.object(place),
  row: z.object({
    ...placeRow,
    eventId: z.string(),
    eventType: z.string(),
    breachedAt: z.string(),
    breaches: breachList,
  }),
  order: [
    ['breachedAt', 'asc'],
    ['eventId', 'asc'],
  ],
  sql: (
    params,
    from,
    bind,
  ) => `select party, location, sku, breached_by as "eventId", event_type as "eventType", ${isoTime('breached_at')} as "breachedAt", breaches
    from ${from('breaches', keyOf(params))} b ${where(...ofPlace('b', params, bind))}`,
})

const supplies = defineQuery({
  ...base,
  name: 'inventory.supplies',
  summary: 'Supply that is ordered or on its way, by expected date',
  path: '/v1/supplies',
  kind: 'list',
  params: z.object(place),
  row: z.object({
    ...placeRow,
    supplyId: z.string(),
    kind: z.enum(['purchase', 'transfer', 'order']).nullable(),
    onOrder: z.string(),
    inTransit: z.string(),
    expectedOn: z.string().nullable(),
  }),
  order: [
    ['party', 'asc'],
    ['location', 'asc'],
    ['sku', 'asc'],
    ['supplyId', 'asc'],
  ],
  sql: (
    params,
    from,
    bind,
  ) => `select party, location, sku, supply_id as "supplyId", kind, ${plainDecimal('on_order')} as "onOrder", ${plainDecimal('in_transit')} as "inTransit", expected_on::text as "expectedOn"
    from ${from('supplies', keyOf(params))} s ${where('(on_order <> 0 or in_transit <> 0)', ...ofPlace('s', params, bind))}`,
})

const alertLevel = z.enum(['out', 'low'])

/** An alert lasts until the next word on the same stock: replenished, or another level. */
const alerts = defineQuery({
  ...base,
  name: 'inventory.alerts',
  summary: 'Low-stock alerts, open and closed, with the figures they were judged by',
  path: '/v1/low-stock-alerts',
  kind: 'list',
  params: z.object({ ...place, open: z.enum(['true', 'false']).optional(), level: alertLevel.optional() }),
  row: z.object({
    ...placeRow,
    level: alertLevel,
    position: z.string(),
    available: z.string(),
    safetyStock: z.string(),
    reorderPoint: z.string(),
    policyVersion: z.int(),
    openedAt: z.string(),
    openedBy: z.string(),
    closedAt: z.string().nullable(),
    closedBy: z.string().nullable(),
    open: z.boolean(),
  }),
  order: [
    ['openedAt', 'desc'],
    ['openedBy', 'asc'],
  ],
  sql: (params, from, bind) => `select party, location, sku, alert as level,
      alert_inputs->>'position' as position, alert_inputs->>'available' as available, alert_inputs->>'safetyStock' as "safetyStock",
      alert_inputs->>'reorderPoint' as "reorderPoint", alert_inputs->'policyVersion' as "policyVersion",
      ${isoTime('at')} as "openedAt", event_id as "openedBy", ${isoTime('next_at')} as "closedAt", next_event as "closedBy", next_at is null as open
    from (select f.*, lead(at) over next_word as next_at, lead(event_id) over next_word as next_event
      from ${from.facts('policies', keyOf(params))} f where alert is not null
      window next_word as (partition by party, location, sku order by at, position, seq)) a
    ${where(
      `alert <> 'none'`,
      ...ofPlace('a', params, bind),
      params.open !== undefined && `(next_at is null) = ${bind(params.open === 'true')}`,
      params.level !== undefined && `alert = ${bind(params.level)}`,
    )}`,
})

const reports = defineQuery({
  ...base,
  name: 'inventory.reports',
  summary:
    'How old the last stock report of each party and location is, and how many of its stocks were never reported',
  path: '/v1/stock-reports',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), party: id.optional(), location: id.optional() }),
  row: z.object({
    party: z.string(),
    location: z.string(),
    reportedAt: z.string().nullable(),
    source: z.string().nullable(),
    /** whole days between the newest report and the asked instant */
    ageDays: z.int().nullable(),
    /** of the stock whose last report is oldest */
    oldestReportedAt: z.string().nullable(),
    stocks: z.int(),
    neverReported: z.int(),
  }),
  order: [
    ['party', 'asc'],
    ['location', 'asc'],
  ],
  sql: (params, from, bind) => `select party, location, ${isoTime('max(p.reported_at)')} as "reportedAt",
      (array_agg(p.report_source order by p.reported_at desc nulls last))[1] as source,
      floor(extract(epoch from ${from.at()} - max(p.reported_at)) / 86400)::integer as "ageDays", ${isoTime('min(p.reported_at)')} as "oldestReportedAt",
      count(*)::integer as stocks, (count(*) filter (where p.reported_at is null))::integer as "neverReported"
    from (select distinct party, location, sku from ${from('levels', keyOf(params))} f ${where(...ofPlace('f', params, bind))}) s
      left join ${from('policies', keyOf(params))} p using (party, location, sku) group by party, location`,
})

export const inventoryQueries = [
  stock,
  oneStock,
  lots,
  days,
  history,
  reservations,
  breaches,
  supplies,
  alerts,
  reports,
] as const
