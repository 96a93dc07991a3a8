import { calendarAggregate } from '../calendars/decide.ts'
import { periodById } from '../calendars/periodOf.ts'
import type { CalendarState, Period } from '../calendars/state.ts'
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
import { minorToMicros } from '../kernel/currency.ts'
import { parseDecimal } from '../kernel/decimal.ts'
import { enforce } from '../kernel/enforce.ts'
import type { Happened } from '../kernel/event.ts'
import { calculationProblem } from './calculationProblem.ts'
import { settlementCommands, type SettlementCommand } from './commands.ts'
import { settlementEvents, type SettlementEvent } from './events.ts'
import { programmeAggregate, termsFor, type ProgrammeState } from './programme.ts'
import type { Terms } from './terms.ts'

interface Calculated {
  readonly settlementNo: number
  readonly kind: 'interim' | 'final' | 'adjustment'
  readonly postedIn: string
  readonly due: string
  readonly watermark: string
  readonly explanationHash: string
  readonly status: 'calculated' | 'superseded' | 'approved'
  /** the first of two people who approve it */
  readonly endorsedBy?: string
  readonly creditNoteId?: string
}

export interface SettlementState {
  /** every target that was set, in order, with the business time of each; a decimal in the measure */
  readonly targets: readonly { readonly at: string; readonly amount: string }[]
  readonly baseline?: string
  /** in order of their numbers, from 1 */
  readonly settlements: readonly Calculated[]
  /** Σ approved payouts and Σ clawbacks, minor units */
  readonly settled: string
  readonly clawedBack: string
  readonly accrued: string
  /** what `settle` takes as prior */
  readonly prior: readonly {
    readonly settlementNo: number
    readonly kind: 'settled' | 'clawed_back'
    readonly amount: string
  }[]
}

export interface SettlementGiven {
  readonly programme: ProgrammeState
  readonly calendar: CalendarState
}

/**
 * What one dealer earns of one programme in one period and currency: estimated, calculated, approved, paid, and taken
 * back. One stream decides, so a period is finally settled once, and Σ paid − Σ taken back is always R(V) of the last
 * approved calculation.
 */
export const settlementAggregate: Aggregate<SettlementCommand, SettlementEvent, SettlementState, SettlementGiven> = {
  category: 'settlement',
  stateVersion: 2,
  initialState: { targets: [], settlements: [], settled: '0', clawedBack: '0', accrued: '0', prior: [] },
  evolve,
  decide,
  gather,
  owner: (_state, { dealerId }) => dealerId,
  events: settlementEvents,
  commands: settlementCommands,
}

/** The dealer's own figures that a calculation up to a cut-off looks at: the last target in time, the last baseline. */
export function ownFigures(
  { targets, baseline }: Pick<SettlementState, 'targets' | 'baseline'>,
  { targetAt }: Pick<Terms, 'targetAt'>,
  period: Pick<Period, 'startInstant' | 'endInstant'>,
  cutOff: string,
): { readonly target?: string; readonly baseline?: string } {
  const until = Math.min(instantOf(cutOff), targetAt === 'period-start' ? period.startInstant + 1 : period.endInstant)
  const target = targets.findLast(({ at }) => instantOf(at) < until)?.amount
  return { ...(target !== undefined && { target }), ...(baseline !== undefined && { baseline }) }
}

/** Is a payout so large that two people have to approve it? Minor units. */
export function needsTwo({ secondApprovalAbove }: Terms, currency: string, due: bigint): boolean {
  return secondApprovalAbove !== undefined && minorToMicros(due, currency) > parseDecimal(secondApprovalAbove)
}

export function hasFinal({ settlements }: SettlementState): boolean {
  return settlements.some(({ kind, status }) => kind === 'final' && status === 'approved')
}

async function gather({ programmeId }: SettlementCommand, load: Load): Promise<SettlementGiven> {
  const programme = await load(programmeAggregate, programmeId)
  const calendarId = programme.versions[0]?.calendarId
  const calendar = calendarId === undefined ? calendarAggregate.initialState : await load(calendarAggregate, calendarId)
  return { programme, calendar }
}

