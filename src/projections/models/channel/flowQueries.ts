import { z } from 'zod'
import { calendarDate } from '../../../domain/kernel/fields.ts'
import type { Source } from '../../engine/ask.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where } from '../sqlText.ts'
import { ageInDays, below } from '../below.ts'
import { channelModel, moveKinds } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: channelModel, owner: 'dealerId', audience: 'everyone', kind: 'list' } as const
const level = z.enum(['manufacturer', 'first-tier', 'second-tier', 'outlet'])

/** When a party said last what it has and what it sold, with the age in days: null where it never did. */
const ages = {
  stockSaidAt: z.string().nullable(),
  stockAgeDays: z.int().nullable(),
  sellOutReportedAt: z.string().nullable(),
  /** the last day that the newest report covers */
  sellOutTo: z.string().nullable(),
  sellOutAgeDays: z.int().nullable(),
}
const ageColumns = (stock: string, heard: string, from: Source): string =>
  `${isoTime(`${stock}.said_at`)} as "stockSaidAt", ${ageInDays(`${stock}.said_at`, from)} as "stockAgeDays", ${isoTime(`${heard}.reported_at`)} as "sellOutReportedAt",
   ${heard}.to_day::text as "sellOutTo", ${ageInDays(`${heard}.reported_at`, from)} as "sellOutAgeDays"`

/** Everybody who may have stock: `party` with its `dealer_id` (an outlet's dealer, empty for the maker), level and parent. */
const parties = (from: Source): string => `(
  select distinct d.company_id as party, '' as dealer_id, 'manufacturer' as level, '' as parent, null::jsonb as name from ${from('dealers')} d where d.company_id is not null
  union all
  select d.dealer_id, d.dealer_id, case d.tier_level when 1 then 'first-tier' else 'second-tier' end, coalesce(nullif(d.parent_id, ''), d.company_id), d.name
    from ${from('dealers')} d where d.company_id is not null
  union all
  select o.outlet_id, o.dealer_id, 'outlet', o.dealer_id, o.profile->'name' from ${from('outlets')} o where o.profile is not null and o.dealer_id <> '')`

/** What each party has of each product: an outlet what it said last, everybody else what its stock says. */
const held = (from: Source): string => `(
  select s.party, s.sku, coalesce(p.unit, '') as unit, sum(s.on_hand) as on_hand, max(s.said_at) as said_at
    from ${from('stock')} s left join ${from('products')} p on p.sku = s.sku group by 1, 2, 3
  union all
  (select distinct on (h.outlet_id, h.sku, h.unit) h.outlet_id, h.sku, h.unit, h.on_hand, h.reported_at from ${from('shelves')} h
    where h.stands order by h.outlet_id, h.sku, h.unit, h.day desc, h.reported_at desc))`

/** What left each party, `basis` first to last: sold to consumers, resold, delivered. */
const outflow = (from: Source): string => `(
  select 1 as basis, s.outlet_id as party, s.sku, s.unit, s.day, s.quantity from ${from('sold')} s where s.outlet_id <> ''
  union all select 1, s.dealer_id, s.sku, s.unit, s.day, s.quantity from ${from('sold')} s
  union all select case m.kind when 'resold' then 2 else 3 end, m.from_party, m.sku, coalesce(nullif(m.unit, ''), p.unit, ''), m.day, m.quantity
    from ${from('moved')} m left join ${from('products')} p on p.sku = m.sku where m.kind in ('resold', 'delivered'))`

