import { calendarAggregate } from '../calendars/decide.ts'
import { periodById } from '../calendars/periodOf.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { refuse, type Aggregate, type Circumstances, type Decision, type Load } from '../kernel/decider.ts'
import { sameData } from '../kernel/sameData.ts'
import { own } from '../kernel/table.ts'
import { healthCommands, type HealthCommand } from './commands.ts'
import { healthEvents, type HealthEvent } from './events.ts'
import { healthModelAggregate, healthTermsOf } from './healthModel.ts'

type Evaluation = HealthEvent['data']

export interface HealthState {
  /** the hash of what the final one rests on, by calendar and period */
  readonly finals: Readonly<Record<string, string>>
  /** the newest, so that the same is not said twice */
  readonly last?: { readonly key: string; readonly isFinal: boolean; readonly hash: string }
}

interface Given {
  readonly isDealer: boolean
  readonly hasPeriod: boolean
  readonly hasModel: boolean
}

/** What was found of a dealer, period by period: drafts as often as wanted, and one that is final. */
export const healthAggregate: Aggregate<HealthCommand, HealthEvent, HealthState, Given> = {
  category: 'health',
  stateVersion: 1,
  initialState: { finals: {} },
  evolve(state, { data }) {
    const { isFinal, explanationHash: hash } = data
    const key = keyOf(data)
    return { finals: isFinal ? { ...state.finals, [key]: hash } : state.finals, last: { key, isFinal, hash } }
  },
  decide,
  gather,
  owner: (_state, { dealerId }) => dealerId,
  events: healthEvents,
  commands: healthCommands,
}

async function gather({ companyId, dealerId, calendarId, periodId, modelVersion }: HealthCommand, load: Load) {
  return {
    isDealer: (await load(dealerAggregate, dealerId)).known,
    hasPeriod: periodById(await load(calendarAggregate, calendarId), periodId) !== undefined,
    hasModel:
      modelVersion > 0 && healthTermsOf(await load(healthModelAggregate, companyId), modelVersion) !== undefined,
  }
}

function decide(
  { type: _type, ...data }: HealthCommand,
  { finals, last }: HealthState,
  { given }: Circumstances<Given>,
): Decision<HealthEvent> {
  const { dealerId, periodId, modelVersion, isFinal, explanationHash: hash } = data
  if (!given.isDealer) return refuse('dealers.unknown', { dealerId })
  if (!given.hasPeriod) return refuse('calendars.unknown_period', { periodId })
  if (!given.hasModel) return refuse('health.unknown_model', { version: modelVersion })
  const key = keyOf(data)
  const final = own(finals, key)
  if (final !== undefined) return final === hash ? [] : refuse('health.final', { dealerId, periodId })
  if (sameData(last, { key, isFinal, hash })) return []
  return [{ type: 'DealerEvaluated', data }]
}

function keyOf({ calendarId, periodId }: Evaluation): string {
  return `${calendarId} ${periodId}`
}
