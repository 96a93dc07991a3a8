import { instantOf } from '../kernel/businessTime.ts'
import { isRefusal, refuse, type Aggregate, type Circumstances, type Decision } from '../kernel/decider.ts'
import { inForce, withEffective, type Effective } from '../kernel/effective.ts'
import { enforce } from '../kernel/enforce.ts'
import type { Happened } from '../kernel/event.ts'
import { ratesCommands, type RatesCommand } from './commands.ts'
import { ratesEvents, type RatesEvent } from './events.ts'

export interface PublishedRate {
  readonly rate: string
  readonly kind: string
  readonly source: string
}

export interface RatesState {
  readonly rates: readonly Effective<PublishedRate>[]
}

/** The published exchange rates of one pair: `<BASE>/<QUOTE>`. */
export const ratesAggregate: Aggregate<RatesCommand, RatesEvent, RatesState> = {
  category: 'rates',
  stateVersion: 1,
  initialState: { rates: [] },
  evolve,
  decide,
  events: ratesEvents,
  commands: ratesCommands,
}

/** The newest rate of a kind effective at or before a business time. */
export function rateAt(state: RatesState, kind: string, at: string): Effective<PublishedRate> | undefined {
  return inForce(
    state.rates.filter(({ value }) => value.kind === kind),
    instantOf(at),
  )
}

function evolve(state: RatesState, event: Happened<RatesEvent>): RatesState {
  const { rate, kind, source, effectiveAt } = event.data
  return { rates: withEffective(state.rates, { effectiveAt, eventId: event.id, value: { rate, kind, source } }) }
}

function decide(
  { base, quote, rate, kind, source, effectiveAt }: RatesCommand,
  state: RatesState,
  { recorded }: Circumstances,
): Decision<RatesEvent> {
  const rivals = state.rates.filter(
    (one) => one.value.kind === kind && instantOf(one.effectiveAt) === instantOf(effectiveAt),
  )
  if (rivals.some(({ value }) => value.rate === rate && value.source === source)) return []
  const breaches = enforce(
    [rivals.length > 0 && refuse('currency.rate_exists', { base, quote, kind, effectiveAt })],
    recorded,
  )
  return isRefusal(breaches)
    ? breaches
    : [{ type: 'ExchangeRatePublished', data: { base, quote, rate, kind, effectiveAt, source, breaches } }]
}
