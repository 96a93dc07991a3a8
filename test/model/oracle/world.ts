// What a channel is after any sequence of commands, as domain.md says it and nothing else: a plain fold over Maps, written
// without a look into src/ (oracle.test.ts holds it to that). Quantities and values are bigints in millionths, amounts in
// cents. After each command everything that follows by itself has happened: the world is at rest.

export type Id = string
export interface Money {
  value: bigint
  tax: bigint
}
export interface Line {
  no: number
  sku: string
  price: bigint
  rate: bigint
  // O, X, B, C, A, S, D, R of §2.10
  ordered: bigint
  cancelled: bigint
  backordered: bigint
  confirmed: bigint
  allocated: bigint
  shipped: bigint
  delivered: bigint
  returned: bigint
  money: Record<'ordered' | 'cancelled' | 'shipped' | 'delivered' | 'returned', Money>
}
export type Policy = 'backorder' | 'split' | 'cancel' | 'hold'
export interface Order {
  id: Id
  dealer: Id
  policy: Policy
  lines: Line[]
  holds: Set<'credit' | 'stock' | 'manual'>
  shipments: Map<Id, { lines: { no: number; quantity: bigint; money: Money }[]; arrived: boolean }>
  returns: Map<Id, { no: number; quantity: bigint; isBack: boolean }>
  cancelled: boolean
  closed: boolean
  /** an attempt has passed its credit and confirmed */
  begun: boolean
}
export interface Stock {
  facts: { at: number; seq: number; kind: 'move' | 'count'; quantity: bigint; id: Id }[]
  inTransit: bigint
  /** orders that wait for it, since when */
  waiting: Map<Id, number>
}
export type Point = 'place' | 'confirm'
export interface Credit {
  open: bigint
  delivered: bigint
  invoiced: bigint
  isConfirmed: boolean
  passed: Set<Point>
}
interface Invoice {
  gross: bigint
  open: bigint
  due: number
  order?: Id
  lines: { no: number; quantity: bigint }[]
  at: number
  net: bigint
  void: boolean
}
interface Payment {
  amount: bigint
  unapplied: bigint
  to: Map<Id, bigint>
  void: boolean
}
export interface Account {
  limit?: { amount: bigint; points: Point[]; from: 'placed' | 'confirmed' }
  orders: Map<Id, Credit>
  /** orders that a failed check holds, the longest held first */
  held: Set<Id>
  invoices: Map<Id, Invoice>
  payments: Map<Id, Payment>
  notes: bigint
}
export interface Settlement {
  settled: bigint
  clawedBack: bigint
  accrued: bigint
  isFinal: boolean
  /** calculations so far */
  count: number
}
interface Volume {
  dealer: Id
  net: bigint
  saleAt: number
  at: number
  isReturn: boolean
}
export interface World {
  seq: number
  prices: Map<string, { at: number; price: bigint; id: Id }[]>
  stock: Map<string, Stock>
  orders: Map<Id, Order>
  transfers: Map<Id, { sku: string; quantity: bigint; sent: boolean; over: boolean }>
  accounts: Map<Id, Account>
  volume: Volume[]
  settlements: Map<string, Settlement>
  /** by hand: the tiers of the programme, whether goods are invoiced when they leave, and when rebates are looked at next */
  rules: { tiers: { from: bigint; to?: bigint; rate: bigint }[]; invoiceOn: Map<Id, 'shipment' | 'delivery'> }
  periods: { id: string; start: number; end: number; isSettled: boolean }[]
  rebatesAt: number
  /** commands that have written something, by their idempotency keys */
  done: Set<string>
}

export const day = 86_400_000
export const one = 1_000_000n
export const nothing = (): Money => ({ value: 0n, tax: 0n })
export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
export const positive = (a: bigint): bigint => (a > 0n ? a : 0n)
/** n / d, halves away from zero */
export const halfUp = (n: bigint, d: bigint): bigint => (n < 0n ? -halfUp(-n, d) : (2n * n + d) / (2n * d))
export const cents = (micros: bigint): bigint => halfUp(micros, 10_000n)
export const times = (a: bigint, b: bigint): bigint => halfUp(a * b, one)
export const sum = <T>(items: Iterable<T>, of: (item: T) => bigint): bigint => {
  let total = 0n
  for (const item of items) total += of(item)
  return total
}
/** `12.5` in millionths. */
export function parse(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole) * one + BigInt(fraction.padEnd(6, '0'))
}

/** The money of a part is its share of what is left; the last part takes the rest. */
export function share(rest: Money, of: bigint, quantity: bigint): Money {
  return of <= 0n ? nothing() : { value: halfUp(rest.value * quantity, of), tax: halfUp(rest.tax * quantity, of) }
}
export const less = (a: Money, b: Money): Money => ({ value: a.value - b.value, tax: a.tax - b.tax })
export const more = (a: Money, b: Money): Money => ({ value: a.value + b.value, tax: a.tax + b.tax })
