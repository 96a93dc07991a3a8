import { minus, negated, plus } from '../../../../domain/kernel/decimalText.ts'
import { multiply, formatDecimal, parseDecimal } from '../../../../domain/kernel/decimal.ts'
import type { FulfilmentEvent } from '../../../../domain/fulfilment/events.ts'
import type { EpisodeCode } from '../../../../domain/metrics/episodes.ts'
import type { MeasureCode } from '../../../../domain/metrics/measures.ts'
import type { OrderEvent } from '../../../../domain/orders/events.ts'
import { type LineEffect, lineEffects, type LineMeasure } from '../../../../domain/orders/lineEffects.ts'
import type { OrderLine } from '../../../../domain/orders/orderLine.ts'
import type { RecordedEvent } from '../../../../ledger/envelope.ts'
import type { Fact } from '../../../engine/factTable.ts'
import { begins, change, ends, type Feed, leaves, one, type Owner } from './measureFacts.ts'

type Recorded = RecordedEvent & OrderEvent

const lineId = (orderId: string, lineNo: number): string => `${orderId}/${lineNo}`
const ofOrder = (orderId: string): Owner => ({ doc: ['order', orderId] })
const ofLine = (orderId: string, lineNo: number): Owner => ({ doc: ['order-line', lineId(orderId, lineNo)] })

