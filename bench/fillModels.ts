import pg from 'pg'
import { aggregates } from '../src/domain/registry.ts'
import { createEventRegistry } from '../src/ledger/eventRegistry.ts'
import type { EventStore } from '../src/ledger/eventStore.ts'
import { migrate } from '../src/ledger/postgres/migrate.ts'
import { openReader } from '../src/projections/engine/ask.ts'
import { runEngine } from '../src/projections/engine/engine.ts'
import type { ReadModel } from '../src/projections/engine/factTable.ts'
import { projectionPool } from '../src/projections/engine/projectionPool.ts'
import { engineMigrations } from '../src/projections/engine/schema.ts'
import { waitForPosition } from '../src/projections/engine/waitForPosition.ts'
import type { BenchDatabase } from './database.ts'

/** Throws away whatever read models there are. */
export async function dropModels({ url }: BenchDatabase): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ nspname: string }>(
      `select nspname from pg_namespace where nspname like 'rm\\_%' or nspname = 'projections'`,
    )
    for (const { nspname } of rows) await client.query(`drop schema ${nspname} cascade`)
    if (rows.length > 0) await client.query(`delete from channel_ledger_migrations where component = 'projections'`)
  } finally {
    await client.end()
  }
}

/**
 * Feeds models up to the head of the log, from nothing or from where they stand. Answers the seconds it took, in all and
 * since the engine was ready to feed them.
 */
export async function feedModels(
  { url }: BenchDatabase,
  store: EventStore,
  models: readonly ReadModel[],
): Promise<{ readonly seconds: number; readonly feeding: number }> {
  const pool = projectionPool({ connectionString: url, max: 5 })
  const registry = createEventRegistry(aggregates)
  const stop = new AbortController()
  let running: Promise<void> | undefined
  try {
    await migrate(pool, 'projections', engineMigrations)
    const head = await store.head()
    const start = performance.now()
    let opened = start
    running = runEngine(
      {
        pool,
        store,
        models,
        knows: (type) => registry.definitions.has(type),
        upcast: (event) => event,
        holder: 'bench',
        log: (level, message, details) => {
          if (message === 'read model lane opened') opened = performance.now()
          if (level !== 'info') process.stderr.write(`${message} ${JSON.stringify(details)}\n`)
        },
      },
      stop.signal,
    )
    for (const model of models)
      await waitForPosition(
        openReader(pool, model, () => 0),
        model.name,
        head,
        3_600_000,
      )
    const end = performance.now()
    return { seconds: (end - start) / 1000, feeding: (end - opened) / 1000 }
  } finally {
    stop.abort()
    await running
    await pool.end()
  }
}
