import { instantOf } from '../../../domain/kernel/businessTime.ts'
import { negated, sumOf } from '../../../domain/kernel/decimalText.ts'
import type { OrderEvent } from '../../../domain/orders/events.ts'
import { lineEffects, lineMeasures, type LineEffect } from '../../../domain/orders/lineEffects.ts'
import type { OrderLine } from '../../../domain/orders/orderLine.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** Quantities by measure, and line values of those that carry money; `tax` and `freight` are net of what was cancelled. */
const sums = [
  ...lineMeasures,
  'ordered_value',
  'cancelled_value',
  'shipped_value',
  'delivered_value',
  'returned_value',
  'tax',
  'freight',
] as const
type Sums = Record<(typeof sums)[number], string>

const holdKinds = ['credit', 'stock', 'risk', 'manual'] as const

const orders = factTable(
  'orders',
  { order_id: 'text' },
  {
    sums,
    lasts: {
      dealer_id: 'text',
      company_id: 'text',
      currency: 'text',
      /** of the placing; of the draft while it is one */
      ordered_at: 'timestamptz',
      phase: 'text',
      placed_via: 'text',
      tier: 'text',
      territory: 'jsonb',
      ship_from: 'jsonb',
      affects_stock: 'boolean',
      backorder_policy: 'text',
      requested_delivery_on: 'date',
      customer_reference: 'text',
      /** sealed: personal data of its author */
      note: 'jsonb',
      line_count: 'integer',
      adopted: 'boolean',
      is_cancelled: 'boolean',
      is_closed: 'boolean',
      ...Object.fromEntries(holdKinds.map((kind) => [`hold_${kind}`, 'boolean' as const])),
      /** type of the newest event: in the facts, the type of each */
      event_type: 'text',
      reason: 'text',
    },
    indexes: [['dealer_id', 'ordered_at'], ['ordered_at']],
  },
)
const lines = factTable(
  'lines',
  { order_id: 'text', line_no: 'integer' },
  {
    sums,
    lasts: {
      sku: 'text',
      /** unit, price, discount, tax and the trace of the price, stated in full; of a draft the quantity asked for */
      terms: 'jsonb',
    },
    indexes: [['sku']],
  },
)
const shipments = factTable(
  'shipments',
  { order_id: 'text', shipment_id: 'text' },
  {
    sums: ['shipped', 'delivered', 'lost', 'shipped_value', 'delivered_value', 'lost_value'],
    lasts: {
      carrier: 'text',
      tracking_number: 'text',
      dispatched_at: 'timestamptz',
      /** of the newest delivery */
      delivered_at: 'timestamptz',
      lines: 'jsonb',
      /** sealed */
      received_by: 'jsonb',
    },
    indexes: [['tracking_number']],
  },
)
const returns = factTable(
  'returns',
  { order_id: 'text', return_id: 'text' },
  {
    sums: ['authorised', 'returned', 'returned_value'],
    lasts: { authorised_at: 'timestamptz', returned_at: 'timestamptz', reason: 'text', lines: 'jsonb', note: 'jsonb' },
  },
)
const breaches = factTable(
  'breaches',
  { order_id: 'text', breached_by: 'text' },
  { lasts: { event_type: 'text', breached_at: 'timestamptz', breaches: 'jsonb' } },
)

/** Orders with their lines, shipments and returns; quantities and values from the same rows that the decider folds. */
export const ordersModel: ReadModel = {
  name: 'orders',
  version: 2,
  events: [
    'OrderDrafted',
    'OrderPlaced',
    'OrderAdopted',
    'OrderConfirmed',
    'BackorderFilled',
    'LinesAllocated',
    'OrderHeld',
    'OrderHoldReleased',
    'OrderAmended',
    'PriceOverrideApproved',
    'RepriceApplied',
    'OrderLinesCancelled',
    'OrderCancelled',
    'ShipmentDispatched',
    'ShipmentDelivered',
    'ShipmentLost',
    'ReturnAuthorised',
    'GoodsReturned',
    'OrderClosed',
  ],
  tables: [orders, lines, shipments, returns, breaches],
  facts: (event) => orderFacts(event as RecordedEvent & OrderEvent), // the types it declares, checked when appended
}

