import type { Aggregate, Decision } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { stockPlanCommands, type StockPlanCommand } from './commands.ts'
import { stockPlanEvents, type PlanLine, type StockPlanEvent } from './events.ts'

export interface StockPlanState {
  /** the newest month that is planned, and which parts of it are */
  readonly seenMonth: string
  readonly parts: readonly number[]
  readonly plan?: Pick<StockPlanEvent['data'], 'basis' | 'deadDays'>
  readonly lines: readonly PlanLine[]
}

/** The stock plan of one party, month after month: each part once, none for a month before the newest. */
export const stockPlanAggregate: Aggregate<StockPlanCommand, StockPlanEvent, StockPlanState> = {
  category: 'stockplan',
  stateVersion: 1,
  initialState: { seenMonth: '', parts: [], lines: [] },
  evolve,
  decide,
  owner: (_state, { party }) => party,
  events: stockPlanEvents,
  commands: stockPlanCommands,
}

function evolve(state: StockPlanState, { data }: Happened<StockPlanEvent>): StockPlanState {
  const { seenMonth, part, basis, deadDays, lines } = data
  const before = seenMonth === state.seenMonth ? state : { parts: [], lines: [] }
  return {
    seenMonth,
    parts: [...before.parts, part],
    plan: { basis, deadDays },
    lines: [...before.lines, ...lines],
  }
}

function decide(
  { type: _type, ...data }: StockPlanCommand,
  { seenMonth, parts }: StockPlanState,
): Decision<StockPlanEvent> {
  const isThere = data.seenMonth < seenMonth || (data.seenMonth === seenMonth && parts.includes(data.part))
  return isThere ? [] : [{ type: 'StockPlanned', data }]
}