export const orderFeed: Feed<OrderEvent> = {
  OrderDrafted: (event) => [change(event, 'order-drafts', event.data, one)],
  OrderPlaced: (event) => {
    const {
      orderId,
      companyId,
      dealerId,
      currency,
      placedVia,
      requestedDeliveryOn: dueOn,
      lines,
      breaches,
    } = event.data
    const owner = { companyId, dealerId, currency }
    const by = placedBy[placedVia]
    const whole = { ...owner, dueOn, open: lines.reduce((sum, { quantity }) => plus(sum, quantity), '0') }
    return [
      begins(event, 'order', orderId, whole),
      begins(event, 'dispatch', orderId, whole),
      begins(event, 'confirmation', orderId, owner),
      change(event, 'orders-placed', owner, one),
      ...(by ? [change(event, by, owner, one)] : []),
      ...(breaches.length > 0 ? [change(event, 'orders-in-breach', owner, one)] : []),
      ...lines.flatMap((line) => {
        const { lineNo, sku, unit, quantity } = line
        const own = { ...owner, sku, unit }
        const figures = { amount: line.lineValue, quantity, count: '1' }
        const codes = [...(line.price?.breaches ?? []), ...breaches.filter((breach) => breach.lineNo === lineNo)]
        const breaks = (code: string): boolean => codes.some((breach) => breach.code === code)
        const plain = { amount: line.lineValue, count: '1' }
        return [
          begins(event, 'order-line', lineId(orderId, lineNo), { ...own, dueOn, open: quantity }),
          change(event, 'ordered', own, figures),
          change(event, 'undelivered', own, { amount: line.lineValue, quantity }),
          ...(by && by !== 'orders-by-staff' ? [change(event, 'ordered-digitally', own, plain)] : []),
          ...pricedFacts(event, own, line),
          ...(breaks('pricing.below_floor') ? [change(event, 'below-floor', own, plain)] : []),
          ...(breaks('pricing.above_ceiling') ? [change(event, 'above-ceiling', own, plain)] : []),
        ]
      }),
    ]
  },
  OrderConfirmed: (event) => {
    const { orderId, lines } = event.data
    return [
      ends(event, 'confirmation', orderId),
      ...lines.flatMap(({ lineNo, confirmed, backordered }) => [
        ...(confirmed === '0'
          ? []
          : [change(event, 'confirmed', ofLine(orderId, lineNo), { quantity: confirmed, count: '1' })]),
        ...(backordered === '0'
          ? []
          : [change(event, 'short-at-confirmation', ofLine(orderId, lineNo), { quantity: backordered, count: '1' })]),
      ]),
      ...levelFacts(event),
    ]
  },
  BackorderFilled: (event) => [
    ...event.data.lines.map(({ lineNo, quantity }) =>
      change(event, 'backorder-filled', ofLine(event.data.orderId, lineNo), { quantity, count: '1' }),
    ),
    ...levelFacts(event),
  ],
  OrderHeld: (event) => [
    begins(event, 'order-hold', `${event.data.orderId}/${event.data.kind}`, { ofOrder: event.data.orderId }),
    change(event, 'order-holds', ofOrder(event.data.orderId), one),
    ...(event.data.kind === 'credit' ? [change(event, 'order-credit-holds', ofOrder(event.data.orderId), one)] : []),
  ],
  OrderHoldReleased: (event) => [ends(event, 'order-hold', `${event.data.orderId}/${event.data.kind}`)],
  OrderAmended: (event) => {
    const { orderId, changes } = event.data
    const added = changes.filter(({ before }) => before === undefined)
    return [
      change(event, 'orders-amended', ofOrder(orderId), one),
      ...added.map(({ after: { lineNo, sku, unit } }) =>
        begins(event, 'order-line', lineId(orderId, lineNo), { sku, unit, ofOrder: orderId }),
      ),
      ...added.map(({ after: { lineNo } }) => change(event, 'ordered', ofLine(orderId, lineNo), one)),
      ...termsFacts(event),
      ...levelFacts(event),
      ...remainders(event, ['order', 'order-line', 'dispatch']),
    ]
  },
  PriceOverrideApproved: (event) => {
    const { orderId, lineNo, before, after } = event.data
    return [
      change(event, 'price-overrides', ofLine(orderId, lineNo), {
        amount: minus(before.lineValue, after.lineValue),
        count: '1',
      }),
      ...termsFacts(event),
      ...levelFacts(event),
    ]
  },
  RepriceApplied: (event) => [
    ...event.data.changes.map(({ lineNo, before, after }) =>
      change(event, 'repriced', ofLine(event.data.orderId, lineNo), {
        amount: minus(after.lineValue, before.lineValue),
        count: '1',
      }),
    ),
    ...termsFacts(event),
    ...levelFacts(event),
  ],
  OrderLinesCancelled: (event) => [
    ...event.data.lines.map(({ lineNo, quantity, value }) =>
      change(event, 'cancelled', ofLine(event.data.orderId, lineNo), { amount: value, quantity, count: '1' }),
    ),
    ...levelFacts(event),
    ...remainders(event, ['order', 'order-line', 'dispatch']),
  ],
  OrderCancelled: (event) => [
    leaves(event, 'confirmation', event.data.orderId),
    change(event, 'orders-cancelled', ofOrder(event.data.orderId), one),
  ],
  ShipmentDispatched: (event) => {
    const { orderId, shipmentId, companyId, dealerId, currency, lines } = event.data
    const owner = { companyId, dealerId, currency }
    const freight = lines.reduce((sum, line) => plus(sum, line.freight ?? '0'), '0')
    const open = lines.reduce((sum, { quantity }) => plus(sum, quantity), '0')
    return [
      begins(event, 'shipment', `${orderId}/${shipmentId}`, { ...owner, open }),
      begins(event, 'billing', `${orderId}/${shipmentId}`, owner),
      ends(event, 'dispatch', orderId, { open: negated(open) }),
      change(event, 'shipments', owner, one),
      ...(freight === '0' ? [] : [change(event, 'freight', owner, { amount: freight })]),
      ...goodsFacts(event, 'shipped', owner, lines),
    ]
  },
  ShipmentDelivered: (event) => {
    const { orderId, shipmentId, companyId, dealerId, currency, lines } = event.data
    const owner = { companyId, dealerId, currency }
    const done = negated(lines.reduce((sum, { quantity }) => plus(sum, quantity), '0'))
    return [
      ends(event, 'order', orderId, { open: done }),
      ends(event, 'shipment', `${orderId}/${shipmentId}`, { open: done }),
      ...lines.map(({ lineNo, quantity }) =>
        ends(event, 'order-line', lineId(orderId, lineNo), { open: negated(quantity) }),
      ),
      ...goodsFacts(event, 'delivered', owner, lines),
      ...levelFacts(event),
    ]
  },
  ShipmentLost: (event) => {
    const { orderId, shipmentId, companyId, dealerId, currency, lines, remedy } = event.data
    const owner = { companyId, dealerId, currency }
    const gone = lines.reduce((sum, { quantity }) => plus(sum, quantity), '0')
    return [
      leaves(event, 'shipment', `${orderId}/${shipmentId}`, negated(gone)),
      ...(remedy === 'reship'
        ? [leaves(event, 'dispatch', orderId, gone)]
        : remainders(event, ['order', 'order-line'])),
      ...goodsFacts(event, 'lost', owner, lines),
      ...lines.flatMap(({ sku, unit, quantity, value }) => [
        change(event, 'shipped', { ...owner, sku, unit }, { amount: negated(value), quantity: negated(quantity) }),
        ...(remedy === 'cancel'
          ? [change(event, 'cancelled', { ...owner, sku, unit }, { amount: value, quantity, count: '1' })]
          : []),
      ]),
      ...levelFacts(event),
    ]
  },
  ReturnAuthorised: (event) => [
    begins(event, 'return', `${event.data.orderId}/${event.data.returnId}`, { ofOrder: event.data.orderId }),
  ],
  GoodsReturned: (event) => {
    const { orderId, returnId, companyId, dealerId, currency, lines } = event.data
    const owner = { companyId, dealerId, currency }
    return [
      ends(event, 'return', `${orderId}/${returnId}`, owner),
      change(event, 'returns', owner, one),
      ...goodsFacts(event, 'returned', owner, lines),
      ...lines
        .filter(({ condition }) => condition === 'scrap')
        .map(({ sku, unit, quantity }) => change(event, 'returned-to-scrap', { ...owner, sku, unit }, { quantity })),
    ]
  },
}

