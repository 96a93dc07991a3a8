import { z } from 'zod'
import { calendarDate, localLabel } from '../../../domain/kernel/fields.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where } from '../sqlText.ts'
import { movementKinds, salesModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: salesModel, owner: 'dealerId', audience: 'everyone', kind: 'list' } as const

const filters = z.object({
  dealerId: id.optional(),
  companyId: id.optional(),
  currency: id.optional(),
  sku: id.optional(),
  category: z.string().max(200).optional(),
  country: id.optional(),
  territoryId: id.optional(),
  /** days, both inclusive: an order's own day, the day of a shipment, of an invoice */
  from: calendarDate.optional(),
  to: calendarDate.optional(),
})
type Filters = z.infer<typeof filters>

const value = {
  /** of orders, net of amendments, before cancellations */
  orderedValue: z.string(),
  cancelledValue: z.string(),
  shippedValue: z.string(),
  deliveredValue: z.string(),
  returnedValue: z.string(),
  /** net of cancelled invoices, before tax */
  invoicedValue: z.string(),
  creditedValue: z.string(),
}
const quantity = {
  orderedQuantity: z.string(),
  cancelledQuantity: z.string(),
  shippedQuantity: z.string(),
  deliveredQuantity: z.string(),
  returnedQuantity: z.string(),
  invoicedQuantity: z.string(),
  creditedQuantity: z.string(),
}
const kinds = ['ordered', 'cancelled', ...movementKinds] as const
const sums = (what: 'value' | 'quantity'): string =>
  kinds
    .map((kind) => `${plainDecimal(`sum(s.${kind}_${what})`)} as "${kind}${what === 'value' ? 'Value' : 'Quantity'}"`)
    .join(', ')

/** What a question groups or shows by beside the sales themselves. */
type Dimension = 'product' | 'dealer'

/**
 * Every sale `s`, with product `p` and dealer `d` as they are at the asked instant where the question or a filter needs
 * them: names are joined after the sums, since grouping by them costs more than all else.
 */
function sales(params: Filters, from: Source, bind: Bind, ...dimensions: readonly Dimension[]): string {
  const { dealerId, companyId, currency, sku, category, country, territoryId } = params
  const zeros = movementKinds.map((kind) => `0::numeric as ${kind}_quantity, 0::numeric as ${kind}_value`).join(', ')
  const moved = movementKinds.map((kind) => `m.${kind}_quantity, m.${kind}_value`).join(', ')
  const filter = (alias: string, day: string): string[] =>
    [
      dealerId !== undefined && `${alias}.dealer_id = ${bind(dealerId)}`,
      companyId !== undefined && `${alias}.company_id = ${bind(companyId)}`,
      currency !== undefined && `${alias}.currency = ${bind(currency)}`,
      params.from !== undefined && `${day} >= ${bind(params.from)}::date`,
      params.to !== undefined && `${day} <= ${bind(params.to)}::date`,
    ].filter((condition) => condition !== false)
  const all = `(
    select o.dealer_id, o.currency, l.sku, l.unit, o.day, o.territory_id, l.quantity as ordered_quantity, l.value as ordered_value,
      l.cancelled_quantity, l.cancelled_value, ${zeros}
    from ${from('ordered')} l join ${from('orders')} o on o.order_id = l.order_id ${where('o.dealer_id is not null', 'l.sku is not null', ...filter('o', 'o.day'))}
    union all
    select m.dealer_id, m.currency, m.sku, m.unit, m.day, o.territory_id, 0, 0, 0, 0, ${moved}
    from ${from('movements', { dealer_id: dealerId, sku })} m left join ${from('orders')} o on o.order_id = m.order_id ${where(...filter('m', 'm.day'))}) s`
  const needsProduct = dimensions.includes('product') || category !== undefined
  const needsDealer = dimensions.includes('dealer') || country !== undefined || territoryId !== undefined
  return `${all} ${needsProduct ? `left join ${from('products')} p on p.sku = s.sku` : ''} ${needsDealer ? `left join ${from('dealers')} d on d.dealer_id = s.dealer_id` : ''}
    ${where(
      sku !== undefined && `s.sku = ${bind(sku)}`,
      category !== undefined && `p.category = ${bind(category)}`,
      country !== undefined && `d.country = ${bind(country)}`,
      territoryId !== undefined && `${territory} = ${bind(territoryId)}`,
    )}`
}
/** Frozen with the order; for what has no order, the dealer's. Empty where there is none. */
const territory = `coalesce(nullif(s.territory_id, ''), d.territory_id, '')`

