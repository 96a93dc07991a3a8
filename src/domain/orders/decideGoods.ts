import { compare, minus, plus, positivePart, smaller, sumOf } from '../kernel/decimalText.ts'
import { isRefusal, refuse, type Circumstances, type Decision, type Refusal } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { own } from '../kernel/table.ts'
import type { OrderCommand } from './commands.ts'
import type { OrderEvent } from './events.ts'
import type { OrderGiven } from './given.ts'
import { minusMoney, nextPart, partFields, plusMoney, shareOf } from './lineParts.ts'
import { noMoney, type LineMoney } from './lineEffects.ts'
import { openQuantity, unshippedQuantity } from './orderStatus.ts'
import type { Line, Placed, Shipment } from './state.ts'

// Goods leave, arrive, get lost, come back.

type Of<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>
type Part = { readonly lineNo: number; readonly quantity: string }

export function dispatch(
  command: Of<'DispatchShipment'>,
  state: Placed,
  { recorded, given }: Circumstances<OrderGiven>,
): Decision<OrderEvent> {
  const { orderId, shipmentId, carrier, trackingNumber } = command
  const { companyId, dealerId, currency, shipFrom, affectsStock } = state.header
  const there = own(state.shipments, shipmentId)
  if (there !== undefined) return isSameShipment(command, there) ? [] : refuse('orders.shipment_exists', { shipmentId })
  if (state.holds.length > 0 && !recorded) return refuse('orders.on_hold', { holds: state.holds })
  const lines = withLines(command.lines, state)
  if (isRefusal(lines)) return lines
  if (!recorded) {
    const early = lines.find(
      ({ line, quantity }) => compare(plus(line.quantities.shipped, quantity), line.quantities.allocated) > 0,
    )
    if (early)
      return refuse('orders.not_allocated', {
        lineNo: early.lineNo,
        allocated: minus(early.line.quantities.allocated, early.line.quantities.shipped),
      })
  }
  const over = lines.map(
    ({ line, lineNo, quantity }) =>
      compare(quantity, unshippedQuantity(line.quantities)) > 0 &&
      refuse('orders.over_shipped', { lineNo, quantity, left: unshippedQuantity(line.quantities) }),
  )
  const breaches = enforce([...over, given.credit], recorded)
  if (isRefusal(breaches)) return breaches
  const shipped = []
  for (const { line, lineNo, quantity, lots } of lines) {
    const chosen = lots ?? (affectsStock && !recorded ? allocatedLots(line, quantity, given) : undefined)
    if (isRefusal(chosen)) return chosen
    if (chosen !== undefined && compare(total(chosen), quantity) !== 0)
      return refuse('orders.quantity', { lineNo, lots: total(chosen) })
    // goods without a lot need none named
    const named = chosen?.filter((one) => one.lot !== '-')
    const { sku, unit } = line.terms
    shipped.push({
      lineNo,
      sku,
      unit,
      quantity,
      ...partFields(line.terms, nextPart(line, quantity)),
      ...(named && named.length === chosen?.length && { lots: named }),
    })
  }
  return [
    ...(recorded ? implied(lines, orderId, shipmentId) : []),
    {
      type: 'ShipmentDispatched',
      data: {
        orderId,
        shipmentId,
        companyId,
        dealerId,
        currency,
        shipFrom,
        affectsStock,
        lines: shipped,
        ...(carrier !== undefined && { carrier }),
        ...(trackingNumber !== undefined && { trackingNumber }),
        breaches,
      },
    },
  ]
}

interface OfLine extends Part {
  readonly line: Line
  readonly lots?: readonly { readonly lot: string; readonly quantity: string }[] | undefined
}

function withLines(parts: readonly (Part & Pick<OfLine, 'lots'>)[], state: Placed): OfLine[] | Refusal {
  const found: OfLine[] = []
  for (const part of parts) {
    const line = own(state.lines, part.lineNo)
    if (line === undefined) return refuse('orders.line_unknown', { lineNo: part.lineNo })
    if (found.some((other) => other.lineNo === part.lineNo))
      return refuse('orders.duplicate_line', { lineNo: part.lineNo })
    found.push({ ...part, line })
  }
  return found
}

/** The lots set aside for the line on its stock stream, as many as are needed. */
function allocatedLots(
  { terms }: Line,
  quantity: string,
  { allocations = {} }: OrderGiven,
): { lot: string; quantity: string }[] | Refusal {
  let left = quantity
  const chosen = []
  for (const entry of own(allocations, terms.sku) ?? []) {
    if (entry.lineNo !== terms.lineNo || left === '0') continue
    const part = smaller(left, entry.quantity)
    chosen.push({ lot: entry.lot, quantity: part })
    left = minus(left, part)
  }
  return left === '0' ? chosen : refuse('stock.insufficient', { sku: terms.sku, wanted: quantity, short: left })
}

