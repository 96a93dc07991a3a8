import { calendarAggregate } from '../calendars/decide.ts'
import { periodById } from '../calendars/periodOf.ts'
import type { CalendarState, Period } from '../calendars/state.ts'
import { proofAggregate, proofUse, type ProofState } from '../claims/proof.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { dealerAt, type DealerAt } from '../dealers/state.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { roundToMinor } from '../kernel/currency.ts'
import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import { formatDecimal, multiply, parseDecimal } from '../kernel/decimal.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { own } from '../kernel/table.ts'
import { fundCommands, type FundCommand, type FundCommandOf as Command } from './commands.ts'
import { fundEvents, type FundEvent } from './events.ts'
import { decideFundClaim, proofsOf } from './fundClaims.ts'
import { balancesOf, evolve, type Activity, type FundState, type KnownFund } from './state.ts'

export interface FundGiven {
  readonly dealer?: DealerAt | undefined
  readonly calendar?: CalendarState | undefined
  /** by proof: the claim that it stands for */
  readonly used?: Readonly<Record<string, NonNullable<ProofState['usedBy']>>>
}

const day = 86_400_000

/**
 * Money for the marketing of one dealer: budgeted, or accrued from its sales; committed to activities; claimed with proofs;
 * approved; paid in parts; released and expired. One stream, so that budget ≥ committed ≥ approved ≥ paid holds always.
 */
export const fundAggregate: Aggregate<FundCommand, FundEvent, FundState, FundGiven> = {
  category: 'fund',
  stateVersion: 1,
  initialState: { known: false },
  evolve,
  decide,
  gather,
  owner: (state, command) =>
    state.known ? state.terms.dealerId : command.type === 'BudgetFund' ? command.dealerId : undefined,
  events: fundEvents,
  commands: fundCommands,
}

/** The last instant at which an activity may be claimed. */
export function claimUntil({ terms }: KnownFund, { until }: Activity): number {
  return instantOf(until) + terms.claimWithinDays * day
}

async function gather(command: FundCommand, load: Load, at: string): Promise<FundGiven> {
  if (command.type === 'BudgetFund') return { dealer: dealerAt(await load(dealerAggregate, command.dealerId), at) }
  const state = await load(fundAggregate, command.fundId)
  if (!state.known) return {}
  const { dealerId, accrual } = state.terms
  switch (command.type) {
    case 'RequestActivity':
      return { dealer: dealerAt(await load(dealerAggregate, dealerId), at) }
    case 'AccrueFund':
    case 'SweepFund':
      return accrual ? { calendar: await load(calendarAggregate, accrual.calendarId) } : {}
    case 'SubmitFundClaim': {
      const used: Record<string, NonNullable<ProofState['usedBy']>> = {}
      const stream = `${fundAggregate.category}-${command.fundId}`
      for (const proof of proofsOf(command)) {
        const { usedBy } = await load(proofAggregate, proof)
        if (usedBy && (usedBy.stream !== stream || usedBy.claimId !== command.claimId)) used[proof] = usedBy
      }
      return { used, dealer: dealerAt(await load(dealerAggregate, dealerId), at) }
    }
    default:
      return {}
  }
}

function decide(command: FundCommand, state: FundState, circumstances: Circumstances<FundGiven>): Decision<FundEvent> {
  if (command.type === 'BudgetFund') return budget(command, state, circumstances)
  if (!state.known) return refuse('object.not_found', { fundId: command.fundId })
  switch (command.type) {
    case 'ReviseFundBudget':
      return revise(command, state)
    case 'AccrueFund':
      return accrue(command, state, circumstances)
    case 'RequestActivity':
      return request(command, state, circumstances)
    case 'CommitActivity':
    case 'DeclineActivity':
    case 'ReleaseCommitment':
      return decideActivity(command, state, circumstances.at)
    case 'SweepFund':
      return sweep(state, circumstances)
    default:
      return decideFundClaim(command, state, circumstances, (proof, by) =>
        refuse('claims.proof_used', proofUse(proof, by, state.terms.dealerId)),
      )
  }
}

