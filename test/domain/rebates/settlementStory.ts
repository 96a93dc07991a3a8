import type { CalendarState } from '../../../src/domain/calendars/state.ts'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import type { BasisFact } from '../../../src/domain/rebates/basisFact.ts'
import type { SettlementCommand } from '../../../src/domain/rebates/commands.ts'
import type { SettlementEvent } from '../../../src/domain/rebates/events.ts'
import { settle } from '../../../src/domain/rebates/settle.ts'
import { settlementAggregate, type SettlementGiven } from '../../../src/domain/rebates/settlement.ts'
import type { SettlementState } from '../../../src/domain/rebates/settlementState.ts'
import type { Terms } from '../../../src/domain/rebates/terms.ts'
import { given } from '../../support/decider.ts'
import { termsWith } from './facts.ts'

export const terms = termsWith({
  kind: 'all-units',
  tiers: [
    { from: '0', to: '5000', rate: '0' },
    { from: '5000', rate: '0.02' },
  ],
})
export const key = { programmeId: 'volume', dealerId: 'dealer', currency: 'USD', periodId: '2026-Q1' }
export const command = (value: unknown): SettlementCommand => value as SettlementCommand
export const afterClose = '2026-04-20T00:00:00.000Z[UTC]'

export function world(closed: boolean, change: Partial<Terms> = {}): SettlementGiven {
  const period = (periodId: string, start: string, end: string, closedBy: string | null) => ({
    periodId,
    grain: 'quarter' as const,
    start,
    end,
    startInstant: instantOf(start),
    endInstant: instantOf(end),
    graceDays: 5,
    closedBy,
  })
  const [january, april, july] = ['01', '04', '07'].map((month) => `2026-${month}-01T00:00:00.000Z[UTC]`) as [
    string,
    string,
    string,
  ]
  const calendar: CalendarState = {
    known: true,
    calendarId: 'gregorian',
    kind: 'gregorian',
    zone: 'UTC',
    name: { en: 'Calendar' },
    periods: [period('2026-Q1', january, april, closed ? 'close-event' : null), period('2026-Q2', april, july, null)],
  }
  return {
    programme: { status: 'active', companyId: 'maker', versions: [{ ...terms, ...change }], members: {} },
    calendar,
  }
}

/** What the worker commands for these facts, the stream being in this state. */
export function calculate(
  kind: 'interim' | 'final' | 'adjustment',
  facts: readonly BasisFact[],
  state: SettlementState = settlementAggregate.initialState,
  change: Record<string, unknown> = {},
): SettlementCommand {
  const { calculation, due } = settle({ programmeId: 'volume', terms, currency: 'USD', facts, prior: state.prior })
  return command({
    type: 'CalculateSettlement',
    ...key,
    kind,
    cutOff: '2026-04-01T00:00:00.000Z[UTC]',
    watermark: String(1000 + facts.length),
    calculation,
    due: due.toString(),
    explanationHash: 'ab'.repeat(32),
    ...change,
  })
}

export const approve = (settlementNo: number): SettlementCommand =>
  command({ type: 'ApproveSettlement', ...key, settlementNo })

/** A stream brought somewhere by commands, each with the world it meets. */
export function story(): {
  run: (
    make: (state: SettlementState) => SettlementCommand,
    closed?: boolean,
    change?: Partial<Terms>,
    by?: string,
  ) => readonly SettlementEvent[]
  state: () => SettlementState
} {
  const history: SettlementEvent[] = []
  const state = (): SettlementState => given(settlementAggregate, history).state()
  return {
    state,
    run: (make, closed = false, change = {}, by = 'finance') => {
      const circumstances = { given: world(closed, change), at: afterClose, by }
      const events = given(settlementAggregate, history).when(make(state()), circumstances).events()
      history.push(...events)
      return events
    },
  }
}
