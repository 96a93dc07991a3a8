import { StoreUnavailable, type EventStore } from '../../src/ledger/eventStore.ts'

export type Fault = 'before' | 'after' | 'none'

/**
 * A store whose appends fail as told: `before` they take effect, or `after` it, when the caller cannot know. `upset` runs
 * before an append that fails, or after its effect.
 */
export function faultyStore(
  store: EventStore,
  faults: () => Fault,
  upset: () => Promise<void> = async () => {},
): EventStore {
  return {
    ...store,
    async append(stream, events, options) {
      const fault = faults()
      if (fault === 'none') return store.append(stream, events, options)
      if (fault === 'after') await store.append(stream, events, options)
      await upset()
      throw new StoreUnavailable(`injected ${fault} the append took effect`)
    },
  }
}
