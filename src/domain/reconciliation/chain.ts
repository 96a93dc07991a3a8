import { calendarAggregate } from '../calendars/decide.ts'
import { periodById } from '../calendars/periodOf.ts'
import type { CalendarState } from '../calendars/state.ts'
import { businessTime, instantOf, type Instant } from '../kernel/businessTime.ts'
import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { emptyTable, row, rows, withRow, type Table } from '../kernel/table.ts'
import { reconciliationCommands, type ReconciliationCommand } from './commands.ts'
import { reconciliationEvents, type ReconciliationEvent, type Side } from './events.ts'

export interface Statement {
  readonly version: number
  readonly periodId?: string
  readonly from: string
  readonly until: string
  readonly prior: string
  readonly watermark: string
  readonly opening: string
  readonly closing: string
  readonly fingerprint: string
  /** of this version */
  readonly confirmedBy: readonly Side[]
}

interface Dispute {
  readonly statementNo: number
  readonly side: Side
  readonly lineId?: string
  readonly outcome?: 'accepted' | 'rejected' | 'withdrawn'
}

export interface ReconciliationState {
  /** statement n at index n − 1, its newest version */
  readonly statements: readonly Statement[]
  readonly disputes: Table<Dispute>
  /** lines that were confirmed one by one */
  readonly lines: Table<{ readonly statementNo: number; readonly sides: readonly Side[] }>
}

/** Answers and disputes of statements that are further back than this are told by the read model alone. */
export const kept = 36

/**
 * What two parties agree that one owes the other, statement after statement. One stream holds the chain, so each statement
 * opens where the one before closed; what became known after a statement stands in the next one, or in a new version of
 * the newest.
 */
export const reconciliationAggregate: Aggregate<
  ReconciliationCommand,
  ReconciliationEvent,
  ReconciliationState,
  CalendarState
> = {
  category: 'reconciliation',
  stateVersion: 1,
  initialState: { statements: [], disputes: emptyTable, lines: emptyTable },
  evolve,
  decide,
  gather,
  owner: (_state, { dealerId }) => dealerId,
  events: reconciliationEvents,
  commands: reconciliationCommands,
}

/** Where the next statement stands: what has to be drawn for it. */
export interface NextStatement {
  readonly statementNo: number
  readonly version: number
  readonly from: string
  readonly until: string
  /** of the first statement both follow from its own watermark */
  readonly prior?: string
  readonly opening?: string
}

type Wanted = Pick<Extract<ReconciliationCommand, { type: 'PublishStatement' }>, 'periodId' | 'until' | 'restate'>

/** Undefined when there is nothing to do: the newest statement ends there, and is not to be restated. */
export function nextStatement(
  { statements }: ReconciliationState,
  wanted: Wanted,
  calendar: CalendarState,
  at: string,
): NextStatement | Refusal | undefined {
  const bounds = boundsOf(wanted, calendar)
  if (isRefusal(bounds)) return bounds
  const { from, until } = bounds
  if (instantOf(until) > instantOf(at)) return refuse('reconciliation.not_over', { until })
  const last = statements.at(-1)
  const difference = last === undefined ? 1 : instantOf(until) - instantOf(last.until)
  if (last && difference < 0) return refuse('reconciliation.later_published', { until: last.until })
  if (last && difference === 0) {
    if (!wanted.restate) return undefined
    if (last.confirmedBy.length === sides) return refuse('reconciliation.confirmed', { statementNo: statements.length })
    const { from, until, prior, opening } = last
    return { statementNo: statements.length, version: last.version + 1, from, until, prior, opening }
  }
  if (wanted.restate) return refuse('object.not_found', { until })
  const statementNo = statements.length + 1
  if (!last) return { statementNo, version: 1, from, until }
  return { statementNo, version: 1, from: last.until, until, prior: last.watermark, opening: last.closing }
}

