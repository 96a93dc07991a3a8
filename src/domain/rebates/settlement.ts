import { calendarAggregate } from '../calendars/decide.ts'
import { periodById } from '../calendars/periodOf.ts'
import type { CalendarState, Period } from '../calendars/state.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { statusAt } from '../dealers/state.ts'
import { larger } from '../kernel/bounds.ts'
import { instantOf } from '../kernel/businessTime.ts'
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
import { calculationProblem } from './calculationProblem.ts'
import { decideDispute } from './decideDispute.ts'
import { decideGoods, gatherGoods, type GoodsGiven } from './decideGoods.ts'
import { settlementCommands, type SettlementCommand } from './commands.ts'
import { settlementEvents, type SettlementEvent } from './events.ts'
import type { PayoutKey } from './grantedGoods.ts'
import { accrualLeft, carries, needsTwo, outletOf, payable } from './payable.ts'
import { programmeAggregate, termsFor, type ProgrammeState } from './programme.ts'
import {
  evolve,
  hasFinal,
  noSettlement,
  outstanding,
  ownFigures,
  payoutOf,
  type Calculated,
  type SettlementState,
} from './settlementState.ts'
import type { Terms } from './terms.ts'

export interface SettlementGiven extends GoodsGiven {
  readonly programme: ProgrammeState
  readonly calendar: CalendarState
}

/**
 * What one dealer earns of one programme in one period and currency: estimated, calculated, approved, paid, and taken
 * back, disputed. One stream decides, so a period is finally settled once, and Σ paid − Σ taken back is always R(V) of the last
 * approved calculation and what disputes awarded, less what open ones hold.
 */
export const settlementAggregate: Aggregate<SettlementCommand, SettlementEvent, SettlementState, SettlementGiven> = {
  category: 'settlement',
  stateVersion: 4,
  initialState: noSettlement,
  evolve,
  decide,
  gather,
  owner: (_state, { dealerId }) => dealerId,
  events: settlementEvents,
  commands: settlementCommands,
}

const paying: ReadonlySet<SettlementCommand['type']> = new Set([
  'ApproveSettlement',
  'UpholdDispute',
  'RejectDispute',
  'WithdrawDispute',
  'ReleaseGoodsRest',
])

async function gather(command: SettlementCommand, load: Load, at: string): Promise<SettlementGiven> {
  const { programmeId, dealerId } = command
  const programme = await load(programmeAggregate, programmeId)
  const calendarId = programme.versions[0]?.calendarId
  const calendar = calendarId === undefined ? calendarAggregate.initialState : await load(calendarAggregate, calendarId)
  if (command.type === 'GrantGoods')
    return { programme, calendar, ...(await gatherGoods(command, programme.companyId, load, at)) }
  if (!paying.has(command.type)) return { programme, calendar }
  return { programme, calendar, hasExited: statusAt(await load(dealerAggregate, dealerId), at) === 'exited' }
}

