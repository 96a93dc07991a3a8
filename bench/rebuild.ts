import { aggregates } from '../src/domain/registry.ts'
import { createEventRegistry } from '../src/ledger/eventRegistry.ts'
import type { EventStore } from '../src/ledger/eventStore.ts'
import { createMemoryKeyStore } from '../src/ledger/personal/memoryKeyStore.ts'
import { migrate } from '../src/ledger/postgres/migrate.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import { openReader } from '../src/projections/engine/ask.ts'
import { runEngine } from '../src/projections/engine/engine.ts'
import type { ReadModel } from '../src/projections/engine/factTable.ts'
import { projectionPool } from '../src/projections/engine/projectionPool.ts'
import { engineMigrations } from '../src/projections/engine/schema.ts'
import { waitForPosition } from '../src/projections/engine/waitForPosition.ts'
import { readModels } from '../src/projections/registry.ts'
import { generateDemo } from '../src/runtime/demo/demo.ts'
import type { Bench, BenchRow } from './bench.ts'
import type { BenchDatabase } from './database.ts'

const until = '2025-04-30'

/** Filling read models from the log of half a year of the demonstration, beside a bare read of the same log. */
export const rebuild: Bench = {
  name: 'rebuild',
  title: `Rebuild of read models from the demonstration up to ${until}, beside a bare read of the log`,
  async run({ rounds, freshDatabase, log }) {
    const database = await freshDatabase()
    const store = await openPostgresStore({ connection: database.url })
    try {
      await generateDemo({ target: { store, keyStore: createMemoryKeyStore(), kek: Buffer.alloc(32, 7) }, until })
      const head = await store.head()
      const subjects: { name: string; models: readonly ReadModel[] }[] = [
        { name: 'all in one pass', models: readModels },
        ...readModels.map((model) => ({ name: model.name, models: [model] })),
      ]
      const seconds = new Map<string, number[]>([
        ['bare read', []],
        ...subjects.map(({ name }): [string, number[]] => [name, []]),
      ])
      for (let round = 0; round < Math.min(rounds, 3); round += 1) {
        seconds.get('bare read')?.push(await timed(() => readAll(store)))
        for (const { name, models } of subjects)
          seconds.get(name)?.push(await timed(() => fill(database, store, models, head)))
        log(`round ${round + 1}`)
      }
      const bare = median(seconds.get('bare read') ?? [])
      return [...seconds].map(([name, times]): BenchRow => {
        const middle = median(times)
        return {
          model: name,
          events: Number(head),
          seconds: middle.toFixed(2),
          '× bare read': (middle / bare).toFixed(1),
          'events/s': Math.round(Number(head) / middle),
        }
      })
    } finally {
      await store.close()
      await database.drop()
    }
  },
}

async function readAll(store: EventStore): Promise<void> {
  for (let after = 0n; ;) {
    const page = await store.readAll({ after, limit: 1000 })
    after = page.position
    if (page.atHead) return
  }
}

async function fill(
  { url }: BenchDatabase,
  store: EventStore,
  models: readonly ReadModel[],
  head: bigint,
): Promise<void> {
  const pool = projectionPool({ connectionString: url, max: 4 })
  const registry = createEventRegistry(aggregates)
  const stop = new AbortController()
  try {
    const { rows } = await pool.query<{ nspname: string }>(
      `select nspname from pg_namespace where nspname like 'rm\\_%' or nspname = 'projections'`,
    )
    for (const { nspname } of rows) await pool.query(`drop schema ${nspname} cascade`)
    await pool.query(
      `create table if not exists channel_ledger_migrations (component text, number integer, name text, applied_at timestamptz default now(), primary key (component, number))`,
    )
    await pool.query(`delete from channel_ledger_migrations where component = 'projections'`)
    await migrate(pool, 'projections', engineMigrations)
    const running = runEngine(
      {
        pool,
        store,
        models,
        knows: (type) => registry.definitions.has(type),
        upcast: (event) => event,
        holder: 'bench',
        log: () => undefined,
      },
      stop.signal,
    )
    for (const model of models)
      await waitForPosition(
        openReader(pool, model, () => 0),
        model.name,
        head,
        600_000,
      )
    stop.abort()
    await running
  } finally {
    stop.abort()
    await pool.end()
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
