import type pg from 'pg'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { applyEvents } from './applyEvents.ts'
import type { ReadModel } from './factTable.ts'
import { activeGeneration, inTransaction } from './generations.ts'
import { generationSchema } from './schema.ts'
import { withVoids } from './withVoids.ts'

export interface ParkedEvent {
  readonly model: string
  readonly stream: string
  readonly position: bigint
  readonly eventId: string
  readonly eventType: string
  readonly error: string
  readonly parkedAt: string
  readonly attempts: number
}

export async function parkedStreams(pool: pg.Pool, generation: string): Promise<Set<string>> {
  const { rows } = await pool.query<{ stream: string }>(
    'select distinct stream from projections.parked where generation = $1',
    [generation],
  )
  return new Set(rows.map((row) => row.stream))
}

/** A poison event parks its stream, not the processor: later events of the stream queue behind it. */
export async function park(tx: pg.ClientBase, generation: string, event: RecordedEvent, error: string): Promise<void> {
  await tx.query(
    `insert into projections.parked (generation, stream, position, revision, event_id, event_type, error) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (generation, position) do update set error = excluded.error, attempts = projections.parked.attempts + 1`,
    [generation, event.stream, event.position.toString(), event.revision, event.id, event.type, error.slice(0, 2000)],
  )
}

export async function listParked(pool: pg.Pool, limit: number): Promise<ParkedEvent[]> {
  const { rows } = await pool.query<Omit<ParkedEvent, 'position'> & { position: string }>(
    `select g.model, p.stream, p.position::text, p.event_id::text as "eventId", p.event_type as "eventType", p.error,
       to_char(p.parked_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "parkedAt", p.attempts
     from projections.parked p join projections.generations g on g.id = p.generation where g.state <> 'retired' order by p.position, g.model limit $1`,
    [limit],
  )
  return rows.map((row) => ({ ...row, position: BigInt(row.position) }))
}

export interface RetryOptions {
  readonly pool: pg.Pool
  readonly store: EventStore
  readonly model: ReadModel
  readonly stream: string
  readonly upcast: (event: RecordedEvent) => RecordedEvent
}

/**
 * Applies the parked events of a stream again, in order, through today's upcasters. All or nothing: answers how many were
 * applied, or throws what the first failing one threw. Facts carry their own place in time, so applying them late changes nothing.
 * The running engine notices at its next lease renewal that the stream is free again.
 */
export async function retryParked({ pool, store, model, stream, upcast }: RetryOptions): Promise<number> {
  const generation = await activeGeneration(pool, model.name)
  if (!generation) return 0
  return inTransaction(pool, async (tx) => {
    // the engine writes parked rows under the generation's row lock: none slips in between
    await tx.query('select 1 from projections.generations where id = $1 for update', [generation.id])
    const { rows } = await tx.query<{ revision: number }>(
      'delete from projections.parked where generation = $1 and stream = $2 returning revision',
      [generation.id, stream],
    )
    const revisions = rows.map((row) => row.revision).sort((a, b) => a - b)
    for (const revision of revisions) {
      const [event] = await store.readStream(stream, { from: revision, limit: 1 })
      const batch = event ? await withVoids(store, [upcast(event)], upcast) : []
      await applyEvents(tx, model, generationSchema(model.name, generation.id), batch)
    }
    return revisions.length
  })
}

/** Gives up one parked event for good; the skip is recorded. */
export async function skipParked(pool: pg.Pool, model: string, position: bigint, by: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `with gone as (delete from projections.parked p using projections.generations g
       where g.id = p.generation and g.model = $1 and g.state = 'active' and p.position = $2 returning p.*)
     insert into projections.skipped (model, position, event_id, stream, error, skipped_by) select $1, position, event_id, stream, error, $3 from gone`,
    [model, position.toString(), by],
  )
  return rowCount === 1
}
