import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { z } from 'zod'
import { defineCommand, type Aggregate, type CommandOf } from '../src/domain/kernel/decider.ts'
import { defineEvent, type EventOf } from '../src/domain/kernel/event.ts'
import { code } from '../src/domain/kernel/fields.ts'
import { createCommandHandler, type LedgerCommandHandler } from '../src/ledger/commandHandler.ts'
import type { CommandMeta } from '../src/ledger/commands.ts'
import { createEventRegistry } from '../src/ledger/eventRegistry.ts'
import { createKeyring } from '../src/ledger/personal/keyring.ts'
import { createMemoryKeyStore } from '../src/ledger/personal/memoryKeyStore.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import { openPostgresSnapshots } from '../src/ledger/postgres/snapshots.ts'
import { createMemorySnapshots, type Snapshots } from '../src/ledger/snapshots.ts'
import type { Bench, BenchRow } from './bench.ts'
import { quantile } from './interleave.ts'

const lengths = { short: 50, long: 50_000 } as const
const commandsPerRound = 40

/** What a command costs on a stream of 50 events and on one of 50,000, in a process that has just started and in one that has not. */
export const streamLength: Bench = {
  name: 'streamLength',
  title: 'One command on a short and on a long stream (PostgreSQL; milliseconds)',
  async run({ rounds, freshDatabase, log }) {
    const database = await freshDatabase()
    const store = await openPostgresStore({ connection: database.url })
    const pool = new pg.Pool({ connectionString: database.url, max: 2 })
    try {
      const snapshots = await openPostgresSnapshots(pool)
      const process = (kept: Snapshots = snapshots): LedgerCommandHandler =>
        createCommandHandler({
          store,
          registry: createEventRegistry([shelf]),
          keyring: createKeyring({
            keyStore: createMemoryKeyStore(),
            kek: randomBytes(32),
            random: randomBytes,
            now: Date.now,
          }),
          snapshots: kept,
          now: Date.now,
          random: randomBytes,
          sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
        })
      const move = async (handler: LedgerCommandHandler, id: string, count = 1): Promise<void> => {
        const outcome = await handler.execute(shelf, { type: 'Move', id, count }, meta())
        if (!outcome.ok) throw new Error(outcome.refusal.refused)
      }

      const warm = process()
      // a short stream is used for one cold and one warm command: it must stay short
      const shortIds = Array.from({ length: (rounds + 1) * commandsPerRound }, (_, n) => `short-${n}`)
      await Promise.all(shortIds.map((id) => move(warm, id, lengths.short)))
      for (let written = 0; written < lengths.long; written += 1_000) await move(warm, 'long', 1_000)
      await warm.idle()
      log(`${shortIds.length} streams of ${lengths.short} events and one of ${lengths.long}`)

      const times = new Map<string, number[]>()
      const timed = async (name: string, work: () => Promise<void>): Promise<void> => {
        const start = performance.now()
        await work()
        times.set(name, [...(times.get(name) ?? []), performance.now() - start])
      }
      for (const [n, short] of shortIds.entries()) {
        if (n === commandsPerRound) times.clear() // the first round warms up
        const [cold, other] = [process(), process()]
        await timed('cold, short', () => move(cold, short))
        await timed('cold, long', () => move(other, 'long'))
        await warm.load(shelf, short)
        await warm.load(shelf, 'long')
        await timed('warm, short', () => move(warm, short))
        await timed('warm, long', () => move(warm, 'long'))
        await Promise.all([cold.idle(), other.idle(), warm.idle()])
      }
      await timed('cold, long, no snapshot', () => move(process(createMemorySnapshots()), 'long'))
      return rowsOf(times)
    } finally {
      await Promise.all([store.close(), pool.end()])
      await database.drop()
    }
  },
}

function rowsOf(times: ReadonlyMap<string, readonly number[]>): readonly BenchRow[] {
  const p50 = new Map(
    [...times].map(([name, list]) => [
      name,
      quantile(
        list.toSorted((a, b) => a - b),
        0.5,
      ),
    ]),
  )
  return [...times].map(([name, list]) => ({
    command: name,
    p50: (p50.get(name) ?? 0).toFixed(2),
    p95: quantile(
      list.toSorted((a, b) => a - b),
      0.95,
    ).toFixed(2),
    'to short': ((p50.get(name) ?? 0) / (p50.get(name.replace(/long.*/, 'short')) ?? 1)).toFixed(2),
    commands: list.length,
  }))
}

/** A shelf that remembers its last 40 movements: a state of about 4 kB, as a busy stock stream has. */
const moved = defineEvent('ShelfMoved', z.strictObject({ movement: code, lot: code, reason: code }))
const moveCommand = defineCommand('Move', z.strictObject({ id: code, count: z.int() }), ({ id }) => id)
interface ShelfState {
  readonly moves: number
  readonly last: readonly EventOf<typeof moved>['data'][]
}
const shelf: Aggregate<CommandOf<typeof moveCommand>, EventOf<typeof moved>, ShelfState> = {
  category: 'shelf',
  stateVersion: 1,
  initialState: { moves: 0, last: [] },
  evolve: ({ moves, last }, { data }) => ({ moves: moves + 1, last: [...last.slice(-39), data] }),
  decide: ({ count }, { moves }) =>
    Array.from({ length: count }, (_, n) => ({
      type: moved.type,
      data: { movement: `movement-${moves + n}`, lot: `lot-2026-01-${n % 9}`, reason: 'taken-from-shelf-for-order' },
    })),
  events: [moved],
  commands: [moveCommand],
}

function meta(): CommandMeta {
  const key = randomBytes(8).toString('hex')
  return {
    at: '2026-01-15T08:30:00.000+08:00[Asia/Shanghai]',
    actor: 'bench',
    source: { kind: 'command' },
    correlationId: key,
    idempotency: { principal: 'bench', route: 'move', key, requestHash: key },
  }
}
