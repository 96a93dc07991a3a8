import { changed, forget, accountOf, holdForCredit, passCredit, releaseCredit, undelivered } from './credit.ts'
import { creditGoods, invoiceGoods } from './documents.ts'
import { freeAt, main, priceAt, stockOf, tellStock } from './stock.ts'
import {
  least,
  less,
  more,
  nothing,
  parse,
  positive,
  share,
  sum,
  times,
  type Id,
  type Line,
  type Money,
  type Order,
  type Policy,
  type World,
} from './world.ts'

// ---- orders (§2.10) ----

const open = (line: Line): bigint => line.ordered - line.cancelled - line.confirmed - line.backordered
const unshipped = (line: Line): bigint => line.ordered - line.cancelled - line.shipped
const isOver = (order: Order): boolean => order.cancelled || order.closed

const nextPart = (line: Line, quantity: bigint): Money =>
  share(less(less(line.money.ordered, line.money.cancelled), line.money.shipped), unshipped(line), quantity)
function newLine(no: number, sku: string, quantity: bigint, price: bigint, rate: bigint): Line {
  const value = times(quantity, price)
  const zero = {
    cancelled: 0n,
    backordered: 0n,
    confirmed: 0n,
    allocated: 0n,
    shipped: 0n,
    delivered: 0n,
    returned: 0n,
  }
  const money = {
    ordered: { value, tax: times(value, rate) },
    cancelled: nothing(),
    shipped: nothing(),
    delivered: nothing(),
    returned: nothing(),
  }
  return { no, sku, price, rate, ordered: quantity, ...zero, money }
}

export interface Place {
  id: Id
  dealer: Id
  policy: Policy
  rate: string
  lines: { no: number; sku: string; quantity: string; expected?: string }[]
}
export function place(world: World, c: Place, at: number): string {
  const there = world.orders.get(c.id)
  if (there) {
    const isSame =
      there.dealer === c.dealer &&
      there.lines.length === c.lines.length &&
      c.lines.every(({ no, sku, quantity }) =>
        there.lines.some((line) => line.no === no && line.sku === sku && line.ordered === parse(quantity)),
      )
    return isSame ? 'ok' : 'object.exists'
  }
  const lines: Line[] = []
  for (const { no, sku, quantity, expected } of c.lines) {
    const price = priceAt(world, sku, at)
    if (price === undefined) return 'catalogue.unknown_sku'
    if (expected !== undefined && parse(expected) !== price) return 'orders.price_changed'
    lines.push(newLine(no, sku, parse(quantity), price, parse(c.rate)))
  }
  const order: Order = {
    id: c.id,
    dealer: c.dealer,
    policy: c.policy,
    lines,
    holds: new Set(),
    shipments: new Map(),
    returns: new Map(),
    cancelled: false,
    closed: false,
    begun: false,
  }
  world.orders.set(c.id, order)
  fulfil(world, order, at)
  return 'ok'
}

/** `quantity` is what the line shall be, cancelled units aside; an unshipped line gets the price of the day (§2.10). */
export function amend(world: World, c: { id: Id; no: number; sku: string; quantity: string }, at: number): string {
  const order = world.orders.get(c.id)
  if (!order) return 'orders.unknown'
  if (isOver(order)) return 'orders.wrong_state'
  const line = order.lines.find(({ no }) => no === c.no)
  const wanted = parse(c.quantity)
  const price = priceAt(world, line?.sku ?? c.sku, at) ?? 0n
  if (!line) order.lines.push(newLine(c.no, c.sku, wanted, price, 0n))
  else {
    const live = line.ordered - line.cancelled
    if (wanted === live) return 'ok'
    if (line.shipped > 0n && wanted > live) return 'orders.line_shipped'
    if (wanted < line.shipped) return 'orders.quantity'
    const { cancelled } = line.money
    if (line.shipped > 0n) line.money.ordered = less(line.money.ordered, nextPart(line, live - wanted))
    else {
      const value = times(wanted, price)
      line.money.ordered = more(cancelled, { value, tax: times(value, line.rate) })
      line.price = price
    }
    if (wanted < live) takeAway(line, live - wanted)
    line.ordered += wanted - live
  }
  changed(world, order)
  fulfil(world, order, at)
  return 'ok'
}

