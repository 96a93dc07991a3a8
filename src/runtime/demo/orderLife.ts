import { accountAggregate } from '../../domain/credit/account.ts'
import { accountOf } from '../../domain/credit/parties.ts'
import { compare, minus } from '../../domain/kernel/decimalText.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import { rows } from '../../domain/kernel/table.ts'
import type { OrderCommand } from '../../domain/orders/commands.ts'
import { orderAggregate } from '../../domain/orders/decide.ts'
import { linesOf, type Placed } from '../../domain/orders/state.ts'
import type { DemoDealer } from './dealers.ts'
import { orderedProducts, warehouseOf, type Wanted } from './demand.ts'
import { finance, sales, warehouse } from './names.ts'
import type { Supply } from './supply.ts'
import { company, day, type Actor, type World } from './world.ts'

/** What happens to orders from their placing to their payment. */
export interface OrderLife {
  /** A dealer orders what the season suggests; what is `wanted` by name goes its way undisturbed. Undefined when it may not order. */
  order(dealer: DemoDealer, wanted?: readonly Wanted[]): Promise<string | undefined>
  /** what was not shipped yet and may be, from the next working day on */
  fulfil(orderId: string, dealer: DemoDealer): void
}

const taxes: Readonly<Record<DemoDealer['currency'], { readonly code: string; readonly rate: string } | undefined>> = {
  CNY: { code: 'vat-13', rate: '0.13' },
  EUR: { code: 'vat-19', rate: '0.19' },
  USD: undefined,
}
const carriers: Readonly<Record<DemoDealer['currency'], readonly [string, ...string[]]>> = {
  CNY: ['SF Express', 'Deppon'],
  EUR: ['DHL Freight', 'DB Schenker'],
  USD: ['UPS Freight'],
}
const reasons = ['wrong-item', 'damaged', 'unsold'] as const
/** after so many attempts to ship the rest it is cancelled */
const shipAttempts = 12

