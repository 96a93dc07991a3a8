import { larger } from '../kernel/bounds.ts'
import { isRefusal, refuse, type Circumstances, type Decision, type Refusal } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { row } from '../kernel/table.ts'
import type { Breach } from '../kernel/breach.ts'
import { afterEvents } from './afterEvents.ts'
import { checkCredit, type Rates, type Verdict } from './checkCredit.ts'
import type { CreditCommand } from './commands.ts'
import type { CheckPoint, CreditEvent } from './events.ts'
import { holdsOf, placeHold, releaseHold } from './holds.ts'
import type { AccountState, OrderCredit } from './state.ts'

/** What an account needs to know of other streams. */
export interface AccountGiven {
  /** from the dealer of the command up to its topmost party; absent when the command names none, or an unknown one */
  readonly parties?: readonly string[] | undefined
  readonly rates: Rates
}

type OrderCommand = Extract<CreditCommand, { orderId: string; dealerId: string; currency: string }>

/** Sets the value that an order has open, and takes it past a check point where the command names one. */
export function reserve(
  command: Extract<CreditCommand, { type: 'ReserveCredit' | 'AdjustCreditReservation' }>,
  state: AccountState,
  circumstances: Circumstances<AccountGiven>,
): Decision<CreditEvent> {
  const { accountId, orderId, dealerId, currency, type } = command
  const order = row(state.orders, orderId)
  const identity = { accountId, orderId, dealerId, currency }
  if (order && !isOrderOf(order, command)) return mismatch(command, order)
  if (!order && type === 'AdjustCreditReservation' && (!command.anew || command.amount === '0'))
    return refuse('credit.not_reserved', { orderId })

  // what was invoiced before it arrived is a receivable already, and still undelivered
  const open = larger(0n, BigInt(command.amount) - BigInt(order?.invoiced ?? '0'))
  const by = open - BigInt(order?.open ?? '0')
  const change: CreditEvent[] = []
  if (!order) {
    const isConfirmed = type === 'AdjustCreditReservation' || command.checkPoint === 'confirm'
    const stage = isConfirmed ? 'confirmed' : 'placed'
    change.push({ type: 'CreditReserved', data: { ...identity, amount: open.toString(), stage } })
  } else if (by !== 0n) {
    const amounts = { by: by.toString(), open: open.toString() }
    const data = { ...identity, stage: order.stage, ...amounts, exposures: [], breaches: [] }
    change.push({ type: 'CreditReservationAdjusted', data })
  }
  if (type === 'ReserveCredit') {
    const hasPassed = order?.cleared.includes(command.checkPoint) && by <= 0n && !isHeld(state, orderId)
    if (!hasPassed) return clear(command, command.checkPoint, state, circumstances, change)
  }
  if (by <= 0n) return change
  return checkIncrease(command, state, circumstances, change)
}

/** An amended order that grew is checked again at every point it had passed. */
function checkIncrease(
  command: OrderCommand & { ifOver: 'refuse' | 'hold' },
  state: AccountState,
  { at, recorded, given }: Circumstances<AccountGiven>,
  change: readonly CreditEvent[],
): Decision<CreditEvent> {
  const after = afterEvents(state, change, at)
  const passed = row(state.orders, command.orderId)?.cleared ?? []
  const verdict = checkCredit(after, command, ['place', ...passed], at, given.rates)
  if (isRefusal(verdict) && !recorded) return verdict
  const { failure, override, exposures = [] } = isRefusal(verdict) ? {} : verdict
  const failed = isRefusal(verdict) ? verdict : override ? undefined : failure?.refusal
  if (failed && !recorded && command.ifOver === 'refuse') return failed
  const breaches = failed ? brokenBy(failed) : []
  const adjusted = change.map((event) =>
    event.type === 'CreditReservationAdjusted'
      ? { ...event, data: { ...event.data, exposures: [...exposures], breaches } }
      : event,
  )
  return failure && !override && !recorded ? [...adjusted, ...placeHold(command, failure, exposures, after)] : adjusted
}

/** `change`, and the order past the point; or a hold, or a refusal. */
export function clear(
  command: OrderCommand & { ifOver: 'refuse' | 'hold' },
  checkPoint: CheckPoint,
  state: AccountState,
  { at, recorded, given }: Circumstances<AccountGiven>,
  change: readonly CreditEvent[],
): Decision<CreditEvent> {
  const { accountId, orderId, dealerId, currency, ifOver } = command
  const changed = afterEvents(state, change, at)
  const order = row(changed.orders, orderId)
  const confirms = checkPoint === 'confirm' && order?.stage === 'placed' ? order.open : undefined
  const cleared = (verdict: Omit<Verdict, 'failure'>, failed?: Refusal): CreditEvent => ({
    type: 'CreditCleared',
    data: {
      accountId,
      orderId,
      dealerId,
      currency,
      checkPoint,
      ...(confirms !== undefined && { confirms }),
      exposures: [...verdict.exposures],
      ...(verdict.override && { overrideId: verdict.override.overrideId }),
      breaches: failed ? brokenBy(failed) : [],
    },
  })
  // the value counts from `confirmed` on, so the check sees the order as it will be
  const after = afterEvents(changed, [cleared({ exposures: [] })], at)
  // an order that a check holds must pass all it had passed once more: nothing else says that it may go on
  const points = isHeld(state, orderId) ? [checkPoint, ...(order?.cleared ?? [])] : [checkPoint]
  const verdict = checkCredit(after, command, points, at, given.rates)
  if (isRefusal(verdict)) return recorded ? [...change, cleared({ exposures: [] }, verdict)] : verdict
  const { failure, override, exposures } = verdict
  if (failure && !override) {
    if (recorded) return [...change, cleared({ exposures }, failure.refusal)]
    if (ifOver === 'refuse') return failure.refusal
    // an order that is reserved already has grown, held or not; a new one is not reserved until it passes
    const stands = change.filter(({ type }) => type === 'CreditReservationAdjusted')
    return [...stands, ...placeHold(command, failure, exposures, state, checkPoint)]
  }
  const settled = holdsOf(state, orderId, ({ kind }) => kind !== 'risk')
  const cause = override ? 'override' : 'cleared'
  return [...change, cleared(verdict), ...settled.map((hold) => releaseHold(accountId, hold, cause))]
}

/** A failed check holds the order; a person's hold is a matter of its own. */
export function isHeld(state: AccountState, orderId: string): boolean {
  return holdsOf(state, orderId, ({ kind }) => kind !== 'risk').length > 0
}

export function isOrderOf(order: OrderCredit, { dealerId, currency }: { dealerId: string; currency: string }): boolean {
  return order.dealerId === dealerId && order.currency === currency
}

export function mismatch({ orderId }: { orderId: string }, { dealerId, currency }: OrderCredit): Refusal {
  return refuse('credit.order_mismatch', { orderId, dealerId, currency })
}

function brokenBy(refusal: Refusal): Breach[] {
  const breaches = enforce([refusal], true)
  return isRefusal(breaches) ? [] : breaches
}
