import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { aggregates } from '../src/domain/registry.ts'
import { createCommandHandler, type LedgerCommandHandler } from '../src/ledger/commandHandler.ts'
import { createEventRegistry } from '../src/ledger/eventRegistry.ts'
import type { EventStore } from '../src/ledger/eventStore.ts'
import { createKeyring } from '../src/ledger/personal/keyring.ts'
import { createMemoryKeyStore } from '../src/ledger/personal/memoryKeyStore.ts'

/** A command handler over all aggregates, its keys in memory. */
export function openBenchHandler(store: EventStore): LedgerCommandHandler {
  return createCommandHandler({
    store,
    registry: createEventRegistry(aggregates),
    keyring: createKeyring({
      keyStore: createMemoryKeyStore(),
      kek: randomBytes(32),
      random: randomBytes,
      now: Date.now,
    }),
    now: Date.now,
    random: randomBytes,
    sleep,
  })
}