type Lasts = NonNullable<Fact['lasts']>

function orderFacts(event: RecordedEvent & OrderEvent): readonly Fact[] {
  const { orderId } = event.data
  const effects = lineEffects(event)
  const terms = termsOf(event)
  const ofLine = new Map<number, LineEffect[]>()
  for (const effect of effects) {
    const own = ofLine.get(effect.lineNo)
    if (own) own.push(effect)
    else ofLine.set(effect.lineNo, [effect])
  }
  for (const lineNo of terms.keys()) if (!ofLine.has(lineNo)) ofLine.set(lineNo, [])
  return [
    {
      table: 'orders',
      key: { order_id: orderId },
      sums: sumsOf(effects),
      lasts: {
        ...headerOf(event),
        event_type: event.type,
        reason: 'reason' in event.data ? event.data.reason : undefined,
      },
    },
    ...[...ofLine].map(([lineNo, ownEffects]): Fact => {
      const own = terms.get(lineNo)
      return {
        table: 'lines',
        key: { order_id: orderId, line_no: lineNo },
        sums: sumsOf(ownEffects),
        ...(own && { lasts: own }),
      }
    }),
    ...shipmentFacts(event),
    ...returnFacts(event),
    ...breachFacts(event),
  ]
}

/** Only what an event adds: columns it leaves alone stay out of its fact. */
function sumsOf(effects: readonly LineEffect[]): Partial<Sums> {
  const parts = new Map<keyof Sums, string[]>()
  const add = (column: keyof Sums, value: string): void => {
    if (value === '0') return
    const known = parts.get(column)
    if (known) known.push(value)
    else parts.set(column, [value])
  }
  for (const { measure, quantity, value, tax, freight } of effects) {
    add(measure, quantity)
    if (measure === 'confirmed' || measure === 'backordered' || measure === 'allocated') continue
    add(`${measure}_value`, value)
    if (measure === 'ordered') {
      add('tax', tax)
      add('freight', freight)
    } else if (measure === 'cancelled') {
      add('tax', negated(tax))
      add('freight', negated(freight))
    }
  }
  return Object.fromEntries(
    [...parts].map(([column, values]) => [column, values.length === 1 ? values[0] : sumOf(values)]),
  )
}

function headerOf(event: RecordedEvent & OrderEvent): Lasts {
  switch (event.type) {
    case 'OrderDrafted':
      return { ...commonHeader(event, event.data), phase: 'draft', is_cancelled: false }
    case 'OrderPlaced': {
      const { placedVia, tier, territory } = event.data
      return {
        ...commonHeader(event, event.data),
        phase: 'placed',
        placed_via: placedVia,
        tier,
        territory,
        is_cancelled: false,
        is_closed: false,
      }
    }
    case 'OrderAdopted': {
      const { shipFrom, affectsStock, backorderPolicy } = event.data
      return { adopted: true, ship_from: shipFrom, affects_stock: affectsStock, backorder_policy: backorderPolicy }
    }
    case 'OrderHeld':
      return { [`hold_${event.data.kind}`]: true }
    case 'OrderHoldReleased':
      return { [`hold_${event.data.kind}`]: false }
    case 'OrderCancelled':
      return { is_cancelled: true }
    case 'OrderClosed':
      return { is_closed: true }
    default:
      return {}
  }
}

function commonHeader(
  event: RecordedEvent,
  data: Extract<OrderEvent, { type: 'OrderDrafted' | 'OrderPlaced' }>['data'],
): Lasts {
  return {
    dealer_id: data.dealerId,
    company_id: data.companyId,
    currency: data.currency,
    ordered_at: utc(event),
    ship_from: data.shipFrom,
    affects_stock: data.affectsStock,
    backorder_policy: data.backorderPolicy,
    requested_delivery_on: data.requestedDeliveryOn,
    customer_reference: data.customerReference,
    note: data.note,
    line_count: data.lines.length,
  }
}

