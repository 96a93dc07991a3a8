import { dealerAggregate } from '../dealers/decide.ts'
import { dealerAt } from '../dealers/state.ts'
import type { Load } from '../kernel/decider.ts'

/**
 * The parties whose limits hold for a dealer at a business time, from the dealer itself up to the topmost one: its
 * parent, then the group of companies (domain.md §2.6). Undefined for an unknown dealer.
 */
export async function partiesOf(load: Load, dealerId: string, at: string): Promise<readonly string[] | undefined> {
  const dealer = dealerAt(await load(dealerAggregate, dealerId), at)
  if (!dealer) return undefined
  const { parentDealerId } = dealer
  const parent = parentDealerId === undefined ? undefined : dealerAt(await load(dealerAggregate, parentDealerId), at)
  const groupId = parent?.groupId ?? dealer.groupId
  return [
    ...new Set([
      dealerId,
      ...(parentDealerId === undefined ? [] : [parentDealerId]),
      ...(groupId === undefined ? [] : [groupId]),
    ]),
  ]
}

/** The account that decides on a dealer's credit: `account-<accountId>`. An unknown dealer is its own. */
export async function accountOf(load: Load, dealerId: string, at: string): Promise<string> {
  return (await partiesOf(load, dealerId, at))?.at(-1) ?? dealerId
}