const byDealer = defineQuery({
  ...base,
  name: 'sales.byDealer',
  summary: 'Sales per currency and dealer, the largest orders first',
  path: '/v1/sales/by-dealer',
  params: filters,
  row: z.object({
    currency: z.string(),
    dealerId: z.string(),
    name: localLabel.nullable(),
    tier: z.string().nullable(),
    ...value,
  }),
  order: [
    ['currency', 'asc'],
    ['orderedValue', 'desc'],
    ['dealerId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select a.*, d.name as "name", d.tier as "tier" from (
       select s.currency as "currency", s.dealer_id as "dealerId", ${sums('value')} from ${sales(params, from, bind)} group by 1, 2) a
     left join ${from('dealers')} d on d.dealer_id = a."dealerId"`,
})

const byProduct = defineQuery({
  ...base,
  name: 'sales.byProduct',
  summary: 'Sales per currency, sku and unit, with quantities, the largest orders first',
  path: '/v1/sales/by-product',
  params: filters,
  row: z.object({
    currency: z.string(),
    sku: z.string(),
    unit: z.string(),
    name: localLabel.nullable(),
    category: z.string().nullable(),
    ...quantity,
    ...value,
  }),
  order: [
    ['currency', 'asc'],
    ['orderedValue', 'desc'],
    ['sku', 'asc'],
    ['unit', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select a.*, p.name as "name", p.category as "category" from (
       select s.currency as "currency", s.sku as "sku", s.unit as "unit", ${sums('quantity')}, ${sums('value')} from ${sales(params, from, bind)} group by 1, 2, 3) a
     left join ${from('products')} p on p.sku = a."sku"`,
})

const byCategory = defineQuery({
  ...base,
  name: 'sales.byCategory',
  summary:
    'Sales per currency, category and subcategory, in the catalogue of the asked instant (empty where there is none)',
  path: '/v1/sales/by-category',
  params: filters,
  row: z.object({ currency: z.string(), category: z.string(), subcategory: z.string(), ...value }),
  order: [
    ['currency', 'asc'],
    ['category', 'asc'],
    ['subcategory', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select s.currency as "currency", coalesce(p.category, '') as "category", coalesce(p.subcategory, '') as "subcategory", ${sums('value')}
     from ${sales(params, from, bind, 'product')} group by 1, 2, 3`,
})

const byTerritory = defineQuery({
  ...base,
  name: 'sales.byTerritory',
  summary:
    'Sales per currency, country of the dealer and territory (as frozen with the order; empty where there is none)',
  path: '/v1/sales/by-territory',
  params: filters,
  row: z.object({
    currency: z.string(),
    country: z.string(),
    territoryId: z.string(),
    name: localLabel.nullable(),
    ...value,
  }),
  order: [
    ['currency', 'asc'],
    ['country', 'asc'],
    ['territoryId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select a.*, t.name as "name" from (
       select s.currency as "currency", coalesce(d.country, '') as "country", ${territory} as "territoryId", ${sums('value')}
       from ${sales(params, from, bind, 'dealer')} group by 1, 2, 3) a
     left join ${from('territories')} t on t.territory_id = a."territoryId"`,
})

const byMonth = defineQuery({
  ...base,
  name: 'sales.byMonth',
  summary: 'Sales per currency and calendar month',
  path: '/v1/sales/by-month',
  params: filters,
  row: z.object({ currency: z.string(), month: z.string(), ...value }),
  order: [
    ['currency', 'asc'],
    ['month', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select s.currency as "currency", to_char(s.day, 'YYYY-MM') as "month", ${sums('value')} from ${sales(params, from, bind)} group by 1, 2`,
})

const totals = defineQuery({
  ...base,
  name: 'sales.totals',
  summary: 'Sales per currency: currencies are never added',
  path: '/v1/sales/totals',
  params: filters,
  row: z.object({ currency: z.string(), ...value }),
  order: [['currency', 'asc']],
  sql: (params, from, bind) =>
    `select s.currency as "currency", ${sums('value')} from ${sales(params, from, bind)} group by 1`,
})

const evidence = defineQuery({
  ...base,
  name: 'sales.evidence',
  summary:
    'The events behind the sales of a dealer in a product: the sums of these rows are what the sales figures show',
  path: '/v1/sales/evidence',
  params: z.object({
    dealerId: id,
    sku: id,
    currency: id.optional(),
    from: calendarDate.optional(),
    to: calendarDate.optional(),
  }),
  row: z.object({
    occurredAt: z.string(),
    position: z.string(),
    seq: z.int(),
    eventId: z.string(),
    day: z.string(),
    currency: z.string(),
    orderId: z.string(),
    unit: z.string(),
    ...quantity,
    ...value,
  }),
  order: [
    ['occurredAt', 'asc'],
    ['position', 'asc'],
    ['seq', 'asc'],
  ],
  sql: ({ dealerId, sku, currency, from: first, to }, from, bind) => {
    const columns = (alias: Record<(typeof kinds)[number], string>): string =>
      kinds
        .flatMap((kind) => [
          `${plainDecimal(`coalesce(${alias[kind]}quantity, 0)`)} as "${kind}Quantity"`,
          `${plainDecimal(`coalesce(${alias[kind]}value, 0)`)} as "${kind}Value"`,
        ])
        .join(', ')
    const nothing = Object.fromEntries(movementKinds.map((kind) => [kind, '0 * f.'])) as Record<
      (typeof movementKinds)[number],
      string
    > // every kind is named
    const own = Object.fromEntries(movementKinds.map((kind) => [kind, `f.${kind}_`])) as typeof nothing // every kind is named
    const conditions = (alias: string, day: string): string[] =>
      [
        currency !== undefined && `${alias}.currency = ${bind(currency)}`,
        first !== undefined && `${day} >= ${bind(first)}::date`,
        to !== undefined && `${day} <= ${bind(to)}::date`,
      ].filter((condition) => condition !== false)
    const head = `${isoTime('f.at')} as "occurredAt", f.position as "position", f.seq as "seq", f.event_id as "eventId"`
    return `select ${head}, o.day as "day", o.currency as "currency", o.order_id as "orderId", l.unit as "unit",
        ${columns({ ...nothing, ordered: 'f.', cancelled: 'f.cancelled_' })}
      from ${from.facts('ordered')} f join ${from('ordered')} l on l.order_id = f.order_id and l.line_no = f.line_no join ${from('orders')} o on o.order_id = f.order_id
        ${where(`o.dealer_id = ${bind(dealerId)}`, `l.sku = ${bind(sku)}`, ...conditions('o', 'o.day'))}
      union all
      select ${head}, f.day, f.currency, f.order_id, f.unit, ${columns({ ...own, ordered: '0 * f.shipped_', cancelled: '0 * f.shipped_' })}
      from ${from.facts('movements', { dealer_id: dealerId, sku })} f ${where(...conditions('f', 'f.day'))}`
  },
})

export const salesQueries = [totals, byDealer, byProduct, byCategory, byTerritory, byMonth, evidence] as const
