import { isRefusal, type Load, type Refusal } from '../kernel/decider.ts'
import { accountAggregate } from './account.ts'
import { checkCredit, limitsAbove } from './checkCredit.ts'
import { accountOf } from './parties.ts'

/**
 * Why a dealer's credit does not let goods of an order go, where a limit above it is checked at `ship` (domain.md §2.6). It is the
 * account as it stands: nothing of it changes when goods leave.
 */
export async function refusedToShip(
  load: Load,
  order: { readonly orderId: string; readonly dealerId: string; readonly currency: string },
  at: string,
): Promise<Refusal | undefined> {
  const accountId = await accountOf(load, order.dealerId, at)
  const account = await load(accountAggregate, accountId)
  if (!limitsAbove(account, order.dealerId).some(([, { checkPoints }]) => checkPoints.includes('ship')))
    return undefined
  const clearing = {
    type: 'ClearCredit',
    accountId,
    ...order,
    checkPoint: 'ship',
    anew: false,
    ifOver: 'refuse',
  } as const
  const { rates } = (await accountAggregate.gather?.(clearing, load, at)) ?? { rates: {} }
  const verdict = checkCredit(account, order, ['ship'], at, rates)
  if (isRefusal(verdict)) return verdict
  return verdict.override ? undefined : verdict.failure?.refusal
}
