import type pg from 'pg'
import { migrate } from '../ledger/postgres/migrate.ts'
import { outlastConnections } from '../ledger/postgres/outlastConnections.ts'
import type { EventRegistry } from '../ledger/eventRegistry.ts'
import type { RecordedEvent } from '../ledger/envelope.ts'
import { openReader, type Reader } from '../projections/engine/ask.ts'
import { type EngineOptions, runEngine } from '../projections/engine/engine.ts'
import { projectionPool } from '../projections/engine/projectionPool.ts'
import { ensureGenerations, presenceHolder } from '../projections/engine/generations.ts'
import { engineMigrations } from '../projections/engine/schema.ts'
import { type ModelStatus, projectionStatus } from '../projections/engine/status.ts'
import type { ReadModel } from '../projections/engine/factTable.ts'
import { readModels } from '../projections/registry.ts'
import { type Ledger, now } from './ledger.ts'

export interface Projections {
  readonly pool: pg.Pool
  readonly readerOf: (model: ReadModel) => Reader
  readonly status: () => Promise<ModelStatus[]>
  close(): Promise<void>
}

/** The side that asks: tables are made if nobody has yet, so that questions are answered from the first moment on. */
export async function openProjections(ledger: Ledger, connections: number): Promise<Projections> {
  const pool = projectionPool({
    ...ledger.database.config,
    max: connections,
    application_name: 'channel-ledger queries',
    statement_timeout: 30_000,
  })
  outlastConnections(pool)
  try {
    await migrate(pool, 'projections', engineMigrations)
    // a log that does not answer may hold events: then they are filled first
    const head = await ledger.store.head().catch(() => 1n)
    await ensureGenerations(pool, readModels, head)
  } catch (error) {
    await pool.end()
    throw error
  }
  const readers = new Map<string, Reader>()
  return {
    pool,
    readerOf(model) {
      const known = readers.get(model.name)
      const reader = known ?? openReader(pool, model, now)
      if (!known) readers.set(model.name, reader)
      return reader
    },
    status: () => projectionStatus(pool, ledger.store, now()),
    close: () => pool.end(),
  }
}

/** Lifts an event to the newest version of its type. */
export function upcastWith(registry: EventRegistry): (event: RecordedEvent) => RecordedEvent {
  return (event) => {
    const data = registry.upcast(event.type, event.schemaVersion, event.data)
    return data === event.data ? event : { ...event, data }
  }
}

export function knowsWith(registry: EventRegistry): (type: string, version: number) => boolean {
  return (type, version) => (registry.definitions.get(type)?.version ?? 0) >= version
}

/** A process that is no longer heard of is replaced after so long, one that is gone at once; who lost a lease without knowing can change nothing more. */
const leaseMs = 5_000

/** The side that feeds, until the signal aborts. */
export async function feedProjections(
  ledger: Ledger,
  connections: number,
  log: EngineOptions['log'],
  signal: AbortSignal,
): Promise<void> {
  const pool = projectionPool({
    ...ledger.database.config,
    max: connections,
    application_name: 'channel-ledger projections',
  })
  outlastConnections(pool)
  try {
    await runEngine(
      {
        pool,
        store: ledger.store,
        models: readModels,
        knows: knowsWith(ledger.registry),
        upcast: upcastWith(ledger.registry),
        holder: presenceHolder(ledger.database.presence),
        leaseMs,
        log,
      },
      signal,
    )
  } finally {
    await pool.end()
  }
}