const sides = 2
/** a first statement up to a cut-off holds everything before it */
const beginning: Instant = Date.parse('0001-01-02T00:00:00.000Z')

function boundsOf({ periodId, until }: Wanted, calendar: CalendarState): { from: string; until: string } | Refusal {
  if (until !== undefined) return { from: businessTime(beginning, 'UTC'), until }
  const period = periodById(calendar, periodId ?? '')
  if (!period) return refuse('object.not_found', { periodId })
  if (period.closedBy === null) return refuse('reconciliation.period_open', { periodId })
  return { from: period.start, until: period.end }
}

async function gather(command: ReconciliationCommand, load: Load): Promise<CalendarState> {
  const calendarId = command.type === 'PublishStatement' ? command.calendarId : undefined
  return calendarId === undefined ? calendarAggregate.initialState : load(calendarAggregate, calendarId)
}

function evolve(state: ReconciliationState, { type, data }: Happened<ReconciliationEvent>): ReconciliationState {
  const { statementNo } = data
  const isRecent = (one: { readonly statementNo: number }): boolean => one.statementNo > statementNo - kept
  switch (type) {
    case 'StatementPublished': {
      const { version, periodId, from, until, prior, watermark, opening, closing, fingerprint } = data
      const bounds = { version, ...(periodId !== undefined && { periodId }), from, until, prior, watermark }
      const one: Statement = { ...bounds, opening, closing, fingerprint, confirmedBy: [] }
      return { ...state, statements: [...state.statements.slice(0, statementNo - 1), one] }
    }
    case 'StatementLinesConfirmed': {
      const lines = data.lines.reduce((table, { lineId }) => {
        const before = row(table, lineId)?.sides ?? []
        return withRow(table, lineId, { statementNo, sides: [...before, data.side] }, isRecent)
      }, state.lines)
      return { ...state, lines }
    }
    case 'StatementLineDisputed': {
      const { disputeId, side, lineId } = data
      const dispute: Dispute = { statementNo, side, ...(lineId !== undefined && { lineId }) }
      return { ...state, disputes: withRow(state.disputes, disputeId, dispute, (one) => isOpen(one) || isRecent(one)) }
    }
    case 'StatementDisputeSettled': {
      const { disputeId, outcome } = data
      const dispute = row(state.disputes, disputeId)
      return dispute ? { ...state, disputes: withRow(state.disputes, disputeId, { ...dispute, outcome }) } : state
    }
    case 'StatementConfirmed': {
      const statements = state.statements.map((one, index) =>
        index === statementNo - 1 ? { ...one, confirmedBy: [...one.confirmedBy, data.side] } : one,
      )
      return { ...state, statements }
    }
  }
}

