import { conductRulesAggregate } from '../conduct/conductRules.ts'
import { isEcho } from '../detection/isEcho.ts'
import { businessTime, instantOf, zoneOf } from '../kernel/businessTime.ts'
import {
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import { row } from '../kernel/table.ts'
import { violationCommands, type ViolationCommand } from './commands.ts'
import { violationEvents, type ViolationEvent } from './events.ts'
import { casesOf, evolve, noViolations, type Violation, type ViolationsState, type ViolationStatus } from './state.ts'

const day = 86_400_000

interface ViolationsGiven {
  /** by company: may what derives from resale prices count (domain.md §2.7)? */
  readonly resaleCounts: boolean
}

/** The cases of one dealer: detected → notified → explained → confirmed or dismissed → remedied → closed. */
export const violationsAggregate: Aggregate<ViolationCommand, ViolationEvent, ViolationsState, ViolationsGiven> = {
  category: 'violations',
  stateVersion: 1,
  initialState: noViolations,
  evolve,
  decide,
  gather,
  owner: (_state, { dealerId }) => dealerId,
  events: violationEvents,
  commands: violationCommands,
}

async function gather(command: ViolationCommand, load: Load): Promise<ViolationsGiven> {
  if (command.type !== 'ConfirmViolation') return { resaleCounts: false }
  const known = row((await load(violationsAggregate, command.dealerId)).cases, command.violationId)
  if (!known) return { resaleCounts: false }
  const { resalePriceEnforcement } = await load(conductRulesAggregate, known.companyId)
  return { resaleCounts: resalePriceEnforcement === 'on' }
}

function decide(
  command: ViolationCommand,
  state: ViolationsState,
  { at, by, given }: Circumstances<ViolationsGiven>,
): Decision<ViolationEvent> {
  const { dealerId, violationId } = command
  const known = row(state.cases, violationId)
  if (command.type === 'DetectViolation') return known ? [] : detect(command, state)
  if (!known) return refuse('object.not_found', { violationId })
  const { companyId, kind, sku, status } = known
  const subject = { companyId, dealerId, violationId, kind, ...(sku !== undefined && { sku }) }
  const said = 'note' in command && command.note !== undefined ? { note: command.note } : {}
  switch (command.type) {
    case 'NotifyViolation': {
      if (status !== 'detected') return already(status, 'notified')
      const days = dealerId === companyId ? 0 : known.explainWithinDays
      const explainUntil = businessTime(instantOf(at) + days * day, zoneOf(at))
      return [{ type: 'ViolationNotified', data: { ...subject, notifiedBy: by, explainUntil, ...said } }]
    }
    case 'ExplainViolation':
      if (status !== 'notified' && status !== 'explained') return refuse('violations.not_open', { status })
      return [{ type: 'ViolationExplained', data: { ...subject, explanation: command.explanation } }]
    case 'ConfirmViolation': {
      const obstacle = undecidable(known, at, by)
      if (obstacle) return status === 'confirmed' ? [] : obstacle
      // what consumers alone saw is where to look, and proves nothing
      if (kind === 'DIVERSION_LEAD') return refuse('violations.lead_only', { violationId })
      const { derivesFromResale } = known
      const verdict = { confirmedBy: by, repeats: repeatsOf(state, known), derivesFromResale }
      const counts = !derivesFromResale || given.resaleCounts
      return [{ type: 'ViolationConfirmed', data: { ...subject, ...verdict, counts, ...said } }]
    }
    case 'DismissViolation': {
      // what was never put to anybody may go without waiting, but by a person who says why
      const obstacle = status === 'detected' ? undefined : undecidable(known, at, by, { mayHurry: true })
      if (obstacle) return status === 'dismissed' ? [] : obstacle
      const { reason } = command
      return [{ type: 'ViolationDismissed', data: { ...subject, dismissedBy: by, reason, ...said } }]
    }
    case 'RemedyViolation':
      if (status !== 'confirmed') return already(status, 'remedied')
      return [{ type: 'ViolationRemedied', data: { ...subject, remedy: command.remedy, ...said } }]
    case 'CloseViolation':
      if (status !== 'remedied' && status !== 'dismissed') return already(status, 'closed')
      return [{ type: 'ViolationClosed', data: subject }]
  }
}

function detect(
  { type: _type, quietDays, ...data }: Extract<ViolationCommand, { type: 'DetectViolation' }>,
  state: ViolationsState,
): Decision<ViolationEvent> {
  const { kind, dealerId, sku = '', region, to } = data
  const isKnown = casesOf(state).some(([, one]) =>
    isEcho({ ...one, sku: one.sku ?? '' }, { kind, dealerId, sku, region, to }, quietDays * day),
  )
  return isKnown ? [] : [{ type: 'ViolationDetected', data, occurredAt: to }]
}

/** Two people decide, and the dealer has been heard, or has had the time. */
function undecidable(
  { status, notifiedBy, explainUntil }: Violation,
  at: string,
  by: string,
  { mayHurry = false } = {},
): Refusal | undefined {
  if (status !== 'notified' && status !== 'explained') return refuse('violations.not_open', { status })
  if (notifiedBy === by) return refuse('violations.second_person', { notifiedBy })
  const isEarly = explainUntil !== undefined && instantOf(at) < instantOf(explainUntil)
  if (status === 'notified' && isEarly && !mayHurry) return refuse('violations.not_heard', { explainUntil })
  return undefined
}

function already(status: ViolationStatus, wanted: ViolationStatus): Decision<ViolationEvent> {
  return status === wanted ? [] : refuse('violations.not_open', { status })
}

/** Confirmed ones of the kind, up to so many days before it. */
function repeatsOf(state: ViolationsState, { kind, to, repeatWithinDays }: Violation): number {
  const until = instantOf(to)
  return casesOf(state).filter(([, one]) => {
    const before = until - instantOf(one.to)
    return one.kind === kind && one.isConfirmed && before >= 0 && before <= repeatWithinDays * day
  }).length
}
