import {
  cents,
  less,
  positive,
  sum,
  type Account,
  type Id,
  type Order,
  type Point,
  type World,
  type Credit,
} from './world.ts'

// ---- credit: each unit stands in exactly one of open, delivered, invoiced (§2.6) ----

export function accountOf(world: World, dealer: Id): Account {
  const account = world.accounts.get(dealer) ?? {
    orders: new Map(),
    held: new Set(),
    invoices: new Map(),
    payments: new Map(),
    notes: 0n,
  }
  world.accounts.set(dealer, account)
  return account
}

export function exposure(account: Account): bigint {
  const isCounted = (credit: Credit): boolean => account.limit?.from !== 'confirmed' || credit.isConfirmed
  return (
    sum(account.orders.values(), (credit) => (isCounted(credit) ? credit.open : 0n) + credit.delivered) +
    sum(account.invoices.values(), (invoice) => invoice.open) -
    sum(account.payments.values(), (payment) => payment.unapplied) -
    account.notes
  )
}

export function setLimit(
  world: World,
  c: { dealer: Id; amount: string; points: Point[]; from: 'placed' | 'confirmed' },
): string {
  accountOf(world, c.dealer).limit = { amount: BigInt(c.amount), points: c.points, from: c.from }
  return 'ok'
}

/** Sets what the order has open; false when it is over the limit at the point, and then nothing has changed. */
export function passCredit(world: World, order: Order, point: Point): boolean {
  const account = accountOf(world, order.dealer)
  const before = account.orders.get(order.id)
  const credit = creditLike(before)
  if (point === 'place' || !before) credit.open = positive(undelivered(order) - credit.invoiced)
  if (!before) credit.isConfirmed = order.begun
  if (before?.passed.has(point) && credit.open <= before.open) return true
  credit.passed.add(point)
  if (point === 'confirm') credit.isConfirmed = true
  account.orders.set(order.id, credit)
  if (!account.limit?.points.includes(point) || exposure(account) <= account.limit.amount) return true
  if (before) account.orders.set(order.id, before)
  else account.orders.delete(order.id)
  return false
}

export function holdForCredit(world: World, order: Order): void {
  if (!order.begun) releaseCredit(world, order)
  accountOf(world, order.dealer).held.add(order.id)
  order.holds.add('credit')
}

/**
 * The order's value changed: an increase is checked again at every point that it has passed, and holds the order. A confirmed one of
 * which nothing stood any more counts again from then on.
 */
export function changed(world: World, order: Order): void {
  const account = accountOf(world, order.dealer)
  if (order.lines.every((line) => line.ordered === line.cancelled)) return releaseCredit(world, order)
  const known = account.orders.get(order.id)
  if (!known && (!order.begun || undelivered(order) === 0n)) return
  const credit = known ?? { ...creditLike(undefined), isConfirmed: true }
  account.orders.set(order.id, credit)
  const after = positive(undelivered(order) - credit.invoiced)
  const grew = after > credit.open
  credit.open = after
  const { limit } = account
  const isChecked = limit?.points.some((point) => point === 'place' || credit.passed.has(point)) ?? false
  if (grew && isChecked && exposure(account) > limit!.amount) holdForCredit(world, order)
}

export function releaseCredit(world: World, order: Order): void {
  const account = accountOf(world, order.dealer)
  account.held.delete(order.id)
  const credit = account.orders.get(order.id)
  if (!credit) return
  credit.open = 0n
  forget(account, order.id)
}

/** Once nothing of an order stands anywhere, its account forgets it. */
export function forget({ orders }: Account, id: Id): void {
  const { open = 0n, delivered = 0n, invoiced = 0n } = orders.get(id) ?? {}
  if (open === 0n && delivered === 0n && invoiced === 0n) orders.delete(id)
}

/** Orders on a credit hold that fit now, in the order in which they were held; after five that do not the others wait. */
export function relieved(world: World): Order[] {
  return [...world.accounts.values()].flatMap((account) => {
    let tooLarge = 0
    return [...account.held].flatMap((id) => {
      const order = world.orders.get(id)
      if (!order || tooLarge === 5 || order.cancelled || order.closed || !order.holds.has('credit')) return []
      if (!fitsNow(account, order)) return ((tooLarge += 1), [])
      account.held.delete(id)
      order.holds.delete('credit')
      return [order]
    })
  })
}

/** One of its own to change, empty when the order had none. */
function creditLike(before: Credit | undefined): Credit {
  const passed = new Set(before?.passed)
  return { open: 0n, delivered: 0n, invoiced: 0n, isConfirmed: false, ...before, passed }
}

/** Would the order pass every check point? Then it is reserved, and has passed the first that it had not. */
function fitsNow(account: Account, order: Order): boolean {
  const before = account.orders.get(order.id)
  const credit = creditLike(before)
  if (!before) credit.open = undelivered(order)
  account.orders.set(order.id, credit)
  const isOver = (point: Point): boolean =>
    account.limit !== undefined && account.limit.points.includes(point) && exposure(account) > account.limit.amount
  const { isConfirmed } = credit
  let fits = !isOver('place')
  credit.isConfirmed = true
  fits &&= !isOver('confirm')
  credit.isConfirmed = isConfirmed || credit.passed.has('place')
  credit.passed.add(credit.passed.has('place') ? 'confirm' : 'place')
  if (fits) return true
  if (before) account.orders.set(order.id, before)
  else account.orders.delete(order.id)
  return false
}

/** What an order has open: one rounding per order, never below zero. */
export const undeliveredValue = ({ lines }: Order): bigint =>
  sum(lines, ({ money: { ordered, cancelled, delivered } }) => {
    const rest = less(less(ordered, cancelled), delivered)
    return rest.value + rest.tax
  })
export const undelivered = (order: Order): bigint => cents(positive(undeliveredValue(order)))