const ofAttempt = ({ data }: { readonly data: { readonly orderId: string } }): Owner => ofOrder(data.orderId)

export const fulfilmentFeed: Feed<FulfilmentEvent> = {
  FulfilmentStarted: (event) => [
    begins(event, 'fulfilment', event.data.orderId, { dealerId: event.data.dealerId, currency: event.data.currency }),
    change(event, 'fulfilments-started', { dealerId: event.data.dealerId }, one),
  ],
  FulfilmentRetried: (event) => [change(event, 'fulfilments-retried', { dealerId: event.data.dealerId }, one)],
  CreditReservationRefused: (event) => [change(event, 'credit-refusals', ofAttempt(event), one)],
  FulfilmentDeadlinePassed: (event) => [change(event, 'fulfilment-deadlines', ofAttempt(event), one)],
  CompensationStarted: (event) => [change(event, 'compensations', ofAttempt(event), one)],
  FulfilmentCompleted: (event) => [
    ends(event, 'fulfilment', event.data.orderId),
    change(event, `fulfilments-${event.data.outcome}`, ofAttempt(event), one),
  ],
}

const placedBy: Readonly<Record<string, MeasureCode | undefined>> = {
  portal: 'orders-by-portal',
  api: 'orders-by-api',
  edi: 'orders-by-edi',
  staff: 'orders-by-staff',
}

/** Of lines that were priced from lists: what they would cost at list price, and what they do. */
function pricedFacts(event: Recorded, owner: Owner, { price, quantity, lineValue }: OrderLine): readonly Fact[] {
  if (!price) return []
  const list = formatDecimal(multiply(parseDecimal(quantity), parseDecimal(price.listPrice), 'half-up').value)
  return [
    change(event, 'list-value', owner, { amount: list }),
    change(event, 'priced-value', owner, { amount: lineValue, quantity, count: '1' }),
    ...(price.promotions.length > 0 ? [change(event, 'promoted', owner, { amount: lineValue, count: '1' })] : []),
  ]
}

interface Goods {
  readonly sku: string
  readonly unit: string
  readonly quantity: string
  readonly value: string
}

function goodsFacts(event: Recorded, measure: MeasureCode, owner: Owner, lines: readonly Goods[]): readonly Fact[] {
  return lines.map(({ sku, unit, quantity, value }) =>
    change(event, measure, { ...owner, sku, unit }, { amount: value, quantity, count: '1' }),
  )
}

/** What amendments and new prices add to what is ordered. */
function termsFacts(event: Recorded & { readonly data: { readonly orderId: string } }): readonly Fact[] {
  return lineEffects(event)
    .filter(({ measure }) => measure === 'ordered')
    .map(({ lineNo, quantity, value }) =>
      change(event, 'ordered', ofLine(event.data.orderId, lineNo), { quantity, amount: value }),
    )
}

/** What is left to deliver, and what waits for stock. */
function levelFacts(event: Recorded): readonly Fact[] {
  return lineEffects(event).flatMap(({ lineNo, measure, quantity, value }) => {
    const owner = ofLine(event.data.orderId, lineNo)
    if (measure === 'backordered') return [change(event, 'open-backorder', owner, { quantity })]
    if (measure === 'ordered') return [change(event, 'undelivered', owner, { amount: value, quantity })]
    if (measure === 'cancelled' || measure === 'delivered')
      return [change(event, 'undelivered', owner, { amount: negated(value), quantity: negated(quantity) })]
    return []
  })
}

const opens: Partial<Record<LineMeasure, (quantity: string) => string>> = {
  ordered: (quantity) => quantity,
  cancelled: negated,
}

/** Quantities that are ordered or no longer ordered change what is left of the order and of its lines. */
function remainders(event: Recorded, kinds: readonly EpisodeCode[]): readonly Fact[] {
  return lineEffects(event).flatMap(({ lineNo, measure, quantity }: LineEffect) => {
    const open = opens[measure]?.(quantity)
    if (open === undefined || open === '0') return []
    const { orderId } = event.data
    return kinds.map((kind) => leaves(event, kind, kind === 'order-line' ? lineId(orderId, lineNo) : orderId, open))
  })
}