function decide(
  command: SettlementCommand,
  state: SettlementState,
  { at, by, recorded, given }: Circumstances<SettlementGiven>,
): Decision<SettlementEvent> {
  const { programmeId, dealerId, currency, periodId } = command
  const basis = periodTerms(command, given)
  if (isRefusal(basis)) return basis
  const { terms, period } = basis
  const key = { programmeId, companyId: given.programme.companyId, dealerId, currency, periodId }
  switch (command.type) {
    case 'SetTarget': {
      const { amount, reason } = command
      const before = state.targets.at(-1)?.amount
      if (before === amount) return []
      if (hasFinal(state)) return refuse('rebates.final_settled', { periodId })
      if (!recorded && instantOf(at) >= period.endInstant) return refuse('rebates.target_late', { periodId })
      if (before === undefined) return [{ type: 'TargetSet', data: { ...key, amount } }]
      return [{ type: 'TargetRevised', data: { ...key, amount, before, ...(reason !== undefined && { reason }) } }]
    }
    case 'FixBaseline': {
      const { amount, origin, agreement } = command
      const before = state.baseline
      if (before === amount) return []
      const isLate = before !== undefined || instantOf(at) >= period.startInstant
      const breaches = enforce(
        [isLate && agreement === undefined && refuse('rebates.baseline_fixed', { periodId })],
        recorded,
      )
      if (isRefusal(breaches)) return breaches
      const said = { ...(origin !== undefined && { origin }), ...(agreement !== undefined && { agreement }) }
      return [
        { type: 'BaselineFixed', data: { ...key, amount, ...said, ...(before !== undefined && { before }), breaches } },
      ]
    }
    case 'PostAccrual': {
      if (hasFinal(state)) return refuse('rebates.final_settled', { periodId })
      const { cutOff, watermark, volume, estimate } = command
      const target = larger(0n, outstanding(state, estimate))
      const by = target - BigInt(state.accrued)
      const balance = target.toString()
      if (by === 0n) return []
      if (by < 0n) return [{ type: 'AccrualReversed', data: { ...key, amount: (-by).toString(), balance } }]
      const figures = { cutOff, watermark, volume, estimate, programmeVersion: terms.version, method: terms.accrual }
      return [{ type: 'AccrualPosted', data: { ...key, ...figures, amount: by.toString(), balance } }]
    }
    case 'CalculateSettlement': {
      const last = state.settlements.at(-1)
      if (last && sameCalculation(last, command)) return []
      const breaches = enforce(rulesOf(command, state, basis, at, given), recorded)
      if (isRefusal(breaches)) return breaches
      const { kind, cutOff, watermark, calculation, explanationHash } = command
      const due = outstanding(state, calculation.earned)
      const before = state.settlements.findLast(({ status }) => status === 'approved')?.earned
      const isSettled = before === calculation.earned && payable(state, due).amount === 0n
      if (kind === 'adjustment' && isSettled) return []
      const pending = last?.status === 'calculated' ? last.settlementNo : undefined
      const data = {
        ...key,
        cutOff,
        watermark,
        kind,
        calculation,
        explanationHash,
        breaches,
        settlementNo: state.settlements.length + 1,
        postedIn: command.postedIn ?? periodId,
        programmeVersion: terms.version,
        basis: terms.basis,
        measure: terms.measure,
        settled: state.settled,
        clawedBack: state.clawedBack,
        ...(state.awarded !== '0' && { awarded: state.awarded }),
        due: due.toString(),
        ...(pending !== undefined && { supersedes: pending }),
      }
      return [{ type: 'SettlementCalculated', data }]
    }
    case 'ApproveSettlement': {
      const { settlementNo } = command
      const one = state.settlements[settlementNo - 1]
      if (!one) return refuse('object.not_found', { periodId, settlementNo })
      if (one.status === 'approved') return []
      if (one.status === 'superseded') return refuse('rebates.superseded', { settlementNo })
      const { kind, postedIn, earned } = one
      // what a dispute has awarded since the calculation is owed with it
      const { amount: due, held } = payable(state, outstanding(state, earned))
      if (needsTwo(terms, currency, due) && !recorded) {
        if (one.endorsedBy === by) return refuse('rebates.second_person', { settlementNo })
        if (one.endorsedBy === undefined) {
          const data = { ...key, settlementNo, amount: due.toString(), endorsedBy: by }
          return [{ type: 'SettlementEndorsed', data }]
        }
      }
      if (due > 0n && given.hasExited && !recorded) return refuse('rebates.dealer_exited', { dealerId })
      const posted = { ...key, settlementNo, postedIn }
      const amount = larger(0n, due).toString()
      const shown = { ...(held > 0n && { held: held.toString() }), ...(due > 0n && outletOf(terms)) }
      const events: SettlementEvent[] = [{ type: 'SettlementApproved', data: { ...posted, kind, amount, ...shown } }]
      if (due < 0n && !carries(terms, kind))
        events.push({ type: 'ClawbackPosted', data: { ...posted, amount: (-due).toString() } })
      return [...events, ...accrualLeft(state, held, key, settlementNo)]
    }
    case 'RecordSettlementCredit':
      return leave(command, state, command.creditNoteId, (payout) => ({
        type: 'SettlementCredited',
        data: { ...key, ...payout, creditNoteId: command.creditNoteId },
      }))
    case 'RecordSettlementPayment':
      if (terms.outlet !== 'payment') return refuse('rebates.other_outlet', { programmeVersion: terms.version })
      return leave(command, state, command.reference, (payout) => ({
        type: 'SettlementPaid',
        data: { ...key, ...payout, reference: command.reference },
      }))
    case 'GrantGoods':
    case 'FollowGrantedGoods':
    case 'ReleaseGoodsRest':
      return decideGoods(command, state, { terms, key, ...given })
    default:
      return decideDispute(command, state, { at, by, terms, period, key, ...given })
  }
}

