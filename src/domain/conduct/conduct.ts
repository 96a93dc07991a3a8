import { calendarAggregate } from '../calendars/decide.ts'
import { periodById } from '../calendars/periodOf.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { isRefusal, refuse, type Aggregate, type Circumstances, type Decision, type Load } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import type { Happened } from '../kernel/event.ts'
import { own } from '../kernel/table.ts'
import { conductCommands, type ConductCommand } from './commands.ts'
import { conductRulesAggregate, evaluationAllowed } from './conductRules.ts'
import { conductEvents, type ConductEvent } from './events.ts'

interface Evidence {
  readonly companyId: string
  readonly kind: string
  readonly at: string
  readonly documentHash?: string
  readonly isWithdrawn: boolean
}

export interface ConductState {
  readonly evidence: Readonly<Record<string, Evidence>>
  /** the newest, by `scoreKey` */
  readonly scores: Readonly<Record<string, string>>
}

interface ConductGiven {
  readonly isDealer: boolean
  /** of an evaluation */
  readonly allowed?: ReturnType<typeof evaluationAllowed>
  readonly hasPeriod?: boolean
}

/** What a dealer can prove, and how it is judged: gates and process rebates look at this, and pay from these events only. */
export const conductAggregate: Aggregate<ConductCommand, ConductEvent, ConductState, ConductGiven> = {
  category: 'conduct',
  stateVersion: 1,
  initialState: { evidence: {}, scores: {} },
  evolve,
  decide,
  gather,
  owner: (_state, { dealerId }) => dealerId,
  events: conductEvents,
  commands: conductCommands,
}

async function gather(command: ConductCommand, load: Load): Promise<ConductGiven> {
  const isDealer = (await load(dealerAggregate, command.dealerId)).known
  if (command.type !== 'RecordEvaluation') return { isDealer }
  const { companyId, evaluation, version, calendarId, periodId } = command
  const allowed = evaluationAllowed(await load(conductRulesAggregate, companyId), evaluation, version)
  return { isDealer, allowed, hasPeriod: periodById(await load(calendarAggregate, calendarId), periodId) !== undefined }
}

function evolve(state: ConductState, event: Happened<ConductEvent>): ConductState {
  const { type, data, occurredAt } = event
  switch (type) {
    case 'EvidenceRecorded': {
      const { companyId, evidenceId, kind, documentHash } = data
      const hash = documentHash === undefined ? {} : { documentHash }
      return withEvidence(state, evidenceId, { companyId, kind, at: occurredAt, ...hash, isWithdrawn: false })
    }
    case 'EvidenceWithdrawn': {
      const evidence = own(state.evidence, data.evidenceId)
      return evidence ? withEvidence(state, data.evidenceId, { ...evidence, isWithdrawn: true }) : state
    }
    case 'EvaluationRecorded':
      return { ...state, scores: { ...state.scores, [scoreKey(data)]: data.score } }
  }
}

function decide(
  command: ConductCommand,
  state: ConductState,
  { recorded, given }: Circumstances<ConductGiven>,
): Decision<ConductEvent> {
  const { dealerId } = command
  const stranger = !given.isDealer && refuse('dealers.unknown', { dealerId })
  switch (command.type) {
    case 'RecordEvidence': {
      const { type: _type, ...data } = command
      const { evidenceId, kind, documentHash } = data
      const known = own(state.evidence, evidenceId)
      if (known)
        return known.kind === kind && known.documentHash === documentHash && !known.isWithdrawn
          ? []
          : refuse('object.exists', { dealerId, evidenceId })
      const used = Object.entries(state.evidence).find(
        ([, one]) => documentHash !== undefined && one.documentHash === documentHash && !one.isWithdrawn,
      )
      const breaches = enforce([stranger, used && refuse('conduct.document_used', { evidenceId: used[0] })], recorded)
      if (isRefusal(breaches)) return breaches
      return [{ type: 'EvidenceRecorded', data: { ...data, breaches } }]
    }
    case 'WithdrawEvidence': {
      const { evidenceId, reason } = command
      const known = own(state.evidence, evidenceId)
      if (!known) return refuse('object.not_found', { dealerId, evidenceId })
      if (known.isWithdrawn) return []
      const { companyId, kind, at } = known
      const said = reason === undefined ? {} : { reason }
      return [{ type: 'EvidenceWithdrawn', data: { companyId, dealerId, evidenceId, kind, recordedAt: at, ...said } }]
    }
    case 'RecordEvaluation': {
      const { type: _type, ...data } = command
      const { evaluation, version, periodId, score } = data
      // not even as a recorded fact: the guard is about keeping it (domain.md §2.7)
      if (given.allowed === 'resale_price') return refuse('conduct.resale_price', { evaluation, version })
      if (own(state.scores, scoreKey(data)) === score) return []
      const breaches = enforce(
        [
          stranger,
          given.allowed === undefined && refuse('conduct.unknown_evaluation', { evaluation, version }),
          given.hasPeriod === false && refuse('calendars.unknown_period', { periodId }),
        ],
        recorded,
      )
      if (isRefusal(breaches)) return breaches
      return [{ type: 'EvaluationRecorded', data: { ...data, breaches } }]
    }
  }
}

function withEvidence(state: ConductState, evidenceId: string, evidence: Evidence): ConductState {
  return { ...state, evidence: { ...state.evidence, [evidenceId]: evidence } }
}

function scoreKey(of: {
  companyId: string
  evaluation: string
  version: number
  calendarId: string
  periodId: string
}): string {
  return [of.companyId, of.evaluation, of.version, of.calendarId, of.periodId].join(' ')
}
