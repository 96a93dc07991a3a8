import type { Happened } from '../kernel/event.ts'
import { emptyTable, own, row, withoutRow, withRow, type Table } from '../kernel/table.ts'
import { evolveReceivables, noReceivables, type Receivables } from '../receivables/state.ts'
import type { CheckPoint, HoldKind } from './events.ts'
import {
  addEffect,
  buckets,
  emptyBuckets,
  exposureEffects,
  isReceivable,
  type AccountEvent,
  type Buckets,
} from './exposure.ts'

export interface Limit {
  readonly amount: string
  readonly currency: string
  readonly checkPoints: readonly CheckPoint[]
  readonly countFrom: 'placed' | 'confirmed'
  readonly overdueDaysHold?: number
  readonly rateKind: string
  readonly version: number
}

/** An order while any of its value is open, delivered and not invoiced, or invoiced and on its way. */
export interface OrderCredit {
  readonly dealerId: string
  readonly currency: string
  readonly stage: 'placed' | 'confirmed'
  readonly open: string
  readonly delivered: string
  /** invoiced before delivery: a receivable, no longer open, and its arrival changes nothing */
  readonly invoiced: string
  readonly cleared: readonly CheckPoint[]
  /** deliveries and returns counted already */
  readonly seen: readonly string[]
}

export interface Hold {
  readonly kind: HoldKind
  readonly party: string
  readonly orderId?: string
  readonly dealerId?: string
}

export interface Override {
  readonly overrideId: string
  readonly currency: string
  readonly upTo: string
  readonly until?: string
}

/** One account: the limits of a topmost party and of all below it, and everything that counts against them. */
export interface AccountState extends Receivables {
  /** of each dealer the parties from itself up to the topmost one */
  readonly members: Readonly<Record<string, readonly string[]>>
  readonly limits: Readonly<Record<string, Limit>>
  /** dealer → currency → bucket, minor units: the fold of `exposureEffects` */
  readonly balances: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>
  readonly orders: Table<OrderCredit>
  readonly holds: Readonly<Record<string, Hold>>
  /** by order */
  readonly overrides: Readonly<Record<string, Override>>
}

export const emptyAccount: AccountState = {
  ...noReceivables,
  members: {},
  limits: {},
  balances: {},
  orders: emptyTable,
  holds: {},
  overrides: {},
}

export function evolve(state: AccountState, event: Happened<AccountEvent>): AccountState {
  const balanced = exposureEffects(event).reduce(withEffect, state)
  const documented = isReceivable(event) ? { ...balanced, ...evolveReceivables(balanced, event) } : balanced
  return evolveCredit(documented, event)
}

