import { afterEach, beforeEach } from 'vitest'
import { openEventStoreDbStore, type EventStoreDbOptions } from '../../../src/ledger/eventstoredb/eventStoreDbStore.ts'
import type { EventStore } from '../../../src/ledger/eventStore.ts'
import { openEventStoreDbServer, type EventStoreDbServer } from './openEventStoreDbServer.ts'

export interface ServerPerTest {
  /** of the running test */
  readonly server: EventStoreDbServer
  /** A store on it, with short waits; closed after the test. */
  open(options?: Partial<EventStoreDbOptions>): EventStore
}

const quick = { callTimeout: 400, patience: 6_000, pollInterval: 200, closeTimeout: 500 }

/**
 * A server of its own for each test of a file. An exception or rejection that nobody handles fails the run in vitest, as
 * it would end the process outside: half of the client's traps (eventstoredb.md §1) show in that way.
 */
export function serverPerTest(): ServerPerTest {
  let server: EventStoreDbServer | undefined
  const stores: EventStore[] = []
  const running = (): EventStoreDbServer => {
    if (!server) throw new Error('outside a test')
    return server
  }
  beforeEach(async () => {
    server = await openEventStoreDbServer()
  })
  afterEach(async () => {
    running().wire.thaw()
    for (const store of stores.splice(0)) await store.close()
    await running().close()
  })
  return {
    get server() {
      return running()
    },
    open(options = {}) {
      const store = openEventStoreDbStore({ connectionString: running().connectionString, ...quick, ...options })
      stores.push(store)
      return store
    },
  }
}