const stock = defineQuery({
  ...base,
  name: 'flows.stock',
  summary:
    'Stock at each level of the channel with its coverage in days and the age of what it rests on; for a dealer its own and what is below it',
  path: '/v1/flows/stock',
  params: z.object({
    dealerId: id.optional(),
    party: id.optional(),
    sku: id.optional(),
    level: level.optional(),
    /** the sales of how many days, up to the last one known of the party, coverage is reckoned from */
    days: z.coerce.number().int().min(7).max(366).default(90),
  }),
  row: z.object({
    party: z.string(),
    level,
    parent: z.string(),
    sku: z.string(),
    unit: z.string(),
    onHand: z.string(),
    /** null where nothing was sold in those days */
    coverageDays: z.string().nullable(),
    soldQuantity: z.string().nullable(),
    soldBasis: z.enum(['sell-out', 'resold', 'delivered']).nullable(),
    soldTo: z.string().nullable(),
    ...ages,
  }),
  order: [
    ['party', 'asc'],
    ['sku', 'asc'],
    ['unit', 'asc'],
  ],
  sql: (params, from, bind) => {
    const days = `${bind(params.days)}::integer`
    return `select h.party as "party", y.level as "level", y.parent as "parent", h.sku as "sku", h.unit as "unit", ${plainDecimal('h.on_hand')} as "onHand",
       ${plainDecimal(`round(greatest(h.on_hand, 0) * ${days} / r.quantity, 1)`)} as "coverageDays", ${plainDecimal('r.quantity')} as "soldQuantity",
       (array['sell-out', 'resold', 'delivered'])[r.basis] as "soldBasis", r.day::text as "soldTo", ${ageColumns('h', 'n', from)}
     from ${held(from)} h join ${parties(from)} y on y.party = h.party
     left join (
       select distinct on (f.party, f.sku, f.unit) f.party, f.sku, f.unit, f.basis, e.day, sum(f.quantity) as quantity from ${outflow(from)} f
       join (select o.party, o.basis, max(o.day) as day from ${outflow(from)} o group by 1, 2) e on e.party = f.party and e.basis = f.basis and f.day > e.day - ${days}
       group by f.party, f.sku, f.unit, f.basis, e.day having sum(f.quantity) > 0 order by f.party, f.sku, f.unit, f.basis) r
       on r.party = h.party and r.sku = h.sku and r.unit = h.unit
     left join ${from('heard')} n on n.dealer_id = y.dealer_id and n.outlet_id = case y.level when 'outlet' then y.party else '' end
     ${where(
       below('y.dealer_id', params.dealerId, from, bind),
       params.party !== undefined && `h.party = ${bind(params.party)}`,
       params.sku !== undefined && `h.sku = ${bind(params.sku)}`,
       params.level !== undefined && `y.level = ${bind(params.level)}`,
     )}`
  },
})

const inAndOut = defineQuery({
  ...base,
  name: 'flows.inAndOut',
  summary:
    'What came in to a dealer against what went out, per sku, unit and calendar month, with the age of its reports; for a dealer its own and those below it',
  path: '/v1/flows/in-and-out',
  params: z.object({
    dealerId: id.optional(),
    party: id.optional(),
    sku: id.optional(),
    /** days, both inclusive */
    from: calendarDate.optional(),
    to: calendarDate.optional(),
  }),
  row: z.object({
    party: z.string(),
    sku: z.string(),
    unit: z.string(),
    month: z.string(),
    /** delivered by the maker less what went back to it, and what other dealers transferred */
    sellIn: z.string(),
    /** to other dealers and outlets */
    passedOn: z.string(),
    /** to consumers, by the dealer and its outlets */
    sellOut: z.string(),
    ...ages,
  }),
  order: [
    ['party', 'asc'],
    ['sku', 'asc'],
    ['unit', 'asc'],
    ['month', 'asc'],
  ],
  sql: (params, from, bind) => {
    const unit = `coalesce(nullif(m.unit, ''), p.unit, '')`
    const movedOf = `${from('moved')} m left join ${from('products')} p on p.sku = m.sku`
    return `select t.*, ${ageColumns('s', 'n', from)} from (
       select f.party as "party", f.sku as "sku", f.unit as "unit", to_char(f.day, 'YYYY-MM') as "month",
         ${plainDecimal('sum(f.sell_in)')} as "sellIn", ${plainDecimal('sum(f.passed_on)')} as "passedOn", ${plainDecimal('sum(f.sell_out)')} as "sellOut"
       from (
         select m.to_party as party, m.sku, ${unit} as unit, m.day, m.quantity as sell_in, 0 as passed_on, 0 as sell_out from ${movedOf} where m.kind in ('delivered', 'transferred')
         union all select m.from_party, m.sku, ${unit}, m.day, - m.quantity, 0, 0 from ${movedOf} where m.kind = 'returned'
         union all select m.from_party, m.sku, ${unit}, m.day, 0, m.quantity, 0 from ${movedOf} where m.kind in ('resold', 'transferred')
         union all select s.dealer_id, s.sku, s.unit, s.day, 0, 0, s.quantity from ${from('sold')} s) f
       join ${from('dealers')} d on d.dealer_id = f.party
       ${where(
         below('f.party', params.dealerId, from, bind),
         params.party !== undefined && `f.party = ${bind(params.party)}`,
         params.sku !== undefined && `f.sku = ${bind(params.sku)}`,
         params.from !== undefined && `f.day >= ${bind(params.from)}::date`,
         params.to !== undefined && `f.day <= ${bind(params.to)}::date`,
       )} group by 1, 2, 3, 4) t
     left join (select k.party, k.sku, max(k.said_at) as said_at from ${from('stock')} k group by 1, 2) s on s.party = t."party" and s.sku = t."sku"
     left join ${from('heard')} n on n.dealer_id = t."party" and n.outlet_id = ''`
  },
})

