import { z } from 'zod'
import { calendarDate, identifier } from '../../../domain/kernel/fields.ts'
import { episodeOf, episodes, type EpisodeCode } from '../../../domain/metrics/episodes.ts'
import { heldMeasures, measureOf, measures, type MeasureCode, ownMeasures } from '../../../domain/metrics/measures.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where } from '../sqlText.ts'
import { storedAs } from './figuresSql.ts'
import { measuresModel } from './model.ts'

const base = { model: measuresModel, owner: 'dealerId', audience: 'everyone', kind: 'list' } as const

const measureCodes = Object.keys(measures) as [MeasureCode, ...MeasureCode[]] // the table is not empty
const filters = {
  dealerId: identifier.optional(),
  companyId: identifier.optional(),
  sku: identifier.optional(),
  currency: identifier.optional(),
  from: calendarDate.optional().describe('the first day'),
  until: calendarDate.optional().describe('the day after the last one'),
}

export const measureFacts = defineQuery({
  ...base,
  name: 'metrics.facts',
  summary:
    'The facts behind a measure, with the events that say so: their sums are what metrics are computed from (for what is overdue, new or found in a count: the facts that this is told from)',
  path: '/v1/metrics/facts',
  params: z.object({ measure: z.enum(measureCodes), ...filters }),
  row: z.object({
    occurredAt: z.string(),
    position: z.string(),
    seq: z.int(),
    eventId: z.string(),
    day: z.string(),
    dealerId: z.string(),
    sku: z.string(),
    currency: z.string(),
    unit: z.string(),
    /** what it is of: an order, a line of one, an invoice; a lot at a place */
    item: z.string(),
    amount: z.string(),
    quantity: z.string(),
    count: z.string(),
    /** of a level that is asserted: what it is from here on, instead of what was added */
    asserted: z.string().nullable(),
  }),
  order: [
    ['occurredAt', 'asc'],
    ['position', 'asc'],
    ['seq', 'asc'],
  ],
  audienceOf: ({ measure }) => (measureOf(measure).isInternal ? 'staff' : 'everyone'),
  sql: (params, from, bind) => {
    const { dealerId, companyId, sku, currency, from: first, until } = params
    // the manufacturer's stock is stored beside that of dealers: whose it is, the table of dealers says
    const stored = storedAs(params.measure)
    const isOwn = Object.values(ownMeasures).includes(params.measure)
    const isHeld = !isOwn && heldMeasures.includes(stored)
    const head = `${isoTime('f.at')} as "occurredAt", f.position as "position", f.seq as "seq", f.event_id as "eventId"`
    const chosen = (alias: string): string =>
      where(
        dealerId !== undefined && `${alias}.dealer_id = ${bind(dealerId)}`,
        companyId !== undefined && `${alias}.company_id = ${bind(companyId)}`,
        sku !== undefined && `${alias}.sku = ${bind(sku)}`,
        currency !== undefined && `${alias}.currency = ${bind(currency)}`,
        first !== undefined && `${alias}.day >= ${bind(first)}::date`,
        until !== undefined && `${alias}.day < ${bind(until)}::date`,
        isHeld && `${alias}.dealer_id in (select d.dealer_id from ${from('dealers')} d)`,
        isOwn && `${alias}.dealer_id not in (select d.dealer_id from ${from('dealers')} d)`,
      )
    if (measureOf(stored).isAsserted)
      return `select ${head}, f.day as "day", f.dealer_id as "dealerId", f.sku as "sku", f.currency as "currency", '' as "unit", f.item as "item",
          case when f.currency <> '' then ${plainDecimal('coalesce(f.value_add, 0)')} else 0 end as "amount",
          case when f.currency = '' then ${plainDecimal('coalesce(f.value_add, 0)')} else 0 end as "quantity", 0::numeric as "count",
          ${plainDecimal('f.value_assert')} as "asserted"
        from ${from.facts('levels', { measure: stored })} f ${chosen('f')}`
    return `select x."occurredAt", x."position", x."seq", x."eventId", x.day as "day", x.dealer_id as "dealerId", x.sku as "sku", x.currency as "currency", x.unit as "unit",
        x.doc as "item", ${plainDecimal('coalesce(x.amount, 0)')} as "amount", ${plainDecimal('coalesce(x.quantity, 0)')} as "quantity", ${plainDecimal('coalesce(x.count, 0)')} as "count", null::numeric as "asserted"
      from (select ${head}, f.day, f.doc, f.amount, f.quantity, f.count,
          ${['company_id', 'dealer_id', 'sku', 'currency'].map((column) => `coalesce(nullif(f.${column}, ''), e.${column}, o.${column}, '') as ${column}`).join(', ')},
          coalesce(nullif(f.unit, ''), e.unit, '') as unit
        from ${from.facts('changes', { measure: stored })} f
        left join ${from('episodes')} e on f.kind <> '' and e.kind = f.kind and e.id = f.doc
        left join ${from('episodes', { kind: 'order' })} o on o.id = e.of_order) x ${chosen('x')}`
  },
})

