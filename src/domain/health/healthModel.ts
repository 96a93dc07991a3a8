import { calendarAggregate } from '../calendars/decide.ts'
import { refuse, type Aggregate, type Circumstances, type Decision, type Load } from '../kernel/decider.ts'
import { sameData } from '../kernel/sameData.ts'
import { healthModelCommands, type HealthModelCommand } from './commands.ts'
import { healthModelEvents, type HealthModelEvent } from './events.ts'
import { healthTermsProblem, type HealthTerms } from './model.ts'
import { usualHealthTerms } from './usualTerms.ts'

export interface HealthModelState {
  /** version n at index n − 1 */
  readonly versions: readonly HealthTerms[]
}

interface Given {
  /** the calendar of the schedule is there */
  readonly hasCalendar: boolean
}

/** How a company tells the health of its dealers, in versions. */
export const healthModelAggregate: Aggregate<HealthModelCommand, HealthModelEvent, HealthModelState, Given> = {
  category: 'healthmodel',
  stateVersion: 1,
  initialState: { versions: [] },
  evolve: (state, { data }) => ({ versions: [...state.versions, data.terms] }),
  decide,
  gather,
  events: healthModelEvents,
  commands: healthModelCommands,
}

/** A version, or the newest; where a company has defined none, the usual terms as version 0. */
export function healthTermsOf(
  { versions }: HealthModelState,
  version: number = versions.length,
): { readonly version: number; readonly terms: HealthTerms } | undefined {
  const terms = version === 0 ? usualHealthTerms : versions[version - 1]
  return terms && { version, terms }
}

async function gather({ terms: { schedule } }: HealthModelCommand, load: Load): Promise<Given> {
  return { hasCalendar: schedule === undefined || (await load(calendarAggregate, schedule.calendarId)).known }
}

function decide(
  { type: _type, ...data }: HealthModelCommand,
  { versions }: HealthModelState,
  { given }: Circumstances<Given>,
): Decision<HealthModelEvent> {
  const { version, terms } = data
  const known = versions[version - 1]
  if (known) return sameData(known, terms) ? [] : refuse('object.exists', { version })
  if (version !== versions.length + 1)
    return refuse('health.version_order', { expected: versions.length + 1, found: version })
  const problem = healthTermsProblem(terms)
  if (problem) return refuse('health.terms_invalid', { ...problem })
  if (!given.hasCalendar) return refuse('calendars.unknown', { calendarId: terms.schedule?.calendarId ?? '' })
  return [{ type: 'HealthModelDefined', data }]
}
