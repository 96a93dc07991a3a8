import { compare, minus, plus } from '../kernel/decimalText.ts'
import { refuse, type Aggregate, type Circumstances, type Decision, type Refusal } from '../kernel/decider.ts'
import { own } from '../kernel/table.ts'
import { sameData } from '../kernel/sameData.ts'
import { orderCommands, type OrderCommand } from './commands.ts'
import { authoriseReturn, deliver, dispatch, lose, receiveReturn } from './decideGoods.ts'
import { amend, overridePrice, place, placeGranted, record, reprice } from './decideTerms.ts'
import { orderEvents, type OrderEvent } from './events.ts'
import { gatherForOrder, type OrderGiven } from './given.ts'
import { nextPart, partFields, takeFrom } from './lineParts.ts'
import { openQuantity, unshippedQuantity } from './orderStatus.ts'
import { evolveOrder, linesOf, statusOf, type OrderState, type Placed } from './state.ts'

/** The life of an order (domain.md §2.10). */
export const orderAggregate: Aggregate<OrderCommand, OrderEvent, OrderState, OrderGiven> = {
  category: 'order',
  stateVersion: 1,
  initialState: { phase: 'none' },
  evolve: evolveOrder,
  decide,
  gather: (command, load, at) => gatherForOrder(command, load, at, (id) => load(orderAggregate, id)),
  owner: (state, command) =>
    state.phase === 'placed'
      ? state.header.dealerId
      : state.phase === 'draft'
        ? state.draft.dealerId
        : 'dealerId' in command
          ? command.dealerId
          : undefined,
  events: orderEvents,
  commands: orderCommands,
}

/** Goods that a payout pays for are granted by the settlement, not changed here. */
const changesTerms: ReadonlySet<OrderCommand['type']> = new Set(['AmendOrder', 'ApprovePriceOverride', 'ApplyReprice'])

function decide(
  command: OrderCommand,
  state: OrderState,
  circumstances: Circumstances<OrderGiven>,
): Decision<OrderEvent> {
  const { orderId } = command
  if (state.phase === 'draft') {
    const owner = 'dealerId' in command ? command.dealerId : state.draft.dealerId
    if (owner !== state.draft.dealerId) return refuse('object.exists', { orderId })
  }
  if (command.type === 'DraftOrder') return draft(command, state, circumstances)
  if (command.type === 'PlaceOrder') return place(command, state, circumstances)
  if (command.type === 'PlaceGrantedOrder') return placeGranted(command, state, circumstances)
  if (command.type === 'RecordOrder') return record(command, state, circumstances)
  if (state.phase === 'draft' && command.type === 'CancelOrder') return state.cancelled ? [] : [cancelled(command)]
  if (state.phase === 'none') return refuse('orders.unknown', { orderId })
  const wrongState = refuse('orders.wrong_state', { orderId, status: statusOf(state) })
  if (state.phase === 'draft') return wrongState
  const isOver = state.closed || state.cancelled
  if (state.header.grant && changesTerms.has(command.type)) return refuse('orders.granted', { orderId })

  switch (command.type) {
    case 'AdoptOrder': {
      if (state.adopted) return []
      if (
        state.header.placedVia !== 'recorded' ||
        isOver ||
        linesOf(state).every((line) => compare(unshippedQuantity(line.quantities), '0') <= 0)
      )
        return wrongState
      const { dealerId } = state.header
      const {
        shipFrom = state.header.shipFrom,
        affectsStock = state.header.affectsStock,
        backorderPolicy = state.header.backorderPolicy,
      } = command
      return [{ type: 'OrderAdopted', data: { orderId, dealerId, shipFrom, affectsStock, backorderPolicy } }]
    }
    case 'ConfirmOrder': {
      const { confirmationId, lines } = command
      if (state.done.includes(`confirmed:${confirmationId}`)) return []
      return (
        blocked(state, isOver, wrongState) ??
        tooMuch(
          lines,
          state,
          ({ confirmed, backordered }) => plus(confirmed, backordered),
          (line) => openQuantity(line.quantities),
        ) ?? [{ type: 'OrderConfirmed', data: { orderId, confirmationId, lines } }]
      )
    }
    case 'FillBackorder': {
      const { fillId, lines } = command
      if (state.done.includes(`filled:${fillId}`)) return []
      return (
        blocked(state, isOver, wrongState) ??
        tooMuch(
          lines,
          state,
          ({ quantity }) => quantity,
          (line) => line.quantities.backordered,
        ) ?? [{ type: 'BackorderFilled', data: { orderId, fillId, lines } }]
      )
    }
    case 'AllocateLines': {
      const { allocationId, lines } = command
      if (state.done.includes(`allocated:${allocationId}`)) return []
      return (
        blocked(state, isOver, wrongState) ??
        tooMuch(
          lines,
          state,
          ({ quantity }) => quantity,
          ({ quantities }) => minus(quantities.confirmed, quantities.allocated),
        ) ?? [{ type: 'LinesAllocated', data: { orderId, allocationId, lines } }]
      )
    }
    case 'HoldOrder': {
      const { kind, reason, note } = command
      if (state.holds.includes(kind)) return []
      return isOver
        ? wrongState
        : [{ type: 'OrderHeld', data: { orderId, kind, reason, ...(note !== undefined && { note }) } }]
    }
    case 'ReleaseHold': {
      const { kind, reason, note } = command
      return state.holds.includes(kind)
        ? [{ type: 'OrderHoldReleased', data: { orderId, kind, reason, ...(note !== undefined && { note }) } }]
        : []
    }
    case 'AmendOrder':
      return isOver ? wrongState : amend(command, state, circumstances)
    case 'ApprovePriceOverride':
      return isOver ? wrongState : overridePrice(command, state)
    case 'ApplyReprice':
      return isOver ? wrongState : reprice(command, state, circumstances)
    case 'CancelLines': {
      if (state.done.includes(`cancelled:${command.cancellationId}`)) return []
      if (isOver) return wrongState
      return (
        tooMuch(
          command.lines,
          state,
          ({ quantity }) => quantity,
          (line) => unshippedQuantity(line.quantities),
        ) ?? cancelLines(command, state, command.cancellationId, command.lines)
      )
    }
    case 'CancelOrder':
      return cancelOrder(command, state, wrongState)
    case 'DispatchShipment':
      return isOver && !circumstances.recorded && own(state.shipments, command.shipmentId) === undefined
        ? wrongState
        : dispatch(command, state, circumstances)
    case 'DeliverShipment':
      return deliver(command, state)
    case 'ReportShipmentLost':
      return lose(command, state)
    case 'AuthoriseReturn':
      return authoriseReturn(command, state)
    case 'ReceiveReturn':
      return receiveReturn(command, state, circumstances)
    case 'CloseOrder': {
      if (state.closed) return []
      const isDone = linesOf(state).every(
        ({ quantities }) => compare(minus(quantities.ordered, quantities.cancelled), quantities.delivered) <= 0,
      )
      if (state.cancelled && linesOf(state).every(({ quantities }) => quantities.shipped === '0')) return wrongState
      return isDone
        ? [{ type: 'OrderClosed', data: { orderId, reason: command.reason } }]
        : refuse('orders.open_quantities', { orderId, status: statusOf(state) })
    }
    default:
      return command satisfies never
  }
}