function evolveCredit(state: AccountState, event: Happened<AccountEvent>): AccountState {
  const { type, data } = event
  switch (type) {
    case 'AccountMemberAttached':
      return { ...state, members: { ...state.members, [data.dealerId]: data.parties } }
    case 'CreditLimitSet': {
      const { party, amount, currency, checkPoints, countFrom, overdueDaysHold, rateKind, version } = data
      const limit: Limit = {
        amount,
        currency,
        checkPoints,
        countFrom,
        rateKind,
        version,
        ...(overdueDaysHold !== undefined && { overdueDaysHold }),
      }
      return { ...state, limits: { ...state.limits, [party]: limit } }
    }
    case 'CreditHoldPlaced': {
      const { holdId, kind, party, orderId, dealerId } = data
      const hold: Hold = {
        kind,
        party,
        ...(orderId !== undefined && { orderId }),
        ...(dealerId !== undefined && { dealerId }),
      }
      return { ...state, holds: { ...state.holds, [holdId]: hold } }
    }
    case 'CreditHoldReleased':
      return { ...state, holds: without(state.holds, data.holdId) }
    case 'CreditOverrideApproved': {
      const { orderId, overrideId, currency, upTo, until } = data
      const override: Override = { overrideId, currency, upTo, ...(until !== undefined && { until }) }
      return { ...state, overrides: { ...state.overrides, [orderId]: override } }
    }
    case 'CreditReserved': {
      const order = orderOf(state, data)
      return withOrder(state, data.orderId, { ...order, stage: data.stage, open: plus(order.open, data.amount) })
    }
    case 'CreditReservationAdjusted': {
      const order = orderOf(state, data)
      return withOrder(state, data.orderId, { ...order, open: data.open })
    }
    case 'CreditReservationReleased': {
      const order = orderOf(state, data)
      return withOrEnded(state, data.orderId, { ...order, open: plus(order.open, `-${data.amount}`) })
    }
    case 'CreditCleared': {
      const order = orderOf(state, data)
      const cleared = order.cleared.includes(data.checkPoint) ? order.cleared : [...order.cleared, data.checkPoint]
      const stage = data.checkPoint === 'confirm' ? 'confirmed' : order.stage
      return withOrder(state, data.orderId, { ...order, cleared, stage })
    }
    case 'OrderValueDelivered': {
      const order = orderOf(state, data)
      return withOrEnded(state, data.orderId, {
        ...order,
        open: plus(order.open, `-${data.fromOpen}`),
        delivered: plus(order.delivered, data.amount, `-${data.fromInvoiced}`),
        invoiced: plus(order.invoiced, `-${data.fromInvoiced}`),
        seen: [...order.seen, data.deliveryId ?? data.shipmentId],
      })
    }
    case 'OrderValueReturned': {
      const order = orderOf(state, data)
      return withOrEnded(state, data.orderId, {
        ...order,
        delivered: plus(order.delivered, `-${data.amount}`),
        seen: [...order.seen, data.returnId],
      })
    }
    case 'InvoiceIssued': {
      const { orderId, takesOver } = data
      const order = orderId === undefined ? undefined : row(state.orders, orderId)
      if (orderId === undefined || !order) return state
      return withOrEnded(state, orderId, {
        ...order,
        open: plus(order.open, `-${takesOver.open}`),
        delivered: plus(order.delivered, `-${takesOver.delivered}`),
        invoiced: plus(order.invoiced, takesOver.open),
      })
    }
    case 'InvoiceCancelled': {
      const { orderId, givesBack } = data
      if (orderId === undefined || (givesBack.open === '0' && givesBack.delivered === '0')) return state
      const order = orderOf(state, { ...data, orderId, stage: givesBack.stage })
      return withOrEnded(state, orderId, {
        ...order,
        open: plus(order.open, givesBack.open),
        delivered: plus(order.delivered, givesBack.delivered),
        invoiced: plus(order.invoiced, `-${givesBack.open}`),
      })
    }
    default:
      return state
  }
}

function withEffect(state: AccountState, effect: ReturnType<typeof exposureEffects>[number]): AccountState {
  const { dealerId, currency } = effect
  const ofDealer = own(state.balances, dealerId) ?? {}
  const after = addEffect(bucketsOf(own(ofDealer, currency)), effect)
  const stored = Object.fromEntries(buckets.map((bucket) => [bucket, after[bucket].toString()]))
  return { ...state, balances: { ...state.balances, [dealerId]: { ...ofDealer, [currency]: stored } } }
}

/** The stored balances of one dealer and currency as numbers to reckon with. */
export function bucketsOf(stored: Readonly<Record<string, string>> | undefined): Buckets {
  if (!stored) return emptyBuckets
  return Object.fromEntries(buckets.map((bucket) => [bucket, BigInt(stored[bucket] ?? '0')])) as Record<
    keyof Buckets,
    bigint
  >
}

function orderOf(
  state: AccountState,
  data: { orderId: string; dealerId: string; currency: string; stage?: 'placed' | 'confirmed' },
): OrderCredit {
  return (
    row(state.orders, data.orderId) ?? {
      dealerId: data.dealerId,
      currency: data.currency,
      stage: data.stage ?? 'placed',
      open: '0',
      delivered: '0',
      invoiced: '0',
      cleared: [],
      seen: [],
    }
  )
}

function withOrder(state: AccountState, orderId: string, order: OrderCredit): AccountState {
  return { ...state, orders: withRow(state.orders, orderId, order) }
}

/** Once nothing of an order stands anywhere, the account forgets it. */
function withOrEnded(state: AccountState, orderId: string, order: OrderCredit): AccountState {
  if (order.open !== '0' || order.delivered !== '0' || order.invoiced !== '0') return withOrder(state, orderId, order)
  return { ...state, orders: withoutRow(state.orders, orderId), overrides: without(state.overrides, orderId) }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _dropped, ...rest } = record
  return rest
}

/** Sum of minor amounts; `-0` counts as nothing. */
function plus(...amounts: readonly string[]): string {
  return amounts.reduce((sum, amount) => sum + BigInt(amount), 0n).toString()
}
