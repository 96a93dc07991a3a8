import { instantOf, type Instant } from '../kernel/businessTime.ts'
import { isRefusal, refuse, type Aggregate, type Circumstances, type Decision, type Load } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { stackingCommands, type StackingCommand } from './commands.ts'
import { stackingEvents, type StackingEvent } from './events.ts'
import { programmeAggregate, type ProgrammeState } from './programme.ts'

type Version = Omit<StackingEvent['data'], 'groupId' | 'companyId' | 'breaches'>

export interface StackingState {
  /** version n at index n − 1 */
  readonly versions: readonly Version[]
}

/** by programme id */
type Given = Readonly<Record<string, ProgrammeState>>

/** In which order the programmes of one group count the same sale: one stream, so that no two have the same place. */
export const stackingAggregate: Aggregate<StackingCommand, StackingEvent, StackingState, Given> = {
  category: 'stacking',
  stateVersion: 1,
  initialState: { versions: [] },
  evolve,
  decide,
  gather,
  events: stackingEvents,
  commands: stackingCommands,
}

/** The order that a period goes by: the newest that takes effect at or before its start. Empty before the first. */
export function stackingFor({ versions }: StackingState, periodStart: Instant): Version['programmes'] {
  return versions.findLast(({ effectiveFrom }) => instantOf(effectiveFrom) <= periodStart)?.programmes ?? []
}

async function gather({ programmes }: StackingCommand, load: Load): Promise<Given> {
  const states = await Promise.all(programmes.map(async ({ programmeId }) => load(programmeAggregate, programmeId)))
  return Object.fromEntries(programmes.map(({ programmeId }, n) => [programmeId, states[n] as ProgrammeState])) // as many
}

function evolve({ versions }: StackingState, { data }: Happened<StackingEvent>): StackingState {
  const { version, effectiveFrom, programmes } = data
  return { versions: [...versions, { version, effectiveFrom, programmes }] }
}

function decide(
  { type: _type, ...command }: StackingCommand,
  { versions }: StackingState,
  { at, recorded, given }: Circumstances<Given>,
): Decision<StackingEvent> {
  const { groupId, companyId, effectiveFrom, programmes } = command
  const last = versions.at(-1)
  if (last && sameData([last.effectiveFrom, last.programmes], [effectiveFrom, programmes])) return []
  const ids = programmes.map(({ programmeId }) => programmeId)
  const twice = ids.find((id, n) => ids.indexOf(id) !== n)
  if (twice !== undefined) return refuse('object.exists', { groupId, programmeId: twice })
  const terms = ids.map((id) => given[id]?.versions.at(-1))
  const stranger = ids.find((id, n) => terms[n]?.stackingGroup !== groupId || given[id]?.companyId !== companyId)
  if (stranger !== undefined) return refuse('rebates.not_stacked', { groupId, programmeId: stranger })
  const changed = (['payer', 'basis', 'calendarId', 'grain'] as const).find((key) =>
    terms.some((one) => one?.[key] !== terms[0]?.[key]),
  )
  if (changed !== undefined) return refuse('rebates.unlike', { groupId, differs: changed })
  const isPast = last !== undefined && instantOf(effectiveFrom) < instantOf(at)
  const breaches = enforce([isPast && refuse('rebates.retroactive', { effectiveFrom })], recorded)
  if (isRefusal(breaches)) return breaches
  return [{ type: 'StackingDefined', data: { ...command, version: versions.length + 1, breaches } }]
}