type Of<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>

function draft(
  command: Of<'DraftOrder'>,
  state: OrderState,
  { given }: Circumstances<OrderGiven>,
): Decision<OrderEvent> {
  const { type: _type, backorderPolicy, ...rest } = command
  if (state.phase === 'placed' || (state.phase === 'draft' && state.cancelled))
    return refuse('object.exists', { orderId: command.orderId })
  if (given.dealer === undefined || given.dealer.companyId !== command.companyId)
    return refuse('dealers.unknown', { dealerId: command.dealerId })
  const data = { ...rest, backorderPolicy: backorderPolicy ?? given.dealer.terms.backorderPolicy }
  const { note: _note, ...seen } = data
  return state.phase === 'draft' && sameData(state.draft, seen) ? [] : [{ type: 'OrderDrafted', data }]
}

function blocked(state: Placed, isOver: boolean, wrongState: Refusal): Refusal | undefined {
  if (isOver) return wrongState
  return state.holds.length > 0 ? refuse('orders.on_hold', { holds: state.holds }) : undefined
}

/** Each line once, known, and with no more than it has left. */
function tooMuch<L extends { lineNo: number }>(
  lines: readonly L[],
  state: Placed,
  asked: (line: L) => string,
  left: (line: Placed['lines'][string]) => string,
): Refusal | undefined {
  const seen = new Set<number>()
  for (const wanted of lines) {
    const { lineNo } = wanted
    const line = own(state.lines, lineNo)
    if (line === undefined) return refuse('orders.line_unknown', { lineNo })
    if (seen.has(lineNo)) return refuse('orders.duplicate_line', { lineNo })
    if (compare(asked(wanted), left(line)) > 0)
      return refuse('orders.quantity', { lineNo, asked: asked(wanted), left: left(line) })
    seen.add(lineNo)
  }
  return undefined
}

function cancelled({ orderId, reason, note }: Of<'CancelOrder'> | Of<'CancelLines'>): OrderEvent {
  return { type: 'OrderCancelled', data: { orderId, reason, ...(note !== undefined && { note }) } }
}

function cancelLines(
  command: Of<'CancelLines'> | Of<'CancelOrder'>,
  state: Placed,
  cancellationId: string,
  parts: readonly { lineNo: number; quantity: string }[],
): OrderEvent[] {
  const { orderId, reason, note } = command
  const lines = parts.flatMap(({ lineNo, quantity }) => {
    const line = own(state.lines, lineNo)
    return line === undefined
      ? []
      : [
          {
            lineNo,
            quantity,
            ...takeFrom(line.quantities, quantity),
            ...partFields(line.terms, nextPart(line, quantity)),
          },
        ]
  })
  const event: OrderEvent = {
    type: 'OrderLinesCancelled',
    data: { orderId, cancellationId, lines, reason, ...(note !== undefined && { note }) },
  }
  const nothingLeft = linesOf(state).every(({ terms, quantities }) => {
    const taken = parts.find((part) => part.lineNo === terms.lineNo)?.quantity ?? '0'
    return compare(minus(quantities.ordered, plus(quantities.cancelled, taken)), '0') <= 0
  })
  return command.type === 'CancelOrder' || nothingLeft ? [event, cancelled(command)] : [event]
}

function cancelOrder(command: Of<'CancelOrder'>, state: Placed, wrongState: Refusal): Decision<OrderEvent> {
  if (state.cancelled) return []
  const parts = linesOf(state)
    .map(({ terms, quantities }) => ({ lineNo: terms.lineNo, quantity: unshippedQuantity(quantities) }))
    .filter(({ quantity }) => compare(quantity, '0') > 0)
  return state.closed || parts.length === 0 ? wrongState : cancelLines(command, state, 'order', parts)
}
