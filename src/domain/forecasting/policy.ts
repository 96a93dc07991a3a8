import type { Aggregate, Decision } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { forecastPolicyCommands, type ForecastPolicyCommand } from './commands.ts'
import { forecastPolicyEvents, type ForecastPolicyEvent } from './events.ts'

export type ForecastPolicy = ForecastPolicyEvent['data']
export interface ForecastPolicyState {
  readonly policy?: ForecastPolicy
}

/** Whose demand a company forecasts every month, and how far ahead. Nobody's until it says so. */
export const forecastPolicyAggregate: Aggregate<ForecastPolicyCommand, ForecastPolicyEvent, ForecastPolicyState> = {
  category: 'forecastpolicy',
  stateVersion: 1,
  initialState: {},
  evolve: (_state, { data }: Happened<ForecastPolicyEvent>) => ({ policy: data }),
  decide,
  events: forecastPolicyEvents,
  commands: forecastPolicyCommands,
}

function decide(
  { type: _type, ...data }: ForecastPolicyCommand,
  { policy }: ForecastPolicyState,
): Decision<ForecastPolicyEvent> {
  return policy !== undefined && sameData(policy, data) ? [] : [{ type: 'ForecastPolicySet', data }]
}
