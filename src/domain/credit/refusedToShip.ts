import { isRefusal, type Load, type Refusal } from '../kernel/decider.ts'
import { accountAggregate, ratesOf } from './account.ts'
import { checkCredit, limitsAbove } from './checkCredit.ts'
import { accountOf } from './parties.ts'

/**
 * Why a dealer's credit does not let goods of an order go, where a limit above it is checked at `ship` (domain.md §2.6). It is the
 * account as it stands: nothing of it changes when goods leave.
 */
export async function refusedToShip(
  load: Load,
  order: { readonly orderId: string; readonly dealerId: string },
  at: string,
): Promise<Refusal | undefined> {
  const accountId = await accountOf(load, order.dealerId, at)
  const account = await load(accountAggregate, accountId)
  if (!limitsAbove(account, order.dealerId).some(([, { checkPoints }]) => checkPoints.includes('ship')))
    return undefined
  const verdict = checkCredit(account, order, ['ship'], at, await ratesOf(load, account))
  if (isRefusal(verdict)) return verdict
  return verdict.override ? undefined : verdict.failure?.refusal
}
