import { z } from 'zod'
import { breaches as breachList } from '../../../domain/kernel/breach.ts'
import { calendarDate, sealedText } from '../../../domain/kernel/fields.ts'
import { orderStatuses } from '../../../domain/orders/orderStatus.ts'
import { backorderPolicy, holdKind, place, placedVia } from '../../../domain/orders/events.ts'
import { priceResolution } from '../../../domain/pricing/resolution.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where } from '../sqlText.ts'
import { ordersModel } from './model.ts'
import { orderStatusSql } from './orderStatusSql.ts'

const id = z.string().min(1).max(64)
const flag = z.enum(['true', 'false'])
const status = z.enum(orderStatuses)
const base = { model: ordersModel, owner: 'dealerId', audience: 'everyone' } as const

const quantities = [
  'ordered',
  'confirmed',
  'cancelled',
  'backordered',
  'allocated',
  'shipped',
  'delivered',
  'returned',
] as const
const values = {
  orderedValue: 'ordered_value',
  cancelledValue: 'cancelled_value',
  shippedValue: 'shipped_value',
  deliveredValue: 'delivered_value',
  returnedValue: 'returned_value',
  tax: 'tax',
  freight: 'freight',
} as const
const figureRow = {
  ordered: z.string(),
  confirmed: z.string(),
  cancelled: z.string(),
  backordered: z.string(),
  allocated: z.string(),
  shipped: z.string(),
  delivered: z.string(),
  returned: z.string(),
  orderedValue: z.string(),
  cancelledValue: z.string(),
  shippedValue: z.string(),
  deliveredValue: z.string(),
  returnedValue: z.string(),
  /** of what is ordered and not cancelled */
  tax: z.string(),
  freight: z.string(),
}
const figures = (alias: string): string =>
  [
    ...quantities.map((measure) => `${plainDecimal(`${alias}.${measure}`)} as "${measure}"`),
    ...Object.entries(values).map(([name, column]) => `${plainDecimal(`${alias}.${column}`)} as "${name}"`),
  ].join(', ')

const header = z.object({
  orderId: z.string(),
  dealerId: z.string(),
  companyId: z.string(),
  currency: z.string(),
  orderedAt: z.string(),
  status,
  holds: z.array(holdKind),
  placedVia: placedVia.nullable(),
  adopted: z.boolean(),
  tier: z.string().nullable(),
  territoryId: z.string().nullable(),
  territoryVersion: z.int().nullable(),
  shipFrom: place,
  affectsStock: z.boolean(),
  backorderPolicy,
  requestedDeliveryOn: z.string().nullable(),
  customerReference: z.string().nullable(),
  note: sealedText.nullable(),
  lineCount: z.int(),
  ...figureRow,
})
const holds = `to_json(array_remove(array[${holdKind.options.map((kind) => `case when o.hold_${kind} then '${kind}' end`).join(', ')}], null))`
const headerColumns = (from: Source, orderId?: string): string => `
  o.order_id as "orderId", o.dealer_id as "dealerId", o.company_id as "companyId", o.currency as "currency", ${isoTime('o.ordered_at')} as "orderedAt",
  ${orderStatusSql('o', from('lines', { order_id: orderId }))} as "status", ${holds} as "holds", o.placed_via as "placedVia", coalesce(o.adopted, false) as "adopted",
  o.tier as "tier", o.territory->>'id' as "territoryId", o.territory->'version' as "territoryVersion", o.ship_from as "shipFrom",
  o.affects_stock as "affectsStock", o.backorder_policy as "backorderPolicy", o.requested_delivery_on as "requestedDeliveryOn",
  o.customer_reference as "customerReference", o.note as "note", o.line_count as "lineCount", ${figures('o')}`

/** Facts about an order whose placing was declared in error make no order. */
const exists = 'o.dealer_id is not null'
const ofDealer = (dealerId: string | undefined, bind: Bind): string | false =>
  dealerId !== undefined && `o.dealer_id = ${bind(dealerId)}`
const between = (column: string, first: string | undefined, to: string | undefined, bind: Bind): (string | false)[] => [
  first !== undefined && `${column} >= ${bind(first)}::timestamp at time zone 'UTC'`,
  to !== undefined && `${column} < (${bind(to)}::timestamp + interval '1 day') at time zone 'UTC'`,
]

const listFilters = {
  dealerId: id.optional(),
  companyId: id.optional(),
  currency: id.optional(),
  /** ordered on or after, and until the end of, these days in UTC */
  from: calendarDate.optional(),
  to: calendarDate.optional(),
}

