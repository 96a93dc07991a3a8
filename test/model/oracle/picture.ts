import { exposure } from './credit.ts'
import { allocatedAt, backorderedAt, onHand, stockOf } from './stock.ts'
import { sum, type Account, type Line, type Money, type World } from './world.ts'

/** Decimal text of millionths. */
export function show(micros: bigint): string {
  const digits = (micros < 0n ? -micros : micros).toString().padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0+$/, '')
  return `${micros < 0n ? '-' : ''}${digits.slice(0, -6)}${fraction && `.${fraction}`}`
}

/** All that a channel shows, a line of text per thing, sorted: quantities, values, and balances to the cent. */
export function picture(world: World): string[] {
  const lines: string[] = []
  const money = ({ value, tax }: Money): string => `${show(value)}+${show(tax)}`
  for (const { id, dealer, holds, cancelled, closed, lines: ofOrder } of world.orders.values()) {
    lines.push(
      `order ${id} of ${dealer}: ${[...holds].toSorted().join('+')}${cancelled ? ' cancelled' : ''}${closed ? ' closed' : ''}`,
    )
    for (const line of ofOrder) {
      const q = quantitiesOf(line)
      const m = [
        line.money.ordered,
        line.money.cancelled,
        line.money.shipped,
        line.money.delivered,
        line.money.returned,
      ]
      lines.push(
        `order ${id} line ${line.no}: ${line.sku} at ${show(line.price)}: ${q.map(show).join(' ')} worth ${m.map(money).join(' ')}`,
      )
    }
  }
  for (const { id, returns } of world.orders.values())
    for (const [returnId, { quantity, isBack }] of returns)
      lines.push(`return ${returnId} of ${id}: ${show(quantity)}${isBack ? ' received' : ''}`)
  for (const [id, { sent, over }] of world.transfers)
    lines.push(`transfer ${id}: ${over ? 'over' : sent ? 'sent' : 'requested'}`)
  for (const key of [...world.prices.keys()].flatMap((sku) => [`MAIN/${sku}`, `EAST/${sku}`])) {
    lines.push(`stock ${key}: ${levelsOf(world, key).map(show).join(' ')}`)
  }
  for (const [dealer, account] of world.accounts) {
    const balances = balancesOf(account)
    const isOver = account.limit !== undefined && exposure(account) > account.limit.amount
    lines.push(
      `account ${dealer}: ${balances.join(' ')}${isOver ? ' over' : ''} holding ${[...account.held].toSorted().join(' ')}`,
    )
    if (account.limit) {
      const { amount, points, from } = account.limit
      lines.push(`limit ${dealer}: ${amount} ${points.toSorted().join('+')} ${from}`)
    }
    for (const [id, { gross, open }] of account.invoices) lines.push(`invoice ${id}: ${gross} ${open}`)
    for (const [id, { amount, unapplied }] of account.payments) lines.push(`payment ${id}: ${amount} ${unapplied}`)
  }
  for (const [key, { settled, clawedBack, accrued, isFinal }] of world.settlements)
    if (isFinal || settled + clawedBack + accrued > 0n)
      lines.push(`settlement ${key}: ${settled} ${clawedBack} ${accrued}${isFinal ? ' final' : ''}`)
  for (const [sku, prices] of world.prices)
    lines.push(
      `price ${sku}: ${prices
        .toSorted((a, b) => a.at - b.at)
        .map(({ at, price }) => `${at}=${show(price)}`)
        .join(' ')}`,
    )
  return lines.toSorted()
}

/** O, X, B, C, A, S, D, R of a line */
export function quantitiesOf(line: Line): bigint[] {
  const { ordered, cancelled, backordered, confirmed, allocated, shipped, delivered, returned } = line
  return [ordered, cancelled, backordered, confirmed, allocated, shipped, delivered, returned]
}

/** on hand, allocated, backordered, in transit */
export function levelsOf(world: World, key: string): bigint[] {
  const stock = stockOf(world, key)
  return [onHand(stock), allocatedAt(world, key), backorderedAt(world, key), stock.inTransit]
}

/** open before and after confirmation, delivered, invoiced, unapplied payments, credit notes */
export function balancesOf({ orders: byId, invoices, payments, notes }: Account): bigint[] {
  const orders = [...byId.values()]
  return [
    sum(orders, (credit) => (credit.isConfirmed ? 0n : credit.open)),
    sum(orders, (credit) => (credit.isConfirmed ? credit.open : 0n)),
    sum(orders, (credit) => credit.delivered),
    sum(invoices.values(), (invoice) => invoice.open),
    sum(payments.values(), (payment) => payment.unapplied),
    notes,
  ]
}