function budget(
  { type: _type, ...command }: Command<'BudgetFund'>,
  state: FundState,
  { recorded, given }: Circumstances<FundGiven>,
): Decision<FundEvent> {
  const { fundId, companyId, dealerId, from, until } = command
  if (state.known) {
    const { budget, ...terms } = command
    return sameData(terms, state.terms) && (state.budget === budget || terms.accrual !== undefined)
      ? []
      : refuse('object.exists', { fundId })
  }
  if (given.dealer?.companyId !== companyId) return refuse('dealers.unknown', { dealerId })
  const breaches = enforce(
    [
      given.dealer.status === 'exited' && refuse('dealers.exited', { dealerId }),
      instantOf(until) <= instantOf(from) && refuse('funds.window_empty', { fundId }),
    ],
    recorded,
  )
  if (isRefusal(breaches)) return breaches
  return [{ type: 'FundBudgeted', data: { ...command, breaches } }]
}

function revise({ budget, reason }: Command<'ReviseFundBudget'>, state: KnownFund): Decision<FundEvent> {
  const { fundId, accrual } = state.terms
  if (state.budget === budget) return []
  if (accrual) return refuse('funds.accrued_only', { fundId })
  if (state.isOver) return refuse('funds.over', { fundId })
  const { committed } = balancesOf(state)
  if (BigInt(budget) < committed)
    return refuse('funds.over_budget', { fundId, budget, committed: committed.toString() })
  return [{ type: 'FundBudgetRevised', data: { ...keyOf(state), budget, before: state.budget, reason } }]
}

function accrue(
  { periodId, base, cutOff, watermark }: Command<'AccrueFund'>,
  state: KnownFund,
  { given }: Circumstances<FundGiven>,
): Decision<FundEvent> {
  const { fundId, accrual, currency } = state.terms
  if (!accrual) return refuse('funds.not_accrued', { fundId })
  if (hasAccrued(state, periodId)) return []
  const period = given.calendar && periodById(given.calendar, periodId)
  if (period?.grain !== accrual.grain) return refuse('calendars.unknown_period', { periodId })
  if (period.closedBy === null) return refuse('funds.period_open', { fundId, periodId })
  if (state.isOver) return refuse('funds.over', { fundId })
  if (!periodsOf(state, given.calendar).includes(period)) return refuse('funds.outside_window', { fundId, periodId })
  const exact = multiply(parseDecimal(accrual.rate), parseDecimal(base), 'half-even').value
  const rounded = exact > 0n ? roundToMinor(exact, currency, accrual.rounding).value : 0n
  const data = {
    ...keyOf(state),
    cutOff,
    watermark,
    periodId,
    base,
    rate: accrual.rate,
    exact: formatDecimal(exact),
    rounding: accrual.rounding,
    amount: rounded.toString(),
    budget: (BigInt(state.budget) + rounded).toString(),
  }
  return [{ type: 'FundAccrued', data }]
}

function request(
  { type: _type, ...command }: Command<'RequestActivity'>,
  state: KnownFund,
  { by, recorded, given }: Circumstances<FundGiven>,
): Decision<FundEvent> {
  const { fundId, activityId, ...asked } = command
  const { terms } = state
  const known = own(state.activities, activityId)
  if (known) {
    const { name, kind, from, until, amount } = known
    return sameData({ name, kind, from, until, amount }, asked) ? [] : refuse('claims.key_reused', { activityId })
  }
  const isOutside =
    instantOf(asked.from) < instantOf(terms.from) ||
    instantOf(asked.until) > instantOf(terms.until) ||
    instantOf(asked.until) <= instantOf(asked.from)
  const breaches = enforce(
    [
      given.dealer?.status === 'exited' && refuse('dealers.exited', { dealerId: terms.dealerId }),
      isOutside && refuse('funds.outside_window', { fundId, activityId, from: terms.from, until: terms.until }),
      state.isOver && refuse('funds.over', { fundId }),
    ],
    recorded,
  )
  if (isRefusal(breaches)) return breaches
  return [{ type: 'FundActivityRequested', data: { ...keyOf(state), activityId, ...asked, requestedBy: by, breaches } }]
}