/** What falls away is taken from what is open, then backordered, then confirmed, allocated goods last. */
function takeAway(line: Line, quantity: bigint): void {
  const beyond = positive(quantity - positive(open(line)))
  const backordered = least(beyond, line.backordered)
  const confirmed = beyond - backordered
  line.allocated -= positive(confirmed - (line.confirmed - line.allocated))
  line.backordered -= backordered
  line.confirmed -= confirmed
}

function cancelPart(line: Line, quantity: bigint): void {
  line.money.cancelled = more(line.money.cancelled, nextPart(line, quantity))
  takeAway(line, quantity)
  line.cancelled += quantity
}

export function cancel(world: World, id: Id): string {
  const order = world.orders.get(id)
  if (!order) return 'orders.unknown'
  if (order.cancelled) return 'ok'
  const rest = order.lines.filter((line) => unshipped(line) > 0n)
  if (order.closed || rest.length === 0) return 'orders.wrong_state'
  for (const line of rest) cancelPart(line, unshipped(line))
  order.cancelled = true
  for (const stock of world.stock.values()) stock.waiting.delete(id)
  changed(world, order)
  return 'ok'
}

export function close(world: World, id: Id): string {
  const order = world.orders.get(id)
  if (!order) return 'orders.unknown'
  if (order.closed) return 'ok'
  if (order.cancelled && order.lines.every((line) => line.shipped === 0n)) return 'orders.wrong_state'
  if (order.lines.some((line) => line.ordered - line.cancelled > line.delivered)) return 'orders.open_quantities'
  order.closed = true
  for (const stock of world.stock.values()) stock.waiting.delete(id)
  releaseCredit(world, order)
  return 'ok'
}

/** A person holds an order, or lets it go from a hold that is no matter of credit. */
export function hold(world: World, id: Id, how: 'hold' | 'stock' | 'manual', at: number): string {
  const order = world.orders.get(id)
  if (!order) return 'orders.unknown'
  if (how === 'hold') {
    if (isOver(order) && !order.holds.has('manual')) return 'orders.wrong_state'
    order.holds.add('manual')
  } else if (order.holds.delete(how)) {
    // it may come to rest as it was: that it was let go has been said all the same
    world.seq += 1
    fulfil(world, order, at)
  }
  return 'ok'
}

export function ship(
  world: World,
  c: { id: Id; shipment: Id; lines: { no: number; quantity: string }[] },
  at: number,
): string {
  const order = world.orders.get(c.id)
  if (!order) return 'orders.unknown'
  const there = order.shipments.get(c.shipment)
  if (there) return 'ok'
  if (isOver(order)) return 'orders.wrong_state'
  if (order.holds.size > 0) return 'orders.on_hold'
  const parts = c.lines.map(({ no, quantity }) => ({
    line: order.lines.find((line) => line.no === no),
    quantity: parse(quantity),
  }))
  if (parts.some(({ line }) => !line)) return 'orders.line_unknown'
  if (parts.some(({ line, quantity }) => line!.shipped + quantity > line!.allocated)) return 'orders.not_allocated'
  const lines = parts.map(({ line, quantity }) => ({ no: line!.no, quantity, money: nextPart(line!, quantity) }))
  for (const [index, { line, quantity }] of parts.entries()) {
    line!.shipped += quantity
    line!.money.shipped = more(line!.money.shipped, lines[index]!.money)
    tellStock(world, main(line!.sku), 'move', -quantity, at, `${c.id}/${c.shipment}/${line!.no}`)
  }
  order.shipments.set(c.shipment, { lines, arrived: false })
  if (world.rules.invoiceOn.get(order.dealer) === 'shipment')
    invoiceGoods(world, order, `INV/${c.id}/${c.shipment}`, lines, at)
  return 'ok'
}

export function deliver(world: World, id: Id, shipmentId: Id, at: number): string {
  const order = world.orders.get(id)
  if (!order) return 'orders.unknown'
  const shipment = order.shipments.get(shipmentId)
  if (!shipment) return 'orders.shipment_unknown'
  if (shipment.arrived) return 'ok'
  shipment.arrived = true
  const before = undelivered(order)
  for (const { no, quantity, money } of shipment.lines) {
    const line = order.lines.find((one) => one.no === no)!
    line.delivered += quantity
    line.money.delivered = more(line.money.delivered, money)
  }
  const fell = before - undelivered(order)
  if (world.rules.invoiceOn.get(order.dealer) === 'delivery')
    invoiceGoods(world, order, `INV/${id}/${shipmentId}/${shipmentId}`, shipment.lines, at)
  const credit = accountOf(world, order.dealer).orders.get(id)
  if (credit) {
    const fromInvoiced = least(fell, credit.invoiced)
    credit.invoiced -= fromInvoiced
    credit.open -= least(fell - fromInvoiced, credit.open)
    credit.delivered += fell - fromInvoiced
    forget(accountOf(world, order.dealer), id)
  }
  return 'ok'
}

