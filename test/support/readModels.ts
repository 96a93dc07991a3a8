import type pg from 'pg'
import { z } from 'zod'
import { aggregates } from '../../src/domain/registry.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { migrate } from '../../src/ledger/postgres/migrate.ts'
import { applyEvents, type FoldableEvent } from '../../src/projections/engine/applyEvents.ts'
import { type Moment, openReader, type Reader } from '../../src/projections/engine/ask.ts'
import type { ReadModel } from '../../src/projections/engine/factTable.ts'
import { finishFilling } from '../../src/projections/engine/finishFilling.ts'
import { ensureGenerations, takeLeases } from '../../src/projections/engine/generations.ts'
import { projectionPool } from '../../src/projections/engine/projectionPool.ts'
import { askOne, askPage, type Query } from '../../src/projections/engine/query.ts'
import { engineMigrations, generationSchema } from '../../src/projections/engine/schema.ts'
import { freshDatabase } from './database.ts'
import { type HistoryEvent, historyId } from './historyEvent.ts'

export { type HistoryEvent, historyId }

const registry = createEventRegistry(aggregates)

/** The history as the log gives it back; every event is checked against its schema, and recorded a second after the one before. */
export async function recordHistory(history: readonly HistoryEvent[]): Promise<readonly RecordedEvent[]> {
  let clock = Date.UTC(2026, 0, 1)
  const store = openMemoryStore({ clock: () => (clock += 1000) })
  const revisions = new Map<string, number>()
  for (const [index, { stream, type, at, data, id, actor }] of history.entries()) {
    const revision = revisions.get(stream) ?? -1
    const event = {
      id: id ?? historyId(index + 1),
      type,
      schemaVersion: registry.definition(type).version,
      occurredAt: at,
      actor: actor ?? 'clerk-1',
      source: { kind: 'command' as const },
      correlationId: 'test',
      data: registry.validate(type, data),
    }
    const result = await store.append(stream, [event], { expectedRevision: revision })
    if (result.outcome !== 'appended') throw new Error(`${type} was not appended`)
    revisions.set(stream, revision + 1)
  }
  const log: RecordedEvent[] = []
  for (let after = 0n; ;) {
    const page = await store.readAll({ after, limit: 5000 })
    log.push(...page.events)
    after = page.position
    if (page.atHead) return log
  }
}

/** Each event with the one it declares in error, as the engine hands them to `applyEvents`. */
export function foldable(log: readonly RecordedEvent[]): readonly FoldableEvent[] {
  const byId = new Map(log.map((event) => [event.id, event]))
  return log.map((event) => {
    const voids = event.type === 'ErrorDeclared' ? byId.get((event.data as { eventId: string }).eventId) : undefined
    return voids ? { event, voids } : { event }
  })
}

export interface OpenReadModels {
  readonly databaseUrl: string
  readonly pool: pg.Pool
  readonly reader: (model: ReadModel) => Reader
  /** Folds the log into all models from nothing, in batches; `filling` writes their facts first and makes the rest at the end. */
  fold(log: readonly RecordedEvent[], batchSize?: number, options?: { readonly filling?: boolean }): Promise<void>
  /** Folds what has come to the log since it was folded. */
  extend(log: readonly RecordedEvent[]): Promise<void>
  /** All rows of a list, through pages of `limit`; each row is checked against the query's row schema. */
  list(query: Query, params?: object, moment?: Moment, limit?: number): Promise<Record<string, unknown>[]>
  one(query: Query, params: object, moment?: Moment): Promise<Record<string, unknown> | undefined>
  close(): Promise<void>
}

/** Read models in a database of their own, fed without the engine's loop; `now` is what effective-dated tables answer for. */
export async function openReadModels(models: readonly ReadModel[], now: number): Promise<OpenReadModels> {
  const database = await freshDatabase()
  const pool = projectionPool({ connectionString: database.url, max: 4 })
  await migrate(pool, 'projections', engineMigrations)
  const reader = (model: ReadModel): Reader => openReader(pool, model, () => now)
  let folded = 0n
  return {
    databaseUrl: database.url,
    pool,
    reader,
    async fold(log, batchSize = 1000, { filling = false } = {}) {
      const { rows } = await pool.query<{ nspname: string }>(
        `select nspname from pg_namespace where nspname like 'rm\\_%'`,
      )
      for (const { nspname } of rows) await pool.query(`drop schema ${nspname} cascade`)
      await pool.query('truncate projections.generations cascade')
      const head = log.at(-1)?.position ?? 0n
      await ensureGenerations(pool, models, filling ? head : 0n)
      const events = foldable(log)
      await Promise.all(models.map((model) => foldModel(pool, model, events, batchSize, filling)))
      await pool.query('update projections.generations set checkpoint = $1', [head.toString()])
      folded = head
      if (!filling) return
      for (const lease of await takeLeases(pool, models, 'test', 60_000)) {
        const model = models.find(({ name }) => name === lease.generation.model)
        if (!model || !(await finishFilling(pool, model, lease, head))) throw new Error('a model was not finished')
      }
      await pool.query(`update projections.generations set state = 'active'`)
    },
    async extend(log) {
      const head = log.at(-1)?.position ?? 0n
      const events = foldable(log).filter(({ event }) => event.position > folded)
      await Promise.all(models.map((model) => foldModel(pool, model, events, 1000, false)))
      await pool.query('update projections.generations set checkpoint = $1', [head.toString()])
      folded = head
    },
    async list(query, params = {}, moment = {}, limit = 500) {
      const rows: Record<string, unknown>[] = []
      for (let cursor: string | undefined; ;) {
        const page = { limit, ...(cursor !== undefined && { cursor }) }
        const answer = await askPage(reader(query.model), query, query.params.parse(params), moment, page)
        rows.push(...answer.rows.map((row) => checked(query, row)))
        cursor = answer.next
        if (cursor === undefined) return rows
      }
    },
    async one(query, params, moment = {}) {
      const { row } = await askOne(reader(query.model), query, query.params.parse(params), moment)
      return row === undefined ? undefined : checked(query, row)
    },
    async close() {
      await pool.end()
      await database.drop()
    },
  }
}

async function foldModel(
  pool: pg.Pool,
  model: ReadModel,
  events: readonly FoldableEvent[],
  batchSize: number,
  filling: boolean,
): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(`select id::text from projections.generations where model = $1`, [
    model.name,
  ])
  const schema = generationSchema(model.name, rows[0]!.id)
  const client = await pool.connect()
  try {
    await client.query('begin')
    for (let start = 0; start < events.length; start += batchSize) {
      await applyEvents(client, model, schema, events.slice(start, start + batchSize), { filling })
    }
    await client.query('commit')
  } finally {
    client.release()
  }
}

/** Exactly the columns that the query declares, and of their types. */
function checked(query: Query, row: object): Record<string, unknown> {
  return z.strictObject(query.row.shape).parse(row)
}
