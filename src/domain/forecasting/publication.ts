import { dealerAggregate } from '../dealers/decide.ts'
import { refuse, type Aggregate, type Circumstances, type Decision, type Load } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { forecastCommands, type ForecastCommand } from './commands.ts'
import { forecastEvents, type ForecastEvent, type ForecastLine } from './events.ts'

export interface PublicationState {
  /** the newest month that is published, and which parts of it are */
  readonly seenMonth: string
  readonly parts: readonly number[]
  /** what that says of the first month ahead, and what the publication before it said */
  readonly expected: readonly Expected[]
  readonly before: readonly Expected[]
}

/** What an actual is held against. */
export interface Expected extends Pick<ForecastLine, 'sku' | 'unit'> {
  readonly month: string
  readonly quantity: string
  readonly usual: NonNullable<ForecastLine['ahead'][number]['usual']>
}

interface PublicationGiven {
  readonly isDealer: boolean
}

/** The forecasts of one dealer's demand, month after month: each part once, none for a month before the newest. */
export const forecastAggregate: Aggregate<ForecastCommand, ForecastEvent, PublicationState, PublicationGiven> = {
  category: 'forecast',
  stateVersion: 2,
  initialState: { seenMonth: '', parts: [], expected: [], before: [] },
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

function evolve(state: PublicationState, { data }: Happened<ForecastEvent>): PublicationState {
  const { seenMonth, part } = data
  const expected = data.lines.flatMap(({ sku, unit, ahead: [first] }) =>
    first?.usual ? [{ sku, unit, month: first.month, quantity: first.quantity, usual: first.usual }] : [],
  )
  return seenMonth === state.seenMonth
    ? { ...state, parts: [...state.parts, part], expected: [...state.expected, ...expected] }
    : { seenMonth, parts: [part], expected, before: state.expected }
}

/** What was published of a month when it was the next one. */
export function expectedOf({ expected, before }: PublicationState, month: string): readonly Expected[] {
  return [...before, ...expected].filter((one) => one.month === month)
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
