import { plus } from '../kernel/decimalText.ts'
import type { Happened } from '../kernel/event.ts'
import { own } from '../kernel/table.ts'
import type { OrderEvent } from './events.ts'
import { lineEffects, lineMeasures, noMoney, type LineMeasure, type LineMoney } from './lineEffects.ts'
import type { OrderLine } from './orderLine.ts'
import { orderStatus, type LineQuantities, type OrderStatus } from './orderStatus.ts'

type Data<Type extends OrderEvent['type']> = Extract<OrderEvent, { type: Type }>['data']
type Header = Omit<Data<'OrderPlaced'>, 'lines' | 'breaches' | 'note'>
type HoldKind = Data<'OrderHeld'>['kind']
export type ShippedLine = Data<'ShipmentDispatched'>['lines'][number]

export interface Line {
  /** as they stand: what was placed, amended, re-priced */
  readonly terms: OrderLine
  readonly quantities: LineQuantities
  /** of what was ordered, cancelled, shipped, delivered, returned */
  readonly money: Readonly<Record<LineMeasure, LineMoney>>
}

export interface Shipment {
  readonly lines: readonly ShippedLine[]
  /** what of them was delivered or lost */
  readonly ended: readonly { readonly lineNo: number; readonly quantity: string; readonly money: LineMoney }[]
}

export interface Return {
  readonly lines: readonly { readonly lineNo: number; readonly quantity: string }[]
  readonly received: boolean
}

export interface Placed {
  readonly phase: 'placed'
  readonly header: Header
  /** by line number */
  readonly lines: Readonly<Record<string, Line>>
  readonly holds: readonly HoldKind[]
  readonly shipments: Readonly<Record<string, Shipment>>
  readonly returns: Readonly<Record<string, Return>>
  readonly amendments: number
  readonly adopted: boolean
  readonly cancelled: boolean
  readonly closed: boolean
  /** names of facts with a key of their own */
  readonly done: readonly string[]
}

export type OrderState =
  | { readonly phase: 'none' }
  | { readonly phase: 'draft'; readonly draft: Omit<Data<'OrderDrafted'>, 'note'>; readonly cancelled: boolean }
  | Placed

/** Facts about an order that is not there (its placing was declared in error) change nothing. */
export function evolveOrder(state: OrderState, event: Happened<OrderEvent>): OrderState {
  if (event.type === 'OrderDrafted') {
    const { note: _note, ...draft } = event.data
    return { phase: 'draft', draft, cancelled: false }
  }
  if (event.type === 'OrderPlaced') return withEffects(placed(event.data), event)
  if (state.phase === 'draft' && event.type === 'OrderCancelled') return { ...state, cancelled: true }
  return state.phase === 'placed' ? withParticulars(withEffects(withTerms(state, event), event), event) : state
}

export function statusOf(state: OrderState): OrderStatus {
  if (state.phase === 'none') return 'none'
  if (state.phase === 'draft') return orderStatus([], { phase: 'draft', closed: false, cancelled: state.cancelled })
  return orderStatus(
    linesOf(state).map((line) => line.quantities),
    state,
  )
}

export function linesOf(state: Placed): readonly Line[] {
  return Object.values(state.lines)
}

function placed(data: Data<'OrderPlaced'>): Placed {
  const { lines, breaches: _breaches, note: _note, ...header } = data
  return {
    phase: 'placed',
    header,
    lines: Object.fromEntries(lines.map((line) => [line.lineNo, newLine(line)])),
    holds: [],
    shipments: {},
    returns: {},
    amendments: 0,
    adopted: false,
    cancelled: false,
    closed: false,
    done: [],
  }
}

const none = <T>(value: T): Readonly<Record<LineMeasure, T>> => ({
  ordered: value,
  confirmed: value,
  cancelled: value,
  backordered: value,
  allocated: value,
  shipped: value,
  delivered: value,
  returned: value,
})

function newLine(terms: OrderLine): Line {
  return { terms, quantities: none('0'), money: none(noMoney) }
}

