import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { own } from '../kernel/table.ts'
import { ratesAggregate, type RatesState } from '../rates/rates.ts'
import { receivableCommands, type ReceivableCommand } from '../receivables/commands.ts'
import { decideReceivables } from '../receivables/decideReceivables.ts'
import { receivableEvents } from '../receivables/events.ts'
import { creditCommands, type CreditCommand } from './commands.ts'
import { afterEvents } from './afterEvents.ts'
import { decideCredit } from './decideCredit.ts'
import { creditEvents } from './events.ts'
import type { AccountEvent } from './exposure.ts'
import { partyHolds } from './holds.ts'
import { partiesOf } from './parties.ts'
import type { AccountGiven } from './reserveCredit.ts'
import { emptyAccount, evolve, type AccountState } from './state.ts'

export type AccountCommand = CreditCommand | ReceivableCommand

/**
 * Credit and receivables of a topmost party and all below it, in one stream, so that one stream decides: concurrent
 * orders of one dealer wait for each other here (domain.md §2.6). `credit/` holds limits, reservations and holds,
 * `receivables/` the documents.
 */
export const accountAggregate: Aggregate<AccountCommand, AccountEvent, AccountState, AccountGiven> = {
  category: 'account',
  stateVersion: 1,
  initialState: emptyAccount,
  evolve,
  decide,
  gather,
  owner: (_state, { accountId }) => accountId,
  events: [...creditEvents, ...receivableEvents],
  commands: [...creditCommands, ...receivableCommands],
}

const creditNames: ReadonlySet<string> = new Set(creditCommands.map(({ name }) => name))
const isCredit = (command: AccountCommand): command is CreditCommand => creditNames.has(command.type)

function decide(
  command: AccountCommand,
  state: AccountState,
  circumstances: Circumstances<AccountGiven>,
): Decision<AccountEvent> {
  const { accountId } = command
  const { at, given, recorded } = circumstances
  const dealerId = partyOf(command)
  const above = given.parties ?? own(state.members, dealerId ?? accountId)
  const strange = strangerTo(command, state, above)
  const breaches = enforce([strange], recorded)
  if (isRefusal(breaches)) return breaches

  const attached = attach(accountId, dealerId, strange ? [dealerId ?? accountId, accountId] : above, state)
  const here = afterEvents(state, attached, at)
  const decided = isCredit(command)
    ? decideCredit(command, here, circumstances)
    : decideReceivables(command, here, circumstances)
  if (isRefusal(decided) || decided.length === 0) return decided
  const events = [...attached, ...withBreaches(decided, breaches)]
  return [...events, ...partyHolds(state, events, accountId, at, given.rates)]
}

/** The dealer, or the party to be limited, that a command is about. */
function partyOf(command: AccountCommand): string | undefined {
  if ('dealerId' in command) return command.dealerId
  return 'party' in command ? command.party : undefined
}

/** A dealer nobody knows, or a party that belongs to another account. */
function strangerTo(
  command: AccountCommand,
  state: AccountState,
  above: readonly string[] | undefined,
): Refusal | false {
  const { accountId } = command
  const dealerId = partyOf(command)
  if (dealerId === undefined || above?.at(-1) === accountId) return false
  if (above) return refuse('credit.wrong_account', { dealerId, accountId: above.at(-1) })
  if ('dealerId' in command) return refuse('dealers.unknown', { dealerId })
  return (
    dealerId !== accountId &&
    !isHigherParty(state, dealerId) &&
    refuse('credit.wrong_account', { party: dealerId, accountId })
  )
}

/** A group or parent that is known from the dealers below it. */
function isHigherParty(state: AccountState, party: string): boolean {
  return Object.values(state.members).some((parties) => parties.indexOf(party) > 0)
}

function attach(
  accountId: string,
  dealerId: string | undefined,
  parties: readonly string[] | undefined,
  state: AccountState,
): AccountEvent[] {
  if (dealerId === undefined || !parties || parties[0] !== dealerId) return []
  if (sameData(own(state.members, dealerId), parties)) return []
  return [{ type: 'AccountMemberAttached', data: { accountId, dealerId, parties: [...parties] } }]
}

function withBreaches(events: readonly AccountEvent[], breaches: ReturnType<typeof enforce>): readonly AccountEvent[] {
  if (isRefusal(breaches) || breaches.length === 0) return events
  const first = events.findIndex(({ data }) => 'breaches' in data)
  return events.map((event, index): AccountEvent =>
    index === first && 'breaches' in event.data
      ? // the same event with more breaches
        ({ ...event, data: { ...event.data, breaches: [...breaches, ...event.data.breaches] } } as AccountEvent)
      : event,
  )
}

async function gather(command: AccountCommand, load: Load, at: string): Promise<AccountGiven> {
  const dealerId = partyOf(command)
  const parties = dealerId === undefined ? undefined : await partiesOf(load, dealerId, at)
  const also = 'currency' in command ? command.currency : undefined
  const isLimit = command.type === 'SetCreditLimit'
  const state = await load(accountAggregate, command.accountId)
  const rates = await ratesOf(load, state, { used: isLimit ? undefined : also, limited: isLimit ? also : undefined })
  return parties ? { parties, rates } : { rates }
}

/** The rates between what stands on an account and its limits; `also` a currency that is used, or limited, from now on. */
export async function ratesOf(
  load: Load,
  { balances, limits }: AccountState,
  also: { readonly used?: string | undefined; readonly limited?: string | undefined } = {},
): Promise<Record<string, RatesState>> {
  const used = new Set(Object.values(balances).flatMap((ofDealer) => Object.keys(ofDealer)))
  const limited = new Set(Object.values(limits).map(({ currency }) => currency))
  if (also.limited !== undefined) limited.add(also.limited)
  if (also.used !== undefined) used.add(also.used)
  const rates: Record<string, RatesState> = {}
  for (const to of limited) {
    for (const from of used) {
      if (from === to) continue
      for (const pair of [`${from}/${to}`, `${to}/${from}`]) rates[pair] ??= await load(ratesAggregate, pair)
    }
  }
  return rates
}