const edges = defineQuery({
  ...base,
  name: 'flows.edges',
  summary:
    'Goods from party to party down to the consumer (empty), per sku, unit and calendar month, with the age of what the recording party said last',
  path: '/v1/flows/edges',
  params: z.object({
    dealerId: id.optional(),
    fromParty: id.optional(),
    toParty: id.optional(),
    sku: id.optional(),
    from: calendarDate.optional(),
    to: calendarDate.optional(),
  }),
  row: z.object({
    kind: z.enum([...moveKinds, 'sold-out']),
    fromParty: z.string(),
    toParty: z.string(),
    sku: z.string(),
    unit: z.string(),
    month: z.string(),
    quantity: z.string(),
    ...ages,
  }),
  order: [
    ['kind', 'asc'],
    ['fromParty', 'asc'],
    ['toParty', 'asc'],
    ['sku', 'asc'],
    ['unit', 'asc'],
    ['month', 'asc'],
  ],
  sql: (params, from, bind) => {
    const seen = below('e.by_party', params.dealerId, from, bind)
    // how old the reports are of who sent a transfer is nothing that its receiver is told
    const whose = below('t.by_party', params.dealerId, from, bind)
    const own = whose ? ` and ${whose}` : ''
    const alsoSeen = below('e.to_party', params.dealerId, from, bind)
    return `select t."kind", t."fromParty", t."toParty", t."sku", t."unit", t."month", t."quantity", ${ageColumns('s', 'n', from)} from (
       select e.kind as "kind", e.by_party, e.from_party as "fromParty", e.to_party as "toParty", e.sku as "sku", e.unit as "unit", to_char(e.day, 'YYYY-MM') as "month",
         ${plainDecimal('sum(e.quantity)')} as "quantity"
       from (
         select m.kind, m.by_party, m.from_party, m.to_party, m.sku, coalesce(nullif(m.unit, ''), p.unit, '') as unit, m.day, m.quantity
           from ${from('moved')} m left join ${from('products')} p on p.sku = m.sku
         union all
         select 'sold-out', s.dealer_id, coalesce(nullif(s.outlet_id, ''), s.dealer_id), '', s.sku, s.unit, s.day, s.quantity from ${from('sold')} s) e
       ${where(
         seen && alsoSeen && `(${seen} or (e.kind = 'transferred' and ${alsoSeen}))`,
         params.fromParty !== undefined && `e.from_party = ${bind(params.fromParty)}`,
         params.toParty !== undefined && `e.to_party = ${bind(params.toParty)}`,
         params.sku !== undefined && `e.sku = ${bind(params.sku)}`,
         params.from !== undefined && `e.day >= ${bind(params.from)}::date`,
         params.to !== undefined && `e.day <= ${bind(params.to)}::date`,
       )} group by 1, 2, 3, 4, 5, 6, 7) t
     left join (select k.party, k.sku, max(k.said_at) as said_at from ${from('stock')} k group by 1, 2) s on s.party = t.by_party and s.sku = t."sku"${own}
     left join ${from('heard')} n on n.dealer_id = t.by_party and n.outlet_id = case when t."kind" = 'sold-out' and t."fromParty" <> t.by_party then t."fromParty" else '' end${own}`
  },
})

const reporting = defineQuery({
  ...base,
  name: 'flows.reporting',
  summary: 'When every dealer and outlet was heard of last: its stock, its sales to consumers',
  path: '/v1/flows/reporting',
  params: z.object({ dealerId: id.optional(), party: id.optional(), level: level.optional() }),
  row: z.object({ party: z.string(), level, parent: z.string(), ...ages }),
  order: [['party', 'asc']],
  sql: (params, from, bind) =>
    `select y.party as "party", y.level as "level", y.parent as "parent", ${ageColumns('s', 'n', from)} from ${parties(from)} y
     left join (select h.party, max(h.said_at) as said_at from ${held(from)} h group by 1) s on s.party = y.party
     left join ${from('heard')} n on n.dealer_id = y.dealer_id and n.outlet_id = case y.level when 'outlet' then y.party else '' end
     ${where(
       `y.level <> 'manufacturer'`,
       below('y.dealer_id', params.dealerId, from, bind),
       params.party !== undefined && `y.party = ${bind(params.party)}`,
       params.level !== undefined && `y.level = ${bind(params.level)}`,
     )}`,
})

export const flowQueries = [stock, inAndOut, edges, reporting] as const
