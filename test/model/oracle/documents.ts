import { accountOf, forget } from './credit.ts'
import {
  cents,
  day,
  least,
  parse,
  sum,
  type Account,
  type Id,
  type Line,
  type Money,
  type Order,
  type World,
} from './world.ts'

// Invoices, payments, credit notes (§2.6): each document is rounded once per total, its tax apart.

type Part = { no: number; quantity: bigint; money: Money }
const grossOf = (parts: readonly Part[]): bigint =>
  cents(sum(parts, ({ money }) => money.value)) + cents(sum(parts, ({ money }) => money.tax))
/** thirty days after the day of issue, to its end */
const dueAfter = (at: number): number => Math.floor(at / day) * day + 31 * day

export function issueInvoice(
  world: World,
  account: Account,
  dealer: Id,
  id: Id,
  of: { gross: bigint; net: bigint; lines: Part[]; order?: Id },
  at: number,
): void {
  account.invoices.set(id, { ...of, open: of.gross, due: dueAfter(at), at, void: false })
  if (of.net !== 0n) world.volume.push({ dealer, net: of.net, saleAt: at, at, isReturn: false })
}

/** The goods of a shipment or delivery: a receivable now, so no longer open nor delivered-not-invoiced. */
export function invoiceGoods(world: World, { id, dealer }: Order, invoiceId: Id, lines: Part[], at: number): void {
  const account = accountOf(world, dealer)
  const gross = grossOf(lines)
  issueInvoice(
    world,
    account,
    dealer,
    invoiceId,
    { gross, net: sum(lines, ({ money }) => money.value), lines, order: id },
    at,
  )
  const credit = account.orders.get(id)
  if (!credit) return
  const fromDelivered = least(gross, credit.delivered)
  const fromOpen = least(gross - fromDelivered, credit.open)
  credit.delivered -= fromDelivered
  credit.open -= fromOpen
  credit.invoiced += fromOpen
  forget(account, id)
}

/** Goods that came back lower the invoice that they stood on as far as it is open; the rest stays to the dealer's credit. */
export function creditGoods(
  world: World,
  { id, dealer }: Order,
  line: Line,
  quantity: bigint,
  money: Money,
  at: number,
): void {
  const account = accountOf(world, dealer)
  const billing = [...account.invoices]
    .filter(([, invoice]) => invoice.order === id && !invoice.void && invoice.lines.some(({ no }) => no === line.no))
    .toSorted(([a, x], [b, y]) => x.at - y.at || (a < b ? -1 : 1))
    .map(([, invoice]) => invoice)
  const isWhole = (invoice: (typeof billing)[number]): boolean =>
    invoice.lines.some((part) => part.no === line.no && part.quantity >= quantity)
  const invoice = billing.find(isWhole) ?? billing[0]
  const amount = grossOf([{ no: line.no, quantity, money }])
  if (invoice && amount > 0n) {
    const applied = least(amount, invoice.open)
    invoice.open -= applied
    account.notes += amount - applied
    world.volume.push({ dealer, net: -money.value, saleAt: invoice.at, at, isReturn: true })
  }
  const credit = account.orders.get(id)
  if (!credit) return
  credit.delivered -= least(cents(money.value + money.tax), credit.delivered)
  forget(account, id)
}

/** An invoice that no order stands behind. */
export function invoiceByHand(world: World, c: { dealer: Id; id: Id; value: string }, at: number): string {
  const account = accountOf(world, c.dealer)
  const money = { value: parse(c.value), tax: 0n }
  const lines = [{ no: 1, quantity: parse('1'), money }]
  const known = account.invoices.get(c.id)
  if (known) return known.gross === grossOf(lines) ? 'ok' : 'object.exists'
  issueInvoice(world, account, c.dealer, c.id, { gross: grossOf(lines), net: money.value, lines }, at)
  return 'ok'
}

export function cancelInvoice(world: World, c: { dealer: Id; id: Id }, at: number): string {
  const invoice = accountOf(world, c.dealer).invoices.get(c.id)
  if (!invoice) return 'object.not_found'
  if (invoice.void) return 'ok'
  if (invoice.open !== invoice.gross) return 'receivables.settled'
  invoice.void = true
  invoice.open = 0n
  world.volume.push({ dealer: c.dealer, net: -invoice.net, saleAt: invoice.at, at, isReturn: false })
  return 'ok'
}

/** Pays the dealer's open invoices by due date, as far as it reaches, or stays unapplied. */
export function pay(world: World, c: { dealer: Id; id: Id; amount: string; isAllocated: boolean }): string {
  const account = accountOf(world, c.dealer)
  const amount = BigInt(c.amount)
  const known = account.payments.get(c.id)
  if (known) return known.amount === amount ? 'ok' : 'object.exists'
  const payment = { amount, unapplied: amount, to: new Map<Id, bigint>(), void: false }
  account.payments.set(c.id, payment)
  const open = [...account.invoices].filter(([, invoice]) => invoice.open > 0n)
  for (const [id, invoice] of c.isAllocated
    ? open.toSorted(([a, x], [b, y]) => x.due - y.due || (a < b ? -1 : 1))
    : []) {
    const part = least(invoice.open, payment.unapplied)
    if (part === 0n) break
    invoice.open -= part
    payment.unapplied -= part
    payment.to.set(id, part)
  }
  return 'ok'
}

/** A receipt that was none after all: whatever it paid is owed again. */
export function reversePayment(world: World, c: { dealer: Id; id: Id }): string {
  const account = accountOf(world, c.dealer)
  const payment = account.payments.get(c.id)
  if (!payment) return 'object.not_found'
  if (payment.void) return 'ok'
  for (const [id, part] of payment.to) account.invoices.get(id)!.open += part
  Object.assign(payment, { unapplied: 0n, to: new Map(), void: true })
  return 'ok'
}
