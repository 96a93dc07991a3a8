import type pg from 'pg'
import type { EventStore } from '../../ledger/eventStore.ts'

export interface ModelStatus {
  readonly model: string
  readonly version: number
  readonly generation: string
  readonly state: 'filling' | 'active'
  readonly position: bigint
  /** exact where the store counts its positions densely (PostgreSQL, memory), else undefined */
  readonly eventsBehind: number | undefined
  /** age of the oldest event not yet folded; 0 at the head */
  readonly secondsBehind: number
  /** since the last page was committed: a frozen reader cannot look healthy while events wait */
  readonly secondsSinceProgress: number
  readonly parkedEvents: number
  /** event type and version that this program is too old for */
  readonly waitingFor: string | undefined
  readonly difference: unknown
}

interface Row {
  model: string
  version: number
  id: string
  state: 'filling' | 'active'
  checkpoint: string
  idle: string
  parked: number
  waiting_for: string | null
  difference: unknown
}

/** Lag of every generation in events and in seconds. `now` in ms since 1970. */
export async function projectionStatus(pool: pg.Pool, store: EventStore, now: number): Promise<ModelStatus[]> {
  const { rows } = await pool.query<Row>(
    `select g.id::text, g.model, g.version, g.state, g.checkpoint::text, extract(epoch from now() - g.progressed_at)::text as idle, g.waiting_for, g.difference,
       (select count(*)::integer from projections.parked p where p.generation = g.id) as parked
     from projections.generations g where g.state <> 'retired' order by g.model, g.id`,
  )
  const head = await store.head()
  const nextRecorded = new Map<string, number>()
  for (const checkpoint of new Set(rows.map((row) => row.checkpoint))) {
    const page = BigInt(checkpoint) < head ? await store.readAll({ after: BigInt(checkpoint), limit: 1 }) : undefined
    const next = page?.events[0]
    if (next) nextRecorded.set(checkpoint, Date.parse(next.recordedAt))
  }
  return rows.map((row) => {
    const position = BigInt(row.checkpoint)
    const waitingSince = nextRecorded.get(row.checkpoint)
    return {
      model: row.model,
      version: row.version,
      generation: row.id,
      state: row.state,
      position,
      eventsBehind: store.kind === 'eventstoredb' ? undefined : Number(head - position),
      secondsBehind: waitingSince === undefined ? 0 : Math.max(0, (now - waitingSince) / 1000),
      secondsSinceProgress: Number(row.idle),
      parkedEvents: row.parked,
      waitingFor: row.waiting_for ?? undefined,
      difference: row.difference ?? undefined,
    }
  })
}
