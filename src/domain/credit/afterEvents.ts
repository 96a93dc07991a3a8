import type { AccountEvent } from './exposure.ts'
import { evolve, type AccountState } from './state.ts'

/** The state as it would be after events that are not in the log yet. */
export function afterEvents(state: AccountState, events: readonly AccountEvent[], at: string): AccountState {
  return events.reduce((folded, event) => evolve(folded, { occurredAt: at, ...event, id: '', revision: 0 }), state)
}
