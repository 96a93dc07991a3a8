import { isRefusal } from '../kernel/decider.ts'
import { own } from '../kernel/table.ts'
import { afterEvents } from './afterEvents.ts'
import { isOver, snapshotOf, type Rates, type Verdict } from './checkCredit.ts'
import type { CheckPoint, CreditEvent } from './events.ts'
import type { AccountEvent } from './exposure.ts'
import type { AccountState, Hold } from './state.ts'

/** A party is on hold exactly while it is over its limit: placed and released with every event that moves its exposure. */
export function partyHolds(
  before: AccountState,
  events: readonly AccountEvent[],
  accountId: string,
  at: string,
  rates: Rates,
): CreditEvent[] {
  const after = afterEvents(before, events, at)
  const touched = new Set(
    events.flatMap(({ data }) => [
      ...('dealerId' in data && data.dealerId !== undefined
        ? (own(after.members, data.dealerId) ?? [data.dealerId])
        : []),
      ...('party' in data ? [data.party] : []),
    ]),
  )
  return [...touched].flatMap((party): CreditEvent[] => {
    const limit = own(after.limits, party)
    if (!limit) return []
    const snapshot = snapshotOf(after, party, limit, at, rates)
    // without a rate nothing can be said; the next event that moves the exposure says it
    if (isRefusal(snapshot)) return []
    const holdId = holdIdOf('over_limit', party)
    const hold = own(after.holds, holdId)
    if (isOver(snapshot) && !hold)
      return [
        { type: 'CreditHoldPlaced', data: { accountId, holdId, kind: 'over_limit', party, exposures: [snapshot] } },
      ]
    if (!isOver(snapshot) && hold) return [releaseHold(accountId, [holdId, hold], 'within_limit')]
    return []
  })
}

/** The hold of an order that failed a check; nothing when it is on that hold already. */
export function placeHold(
  { accountId, orderId, dealerId }: { accountId: string; orderId: string; dealerId: string },
  { kind, party, overdueInvoices }: NonNullable<Verdict['failure']>,
  exposures: Verdict['exposures'],
  state: AccountState,
  checkPoint?: CheckPoint,
): CreditEvent[] {
  const holdId = holdIdOf(kind, party, orderId)
  if (own(state.holds, holdId)) return []
  return [
    {
      type: 'CreditHoldPlaced',
      data: {
        accountId,
        holdId,
        kind,
        party,
        orderId,
        dealerId,
        ...(checkPoint !== undefined && { checkPoint }),
        exposures: [...exposures],
        ...(overdueInvoices && { overdueInvoices: [...overdueInvoices] }),
      },
    },
  ]
}

export function releaseHold(
  accountId: string,
  [holdId, hold]: readonly [string, Hold],
  cause: Extract<CreditEvent, { type: 'CreditHoldReleased' }>['data']['cause'],
): CreditEvent {
  return { type: 'CreditHoldReleased', data: { accountId, holdId, ...hold, cause } }
}

export function holdsOf(
  state: AccountState,
  orderId: string,
  which: (hold: Hold) => boolean,
): (readonly [string, Hold])[] {
  return Object.entries(state.holds).filter(([, hold]) => hold.orderId === orderId && which(hold))
}

/** One hold per kind and object. */
export function holdIdOf(kind: string, party: string, orderId?: string): string {
  return orderId === undefined ? `${kind}/party/${party}` : `${kind}/order/${orderId}`
}