/** A recorded shipment says that its goods had been confirmed and allocated, so that S ≤ A ≤ C holds. */
function implied(lines: readonly OfLine[], orderId: string, shipmentId: string): OrderEvent[] {
  const filled: Part[] = []
  const confirmed: { lineNo: number; confirmed: string; backordered: string }[] = []
  const allocated: Part[] = []
  for (const { line, lineNo, quantity } of lines) {
    const { quantities } = line
    const needed = plus(quantities.shipped, smaller(quantity, positivePart(unshippedQuantity(quantities))))
    const unconfirmed = positivePart(minus(needed, quantities.confirmed))
    const fromBackorder = smaller(unconfirmed, quantities.backordered)
    const fromOpen = smaller(minus(unconfirmed, fromBackorder), positivePart(openQuantity(quantities)))
    const unallocated = positivePart(minus(needed, quantities.allocated))
    if (fromBackorder !== '0') filled.push({ lineNo, quantity: fromBackorder })
    if (fromOpen !== '0') confirmed.push({ lineNo, confirmed: fromOpen, backordered: '0' })
    if (unallocated !== '0') allocated.push({ lineNo, quantity: unallocated })
  }
  const key = `shipment:${shipmentId}`
  return [
    ...(filled.length > 0 ? [{ type: 'BackorderFilled' as const, data: { orderId, fillId: key, lines: filled } }] : []),
    ...(confirmed.length > 0
      ? [{ type: 'OrderConfirmed' as const, data: { orderId, confirmationId: key, lines: confirmed } }]
      : []),
    ...(allocated.length > 0
      ? [{ type: 'LinesAllocated' as const, data: { orderId, allocationId: key, lines: allocated } }]
      : []),
  ]
}

export function deliver(command: Of<'DeliverShipment'>, state: Placed): Decision<OrderEvent> {
  const { orderId, shipmentId, deliveryId = shipmentId, receivedBy } = command
  const { companyId, dealerId, currency } = state.header
  const lines = state.done.includes(`delivered:${deliveryId}`) && command.lines ? [] : endedLines(command, state)
  if (isRefusal(lines)) return lines
  if (lines.length === 0) return []
  return [
    {
      type: 'ShipmentDelivered',
      data: {
        orderId,
        shipmentId,
        deliveryId,
        companyId,
        dealerId,
        currency,
        lines,
        ...(receivedBy !== undefined && { receivedBy }),
        breaches: [],
      },
    },
  ]
}

export function lose(command: Of<'ReportShipmentLost'>, state: Placed): Decision<OrderEvent> {
  const { orderId, shipmentId, lossId = shipmentId, remedy, reason } = command
  const { companyId, dealerId, currency } = state.header
  if (remedy === 'reship' && (state.cancelled || state.closed)) return refuse('orders.wrong_state', { orderId, remedy })
  const lines = state.done.includes(`lost:${lossId}`) && command.lines ? [] : endedLines(command, state)
  if (isRefusal(lines)) return lines
  return lines.length === 0
    ? []
    : [
        {
          type: 'ShipmentLost',
          data: { orderId, shipmentId, lossId, companyId, dealerId, currency, lines, remedy, reason },
        },
      ]
}

/** Parts of a shipment that is on its way, with their money; all of what is on its way when none are named. */
function endedLines({ shipmentId, lines: named }: Of<'DeliverShipment'> | Of<'ReportShipmentLost'>, state: Placed) {
  const shipment = own(state.shipments, shipmentId)
  if (shipment === undefined) return refuse('orders.shipment_unknown', { shipmentId })
  const wanted =
    named ??
    shipment.lines
      .map(({ lineNo }) => ({ lineNo, quantity: onTheWay(shipment, lineNo).quantity }))
      .filter((line) => line.quantity !== '0')
  const lines = withLines(wanted, state)
  if (isRefusal(lines)) return lines
  const over = lines.find(({ lineNo, quantity }) => compare(quantity, onTheWay(shipment, lineNo).quantity) > 0)
  if (over)
    return refuse('orders.quantity', {
      shipmentId,
      lineNo: over.lineNo,
      left: onTheWay(shipment, over.lineNo).quantity,
    })
  return lines.map(({ line, lineNo, quantity }) => {
    const { sku, unit } = line.terms
    const rest = onTheWay(shipment, lineNo)
    return { lineNo, sku, unit, quantity, ...partFields(line.terms, shareOf(rest.money, rest.quantity, quantity)) }
  })
}

function onTheWay(shipment: Shipment, lineNo: number): { quantity: string; money: LineMoney } {
  const ended = shipment.ended.filter((part) => part.lineNo === lineNo)
  const shipped = shipment.lines.find((line) => line.lineNo === lineNo)
  if (shipped === undefined) return { quantity: '0', money: noMoney }
  const { value, tax, freight } = shipped
  return {
    quantity: minus(shipped.quantity, total(ended)),
    money: ended.reduce((rest, part) => minusMoney(rest, part.money), {
      value,
      tax: tax?.amount ?? '0',
      freight: freight ?? '0',
    }),
  }
}

