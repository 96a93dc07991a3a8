import { accountAggregate, type AccountCommand } from '../../domain/credit/account.ts'
import { afterEvents } from '../../domain/credit/afterEvents.ts'
import type { CreditEvent } from '../../domain/credit/events.ts'
import { isHeld } from '../../domain/credit/reserveCredit.ts'
import type { AccountState } from '../../domain/credit/state.ts'
import type { AccountEvent } from '../../domain/credit/exposure.ts'
import { fulfilmentAggregate } from '../../domain/fulfilment/decide.ts'
import { orderAggregate } from '../../domain/orders/decide.ts'
import type { OrderEvent } from '../../domain/orders/events.ts'
import { undeliveredAmount } from '../../domain/orders/undelivered.ts'
import { isRefusal } from '../../domain/kernel/decider.ts'
import { row } from '../../domain/kernel/table.ts'
import { metaOf, nowAfter, type WorkContext } from '../context.ts'
import { processCommand, StepRefused, type ProcessMeta } from '../processCommand.ts'
import type { Fact, Reaction } from '../reactor.ts'

/** What may give orders room that their account had none for. */
const reliefTypes = [
  'CreditLimitSet',
  'CreditReservationReleased',
  'CreditReservationAdjusted',
  'CreditHoldReleased',
  'OrderValueReturned',
  'PaymentReceived',
  'PaymentAllocated',
  'CreditNoteIssued',
  'CreditNoteApplied',
  'InvoiceCancelled',
] as const satisfies readonly AccountEvent['type'][]

/** What may make an order fit that its account had no room for. */
const changeTypes = [
  'OrderAmended',
  'OrderLinesCancelled',
  'PriceOverrideApproved',
  'RepriceApplied',
] as const satisfies readonly OrderEvent['type'][]

/** held orders that still do not fit before the others have to wait for more room */
const tooLargeLimit = 5

/** Orders on a credit hold: released when the account lets them pass, so that a person need not (domain.md §2.6). */
export function creditReactions(context: WorkContext): readonly Reaction[] {
  return [
    { name: 'credit-hold-released', types: ['CreditHoldReleased'], run: (fact) => releaseOrder(context, fact) },
    {
      name: 'credit-relief',
      types: reliefTypes,
      onlyLast: true,
      run: (fact) => checkHeld(context, fact, accountIdOf(fact)),
    },
    { name: 'credit-order-changed', types: changeTypes, run: (fact) => checkChanged(context, fact) },
    { name: 'credit-passed-meanwhile', types: ['OrderHeld'], run: (fact) => releaseIfPassed(context, fact) },
  ]
}

/** The account released its hold on an order: so does the order, once the account has no other hold on it. */
async function releaseOrder(context: WorkContext, fact: Fact): Promise<void> {
  // its type says so
  const { accountId, orderId, cause } = fact.data as Extract<CreditEvent, { type: 'CreditHoldReleased' }>['data']
  if (orderId === undefined || cause === 'order_ended') return
  const account = await context.handler.load(accountAggregate, accountId)
  if (Object.values(account.holds).some((hold) => hold.orderId === orderId)) return
  await releaseHold(context, orderId, `${fact.event.id}/release`, metaOf('credit', fact, nowAfter(context, fact)))
}

/**
 * Every order of the account that a failed check holds is checked again, in the order they were held. First without
 * writing: an order that would fail at a later point would be released and held in turns.
 */