function decideActivity(
  command: Command<'CommitActivity' | 'DeclineActivity' | 'ReleaseCommitment'>,
  state: KnownFund,
  at: string,
): Decision<FundEvent> {
  const { fundId, activityId } = command
  const activity = own(state.activities, activityId)
  if (!activity) return refuse('object.not_found', { fundId, activityId })
  const { status } = activity
  const key = { ...keyOf(state), activityId }
  const notOpen = (): Refusal => refuse('funds.not_open', { activityId, status })
  switch (command.type) {
    case 'CommitActivity': {
      const amount = command.amount ?? activity.amount
      if (status === 'committed') return command.amount === undefined || amount === activity.committed ? [] : notOpen()
      if (status !== 'requested') return notOpen()
      if (state.isOver || instantOf(at) >= instantOf(state.terms.until)) return refuse('funds.over', { fundId })
      if (BigInt(amount) > BigInt(activity.amount))
        return refuse('funds.over_requested', { activityId, requested: activity.amount, amount })
      const free = BigInt(state.budget) - balancesOf(state).committed
      if (BigInt(amount) > free) return refuse('funds.over_budget', { fundId, free: free.toString(), amount })
      return [{ type: 'FundCommitted', data: { ...key, amount, requested: activity.amount } }]
    }
    case 'DeclineActivity':
      if (status === 'declined') return []
      return status === 'requested'
        ? [{ type: 'FundActivityDeclined', data: { ...key, reason: command.reason } }]
        : notOpen()
    case 'ReleaseCommitment': {
      if (status !== 'committed') return notOpen()
      const amount = unneeded(state, activityId)
      return amount > 0n
        ? [{ type: 'FundReleased', data: { ...key, amount: amount.toString(), reason: 'not-needed' } }]
        : []
    }
  }
}

/** Once an activity can be claimed no more, what it does not need is free; once the fund has ended, what is free is gone. */
function sweep(state: KnownFund, { at, given }: Circumstances<FundGiven>): Decision<FundEvent> {
  const now = instantOf(at)
  const late = Object.entries(state.activities).filter(
    ([id, one]) => one.status === 'committed' && now > claimUntil(state, one) && unneeded(state, id) > 0n,
  )
  const released = late.map(([activityId]): FundEvent => {
    const amount = unneeded(state, activityId).toString()
    return { type: 'FundReleased', data: { ...keyOf(state), activityId, amount, reason: 'not-claimed' } }
  })
  const waiting = Object.entries(state.activities).some(
    ([id, one]) => one.status === 'committed' && now <= claimUntil(state, one) && unneeded(state, id) > 0n,
  )
  const pending = Object.values(state.claims).some(({ status }) => status === 'submitted' || status === 'validated')
  const isEarning = periodsOf(state, given.calendar).some(({ periodId }) => !hasAccrued(state, periodId))
  if (state.isOver || waiting || pending || isEarning || now < instantOf(state.terms.until)) return released
  const after = released.reduce<FundState>(
    (next, event) => evolve(next, { ...event, id: '', revision: 0, occurredAt: at }),
    state,
  )
  const free = after.known ? BigInt(after.budget) - balancesOf(after).committed : 0n
  return [...released, { type: 'FundExpired', data: { ...keyOf(state), amount: free.toString() } }]
}

/** The periods whose sales add to a co-op fund. */
export function periodsOf({ terms }: KnownFund, calendar: CalendarState | undefined): readonly Period[] {
  const { accrual, from, until } = terms
  if (!accrual || !calendar?.known) return []
  return calendar.periods.filter(
    ({ grain, startInstant }) =>
      grain === accrual.grain && startInstant >= instantOf(from) && startInstant < instantOf(until),
  )
}

export function hasAccrued({ accrued }: KnownFund, periodId: string): boolean {
  return accrued.some((one) => one.periodId === periodId)
}

/** What is committed to an activity beyond what its claims may cost. */
function unneeded(state: KnownFund, activityId: string): bigint {
  const { committed, claimed } = balancesOf(state, activityId)
  return committed - claimed
}

function keyOf({ terms: { fundId, companyId, dealerId, currency } }: KnownFund) {
  return { fundId, companyId, dealerId, currency }
}