export function authoriseReturn(command: Of<'AuthoriseReturn'>, state: Placed): Decision<OrderEvent> {
  const { orderId, returnId, reason, note } = command
  const lines = withLines(command.lines, state)
  if (isRefusal(lines)) return lines
  const there = own(state.returns, returnId)
  if (there !== undefined) return isSameParts(there.lines, command.lines) ? [] : refuse('object.exists', { returnId })
  const over = lines.find(({ line, lineNo, quantity }) => compare(quantity, returnable(line, lineNo, state)) > 0)
  if (over)
    return refuse('orders.over_returned', { lineNo: over.lineNo, left: returnable(over.line, over.lineNo, state) })
  return [
    {
      type: 'ReturnAuthorised',
      data: { orderId, returnId, lines: command.lines, reason, ...(note !== undefined && { note }) },
    },
  ]
}

/** Delivered, not returned, and not promised to another return. */
function returnable({ quantities }: Line, lineNo: number, state: Placed): string {
  const pending = Object.values(state.returns).flatMap((one) =>
    one.received ? [] : one.lines.filter((line) => line.lineNo === lineNo),
  )
  return minus(quantities.delivered, plus(quantities.returned, total(pending)))
}

export function receiveReturn(
  command: Of<'ReceiveReturn'>,
  state: Placed,
  { recorded }: Circumstances<OrderGiven>,
): Decision<OrderEvent> {
  const { orderId, returnId, reason } = command
  const { companyId, dealerId, currency, shipFrom, affectsStock } = state.header
  const authorised = own(state.returns, returnId)
  if (authorised?.received) return []
  const sums = command.lines.map(({ lineNo }) => ({
    lineNo,
    quantity: total(command.lines.filter((line) => line.lineNo === lineNo)),
  }))
  const lines: OfLine[] = []
  for (const part of command.lines) {
    const line = own(state.lines, part.lineNo)
    if (line === undefined) return refuse('orders.line_unknown', { lineNo: part.lineNo })
    lines.push({ ...part, line })
  }
  const rules = sums.map(({ lineNo, quantity }) => {
    const quantities = own(state.lines, lineNo)?.quantities
    const left = quantities ? minus(quantities.delivered, quantities.returned) : '0'
    const allowed = total((authorised?.lines ?? []).filter((line) => line.lineNo === lineNo))
    if (compare(quantity, allowed) > 0 && !recorded)
      return refuse('orders.return_not_authorised', { returnId, lineNo, authorised: allowed })
    return compare(quantity, left) > 0 && refuse('orders.over_returned', { lineNo, left })
  })
  const breaches = enforce(rules, recorded)
  if (isRefusal(breaches)) return breaches
  const taken = new Map<number, { quantity: string; money: LineMoney }>()
  const priced = lines.map(({ line, lineNo, quantity }, index) => {
    const before = taken.get(lineNo) ?? { quantity: '0', money: noMoney }
    const money = returnedMoney(line, before, quantity)
    taken.set(lineNo, { quantity: plus(before.quantity, quantity), money: plusMoney(before.money, money) })
    const { condition, lot } = command.lines[index] ?? { condition: 'scrap' as const, lot: undefined }
    const { sku, unit } = line.terms
    return {
      lineNo,
      sku,
      unit,
      quantity,
      ...partFields(line.terms, money),
      condition,
      ...(lot !== undefined && { lot }),
    }
  })
  return [
    {
      type: 'GoodsReturned',
      data: {
        orderId,
        returnId,
        companyId,
        dealerId,
        currency,
        to: command.to ?? shipFrom,
        affectsStock,
        lines: priced,
        reason,
        breaches,
      },
    },
  ]
}

/** By the terms of the sale: the share of what was delivered, or shipped where no delivery was recorded, and has not come back. */
function returnedMoney(
  { quantities, money }: Line,
  before: { quantity: string; money: LineMoney },
  quantity: string,
): LineMoney {
  const back = plus(quantities.returned, before.quantity)
  const base = compare(plus(back, quantity), quantities.delivered) <= 0 ? 'delivered' : 'shipped'
  const rest = minusMoney(minusMoney(money[base], money.returned), before.money)
  const restQuantity = minus(quantities[base], back)
  return compare(quantity, restQuantity) <= 0
    ? shareOf(rest, restQuantity, quantity)
    : shareOf(money.ordered, quantities.ordered, quantity)
}

function isSameShipment(command: Of<'DispatchShipment'>, shipment: Shipment): boolean {
  return isSameParts(shipment.lines, command.lines)
}

function isSameParts(a: readonly Part[], b: readonly Part[]): boolean {
  return (
    a.length === b.length &&
    a.every((part) => b.some((other) => other.lineNo === part.lineNo && compare(other.quantity, part.quantity) === 0))
  )
}

function total(lines: readonly { quantity: string }[]): string {
  return sumOf(lines.map((line) => line.quantity))
}
