import { nextOpenPeriod } from '../calendars/periodOf.ts'
import type { CalendarState, Period } from '../calendars/state.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { refuse, type Decision, type Refusal } from '../kernel/decider.ts'
import type { SettlementCommand } from './commands.ts'
import type { SettlementEvent } from './events.ts'
import { accrualLeft, carries, needsTwo, outletOf, payable, type DealerPeriod } from './payable.ts'
import { evolve, outstanding, type Dispute, type SettlementState } from './settlementState.ts'
import type { Terms } from './terms.ts'

type Of<Type extends SettlementCommand['type']> = Extract<SettlementCommand, { type: Type }>
export type DisputeCommand = Of<'OpenDispute' | 'AnswerDispute' | 'UpholdDispute' | 'RejectDispute' | 'WithdrawDispute'>

export interface DisputeCircumstances {
  readonly at: string
  readonly by: string
  readonly terms: Terms
  readonly period: Period
  readonly calendar: CalendarState
  readonly hasExited?: boolean
  readonly key: DealerPeriod
}

/** of one dealer-period */
const mostDisputes = 100
const day = 86_400_000

/** Two who see a payout differently: what is disputed waits, everything else is paid (docs/settlement-rules.md §11). */
export function decideDispute(
  command: DisputeCommand,
  state: SettlementState,
  around: DisputeCircumstances,
): Decision<SettlementEvent> {
  if (command.type === 'OpenDispute') return open(command, state, around)
  const { disputeId } = command
  const dispute = state.disputes.find((one) => one.disputeId === disputeId)
  if (!dispute) return refuse('object.not_found', { disputeId })
  const { settlementNo, status } = dispute
  const { key, by } = around
  const of = { ...key, settlementNo, disputeId }
  if (status !== 'open') {
    return status === outcomes[command.type] ? [] : refuse('rebates.dispute_closed', { disputeId, status })
  }
  switch (command.type) {
    case 'AnswerDispute':
      if (command.side === dispute.side) return refuse('rebates.dispute_side', { disputeId, openedBy: dispute.side })
      return [{ type: 'DisputeAnswered', data: { ...of, answeredBy: by, answer: command.answer } }]
    case 'UpholdDispute': {
      const awarded = command.awarded ?? dispute.difference
      const problem = awardProblem(awarded, dispute, around)
      if (problem) return problem
      return withRelease({ type: 'DisputeUpheld', data: { ...of, awarded, reason: command.reason } }, state, around)
    }
    case 'RejectDispute':
      return withRelease({ type: 'DisputeRejected', data: { ...of, reason: command.reason } }, state, around)
    case 'WithdrawDispute':
      if (command.side !== dispute.side) return refuse('rebates.dispute_side', { disputeId, openedBy: dispute.side })
      return withRelease({ type: 'DisputeWithdrawn', data: of }, state, around)
  }
}

const outcomes = {
  AnswerDispute: undefined,
  UpholdDispute: 'upheld',
  RejectDispute: 'rejected',
  WithdrawDispute: 'withdrawn',
} as const

function open(
  { settlementNo, disputeId, side, node, difference, reason, evidence }: Of<'OpenDispute'>,
  state: SettlementState,
  { at, terms, key }: DisputeCircumstances,
): Decision<SettlementEvent> {
  const known = state.disputes.find((one) => one.disputeId === disputeId)
  if (known) {
    const same = known.settlementNo === settlementNo && known.node === node && known.difference === difference
    return same && known.side === side ? [] : refuse('object.exists', { disputeId })
  }
  const one = state.settlements[settlementNo - 1]
  if (!one) return refuse('object.not_found', { periodId: key.periodId, settlementNo })
  if (one.status === 'superseded') return refuse('rebates.superseded', { settlementNo })
  if (state.disputes.length >= mostDisputes) return refuse('rebates.dispute_limit', { most: mostDisputes })
  const { disputeDays } = terms
  if (disputeDays !== undefined && instantOf(at) > instantOf(one.calculatedAt) + disputeDays * day)
    return refuse('rebates.dispute_late', { settlementNo, disputeDays })
  const data = { ...key, settlementNo, disputeId, side, node, difference, reason, evidence: [...evidence] }
  return [{ type: 'DisputeOpened', data }]
}

/** Between nothing and what was asked for; one that is as large as a payout of two people has been answered by another one. */
function awardProblem(
  awarded: string,
  { disputeId, difference, answeredBy }: Dispute,
  { by, terms, key }: DisputeCircumstances,
): Refusal | undefined {
  const [award, asked] = [BigInt(awarded), BigInt(difference)]
  const isWithin = asked > 0n ? award > 0n && award <= asked : award < 0n && award >= asked
  if (!isWithin) return refuse('rebates.award_beyond', { disputeId, difference, awarded })
  if (!needsTwo(terms, key.currency, award < 0n ? -award : award)) return undefined
  return answeredBy === undefined || answeredBy === by ? refuse('rebates.second_person', { disputeId }) : undefined
}

/** What an end of a dispute sets free, or awards, is paid or taken back with it, unless nothing was approved yet. */
function withRelease(
  end: Extract<SettlementEvent, { type: 'DisputeUpheld' | 'DisputeRejected' | 'DisputeWithdrawn' }>,
  state: SettlementState,
  { at, terms, period, calendar, key, hasExited }: DisputeCircumstances,
): Decision<SettlementEvent> {
  const after = evolve(state, { ...end, id: '', revision: 0, occurredAt: at })
  const last = after.settlements.findLast(({ status }) => status === 'approved')
  if (!last) return [end]
  const { amount, held } = payable(after, outstanding(after, last.earned))
  const { settlementNo, disputeId } = end.data
  const left = accrualLeft(after, held, key, settlementNo)
  if (amount === 0n || (amount < 0n && carries(terms, last.kind))) return [end, ...left]
  if (amount > 0n && hasExited) return refuse('rebates.dealer_exited', { dealerId: key.dealerId })
  const postedIn = period.closedBy === null ? period : nextOpenPeriod(calendar, period)
  if (!postedIn) return refuse('period.closed', { periodId: period.periodId })
  const of = { ...key, settlementNo, disputeId, postedIn: postedIn.periodId }
  const posting: SettlementEvent =
    amount > 0n
      ? { type: 'DisputedPartPaid', data: { ...of, amount: amount.toString(), ...outletOf(terms) } }
      : { type: 'ClawbackPosted', data: { ...of, amount: (-amount).toString() } }
  return [end, posting, ...left]
}