const list = defineQuery({
  ...base,
  name: 'orders.list',
  summary: 'Orders, newest first, with their status, holds, quantities and values',
  path: '/v1/orders',
  kind: 'list',
  params: z.object({
    ...listFilters,
    status: status.optional(),
    held: flag.optional(),
    sku: id.optional(),
    /** start of the order id or of the customer's reference */
    search: z.string().min(1).max(200).optional(),
  }),
  row: header,
  order: [
    ['orderedAt', 'desc'],
    ['orderId', 'desc'],
  ],
  sql: (params, from, bind) => {
    const text = params.search === undefined ? undefined : `${bind(params.search)}::text`
    const held = `(${holdKind.options.map((kind) => `coalesce(o.hold_${kind}, false)`).join(' or ')})`
    return `select * from (select ${headerColumns(from)} from ${from('orders')} o ${where(
      exists,
      ofDealer(params.dealerId, bind),
      params.companyId !== undefined && `o.company_id = ${bind(params.companyId)}`,
      params.currency !== undefined && `o.currency = ${bind(params.currency)}`,
      ...between('o.ordered_at', params.from, params.to, bind),
      params.held !== undefined && `${held} = ${bind(params.held)}::boolean`,
      params.sku !== undefined &&
        `exists (select from ${from('lines')} k where k.order_id = o.order_id and k.sku = ${bind(params.sku)})`,
      text !== undefined && `(starts_with(o.order_id, ${text}) or starts_with(o.customer_reference, ${text}))`,
    )}) q ${where(params.status !== undefined && `q."status" = ${bind(params.status)}`)}`
  },
})

const one = defineQuery({
  ...base,
  name: 'orders.one',
  summary: 'One order: header, status, holds, quantities and values over all its lines',
  path: '/v1/orders/:orderId',
  kind: 'one',
  params: z.object({ orderId: id, dealerId: id.optional() }),
  row: header,
  sql: ({ orderId, dealerId }, from, bind) =>
    `select ${headerColumns(from, orderId)} from ${from('orders', { order_id: orderId })} o ${where(exists, ofDealer(dealerId, bind))}`,
})

const lineRow = z.object({
  orderId: z.string(),
  lineNo: z.int(),
  dealerId: z.string(),
  currency: z.string(),
  sku: z.string(),
  unit: z.string(),
  /** asked for in a draft */
  drafted: z.string().nullable(),
  unitPrice: z.string().nullable(),
  discount: z.string().nullable(),
  taxCode: z.string().nullable(),
  ...figureRow,
  /** neither cancelled nor confirmed nor backordered */
  open: z.string(),
  price: priceResolution.nullable(),
})
const lineColumns = `
  l.order_id as "orderId", l.line_no as "lineNo", o.dealer_id as "dealerId", o.currency as "currency", l.sku as "sku", l.terms->>'unit' as "unit",
  l.terms->>'drafted' as "drafted", l.terms->>'unitPrice' as "unitPrice", l.terms->>'discount' as "discount", l.terms->>'taxCode' as "taxCode",
  ${figures('l')}, ${plainDecimal('(l.ordered - l.cancelled - l.confirmed - l.backordered)')} as "open", l.terms->'price' as "price"`
/** A drafted line that was not placed is no line of the order. */
const lineStands = `(l.terms ? 'unitPrice' or (o.phase = 'draft' and l.terms is not null))`

const lines = defineQuery({
  ...base,
  name: 'orders.lines',
  summary:
    'The lines of an order with what is ordered, confirmed, cancelled, backordered, allocated, shipped, delivered and returned',
  path: '/v1/orders/:orderId/lines',
  kind: 'list',
  params: z.object({ orderId: id, dealerId: id.optional() }),
  row: lineRow,
  order: [['lineNo', 'asc']],
  sql: ({ orderId, dealerId }, from, bind) =>
    `select ${lineColumns} from ${from('lines', { order_id: orderId })} l join ${from('orders', { order_id: orderId })} o on o.order_id = l.order_id
     ${where(exists, lineStands, ofDealer(dealerId, bind))}`,
})

