import type { Aggregate, Decision } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { demandCommands, type DemandCommand } from './commands.ts'
import { demandEvents, type DemandEvent } from './events.ts'

export interface DemandState {
  /** the newest month that was judged */
  readonly month: string
}

/** What was unusual in a dealer's demand, month after month, each once. */
export const demandAggregate: Aggregate<DemandCommand, DemandEvent, DemandState> = {
  category: 'demand',
  stateVersion: 1,
  initialState: { month: '' },
  evolve: (_state, { data: { month } }: Happened<DemandEvent>) => ({ month }),
  decide,
  events: demandEvents,
  commands: demandCommands,
}

function decide({ type: _type, ...data }: DemandCommand, { month }: DemandState): Decision<DemandEvent> {
  return data.month <= month ? [] : [{ type: 'DemandJudged', data }]
}