/** The terms of the lines that an event states, by line number. */
function termsOf(event: OrderEvent): ReadonlyMap<number, Lasts> {
  switch (event.type) {
    case 'OrderDrafted':
      return new Map(
        event.data.lines.map(({ lineNo, sku, unit, quantity }) => [
          lineNo,
          { sku, terms: { unit, drafted: quantity } },
        ]),
      )
    case 'OrderPlaced':
      return new Map(event.data.lines.map(placedTerms))
    case 'OrderAmended':
    case 'RepriceApplied':
      return new Map(event.data.changes.map(({ after }) => placedTerms(after)))
    case 'PriceOverrideApproved':
      return new Map([placedTerms(event.data.after)])
    default:
      return new Map()
  }
}

function placedTerms({ lineNo, sku, unit, unitPrice, discount, tax, price }: OrderLine): [number, Lasts] {
  const terms = { unit, unitPrice, discount: discount?.value, taxCode: tax?.code, price }
  return [lineNo, { sku, terms }]
}

function shipmentFacts(event: RecordedEvent & OrderEvent): readonly Fact[] {
  switch (event.type) {
    case 'ShipmentDispatched': {
      const { carrier, trackingNumber } = event.data
      const parts = event.data.lines.map(({ lineNo, sku, quantity, lots }) => ({
        lineNo,
        sku,
        quantity,
        ...(lots && { lots }),
      }))
      const lasts = { carrier, tracking_number: trackingNumber, dispatched_at: utc(event), lines: parts }
      return [shipmentFact(event.data, { shipped: quantityOf(event.data), shipped_value: valueOf(event.data) }, lasts)]
    }
    case 'ShipmentDelivered': {
      const total = { delivered: quantityOf(event.data), delivered_value: valueOf(event.data) }
      return [shipmentFact(event.data, total, { delivered_at: utc(event), received_by: event.data.receivedBy })]
    }
    case 'ShipmentLost':
      return [shipmentFact(event.data, { lost: quantityOf(event.data), lost_value: valueOf(event.data) }, {})]
    default:
      return []
  }
}

function shipmentFact(
  data: { orderId: string; shipmentId: string },
  total: Record<string, string>,
  lasts: Lasts,
): Fact {
  return { table: 'shipments', key: { order_id: data.orderId, shipment_id: data.shipmentId }, sums: total, lasts }
}

function returnFacts(event: RecordedEvent & OrderEvent): readonly Fact[] {
  const fact = (returnId: string, total: Record<string, string>, lasts: Lasts): Fact => ({
    table: 'returns',
    key: { order_id: event.data.orderId, return_id: returnId },
    sums: total,
    lasts,
  })
  switch (event.type) {
    case 'ReturnAuthorised': {
      const { returnId, reason, note } = event.data
      return [fact(returnId, { authorised: quantityOf(event.data) }, { authorised_at: utc(event), reason, note })]
    }
    case 'GoodsReturned': {
      const { returnId, reason } = event.data
      const parts = event.data.lines.map(({ lineNo, sku, quantity, condition, lot }) => ({
        lineNo,
        sku,
        quantity,
        condition,
        ...(lot !== undefined && { lot }),
      }))
      const total = { returned: quantityOf(event.data), returned_value: valueOf(event.data) }
      return [fact(returnId, total, { returned_at: utc(event), reason, lines: parts })]
    }
    default:
      return []
  }
}

function breachFacts(event: RecordedEvent & OrderEvent): readonly Fact[] {
  if (!('breaches' in event.data) || event.data.breaches.length === 0) return []
  return [
    {
      table: 'breaches',
      key: { order_id: event.data.orderId, breached_by: event.id },
      lasts: { event_type: event.type, breached_at: utc(event), breaches: event.data.breaches },
    },
  ]
}

function quantityOf({ lines }: { lines: readonly { quantity: string }[] }): string {
  return sumOf(lines.map(({ quantity }) => quantity))
}

function valueOf({ lines }: { lines: readonly { value: string }[] }): string {
  return sumOf(lines.map(({ value }) => value))
}

function utc(event: RecordedEvent): string {
  return new Date(instantOf(event.occurredAt)).toISOString()
}
