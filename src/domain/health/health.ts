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

/** What stands of a period. */
interface Final {
  /** of what it rests on */
  readonly hash: string
  readonly modelVersion: number
  readonly index?: string
}

export interface HealthState {
  /** by calendar and period */
  readonly finals: Readonly<Record<string, Final>>
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
  stateVersion: 2,
  initialState: { finals: {} },
  evolve(state, { data }) {
    const { isFinal, explanationHash: hash, modelVersion, index } = data
    const key = keyOf(data)
    const final = { hash, modelVersion, ...(index !== undefined && { index }) }
    return { finals: isFinal ? { ...state.finals, [key]: final } : state.finals, last: { key, isFinal, hash } }
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
  if (final) return final.hash === hash ? [] : refuse('health.final', { dealerId, periodId })
  if (sameData(last, { key, isFinal, hash })) return []
  return [{ type: 'DealerEvaluated', data }]
}

/** What stands of a period, when it was evaluated finally. */
export function finalOf({ finals }: HealthState, of: Pick<Evaluation, 'calendarId' | 'periodId'>): Final | undefined {
  return own(finals, keyOf(of))
}

function keyOf({ calendarId, periodId }: Pick<Evaluation, 'calendarId' | 'periodId'>): string {
  return `${calendarId} ${periodId}`
}