async function checkHeld(context: WorkContext, fact: Fact, accountId: string): Promise<void> {
  const { handler } = context
  const at = nowAfter(context, fact)
  const before = await handler.load(accountAggregate, accountId)
  const held = Object.values(before.holds).flatMap(({ kind, orderId }) =>
    kind === 'risk' || orderId === undefined ? [] : [orderId],
  )
  let tooLarge = 0
  for (const orderId of new Set(held)) {
    const order = await handler.load(orderAggregate, orderId)
    if (order.phase !== 'placed' || order.cancelled || order.closed || !order.holds.includes('credit')) continue
    const { dealerId, currency } = order.header
    const identity = { accountId, orderId, dealerId, currency }
    const isReserved = row((await handler.load(accountAggregate, accountId)).orders, orderId) !== undefined
    // what is reserved is kept right by the order's own events, each in its turn: it is checked as it stands
    const reserve: AccountCommand = isReserved
      ? { type: 'ClearCredit', ...identity, checkPoint: 'place', anew: false, ifOver: 'refuse' }
      : {
          type: 'ReserveCredit',
          ...identity,
          amount: undeliveredAmount(order).amount,
          checkPoint: 'place',
          ifOver: 'refuse',
        }
    const points = (['confirm', 'allocate'] as const).map((checkPoint): AccountCommand => ({
      type: 'ClearCredit',
      ...identity,
      checkPoint,
      anew: false,
      ifOver: 'refuse',
    }))
    if (!(await wouldPass(context, accountId, [reserve, ...points], at))) {
      tooLarge += 1
      if (tooLarge >= tooLargeLimit) return
      continue
    }
    const state = await handler.load(accountAggregate, accountId)
    const passed = row(state.orders, orderId)?.cleared ?? []
    // the check that releases the hold is the first that the order has not passed; one that has passed all is checked anew
    const open = [reserve, ...points].find((one) => 'checkPoint' in one && !passed.includes(one.checkPoint))
    const command = open ?? (isHeld(state, orderId) ? reserve : undefined)
    const meta = metaOf('credit', fact, at)
    if (command === undefined) {
      await releaseHold(context, orderId, `${fact.event.id}/passed/${orderId}`, meta)
      continue
    }
    await processCommand(handler, accountAggregate, command, `${fact.event.id}/check/${orderId}`, meta)
  }
}

/** An amendment re-checks credit (domain.md §2.10), also that of an order that waits for it. */
async function checkChanged(context: WorkContext, fact: Fact): Promise<void> {
  const { handler } = context
  const { orderId } = fact.data as { orderId: string } // as in every event of an order
  const order = await handler.load(orderAggregate, orderId)
  if (order.phase !== 'placed' || !order.holds.includes('credit')) return
  const process = await handler.load(fulfilmentAggregate, orderId)
  if (process.phase !== 'none') await checkHeld(context, fact, process.attempt.creditAccount)
}

/** Every event of an account names it. */
function accountIdOf({ data }: Fact): string {
  return (data as { accountId: string }).accountId
}

/** Decides without writing: would all of these be accepted one after another? */
async function wouldPass(
  { handler }: WorkContext,
  accountId: string,
  commands: readonly AccountCommand[],
  at: string,
): Promise<boolean> {
  let state: AccountState = await handler.load(accountAggregate, accountId)
  for (const command of commands) {
    const given = (await accountAggregate.gather?.(command, handler.load, at)) ?? { rates: {} }
    const decision = accountAggregate.decide(command, state, { at, by: 'credit', recorded: false, given })
    if (isRefusal(decision)) return false
    state = afterEvents(state, decision, at)
  }
  return true
}

/** An order was held, and the account, asked once more, had let it pass: nobody else would release it. */
async function releaseIfPassed(context: WorkContext, fact: Fact): Promise<void> {
  const { source, id } = fact.event
  const { orderId, kind } = fact.data as { orderId: string; kind: string } // its type says so
  if (kind !== 'credit' || source.kind !== 'process') return
  const { handler } = context

  const process = await handler.load(fulfilmentAggregate, orderId)
  if (process.phase === 'none') return
  const account = await handler.load(accountAggregate, process.attempt.creditAccount)
  const isStillHeld = Object.values(account.holds).some((hold) => hold.orderId === orderId)
  const isCleared = (row(account.orders, orderId)?.cleared.length ?? 0) > 0
  if (isStillHeld || !isCleared) return
  await releaseHold(context, orderId, `${id}/passed`, metaOf('credit', fact, nowAfter(context, fact)))
}

async function releaseHold({ handler }: WorkContext, orderId: string, key: string, meta: ProcessMeta): Promise<void> {
  const command = { type: 'ReleaseHold', orderId, kind: 'credit', reason: 'credit-cleared' } as const
  const outcome = await processCommand(handler, orderAggregate, command, key, meta)
  if (!outcome.ok && outcome.refusal.refused !== 'orders.wrong_state') throw new StepRefused(key, outcome.refusal)
}
