import { smaller } from '../kernel/bounds.ts'
import { isRefusal, refuse, type Circumstances, type Decision } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { own, row } from '../kernel/table.ts'
import type { CreditCommand } from './commands.ts'
import type { CreditEvent } from './events.ts'
import { holdIdOf, holdsOf, releaseHold } from './holds.ts'
import { clear, isHeld, isOrderOf, mismatch, reserve, type AccountGiven } from './reserveCredit.ts'
import type { AccountState } from './state.ts'

/** Limits, reservations, deliveries, holds and overrides of an account. */
export function decideCredit(
  command: CreditCommand,
  state: AccountState,
  circumstances: Circumstances<AccountGiven>,
): Decision<CreditEvent> {
  const { accountId } = command
  switch (command.type) {
    case 'SetCreditLimit': {
      const { type: _type, accountId: _account, party, ...asked } = command
      const before = own(state.limits, party)
      if (before && sameData({ ...asked, version: before.version }, before)) return []
      return [{ type: 'CreditLimitSet', data: { ...asked, accountId, party, version: (before?.version ?? 0) + 1 } }]
    }
    case 'ReserveCredit':
    case 'AdjustCreditReservation':
      return reserve(command, state, circumstances)
    case 'ClearCredit': {
      const order = row(state.orders, command.orderId)
      if (!order) return clearAnew(command, state, circumstances)
      if (!isOrderOf(order, command)) return mismatch(command, order)
      return order.cleared.includes(command.checkPoint) && !isHeld(state, command.orderId)
        ? []
        : clear(command, command.checkPoint, state, circumstances, [])
    }
    case 'ReleaseCredit': {
      const { orderId, reason } = command
      const order = row(state.orders, orderId)
      const released = holdsOf(state, orderId, () => true).map((hold) => releaseHold(accountId, hold, 'order_ended'))
      if (!order || (order.open === '0' && (order.delivered !== '0' || order.invoiced !== '0'))) return released
      const { dealerId, currency, stage, open: amount } = order
      const data = { accountId, orderId, dealerId, currency, stage, amount, reason }
      return [{ type: 'CreditReservationReleased', data }, ...released]
    }
    case 'RecordDelivery':
      return deliver(command, state, circumstances)
    case 'RecordReturn': {
      const { orderId, returnId, dealerId, currency } = command
      const order = row(state.orders, orderId)
      if (!order || order.seen.includes(returnId)) return []
      if (!isOrderOf(order, command)) return mismatch(command, order)
      const amount = smaller(BigInt(command.amount), BigInt(order.delivered))
      if (amount === 0n) return []
      const data = { accountId, orderId, returnId, dealerId, currency, amount: amount.toString(), breaches: [] }
      return [{ type: 'OrderValueReturned', data }]
    }
    case 'PlaceCreditHold': {
      const { party, orderId } = command
      const holdId = holdIdOf('risk', party, orderId)
      if (own(state.holds, holdId)) return []
      const data = { accountId, holdId, kind: 'risk' as const, party, exposures: [] }
      return [{ type: 'CreditHoldPlaced', data: { ...data, ...(orderId !== undefined && { orderId }) } }]
    }
    case 'ReleaseCreditHold': {
      const hold = own(state.holds, command.holdId)
      if (!hold) return []
      if (hold.kind === 'over_limit' && hold.orderId === undefined)
        return refuse('credit.still_over_limit', { party: hold.party })
      return [releaseHold(accountId, [command.holdId, hold], 'manual')]
    }
    case 'ApproveCreditOverride': {
      const { orderId, overrideId, type: _type, ...rest } = command
      if (own(state.overrides, orderId)?.overrideId === overrideId) return []
      const released = holdsOf(state, orderId, () => true).map((hold) => releaseHold(accountId, hold, 'override'))
      return [{ type: 'CreditOverrideApproved', data: { ...rest, orderId, overrideId } }, ...released]
    }
  }
}

function clearAnew(
  command: Extract<CreditCommand, { type: 'ClearCredit' }>,
  state: AccountState,
  circumstances: Circumstances<AccountGiven>,
): Decision<CreditEvent> {
  const { accountId, orderId, dealerId, currency, checkPoint, anew } = command
  if (!anew) return refuse('credit.not_reserved', { orderId })
  const data = { accountId, orderId, dealerId, currency, amount: '0', stage: 'confirmed' as const }
  return clear(command, checkPoint, state, circumstances, [{ type: 'CreditReserved', data }])
}

function deliver(
  command: Extract<CreditCommand, { type: 'RecordDelivery' }>,
  state: AccountState,
  { recorded }: Circumstances<AccountGiven>,
): Decision<CreditEvent> {
  const { accountId, orderId, dealerId, currency, shipmentId, deliveryId } = command
  const order = row(state.orders, orderId)
  if (order && !isOrderOf(order, command)) return mismatch(command, order)
  if (order?.seen.includes(deliveryId ?? shipmentId)) return []
  const breaches = enforce([!order && refuse('credit.not_reserved', { orderId })], recorded)
  if (isRefusal(breaches)) return breaches
  const amount = BigInt(command.amount)
  const fromInvoiced = smaller(amount, BigInt(order?.invoiced ?? '0'))
  const fromOpen = smaller(amount - fromInvoiced, BigInt(order?.open ?? '0'))
  return [
    {
      type: 'OrderValueDelivered',
      data: {
        accountId,
        orderId,
        dealerId,
        currency,
        shipmentId,
        ...(deliveryId !== undefined && { deliveryId }),
        stage: order?.stage ?? 'placed',
        amount: command.amount,
        fromOpen: fromOpen.toString(),
        fromInvoiced: fromInvoiced.toString(),
        breaches,
      },
    },
  ]
}