function decide(
  command: ReconciliationCommand,
  state: ReconciliationState,
  { at, given }: Circumstances<CalendarState>,
): Decision<ReconciliationEvent> {
  if (command.type === 'PublishStatement') return publish(command, state, given, at)
  const { companyId, dealerId, currency, statementNo, side } = command
  const statement = state.statements[statementNo - 1]
  if (!statement) return refuse('object.not_found', { statementNo })
  const { version, confirmedBy } = statement
  const of = { companyId, dealerId, currency, statementNo }
  const hasConfirmed = confirmedBy.includes(side)
  switch (command.type) {
    case 'ConfirmStatementLines': {
      const isNew = ({ lineId }: { lineId: string }): boolean => !row(state.lines, lineId)?.sides.includes(side)
      const lines = hasConfirmed ? [] : command.lines.filter(isNew)
      const disputed = lines.find(({ lineId }) => openDispute(state, side, lineId) !== undefined)
      if (disputed) return refuse('reconciliation.disputed', { lineId: disputed.lineId })
      return lines.length === 0 ? [] : [{ type: 'StatementLinesConfirmed', data: { ...of, version, side, lines } }]
    }
    case 'DisputeStatementLine': {
      const { type: _type, ...said } = command
      const { disputeId, lineId } = said
      const known = row(state.disputes, disputeId)
      if (known) {
        const isSame = known.statementNo === statementNo && known.side === side && known.lineId === lineId
        return isSame ? [] : refuse('object.exists', { disputeId })
      }
      if (hasConfirmed) return refuse('reconciliation.confirmed', { statementNo })
      const other = lineId === undefined ? undefined : openDispute(state, side, lineId)
      if (other !== undefined) return refuse('reconciliation.disputed', { disputeId: other })
      return [{ type: 'StatementLineDisputed', data: { ...said, version } }]
    }
    case 'SettleStatementDispute': {
      const { disputeId, outcome, document, note } = command
      const dispute = row(state.disputes, disputeId)
      if (!dispute || dispute.statementNo !== statementNo) return refuse('object.not_found', { disputeId })
      if (dispute.outcome === outcome) return []
      if (!isOpen(dispute)) return refuse('reconciliation.settled', { disputeId, outcome: dispute.outcome })
      const isTheirs = outcome === 'withdrawn' ? dispute.side === side : side === 'manufacturer'
      if (!isTheirs) return refuse('reconciliation.other_side', { disputeId, outcome })
      const said = { ...(document !== undefined && { document }), ...(note !== undefined && { note }) }
      return [{ type: 'StatementDisputeSettled', data: { ...of, disputeId, outcome, ...said } }]
    }
    case 'ConfirmStatement': {
      const { fingerprint } = command
      if (fingerprint !== statement.fingerprint) return refuse('reconciliation.other_fingerprint', { version })
      if (hasConfirmed) return []
      const open = [...rows(state.disputes)].filter(([, one]) => one.statementNo === statementNo && isOpen(one))
      if (open.length > 0) return refuse('reconciliation.disputes_open', { statementNo, disputes: open.length })
      return [{ type: 'StatementConfirmed', data: { ...of, version, side, fingerprint } }]
    }
  }
}

function publish(
  command: Extract<ReconciliationCommand, { type: 'PublishStatement' }>,
  state: ReconciliationState,
  calendar: CalendarState,
  at: string,
): Decision<ReconciliationEvent> {
  const { companyId, dealerId, currency, calendarId, periodId, figures } = command
  if (figures && state.statements[figures.statementNo - 1]?.fingerprint === figures.fingerprint) return []
  const next = nextStatement(state, command, calendar, at)
  if (next === undefined) return []
  if (isRefusal(next)) return next
  // drawn for another place: somebody published meanwhile
  const isPlaced =
    figures !== null &&
    next.statementNo === figures.statementNo &&
    next.version === figures.version &&
    next.from === figures.from &&
    next.until === figures.until &&
    (next.prior ?? figures.watermark) === figures.prior &&
    (next.opening ?? figures.opening) === figures.opening
  if (!isPlaced) return refuse('reconciliation.outdated', { statementNo: next.statementNo, version: next.version })
  const adds = figures.totals.reduce((sum, { effect }) => sum + BigInt(effect), 0n)
  const problem =
    BigInt(figures.opening) + adds !== BigInt(figures.closing) && 'opening and effects do not make the closing'
  if (problem || BigInt(figures.watermark) < BigInt(figures.prior))
    return refuse('reconciliation.figures_invalid', { problem: problem || 'the watermark lies before the last one' })
  const period = { ...(calendarId !== undefined && { calendarId }), ...(periodId !== undefined && { periodId }) }
  return [{ type: 'StatementPublished', data: { companyId, dealerId, currency, ...period, ...figures } }]
}

function openDispute({ disputes }: ReconciliationState, side: Side, lineId: string): string | undefined {
  return [...rows(disputes)].find(([, one]) => one.lineId === lineId && one.side === side && isOpen(one))?.[0]
}

function isOpen({ outcome }: Dispute): boolean {
  return outcome === undefined
}