function evolve(state: SettlementState, event: Happened<SettlementEvent>): SettlementState {
  const { type, data } = event
  switch (type) {
    case 'TargetSet':
    case 'TargetRevised':
      return { ...state, targets: [...state.targets, { at: event.occurredAt, amount: data.amount }] }
    case 'BaselineFixed':
      return { ...state, baseline: data.amount }
    case 'AccrualPosted':
    case 'AccrualReversed':
      return { ...state, accrued: data.balance }
    case 'SettlementCalculated': {
      const { settlementNo, kind, postedIn, calculation: _calculation, due, watermark, explanationHash } = data
      const earlier = state.settlements.map(superseded)
      const one: Calculated = { settlementNo, kind, postedIn, due, watermark, explanationHash, status: 'calculated' }
      return { ...state, settlements: [...earlier, one] }
    }
    case 'SettlementEndorsed':
      return changed(state, data.settlementNo, (one) => ({ ...one, endorsedBy: data.endorsedBy }))
    case 'SettlementApproved': {
      const { settlementNo, amount } = data
      const approved = changed(state, settlementNo, (one) => ({ ...one, status: 'approved' }))
      if (amount === '0') return approved
      return {
        ...approved,
        settled: plus(state.settled, amount),
        prior: [...state.prior, { settlementNo, kind: 'settled', amount }],
      }
    }
    case 'SettlementCredited':
      return changed(state, data.settlementNo, (one) => ({ ...one, creditNoteId: data.creditNoteId }))
    case 'ClawbackPosted': {
      const { settlementNo, amount } = data
      const prior = [...state.prior, { settlementNo, kind: 'clawed_back' as const, amount }]
      return { ...state, clawedBack: plus(state.clawedBack, amount), prior }
    }
  }
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
      const settled = BigInt(state.settled) - BigInt(state.clawedBack)
      const target = larger(0n, BigInt(estimate) - settled)
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
      const due = BigInt(calculation.earned) - (BigInt(state.settled) - BigInt(state.clawedBack))
      if (kind === 'adjustment' && due === 0n) return []
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
      const { kind, postedIn } = one
      const due = BigInt(one.due)
      if (needsTwo(terms, currency, due) && !recorded) {
        if (one.endorsedBy === by) return refuse('rebates.second_person', { settlementNo })
        if (one.endorsedBy === undefined) {
          const data = { ...key, settlementNo, amount: one.due, endorsedBy: by }
          return [{ type: 'SettlementEndorsed', data }]
        }
      }
      const posted = { ...key, settlementNo, postedIn }
      const events: SettlementEvent[] = [
        { type: 'SettlementApproved', data: { ...posted, kind, amount: larger(0n, due).toString() } },
      ]
      // an interim that owes less than it paid may wait for the next one: the delta rule carries it
      if (due < 0n && !(kind === 'interim' && terms.negativeInterim === 'carry'))
        events.push({ type: 'ClawbackPosted', data: { ...posted, amount: (-due).toString() } })
      if (state.accrued !== '0')
        events.push({ type: 'AccrualReversed', data: { ...key, amount: state.accrued, balance: '0', settlementNo } })
      return events
    }
    case 'RecordSettlementCredit': {
      const { settlementNo, creditNoteId } = command
      const one = state.settlements[settlementNo - 1]
      if (!one) return refuse('object.not_found', { periodId, settlementNo })
      if (one.creditNoteId === creditNoteId) return []
      if (one.creditNoteId !== undefined)
        return refuse('object.exists', { settlementNo, creditNoteId: one.creditNoteId })
      if (one.status !== 'approved' || BigInt(one.due) <= 0n) return refuse('rebates.not_approved', { settlementNo })
      return [{ type: 'SettlementCredited', data: { ...key, settlementNo, creditNoteId, amount: one.due } }]
    }
  }
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
  const settled = BigInt(state.settled) - BigInt(state.clawedBack)
  // the explanation counts what was settled before: it must have seen the same settlements as this decision
  const problem =
    calculationProblem(terms, currency, calculation, ownFigures(state, terms, period, command.cutOff)) ??
    (BigInt(calculation.earned) - settled === BigInt(command.due) ? undefined : 'due')
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

function superseded(one: Calculated): Calculated {
  return one.status === 'calculated' ? { ...one, status: 'superseded' } : one
}

function changed(
  state: SettlementState,
  settlementNo: number,
  change: (one: Calculated) => Calculated,
): SettlementState {
  return {
    ...state,
    settlements: state.settlements.map((one) => (one.settlementNo === settlementNo ? change(one) : one)),
  }
}

function plus(a: string, b: string): string {
  return (BigInt(a) + BigInt(b)).toString()
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
