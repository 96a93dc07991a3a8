import type { Aggregate, Decision } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { stockPlanPolicyCommands, type StockPlanPolicyCommand } from './commands.ts'
import { stockPlanPolicyEvents, type StockPlanPolicyEvent } from './events.ts'

export type StockPlanPolicy = StockPlanPolicyEvent['data']
export interface StockPlanPolicyState {
  readonly policy?: StockPlanPolicy
}

/** How a company plans stock from its forecasts. Nothing is planned until it says so. */
export const stockPlanPolicyAggregate: Aggregate<StockPlanPolicyCommand, StockPlanPolicyEvent, StockPlanPolicyState> = {
  category: 'stockplanpolicy',
  stateVersion: 1,
  initialState: {},
  evolve: (_state, { data }: Happened<StockPlanPolicyEvent>) => ({ policy: data }),
  decide,
  events: stockPlanPolicyEvents,
  commands: stockPlanPolicyCommands,
}

function decide(
  { type: _type, ...data }: StockPlanPolicyCommand,
  { policy }: StockPlanPolicyState,
): Decision<StockPlanPolicyEvent> {
  return policy !== undefined && sameData(policy, data) ? [] : [{ type: 'StockPlanPolicySet', data }]
}