/** Goods that may come back: delivered, not returned, and not promised to another return. */
export function allowReturn(world: World, c: { id: Id; returnId: Id; no: number; quantity: string }): string {
  const order = world.orders.get(c.id)
  if (!order) return 'orders.unknown'
  const line = order.lines.find((one) => one.no === c.no)
  if (!line) return 'orders.line_unknown'
  const quantity = parse(c.quantity)
  const promised = sum(order.returns.values(), (one) => (one.no === c.no && !one.isBack ? one.quantity : 0n))
  if (quantity > line.delivered - line.returned - promised) return 'orders.over_returned'
  order.returns.set(c.returnId, { no: c.no, quantity, isBack: false })
  return 'ok'
}

/** By the terms of the sale, never by today's (§2.0); goods come back to MAIN. */
export function takeBack(world: World, c: { id: Id; returnId: Id }, at: number): string {
  const order = world.orders.get(c.id)
  if (!order) return 'orders.unknown'
  const allowed = order.returns.get(c.returnId)
  if (!allowed) return 'orders.return_not_authorised'
  if (allowed.isBack) return 'ok'
  allowed.isBack = true
  const { quantity } = allowed
  const line = order.lines.find((one) => one.no === allowed.no)!
  const money = share(less(line.money.delivered, line.money.returned), line.delivered - line.returned, quantity)
  line.returned += quantity
  line.money.returned = more(line.money.returned, money)
  tellStock(world, main(line.sku), 'move', quantity, at, c.returnId)
  creditGoods(world, order, line, quantity, money, at)
  return 'ok'
}

// ---- fulfilment: credit, stock, confirm, allocate, as far as the policy lets it (§2.5, §2.6) ----

/** Says whether anything came of it. */
export function fulfil(world: World, order: Order, at: number): boolean {
  const needs = order.lines
    .filter((line) => open(line) > 0n || line.backordered > 0n || line.confirmed > line.allocated)
    .toSorted((a, b) => (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : a.no - b.no))
  if (isOver(order) || order.holds.size > 0 || needs.length === 0) return false
  if (!order.begun && !passCredit(world, order, 'place')) {
    holdForCredit(world, order)
    return true
  }
  const left = new Map<string, bigint>()
  const plan = needs.map((line) => {
    const free = left.get(line.sku) ?? freeAt(world, main(line.sku))
    const wanted = open(line) + line.backordered + line.confirmed - line.allocated
    const fits = least(wanted, free)
    const covered = order.policy === 'split' && fits < wanted ? 0n : fits
    left.set(line.sku, free - covered)
    const { waiting } = stockOf(world, main(line.sku))
    if (covered < wanted && !waiting.has(order.id)) waiting.set(order.id, at)
    const before = least(covered, line.confirmed - line.allocated)
    const filled = least(covered - before, line.backordered)
    const confirmed = least(covered - before - filled, open(line))
    return { line, covered, filled, confirmed, short: open(line) - confirmed }
  })
  if (plan.some(({ short }) => short > 0n)) {
    if (order.policy === 'hold') {
      order.holds.add('stock')
      if (!order.begun) releaseCredit(world, order)
      return true
    }
    if (order.policy === 'cancel' && !order.begun && plan.every(({ covered }) => covered === 0n))
      return cancel(world, order.id) === 'ok'
  }
  const isConfirming = plan.some(({ confirmed, short }) => confirmed > 0n || (short > 0n && order.policy !== 'cancel'))
  if (isConfirming && !passCredit(world, order, 'confirm')) {
    holdForCredit(world, order)
    return true
  }
  order.begun = true
  for (const { line, covered, filled, confirmed, short } of plan) {
    line.confirmed += confirmed + filled
    line.backordered += (order.policy === 'cancel' ? 0n : short) - filled
    if (order.policy === 'cancel' && short > 0n) cancelPart(line, short)
    line.allocated += covered
  }
  if (order.policy === 'cancel' && plan.some(({ short }) => short > 0n)) {
    order.cancelled = order.lines.every((line) => line.ordered === line.cancelled)
    changed(world, order)
  }
  return plan.some(({ covered, short }) => covered > 0n || short > 0n)
}
