import { z } from 'zod'
import { breaches as breachList } from '../../../domain/kernel/breach.ts'
import { calendarDate } from '../../../domain/kernel/fields.ts'
import { stockEvents } from '../../../domain/stock/events.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where } from '../sqlText.ts'
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
      p.unit, ${plainDecimal('p.safety_stock')} as "safetyStock", ${plainDecimal('p.reorder_point')} as "reorderPoint", p.policy_version as "policyVersion",
      case when l.available <= 0 then 'out' when p.reorder_point is not null and l.position <= p.reorder_point then 'low' else 'sufficient' end as state,
      p.alert is not null and p.alert <> 'none' as alerted, ${isoTime('p.reported_at')} as "reportedAt", ${isoTime('l.moved_at')} as "movedAt"
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
  /** last count or report of the party */
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
  summary: 'Stock by lot, with expiry',
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
    ${where(...ofPlace('l', params, bind), params.expiresBefore !== undefined && `t.expires_on < ${bind(params.expiresBefore)}::date`)}`,
})

/** The level at the end of each day of a range, in one pass: what changes is summed from the newest assertion on. */
const days = defineQuery({
  ...base,
  name: 'inventory.days',
  summary: 'On hand by lot at the end of each day (UTC) of a range',
  path: '/v1/inventory-days',
  kind: 'list',
  params: z.object({ ...place, lot: id.optional(), from: calendarDate, to: calendarDate }),
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
  ) => `select lpad(position::text, 19, '0') as position, seq as line, event_id::text as "eventId", event_type as "eventType", ${isoTime('at')} as "occurredAt", lot,
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
  ) => `select party, location, sku, event_id as "eventId", event_type as "eventType", ${isoTime('breached_at')} as "breachedAt", breaches
    from ${from('breaches', keyOf(params))} b ${where(...ofPlace('b', params, bind))}`,
})

export const inventoryQueries = [stock, oneStock, lots, days, history, reservations, breaches]