function withTerms(state: Placed, event: OrderEvent): Placed {
  const changes: readonly { lineNo: number; after: OrderLine }[] =
    event.type === 'OrderAmended' || event.type === 'RepriceApplied'
      ? event.data.changes
      : event.type === 'PriceOverrideApproved'
        ? [event.data]
        : []
  if (changes.length === 0) return state
  const lines = { ...state.lines }
  for (const { lineNo, after } of changes) lines[lineNo] = { ...(own(lines, lineNo) ?? newLine(after)), terms: after }
  return { ...state, lines }
}

/** Quantities and money come from the shared effect rows alone, so that no read model can disagree. */
function withEffects(state: Placed, event: OrderEvent): Placed {
  const lines = { ...state.lines }
  for (const { lineNo, measure, quantity, value, tax, freight } of lineEffects(event)) {
    const line = own(lines, lineNo)
    if (line === undefined) continue
    const money = line.money[measure]
    lines[lineNo] = {
      ...line,
      quantities: { ...line.quantities, [measure]: plus(line.quantities[measure], quantity) },
      money: {
        ...line.money,
        [measure]: {
          value: plus(money.value, value),
          tax: plus(money.tax, tax),
          freight: plus(money.freight, freight),
        },
      },
    }
  }
  return { ...state, lines }
}

function withParticulars(state: Placed, event: OrderEvent): Placed {
  switch (event.type) {
    case 'OrderAdopted': {
      const { shipFrom, affectsStock, backorderPolicy } = event.data
      return { ...state, adopted: true, header: { ...state.header, shipFrom, affectsStock, backorderPolicy } }
    }
    case 'OrderHeld':
      return { ...state, holds: [...state.holds, event.data.kind] }
    case 'OrderHoldReleased':
      return { ...state, holds: state.holds.filter((kind) => kind !== event.data.kind) }
    case 'OrderAmended':
      return { ...state, amendments: event.data.amendment }
    case 'OrderConfirmed':
      return withDone(state, `confirmed:${event.data.confirmationId}`)
    case 'BackorderFilled':
      return withDone(state, `filled:${event.data.fillId}`)
    case 'LinesAllocated':
      return withDone(state, `allocated:${event.data.allocationId}`)
    case 'OrderLinesCancelled':
      return withDone(state, `cancelled:${event.data.cancellationId}`)
    case 'OrderCancelled':
      return { ...state, cancelled: true }
    case 'ShipmentDispatched': {
      const { shipmentId, lines } = event.data
      return { ...state, shipments: { ...state.shipments, [shipmentId]: { lines, ended: [] } } }
    }
    case 'ShipmentDelivered':
      return withEnded(withDone(state, `delivered:${event.data.deliveryId}`), event.data)
    case 'ShipmentLost':
      return withEnded(withDone(state, `lost:${event.data.lossId}`), event.data)
    case 'ReturnAuthorised': {
      const { returnId, lines } = event.data
      return { ...state, returns: { ...state.returns, [returnId]: { lines, received: false } } }
    }
    case 'GoodsReturned': {
      const { returnId, lines } = event.data
      const authorised =
        own(state.returns, returnId)?.lines ?? lines.map(({ lineNo, quantity }) => ({ lineNo, quantity }))
      return { ...state, returns: { ...state.returns, [returnId]: { lines: authorised, received: true } } }
    }
    case 'OrderClosed':
      return { ...state, closed: true }
    default:
      return state
  }
}

function withDone(state: Placed, name: string): Placed {
  return { ...state, done: [...state.done, name] }
}

function withEnded(state: Placed, { shipmentId, lines }: Data<'ShipmentDelivered'> | Data<'ShipmentLost'>): Placed {
  const shipment = own(state.shipments, shipmentId)
  if (shipment === undefined) return state
  const ended = lines.map(({ lineNo, quantity, value, tax, freight }) => ({
    lineNo,
    quantity,
    money: { value, tax: tax?.amount ?? '0', freight: freight ?? '0' },
  }))
  return {
    ...state,
    shipments: { ...state.shipments, [shipmentId]: { ...shipment, ended: [...shipment.ended, ...ended] } },
  }
}

/** A measure by name for every line, for invariants and reports. */
export function totalsOf(state: Placed): LineQuantities {
  return linesOf(state).reduce<LineQuantities>(
    (sum, line) =>
      Object.fromEntries(
        lineMeasures.map((measure) => [measure, plus(sum[measure], line.quantities[measure])]),
      ) as LineQuantities, // every measure is named
    none('0'),
  )
}
