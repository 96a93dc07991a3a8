import { instantOf, type Instant } from '../kernel/businessTime.ts'
import { conductRulesAggregate, type ConductRulesState } from '../conduct/conductRules.ts'
import {
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { own } from '../kernel/table.ts'
import { programmeCommands, type ProgrammeCommand } from './commands.ts'
import { programmeEvents, type ProgrammeEvent } from './events.ts'
import type { Terms } from './terms.ts'
import { termsProblem } from './termsProblem.ts'

interface Membership {
  readonly from: string
  readonly until?: string
}

export interface ProgrammeState {
  readonly status: 'unknown' | 'draft' | 'active'
  readonly companyId: string
  /** version n at index n − 1; of a draft, the draft */
  readonly versions: readonly Terms[]
  readonly endsAt?: string
  readonly members: Readonly<Record<string, readonly Membership[]>>
}

export interface ProgrammeGiven {
  /** of the company; by these terms are judged that begin to bind */
  readonly rules: ConductRulesState
}

/** A rebate programme: its versions, each unchangeable once active, and its members. */
export const programmeAggregate: Aggregate<ProgrammeCommand, ProgrammeEvent, ProgrammeState, ProgrammeGiven> = {
  category: 'programme',
  stateVersion: 1,
  initialState: { status: 'unknown', companyId: '', versions: [], members: {} },
  evolve,
  decide,
  gather,
  events: programmeEvents,
  commands: programmeCommands,
}

/** The version that a period settles by: the newest that takes effect at or before its start. Undefined before the first. */
export function termsFor(state: ProgrammeState, periodStart: Instant): Terms | undefined {
  return state.status === 'active'
    ? state.versions.findLast(({ effectiveFrom }) => instantOf(effectiveFrom) <= periodStart)
    : undefined
}

export function isMember(state: Pick<ProgrammeState, 'members'>, dealerId: string, at: string): boolean {
  const instant = instantOf(at)
  return (own(state.members, dealerId) ?? []).some(
    ({ from, until }) => instantOf(from) <= instant && (until === undefined || instant < instantOf(until)),
  )
}

async function gather(command: ProgrammeCommand, load: Load): Promise<ProgrammeGiven> {
  const rules = conductRulesAggregate.initialState
  if (command.type !== 'ActivateProgramme' && command.type !== 'AmendProgramme') return { rules }
  const { companyId } = await load(programmeAggregate, command.programmeId)
  return companyId === '' ? { rules } : { rules: await load(conductRulesAggregate, companyId) }
}

function evolve(state: ProgrammeState, { type, data }: Happened<ProgrammeEvent>): ProgrammeState {
  switch (type) {
    case 'RebateProgrammeDrafted':
      return { ...state, status: 'draft', companyId: data.companyId, versions: [data.terms] }
    case 'RebateProgrammeActivated':
      return { ...state, status: 'active', companyId: data.companyId, versions: [data.terms] }
    case 'RebateProgrammeAmended':
      return { ...state, versions: [...state.versions, data.terms] }
    case 'RebateProgrammeEnded':
      return { ...state, endsAt: data.endsAt }
    case 'MemberEnrolled':
      return withMemberships(state, data.dealerId, (all) => [...all, { from: data.from }])
    case 'MemberWithdrawn':
      return withMemberships(state, data.dealerId, (all) =>
        all.map((one) => (one.until === undefined ? { ...one, until: data.until } : one)),
      )
  }
}

function decide(
  command: ProgrammeCommand,
  state: ProgrammeState,
  { at, recorded, given }: Circumstances<ProgrammeGiven>,
): Decision<ProgrammeEvent> {
  const { programmeId } = command
  if (command.type === 'DraftProgramme') {
    const { companyId, terms } = command
    if (state.status === 'active')
      return sameData(state.versions[0], terms) ? [] : refuse('rebates.already_active', { programmeId })
    if (terms.version !== 1) return refuse('rebates.version_order', { expected: 1, found: terms.version })
    if (sameData(state.versions[0], terms) && state.companyId === companyId) return []
    return [{ type: 'RebateProgrammeDrafted', data: { programmeId, companyId, terms } }]
  }
  const [first] = state.versions
  if (!first) return refuse('object.not_found', { programmeId })
  if (command.type === 'ActivateProgramme') {
    if (state.status === 'active') return []
    const { companyId } = state
    return (
      checked(first, given) ?? [{ type: 'RebateProgrammeActivated', data: { programmeId, companyId, terms: first } }]
    )
  }
  if (state.status !== 'active') return refuse('rebates.not_active', { programmeId })
  switch (command.type) {
    case 'AmendProgramme':
      return amend(command, state, given, recorded ? undefined : at)
    case 'EndProgramme': {
      const { type: _type, ...data } = command
      if (state.endsAt !== undefined)
        return instantOf(state.endsAt) === instantOf(data.endsAt)
          ? []
          : refuse('rebates.ended', { endsAt: state.endsAt })
      return [{ type: 'RebateProgrammeEnded', data }]
    }
    case 'EnrolMember': {
      const { dealerId, from } = command
      if (own(state.members, dealerId)?.some(({ until }) => until === undefined)) return []
      if (isMember(state, dealerId, from)) return refuse('object.exists', { programmeId, dealerId })
      return [{ type: 'MemberEnrolled', data: { programmeId, dealerId, from } }]
    }
    case 'WithdrawMember': {
      const { dealerId, until } = command
      const memberships = own(state.members, dealerId)
      if (!memberships) return refuse('rebates.not_member', { programmeId, dealerId })
      if (memberships.every((one) => one.until !== undefined)) return []
      return [{ type: 'MemberWithdrawn', data: { programmeId, dealerId, until } }]
    }
  }
}

function amend(
  { programmeId, terms, retroactive }: Extract<ProgrammeCommand, { type: 'AmendProgramme' }>,
  state: ProgrammeState,
  given: ProgrammeGiven,
  at: string | undefined,
): Decision<ProgrammeEvent> {
  const last = state.versions.at(-1)
  if (sameData(last, terms)) return []
  if (!last || terms.version !== last.version + 1)
    return refuse('rebates.version_order', { expected: (last?.version ?? 0) + 1, found: terms.version })
  if (state.endsAt !== undefined) return refuse('rebates.ended', { endsAt: state.endsAt })
  // the open settlements, and what was agreed with whom, stand on these (IFS forbids changing them as well)
  const changed = (['payer', 'calendarId', 'grain', 'basis'] as const).filter((key) => last[key] !== terms[key])
  if (changed.length > 0) return refuse('rebates.fixed_terms', { changed })
  if (!retroactive && at !== undefined && instantOf(terms.effectiveFrom) < instantOf(at))
    return refuse('rebates.retroactive', { effectiveFrom: terms.effectiveFrom })
  const { companyId } = state
  return (
    checked(terms, given) ?? [{ type: 'RebateProgrammeAmended', data: { programmeId, companyId, terms, retroactive } }]
  )
}

function checked(terms: Terms, { rules }: ProgrammeGiven): Refusal | undefined {
  const problem = termsProblem(terms, rules)
  return problem && refuse('rebates.terms_invalid', { ...problem })
}

function withMemberships(
  state: ProgrammeState,
  dealerId: string,
  change: (all: readonly Membership[]) => readonly Membership[],
): ProgrammeState {
  return { ...state, members: { ...state.members, [dealerId]: change(own(state.members, dealerId) ?? []) } }
}
