import { z } from 'zod'
import { identifier } from '../../../domain/kernel/fields.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where, wholeNumber } from '../sqlText.ts'
import { inventoryModel, measureColumns } from './model.ts'

const params = z.object({
  dealerId: identifier.optional(),
  party: identifier.optional(),
  location: identifier.optional(),
  sku: identifier.optional(),
  state: z.enum(['out', 'low', 'sufficient', 'excess', 'dead', 'unknown']).optional(),
})
type Params = z.infer<typeof params>

/**
 * Every stock as it is planned (`stocks`, of a dealer all its locations together), beside the line of the newest plan (`planned`). Where
 * a stock has a policy of its own, its reorder point stands.
 */
function plannedStocks({ dealerId, party, sku }: Params, from: Source, bind: Bind): string {
  const of = { party: party ?? dealerId, sku }
  const only = (alias: string): string[] => [
    ...(dealerId === undefined ? [] : [`${alias}.party = ${bind(dealerId)}`]),
    ...(party === undefined ? [] : [`${alias}.party = ${bind(party)}`]),
  ]
  const bySku = (alias: string): string[] => (sku === undefined ? [] : [`${alias}.sku = ${bind(sku)}`])
  const sums = Object.values(measureColumns).map((column) => `sum(${column}) as ${column}`)
  const heads = from('plan_heads', { party: of.party })
  return `with places as (
      select party, location, sku, ${sums.join(', ')}, max(moved_at) as moved_at, max(goods_at) as goods_at
      from ${from('levels', of)} f ${where(...only('f'), ...bySku('f'))} group by party, location, sku),
    stocks as (
      select s.party, case when h.basis = 'ordered' then '' else s.location end as place, s.sku, max(s.location) as location, count(*) as places,
        ${sums.join(', ')}, max(s.moved_at) as moved_at, max(s.goods_at) as goods_at, max(p.unit) as unit,
        case when count(*) = 1 then max(p.reorder_point) end as own_reorder_point, case when count(*) = 1 then max(p.safety_stock) end as own_safety_stock
      from places s left join ${from('policies', of)} p using (party, location, sku) left join ${heads} h using (party) group by 1, 2, 3),
    planned as (
      select l.party, l.location as place, l.sku, l.unit, l.demand_class, l.method, l.monthly, l.review, l.excess_from,
        (l.levels->>'safetyStock')::numeric as safety_stock, (l.levels->>'reorderPoint')::numeric as reorder_point, (l.levels->>'orderUpTo')::numeric as order_up_to
      from ${from('plans', of)} l join ${heads} h on h.party = l.party and h.seen_month = l.seen_month ${where(...only('l'), ...bySku('l'))}),
    gone as (select party, max(left_at) as left_at from ${from('levels', { party: of.party })} f ${where(...only('f'))} group by party),
    -- a plan in another unit says nothing of a stock
    beside as (
      select coalesce(s.party, l.party) as party, case when s.places > 1 then '' else coalesce(s.location, l.place) end as location, coalesce(s.sku, l.sku) as sku,
        coalesce(s.unit, l.unit) as unit, s.on_hand, s.on_hand - s.allocated - s.reserved - s.blocked as available,
        s.on_hand - s.blocked + s.in_transit + s.on_order - s.backordered - s.allocated as position, s.moved_at, s.goods_at, s.own_reorder_point, s.own_safety_stock,
        m.*
      from stocks s full join planned l on l.party = s.party and l.place = s.place and l.sku = s.sku
        left join lateral (select l.demand_class, l.method, l.monthly, l.review, l.excess_from, l.safety_stock, l.reorder_point, l.order_up_to
          where s.unit is null or l.unit is null or s.unit = l.unit) m on true),
    levelled as (
      select b.*, h.seen_month, h.watermark, h.service_level, h.lead_months, coalesce(b.own_reorder_point, b.reorder_point) as reorder_at,
        case when b.own_reorder_point is null then b.safety_stock else b.own_safety_stock end as safety,
        case when b.own_reorder_point is null then b.order_up_to else b.own_reorder_point + coalesce(b.review, 0) end as up_to,
        b.on_hand > 0 and b.goods_at < ${from.at()} - h.dead_days * interval '1 day' and g.left_at >= ${from.at()} - h.dead_days * interval '1 day' as is_dead
      from beside b left join ${heads} h using (party) left join gone g using (party)),
    judged as (
      select *, reorder_at > 0 and position <= reorder_at as is_low,
        case when is_dead then 'dead' when position is null then 'unknown'
          when reorder_at > 0 and position <= reorder_at then case when available <= 0 then 'out' else 'low' end
          when on_hand > 0 and position > excess_from then 'excess'
          when reorder_at is null then 'unknown' else 'sufficient' end as state
      from levelled)`
}