export function createOrderLife(world: World, supply: Supply): OrderLife {
  const { chance } = world
  let orders = 0
  let payments = 0
  /** nothing unforeseen happens to them */
  const undisturbed = new Set<string>()

  /** The dealer's own purchasing: of the first dealers its staff, else the system that sends its orders. */
  function buyerOf({ dealerId, zone }: DemoDealer): Actor {
    return {
      id: dealerId === 'CN001' ? 'dealer-wang' : dealerId === 'EU001' ? 'dealer-keller' : `buyer-${dealerId}`,
      zone,
    }
  }

  async function order(dealer: DemoDealer, wanted?: readonly Wanted[]): Promise<string | undefined> {
    const { dealerId, currency, zone } = dealer
    const { party, location } = warehouseOf(dealer)
    const [year, month] = world.today(zone).split('-')
    orders += 1
    const orderId = `SO-${year}-${String(orders).padStart(5, '0')}`
    const tax = taxes[currency]
    const lines = (wanted ?? orderedProducts(chance, dealer, Number(month))).map(({ product, quantity }, index) => ({
      lineNo: index + 1,
      sku: product.sku,
      unit: 'EA',
      quantity: String(quantity),
      ...(tax && { tax }),
    }))
    const placed = await world.attempt(
      orderAggregate,
      {
        type: 'PlaceOrder',
        orderId,
        companyId: company,
        dealerId,
        currency,
        shipFrom: {
          party,
          location,
        },
        affectsStock: true,
        placedVia: chance.pick(['portal', 'portal', 'api', 'edi', 'staff'] as const),
        lines,
        ...(chance.is(0.3) && { customerReference: `PO-${chance.between(1e4, 99999)}` }),
        ...(chance.is(0.03) && { note: zone === 'Asia/Shanghai' ? '请尽快发货' : 'Please deliver before noon' }),
      },
      buyerOf(dealer),
    )
    if (!placed.ok) return undefined
    for (const { sku } of lines) supply.touch({ party, location, sku })
    if (wanted) undisturbed.add(orderId)
    const fate = wanted ? 1 : chance.next()
    if (fate < 0.02) world.planIn(0, 18, zone, () => cancel(orderId, dealer))
    else if (fate < 0.05) world.planIn(0, 18.5, zone, () => amend(orderId, dealer))
    else if (fate < 0.065) world.planIn(0, 18.2, zone, () => override(orderId))
    else if (fate < 0.08) world.planIn(1, 9, zone, () => hold(orderId, zone))
    else if (fate < 0.09) world.planIn(1, 9, zone, () => cancelPart(orderId, dealer))
    fulfil(orderId, dealer)
    return orderId
  }

  function fulfil(orderId: string, dealer: DemoDealer): void {
    const { zone } = warehouseOf(dealer)
    world.planIn(chance.between(1, 2), chance.between(9, 15), zone, () => ship(orderId, dealer, 1))
  }

  async function loaded(orderId: string): Promise<Placed | undefined> {
    const state = await world.handler.load(orderAggregate, orderId)
    return state.phase === 'placed' && !state.cancelled && !state.closed ? state : undefined
  }

  async function ship(orderId: string, dealer: DemoDealer, attempt: number): Promise<void> {
    const state = await loaded(orderId)
    if (state === undefined) return
    const { zone } = warehouseOf(dealer)
    const again = (): void => world.planIn(chance.between(3, 6), 11, zone, () => ship(orderId, dealer, attempt + 1))
    const ready = linesOf(state).flatMap(({ terms: { lineNo }, quantities: { allocated, shipped } }) =>
      compare(allocated, shipped) > 0 ? [{ lineNo, quantity: minus(allocated, shipped) }] : [],
    )
    const open = linesOf(state).filter(
      ({ quantities: { ordered, cancelled, shipped } }) => compare(minus(ordered, cancelled), shipped) > 0,
    )
    if (open.length === 0) return
    if (state.holds.length > 0 || ready.length === 0) {
      if (attempt < shipAttempts) again()
      else await world.attempt(orderAggregate, { type: 'CancelOrder', orderId, reason: 'not-available' }, sales)
      return
    }
    const now = ready.length > 1 && chance.is(0.06) ? ready.slice(0, 1) : ready
    const shipmentId = `${orderId}-S${Object.keys(state.shipments).length + 1}`
    const { currency } = dealer
    const command: OrderCommand = {
      type: 'DispatchShipment',
      orderId,
      shipmentId,
      lines: now,
      carrier: chance.pick(carriers[currency]),
    }
    const shipped = await world.attempt(orderAggregate, command, { ...warehouse, zone })
    for (const line of linesOf(state)) supply.touch({ ...state.header.shipFrom, sku: line.terms.sku })
    if (!shipped.ok || open.length > now.length || compare(sumOf(now), sumOpen(open)) < 0) again()
    if (!shipped.ok) return
    const days = dealer.tierLevel === 1 ? chance.between(2, 5) : chance.between(3, 7)
    world.planIn(days, chance.between(9, 16), dealer.zone, () => arrive(orderId, shipmentId, dealer))
  }

  async function arrive(orderId: string, shipmentId: string, dealer: DemoDealer): Promise<void> {
    const state = await world.handler.load(orderAggregate, orderId)
    if (state.phase !== 'placed') return
    const buyer = buyerOf(dealer)
    const fate = undisturbed.has(orderId) ? 1 : chance.next()
    const first = state.shipments[shipmentId]?.lines[0]
    if (fate < 0.008) {
      const remedy = chance.is(0.6) && !state.cancelled && !state.closed ? 'reship' : 'cancel'
      const lost: OrderCommand = { type: 'ReportShipmentLost', orderId, shipmentId, remedy, reason: 'lost-in-transit' }
      await world.run(orderAggregate, lost, sales)
      if (remedy === 'reship') fulfil(orderId, dealer)
      return
    }
    if (fate < 0.03 && first && compare(first.quantity, '3') > 0) {
      const part = { lineNo: first.lineNo, quantity: '2' }
      const command: OrderCommand = {
        type: 'DeliverShipment',
        orderId,
        shipmentId,
        deliveryId: `${shipmentId}-1`,
        lines: [part],
      }
      await world.run(orderAggregate, command, buyer)
      world.planIn(2, 10, dealer.zone, () => deliver(orderId, shipmentId, `${shipmentId}-2`, dealer))
      planPayment(orderId, dealer)
      return
    }
    await deliver(orderId, shipmentId, undefined, dealer)
  }

  async function deliver(
    orderId: string,
    shipmentId: string,
    deliveryId: string | undefined,
    dealer: DemoDealer,
  ): Promise<void> {
    const receivedBy = chance.is(0.15) ? dealer.contact.name : undefined
    const events = await world.run(
      orderAggregate,
      {
        type: 'DeliverShipment',
        orderId,
        shipmentId,
        ...(deliveryId !== undefined && { deliveryId }),
        ...(receivedBy !== undefined && { receivedBy }),
      },
      buyerOf(dealer),
    )
    for (const { data } of events) {
      // a ShipmentDelivered
      const { lines } = data as { lines: readonly { sku: string; quantity: string }[] }
      await supply.delivered(dealer, shipmentId, lines)
    }
    planPayment(orderId, dealer)
    world.planIn(chance.between(4, 9), 17, warehouseOf(dealer).zone, () => close(orderId))
    if (!undisturbed.has(orderId) && chance.is(0.035))
      world.planIn(chance.between(6, 40), 15, dealer.zone, () => returnSome(orderId, dealer))
  }

  async function close(orderId: string): Promise<void> {
    await world.attempt(orderAggregate, { type: 'CloseOrder', orderId, reason: 'complete' }, sales)
  }

  /** Around the due date of the order's open invoices, as this dealer is used to pay. */
  function planPayment(orderId: string, dealer: DemoDealer): void {
    world.planIn(1, 9, dealer.zone, async () => {
      const account = await openInvoices(orderId, dealer)
      for (const { due } of account.invoices) {
        const late = dealer.paysLate + chance.between(-2, 4)
        world.plan(due + late * day + chance.between(0, 6) * 3_600_000, () => pay(orderId, dealer))
      }
    })
  }

  async function openInvoices(orderId: string, { dealerId }: DemoDealer) {
    const accountId = await accountOf(world.handler.load, dealerId, world.at())
    const { invoices } = await world.handler.load(accountAggregate, accountId)
    const open = [...rows(invoices)].flatMap(([invoiceId, invoice]) =>
      invoice.orderId === orderId && !invoice.void && invoice.open !== '0'
        ? [{ invoiceId, open: invoice.open, due: instantOf(invoice.dueAt) }]
        : [],
    )
    return { accountId, invoices: open }
  }

  async function pay(orderId: string, dealer: DemoDealer): Promise<void> {
    const { accountId, invoices } = await openInvoices(orderId, dealer)
    const [first] = invoices
    if (first === undefined) return
    const owed = invoices.reduce((sum, { open }) => sum + BigInt(open), 0n)
    const { dealerId, currency } = dealer
    payments += 1
    const paymentId = `PAY-${world.today().slice(2, 4)}-${String(payments).padStart(5, '0')}`
    const by = { ...finance, zone: dealer.zone }
    const received = {
      type: 'ReceivePayment',
      accountId,
      companyId: company,
      dealerId,
      currency,
      paymentId,
      method: currency === 'USD' ? 'cheque' : 'bank_transfer',
      reference: first.invoiceId,
    } as const
    const fate = chance.next()
    if (fate < 0.02) {
      // pays a little less, and the rest a month later
      const amount = (owed * 9n) / 10n
      await world.run(accountAggregate, { ...received, amount: `${amount}`, allocate: 'oldest_first' }, by)
      world.planIn(30, 10, dealer.zone, () => pay(orderId, dealer))
      return
    }
    if (fate < 0.035) {
      // the cheque bounces: paid again a week later
      await world.run(accountAggregate, { ...received, amount: `${owed}`, allocate: 'oldest_first' }, by)
      world.planIn(4, 10, dealer.zone, async () => {
        await world.run(accountAggregate, { type: 'ReversePayment', accountId, paymentId, reason: 'bounced' }, by)
        world.planIn(7, 11, dealer.zone, () => pay(orderId, dealer))
      })
      return
    }
    const allocate = fate < 0.15 ? 'none' : 'oldest_first'
    await world.run(accountAggregate, { ...received, amount: `${owed}`, allocate }, by)
    if (allocate === 'oldest_first') return
    const to = invoices.map(({ invoiceId, open }) => ({ invoiceId, amount: open }))
    world.planIn(1, 14, dealer.zone, async () => {
      await world.attempt(accountAggregate, { type: 'AllocatePayment', accountId, paymentId, to }, by)
      if (!chance.is(0.1)) return
      // it was meant for an older one
      await world.run(accountAggregate, { type: 'UnallocatePayment', accountId, paymentId }, by)
      await world.run(accountAggregate, { type: 'AllocatePayment', accountId, paymentId, to: 'oldest_first' }, by)
    })
  }

  async function cancel(orderId: string, dealer: DemoDealer): Promise<void> {
    const command: OrderCommand = { type: 'CancelOrder', orderId, reason: 'changed-plans' }
    await world.attempt(orderAggregate, command, buyerOf(dealer))
  }

  async function cancelPart(orderId: string, dealer: DemoDealer): Promise<void> {
    const state = await loaded(orderId)
    const line = state && linesOf(state).at(-1)
    if (line === undefined || compare(line.quantities.shipped, '0') > 0) return
    const lines = [{ lineNo: line.terms.lineNo, quantity: '1' }]
    const command: OrderCommand = {
      type: 'CancelLines',
      orderId,
      cancellationId: `${orderId}-C1`,
      lines,
      reason: 'changed-plans',
    }
    await world.attempt(orderAggregate, command, buyerOf(dealer))
  }

  /** Half as many again of the first line, or one unit fewer. */
  async function amend(orderId: string, dealer: DemoDealer): Promise<void> {
    const state = await loaded(orderId)
    const line = state && linesOf(state)[0]
    if (line === undefined || compare(line.quantities.shipped, '0') > 0) return
    const { lineNo, quantity } = line.terms
    const changed = chance.is(0.6) ? String(Math.ceil(Number.parseInt(quantity, 10) * 1.5)) : minus(quantity, '1')
    if (compare(changed, '0') <= 0) return
    const lines = [{ lineNo, quantity: changed }]
    const command: OrderCommand = { type: 'AmendOrder', orderId, lines, reason: 'dealer-request' }
    await world.attempt(orderAggregate, command, buyerOf(dealer))
  }

  /** Sales grants one percent off the first line. */
  async function override(orderId: string): Promise<void> {
    const state = await loaded(orderId)
    const line = state && linesOf(state)[0]
    if (line === undefined || compare(line.quantities.shipped, '0') > 0) return
    const { lineNo, unitPrice } = line.terms
    const [whole = '0'] = unitPrice.split('.')
    const command = {
      type: 'ApprovePriceOverride',
      orderId,
      lineNo,
      unitPrice: whole,
      reason: 'goodwill',
      note: 'Rounded down as agreed on the phone',
    } as const
    await world.attempt(orderAggregate, command, sales)
  }

  async function hold(orderId: string, zone: string): Promise<void> {
    const held: OrderCommand = { type: 'HoldOrder', orderId, kind: 'manual', reason: 'address-check' }
    const outcome = await world.attempt(orderAggregate, { ...held, note: 'Delivery address to be confirmed' }, sales)
    if (!outcome.ok) return
    const released: OrderCommand = { type: 'ReleaseHold', orderId, kind: 'manual', reason: 'address-confirmed' }
    world.planIn(2, 9, zone, async () => void (await world.attempt(orderAggregate, released, sales)))
  }

  async function returnSome(orderId: string, dealer: DemoDealer): Promise<void> {
    const state = await world.handler.load(orderAggregate, orderId)
    if (state.phase !== 'placed') return
    const line = linesOf(state).find(
      ({ quantities: { delivered, returned } }) => compare(minus(delivered, returned), '4') > 0,
    )
    if (line === undefined) return
    const returnId = `${orderId}-R${Object.keys(state.returns).length + 1}`
    const reason = chance.pick(reasons)
    const { lineNo } = line.terms
    const back = { lineNo, quantity: String(chance.between(1, 4)) }
    await world.run(orderAggregate, { type: 'AuthoriseReturn', orderId, returnId, lines: [back], reason }, sales)
    world.planIn(chance.between(5, 9), 13, warehouseOf(dealer).zone, async () => {
      const condition = reason === 'damaged' ? ('scrap' as const) : ('restock' as const)
      const command: OrderCommand = {
        type: 'ReceiveReturn',
        orderId,
        returnId,
        lines: [{ ...back, condition }],
        reason,
      }
      await world.run(orderAggregate, command, { ...warehouse, zone: warehouseOf(dealer).zone })
      supply.touch({ ...state.header.shipFrom, sku: line.terms.sku })
    })
  }

  return { order, fulfil }
}

function sumOf(lines: readonly { quantity: string }[]): string {
  return lines.reduce((sum, { quantity }) => minus(sum, minus('0', quantity)), '0')
}

function sumOpen(lines: readonly { quantities: { ordered: string; cancelled: string; shipped: string } }[]): string {
  return sumOf(lines.map(({ quantities: q }) => ({ quantity: minus(minus(q.ordered, q.cancelled), q.shipped) })))
}