const lineSearch = defineQuery({
  ...base,
  name: 'orderLines.list',
  summary: 'Lines of all orders, by sku, or those that wait as a backorder or are still open',
  path: '/v1/order-lines',
  kind: 'list',
  params: z.object({ ...listFilters, sku: id.optional(), backordered: flag.optional(), open: flag.optional() }),
  row: lineRow,
  order: [
    ['orderId', 'asc'],
    ['lineNo', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select ${lineColumns} from ${from('lines')} l join ${from('orders')} o on o.order_id = l.order_id ${where(
      exists,
      lineStands,
      ofDealer(params.dealerId, bind),
      params.companyId !== undefined && `o.company_id = ${bind(params.companyId)}`,
      params.currency !== undefined && `o.currency = ${bind(params.currency)}`,
      ...between('o.ordered_at', params.from, params.to, bind),
      params.sku !== undefined && `l.sku = ${bind(params.sku)}`,
      params.backordered !== undefined && `(l.backordered > 0) = ${bind(params.backordered)}::boolean`,
      params.open !== undefined &&
        `(l.ordered - l.cancelled - l.confirmed - l.backordered > 0) = ${bind(params.open)}::boolean`,
    )}`,
})

const totals = defineQuery({
  ...base,
  name: 'orders.totals',
  summary: 'Number and value of orders per currency and status: currencies are never added',
  path: '/v1/order-totals',
  kind: 'list',
  params: z.object(listFilters),
  row: z.object({
    currency: z.string(),
    status,
    orders: z.string(),
    orderedValue: z.string(),
    cancelledValue: z.string(),
    shippedValue: z.string(),
    deliveredValue: z.string(),
    returnedValue: z.string(),
    /** ordered, neither cancelled nor shipped */
    openValue: z.string(),
  }),
  order: [
    ['currency', 'asc'],
    ['status', 'asc'],
  ],
  sql: (params, from, bind) => {
    const sum = (column: string, name: string): string => `${plainDecimal(`sum(q.${column})`)} as "${name}"`
    return `select q.currency as "currency", q.status as "status", count(*) as "orders", ${sum('ordered_value', 'orderedValue')}, ${sum('cancelled_value', 'cancelledValue')},
        ${sum('shipped_value', 'shippedValue')}, ${sum('delivered_value', 'deliveredValue')}, ${sum('returned_value', 'returnedValue')},
        ${plainDecimal('sum(q.ordered_value - q.cancelled_value - q.shipped_value)')} as "openValue"
      from (select o.*, ${orderStatusSql('o', from('lines'))} as status from ${from('orders')} o ${where(
        exists,
        ofDealer(params.dealerId, bind),
        params.companyId !== undefined && `o.company_id = ${bind(params.companyId)}`,
        params.currency !== undefined && `o.currency = ${bind(params.currency)}`,
        ...between('o.ordered_at', params.from, params.to, bind),
      )}) q group by 1, 2`
  },
})

const shipments = defineQuery({
  ...base,
  name: 'shipments.list',
  summary: 'Shipments with carrier, tracking number and what of them was delivered or lost',
  path: '/v1/shipments',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    orderId: id.optional(),
    trackingNumber: z.string().min(1).max(200).optional(),
    /** something of it is neither delivered nor lost */
    onTheWay: flag.optional(),
  }),
  row: z.object({
    orderId: z.string(),
    shipmentId: z.string(),
    dealerId: z.string(),
    currency: z.string(),
    carrier: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    dispatchedAt: z.string(),
    deliveredAt: z.string().nullable(),
    receivedBy: sealedText.nullable(),
    shipped: z.string(),
    delivered: z.string(),
    lost: z.string(),
    shippedValue: z.string(),
    deliveredValue: z.string(),
    lostValue: z.string(),
    lines: z.array(
      z.object({
        lineNo: z.int(),
        sku: z.string(),
        quantity: z.string(),
        lots: z.array(z.object({ lot: z.string(), quantity: z.string() })).optional(),
      }),
    ),
  }),
  order: [
    ['orderId', 'asc'],
    ['shipmentId', 'asc'],
  ],
  sql: ({ dealerId, orderId, trackingNumber, onTheWay }, from, bind) => {
    const figure = (column: string, name: string): string => `${plainDecimal(`s.${column}`)} as "${name}"`
    return `select s.order_id as "orderId", s.shipment_id as "shipmentId", o.dealer_id as "dealerId", o.currency as "currency", s.carrier as "carrier",
        s.tracking_number as "trackingNumber", ${isoTime('s.dispatched_at')} as "dispatchedAt", ${isoTime('s.delivered_at')} as "deliveredAt",
        s.received_by as "receivedBy", ${figure('shipped', 'shipped')}, ${figure('delivered', 'delivered')}, ${figure('lost', 'lost')},
        ${figure('shipped_value', 'shippedValue')}, ${figure('delivered_value', 'deliveredValue')}, ${figure('lost_value', 'lostValue')}, s.lines as "lines"
      from ${from('shipments', { order_id: orderId })} s join ${from('orders', { order_id: orderId })} o on o.order_id = s.order_id ${where(
        exists,
        's.dispatched_at is not null',
        ofDealer(dealerId, bind),
        trackingNumber !== undefined && `s.tracking_number = ${bind(trackingNumber)}`,
        onTheWay !== undefined && `(s.shipped - s.delivered - s.lost > 0) = ${bind(onTheWay)}::boolean`,
      )}`
  },
})

const returns = defineQuery({
  ...base,
  name: 'returns.list',
  summary: 'Returns: what was authorised and what came back',
  path: '/v1/returns',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), orderId: id.optional() }),
  row: z.object({
    orderId: z.string(),
    returnId: z.string(),
    dealerId: z.string(),
    currency: z.string(),
    authorisedAt: z.string().nullable(),
    returnedAt: z.string().nullable(),
    reason: z.string(),
    note: sealedText.nullable(),
    authorised: z.string(),
    returned: z.string(),
    returnedValue: z.string(),
    lines: z
      .array(
        z.object({
          lineNo: z.int(),
          sku: z.string(),
          quantity: z.string(),
          condition: z.enum(['restock', 'scrap']),
          lot: z.string().optional(),
        }),
      )
      .nullable(),
  }),
  order: [
    ['orderId', 'asc'],
    ['returnId', 'asc'],
  ],
  sql: ({ dealerId, orderId }, from, bind) =>
    `select r.order_id as "orderId", r.return_id as "returnId", o.dealer_id as "dealerId", o.currency as "currency", ${isoTime('r.authorised_at')} as "authorisedAt",
       ${isoTime('r.returned_at')} as "returnedAt", r.reason as "reason", r.note as "note", ${plainDecimal('r.authorised')} as "authorised",
       ${plainDecimal('r.returned')} as "returned", ${plainDecimal('r.returned_value')} as "returnedValue", r.lines as "lines"
     from ${from('returns', { order_id: orderId })} r join ${from('orders', { order_id: orderId })} o on o.order_id = r.order_id ${where(exists, ofDealer(dealerId, bind))}`,
})

const history = defineQuery({
  ...base,
  name: 'orders.history',
  summary: 'Every event of an order and what it added, line by line: the sum of these rows is what the lines show',
  path: '/v1/orders/:orderId/history',
  kind: 'list',
  params: z.object({ orderId: id, dealerId: id.optional() }),
  row: z.object({
    occurredAt: z.string(),
    position: z.string(),
    eventId: z.string(),
    eventType: z.string(),
    reason: z.string().nullable(),
    changes: z.array(z.object({ lineNo: z.int() }).catchall(z.string())),
  }),
  order: [
    ['occurredAt', 'asc'],
    ['position', 'asc'],
  ],
  sql: ({ orderId, dealerId }, from, bind) => {
    const parts = [...quantities.map((measure) => [measure, measure] as const), ...Object.entries(values)]
    const change = `jsonb_strip_nulls(jsonb_build_object('lineNo', l.line_no, ${parts.map(([name, column]) => `'${name}', trim_scale(l.${column})::text`).join(', ')}))`
    return `select ${isoTime('f.at')} as "occurredAt", f.position as "position", f.event_id as "eventId", f.event_type as "eventType", f.reason as "reason",
        coalesce((select jsonb_agg(${change} order by l.line_no) from ${from.facts('lines', { order_id: orderId })} l where l.position = f.position), '[]') as "changes"
      from ${from.facts('orders', { order_id: orderId })} f join ${from('orders', { order_id: orderId })} o on o.order_id = f.order_id ${where(exists, ofDealer(dealerId, bind))}`
  },
})

const breaches = defineQuery({
  ...base,
  name: 'orders.breaches',
  summary: 'Business rules that recorded facts about orders broke (they were kept, not refused), newest first',
  path: '/v1/order-breaches',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), orderId: id.optional(), code: z.string().max(100).optional() }),
  row: z.object({
    occurredAt: z.string(),
    orderId: z.string(),
    eventId: z.string(),
    eventType: z.string(),
    dealerId: z.string(),
    breaches: breachList,
  }),
  order: [
    ['occurredAt', 'desc'],
    ['eventId', 'desc'],
  ],
  sql: ({ dealerId, orderId, code }, from, bind) =>
    `select ${isoTime('b.breached_at')} as "occurredAt", b.order_id as "orderId", b.breached_by as "eventId", b.event_type as "eventType", o.dealer_id as "dealerId",
       b.breaches as "breaches" from ${from('breaches', { order_id: orderId })} b join ${from('orders', { order_id: orderId })} o on o.order_id = b.order_id ${where(
         exists,
         ofDealer(dealerId, bind),
         code !== undefined && `b.breaches @> jsonb_build_array(jsonb_build_object('code', ${bind(code)}::text))`,
       )}`,
})

export const ordersQueries = [list, one, lines, lineSearch, totals, shipments, returns, history, breaches] as const