const proposals = defineQuery({
  model: inventoryModel,
  owner: 'dealerId',
  audience: 'everyone',
  kind: 'list',
  name: 'replenishment.proposals',
  summary:
    'What to order: every stock beside its plan, with the proposed quantity, days of cover and how old the figures are',
  path: '/v1/replenishment-proposals',
  params,
  row: z.object({
    party: z.string(),
    /** empty where a party’s locations are planned together and there are several */
    location: z.string(),
    sku: z.string(),
    unit: z.string().nullable(),
    /** null where no stock of it is known */
    onHand: z.string().nullable(),
    available: z.string().nullable(),
    position: z.string().nullable(),
    safetyStock: z.string().nullable(),
    reorderPoint: z.string().nullable(),
    orderUpTo: z.string().nullable(),
    /** a policy of the stock itself goes before the plan */
    setBy: z.enum(['policy', 'plan']).nullable(),
    excessFrom: z.string().nullable(),
    /** null where no level is known */
    proposed: z.string().nullable(),
    /** expected of a month */
    monthly: z.string().nullable(),
    /** how long what is on hand lasts; null where no stock of it is known or nothing is expected to be asked for */
    daysOfCover: z.int().nullable(),
    state: z.enum(['out', 'low', 'sufficient', 'excess', 'dead', 'unknown']),
    /** when goods came or went last */
    goodsAt: z.string().nullable(),
    /** when anything was said of this stock last, and whole days since */
    stockAt: z.string().nullable(),
    ageDays: z.int().nullable(),
    demandClass: z.string().nullable(),
    method: z.enum(['quantile', 'none']).nullable(),
    serviceLevel: z.string().nullable(),
    leadMonths: z.int().nullable(),
    /** the month whose forecasts the plan follows, and the position of the log that it rests on */
    seenMonth: z.string().nullable(),
    watermark: z.string().nullable(),
  }),
  order: [
    ['party', 'asc'],
    ['location', 'asc'],
    ['sku', 'asc'],
  ],
  sql: (asked, from, bind) => `${plannedStocks(asked, from, bind)}
    select party, location, sku, unit, ${plainDecimal('on_hand')} as "onHand", ${plainDecimal('available')} as available, ${plainDecimal('position')} as position,
      ${plainDecimal('safety')} as "safetyStock", ${plainDecimal('reorder_at')} as "reorderPoint", ${plainDecimal('up_to')} as "orderUpTo",
      case when own_reorder_point is not null then 'policy' when reorder_point is not null then 'plan' end as "setBy", ${plainDecimal('excess_from')} as "excessFrom",
      ${plainDecimal('case when reorder_at is null then null when is_low then ceil(up_to - position) when position is not null then 0 end')} as proposed,
      ${plainDecimal('monthly')} as monthly, ${wholeNumber('case when on_hand is not null then floor(greatest(on_hand, 0) * 365 / (12 * nullif(monthly, 0))) end')} as "daysOfCover", state,
      ${isoTime('goods_at')} as "goodsAt", ${isoTime('moved_at')} as "stockAt",
      case when moved_at is not null then greatest(0, floor(extract(epoch from ${from.at()} - moved_at) / 86400))::integer end as "ageDays", demand_class as "demandClass", method,
      case when method is not null then service_level end as "serviceLevel", case when method is not null then lead_months end as "leadMonths",
      seen_month as "seenMonth", watermark
    from judged ${where(
      asked.state !== undefined && `state = ${bind(asked.state)}`,
      asked.location !== undefined && `location = ${bind(asked.location)}`,
    )}`,
})

const protection = z.object({ leadMonths: z.int(), serviceLevel: z.string() })

const policies = defineQuery({
  model: inventoryModel,
  owner: 'shared',
  audience: 'staff',
  kind: 'list',
  name: 'stockPlanPolicies.list',
  summary: 'How companies plan stock from their forecasts; not at all where none is named',
  path: '/v1/stock-plan-policies',
  params: z.object({ companyId: identifier.optional() }),
  row: z.object({
    companyId: z.string(),
    dealers: protection,
    own: protection,
    reviewDays: z.int(),
    excessDays: z.int(),
    deadDays: z.int(),
  }),
  order: [['companyId', 'asc']],
  sql: (asked, from) =>
    `select company_id as "companyId", dealers, own, review_days as "reviewDays", excess_days as "excessDays", dead_days as "deadDays"
     from ${from('plan_policies', { company_id: asked.companyId })} p`,
})

export const proposalQueries = [proposals, policies] as const