interface Payout {
  readonly settlementNo: number
  readonly disputeId?: string
  readonly amount: string
}

/** A payout leaves once, whole, by one document. */
function leave(
  { settlementNo, disputeId }: PayoutKey,
  state: SettlementState,
  document: string,
  left: (payout: Payout) => SettlementEvent,
): Decision<SettlementEvent> {
  const payout = payoutOf(state, { settlementNo, disputeId })
  if (!payout) return refuse('rebates.not_approved', { settlementNo })
  if (payout.document === document) return []
  if (payout.document !== undefined) return refuse('object.exists', { settlementNo, document: payout.document })
  return [left({ settlementNo, amount: payout.amount, ...(disputeId !== undefined && { disputeId }) })]
}

interface PeriodTerms {
  readonly terms: Terms
  readonly period: Period
}

/** The version that the period settles by: frozen at its start, unless an amendment reaches back on purpose. */
function periodTerms(command: SettlementCommand, { programme, calendar }: SettlementGiven): PeriodTerms | Refusal {
  const { programmeId, periodId, currency } = command
  if (programme.status === 'unknown') return refuse('object.not_found', { programmeId })
  const period = periodById(calendar, periodId)
  if (!period) return refuse('calendars.unknown_period', { periodId })
  const terms = termsFor(programme, period.startInstant)
  if (!terms) return refuse('rebates.not_active', { programmeId, periodId })
  if (terms.grain !== period.grain) return refuse('calendars.unknown_period', { periodId, grain: terms.grain })
  if (terms.currencies && !terms.currencies.includes(currency)) return refuse('rebates.currency', { currency })
  return { terms, period }
}

function rulesOf(
  command: Extract<SettlementCommand, { type: 'CalculateSettlement' }>,
  state: SettlementState,
  { terms, period }: PeriodTerms,
  at: string,
  { calendar }: SettlementGiven,
): readonly (Refusal | false)[] {
  const { kind, periodId, postedIn, calculation, currency } = command
  const final = hasFinal(state)
  const graceEnds = period.endInstant + terms.graceDays * 86_400_000
  const postingPeriod = postedIn === undefined ? undefined : periodById(calendar, postedIn)
  const postsWell =
    kind === 'adjustment'
      ? postingPeriod?.closedBy === null && postedIn !== periodId
      : postedIn === undefined || postedIn === periodId
  // the explanation counts what was settled before: it must have seen the same settlements as this decision
  const problem =
    calculationProblem(terms, currency, calculation, ownFigures(state, terms, period, command.cutOff)) ??
    (outstanding(state, calculation.earned) === BigInt(command.due) ? undefined : 'due')
  return [
    problem !== undefined && refuse('rebates.calculation_invalid', { at: problem, programmeVersion: terms.version }),
    kind !== 'adjustment' && final && refuse('rebates.final_settled', { periodId }),
    kind === 'final' &&
      (period.closedBy === null || instantOf(at) < graceEnds) &&
      refuse('rebates.period_open', { periodId }),
    kind === 'adjustment' && !final && refuse('rebates.not_final', { periodId }),
    !postsWell && refuse('rebates.not_final', { periodId, postedIn: postedIn ?? periodId }),
  ]
}

/** Up to the same event there is nothing new to settle; a calculation nobody approved yet may have to be made anew. */
function sameCalculation(
  one: Calculated,
  command: Extract<SettlementCommand, { type: 'CalculateSettlement' }>,
): boolean {
  const same = one.kind === command.kind && one.watermark === command.watermark
  return same && (one.status === 'approved' || one.explanationHash === command.explanationHash)
}