const episodeCodes = Object.keys(episodes) as [EpisodeCode, ...EpisodeCode[]] // the table is not empty

const lasting = defineQuery({
  ...base,
  name: 'metrics.episodes',
  summary:
    'What begins with one event and ends with another, such as an order until it is delivered, and how long it took',
  path: '/v1/metrics/episodes',
  params: z.object({ episode: z.enum(episodeCodes), ...filters }),
  row: z.object({
    begunAt: z.string(),
    id: z.string(),
    dealerId: z.string(),
    sku: z.string(),
    begunOn: z.string(),
    /** null where it has not ended, or something of it is open */
    endedAt: z.string().nullable(),
    dueOn: z.string().nullable(),
    /** what is left of it, where that is measured */
    open: z.string(),
    /** all events that began, changed and ended it */
    eventIds: z.array(z.string()),
  }),
  order: [
    ['begunAt', 'asc'],
    ['id', 'asc'],
  ],
  audienceOf: ({ episode }) => (episodeOf(episode).isInternal ? 'staff' : 'everyone'),
  sql: (params, from, bind) => {
    const { episode, dealerId, companyId, sku, currency, from: first, until } = params
    const key = { kind: episode }
    return `select ${isoTime('e.begun_at')} as "begunAt", e.id as "id", e.dealer_id as "dealerId", e.sku as "sku", e.begun_on as "begunOn",
        case when coalesce(e.open, 0) <= 0 then ${isoTime('e.ended_at')} end as "endedAt", e.due_on as "dueOn", ${plainDecimal('coalesce(e.open, 0)')} as "open",
        coalesce((select jsonb_agg(f.event_id::text order by f.at, f.position, f.seq) from ${from.facts('episodes', key)} f where f.id = e.id), '[]') as "eventIds"
      from (select e.id, coalesce(e.company_id, o.company_id, '') as company_id, coalesce(e.dealer_id, o.dealer_id, '') as dealer_id, coalesce(e.sku, '') as sku,
          coalesce(e.currency, o.currency, '') as currency, e.begun_at, e.begun_on, e.ended_at, e.ended_on, e.due_on, e.open
        from ${from('episodes', key)} e left join ${from('episodes', { kind: 'order' })} o on o.id = e.of_order where e.begun_at is not null) e
      ${where(
        dealerId !== undefined && `e.dealer_id = ${bind(dealerId)}`,
        companyId !== undefined && `e.company_id = ${bind(companyId)}`,
        sku !== undefined && `e.sku = ${bind(sku)}`,
        currency !== undefined && `e.currency in ('', ${bind(currency)})`,
        // those that the window touches
        until !== undefined && `e.begun_on < ${bind(until)}::date`,
        first !== undefined && `(e.ended_on is null or coalesce(e.open, 0) > 0 or e.ended_on >= ${bind(first)}::date)`,
      )}`
  },
})

export const measuresQueries = [measureFacts, lasting] as const
