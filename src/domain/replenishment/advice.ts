import type { Aggregate, Decision } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { adviceKind } from './adviceKind.ts'
import { stockAdviceCommands, type StockAdviceCommand } from './commands.ts'
import { stockAdviceEvents, type Advice, type StockAdviceEvent } from './events.ts'

export interface StockAdviceState {
  readonly advice?: Advice
}

/** What is to be said of one stock: once when it comes to be so, once when it no longer is. */
export const stockAdviceAggregate: Aggregate<StockAdviceCommand, StockAdviceEvent, StockAdviceState> = {
  category: 'stockadvice',
  stateVersion: 1,
  initialState: {},
  evolve: (_state, { type, data }: Happened<StockAdviceEvent>) =>
    type === 'StockAdviceGiven' ? { advice: data.advice } : {},
  decide,
  owner: (_state, { party }) => party,
  events: stockAdviceEvents,
  commands: stockAdviceCommands,
}

function decide(
  { type: _type, advice: now, ...found }: StockAdviceCommand,
  { advice: before }: StockAdviceState,
): Decision<StockAdviceEvent> {
  if (now === (before ?? 'none')) return []
  const { party, sku, location } = found
  const of = { party, sku, ...(location !== undefined && { location }) }
  // out of stock and low are one matter: one word takes the place of the other
  const ends = before !== undefined && (now === 'none' || adviceKind(now) !== adviceKind(before))
  return [
    ...(ends ? [{ type: 'StockAdviceWithdrawn' as const, data: { ...of, advice: before } }] : []),
    ...(now === 'none' ? [] : [{ type: 'StockAdviceGiven' as const, data: { ...found, advice: now } }]),
  ]
}
