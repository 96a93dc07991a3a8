import { createHash } from 'node:crypto'
import {
  createCommandHandler,
  type CommandHandlerOptions,
  type LedgerCommandHandler,
} from '../../src/ledger/commandHandler.ts'
import type { CommandMeta } from '../../src/ledger/commands.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { createKeyring } from '../../src/ledger/personal/keyring.ts'
import { createMemoryKeyStore } from '../../src/ledger/personal/memoryKeyStore.ts'
import { counter } from './counter.ts'
import { someTime } from './decider.ts'

/** Bytes that look random and are the same in every run. */
export function seededRandom(seed: number): (size: number) => Uint8Array {
  let drawn = 0
  return (size) => {
    drawn += 1
    return createHash('shake256', { outputLength: size }).update(`${seed}/${drawn}`).digest()
  }
}

/** A keyring on a key store of its own. */
export function testKeyring(random = seededRandom(1)) {
  return createKeyring({ keyStore: createMemoryKeyStore(), kek: Buffer.alloc(32, 7), random, now: () => 0 })
}

/** A command handler as one process has it. Handlers with the same store are processes on one log; give each its own seed. */
export function testHandler(
  store: EventStore,
  options: Partial<CommandHandlerOptions> & { readonly seed?: number } = {},
): LedgerCommandHandler {
  const random = seededRandom(options.seed ?? 1)
  return createCommandHandler({
    store,
    registry: createEventRegistry([counter]),
    keyring: testKeyring(random),
    now: () => 1_768_437_000_000,
    random,
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
    onSnapshotError: (error) => {
      throw error
    },
    ...options,
  })
}

/** What accompanies a command in a test; `key` makes it idempotent, its request hash then being that of `request`. */
export function meta({
  key,
  request = key,
  ...rest
}: Partial<CommandMeta> & { key?: string; request?: unknown } = {}): CommandMeta {
  const requestHash = createHash('sha256')
    .update(JSON.stringify(request ?? null))
    .digest('hex')
  return {
    at: someTime,
    actor: 'principal-1',
    source: { kind: 'command' },
    correlationId: 'correlation-1',
    ...(key === undefined ? {} : { idempotency: { principal: 'principal-1', route: 'POST /test', key, requestHash } }),
    ...rest,
  }
}
