import { dealerAggregate } from '../dealers/decide.ts'
import { refuse, type Aggregate, type Circumstances, type Decision, type Load } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { forecastCommands, type ForecastCommand } from './commands.ts'
import { forecastEvents, type ForecastEvent } from './events.ts'

export interface PublicationState {
  /** the newest month that is published, and which parts of it are */
  readonly seenMonth: string
  readonly parts: readonly number[]
}

interface PublicationGiven {
  readonly isDealer: boolean
}

/** The forecasts of one dealer's demand, month after month: each part once, none for a month before the newest. */
export const forecastAggregate: Aggregate<ForecastCommand, ForecastEvent, PublicationState, PublicationGiven> = {
  category: 'forecast',
  stateVersion: 1,
  initialState: { seenMonth: '', parts: [] },
  evolve,
  decide,
  gather,
  owner: (_state, { dealerId }) => dealerId,
  events: forecastEvents,
  commands: forecastCommands,
}

async function gather({ dealerId }: ForecastCommand, load: Load): Promise<PublicationGiven> {
  return { isDealer: (await load(dealerAggregate, dealerId)).known }
}

function evolve({ seenMonth, parts }: PublicationState, { data }: Happened<ForecastEvent>): PublicationState {
  return data.seenMonth === seenMonth
    ? { seenMonth, parts: [...parts, data.part] }
    : { seenMonth: data.seenMonth, parts: [data.part] }
}

function decide(
  { type: _type, ...data }: ForecastCommand,
  { seenMonth, parts }: PublicationState,
  { given }: Circumstances<PublicationGiven>,
): Decision<ForecastEvent> {
  if (!given.isDealer) return refuse('dealers.unknown', { dealerId: data.dealerId })
  const isThere = data.seenMonth < seenMonth || (data.seenMonth === seenMonth && parts.includes(data.part))
  return isThere ? [] : [{ type: 'ForecastPublished', data }]
}
