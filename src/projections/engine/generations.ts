import type pg from 'pg'
import { isAbsent, type Presence } from '../../ledger/presence.ts'
import { generationDdl, generationSchema, indexDdl } from './schema.ts'
import type { ReadModel } from './factTable.ts'

export interface Generation {
  readonly id: string
  readonly model: string
  readonly version: number
  readonly state: 'filling' | 'active' | 'retired'
  readonly checkpoint: bigint
  /** rows and indexes stand beside the facts: it can be asked once it is active */
  readonly ready: boolean
}

/** A generation that this process feeds: writes carry the fencing token, so a process that lost the lease changes nothing. */
export interface Lease {
  readonly generation: Generation
  readonly token: bigint
}

interface GenerationRow {
  id: string
  model: string
  version: number
  state: Generation['state']
  checkpoint: string
  ready: boolean
  fencing_token: string
}

const toGeneration = (row: GenerationRow): Generation => ({ ...row, checkpoint: BigInt(row.checkpoint) })

/**
 * Makes sure that every model has a generation of its version. The first one of all is active at once where there is
 * nothing to fill it with, before the log's first event; otherwise it fills, and takes over when it has come to the head.
 */
export async function ensureGenerations(pool: pg.Pool, models: readonly ReadModel[], head: bigint): Promise<void> {
  for (const model of models) {
    await inTransaction(pool, async (tx) => {
      await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`projections:${model.name}`])
      const { rows } = await tx.query<GenerationRow>(
        `select * from projections.generations where model = $1 and state <> 'retired'`,
        [model.name],
      )
      // a newer one: this program is the older of two that run together, and must not take its place
      if (rows.some((row) => row.version >= model.version)) return
      await insertGeneration(tx, model, rows.length === 0 && head === 0n ? 'active' : 'filling')
    })
  }
}

/** Starts a new generation beside the active one; answers its id, or that of the one already filling. */
export async function startRebuild(pool: pg.Pool, model: ReadModel): Promise<string> {
  return inTransaction(pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`projections:${model.name}`])
    const { rows } = await tx.query<GenerationRow>(
      `select * from projections.generations where model = $1 and state = 'filling' and version = $2`,
      [model.name, model.version],
    )
    return rows[0]?.id ?? (await insertGeneration(tx, model, 'filling'))
  })
}

async function insertGeneration(tx: pg.ClientBase, model: ReadModel, state: 'active' | 'filling'): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    'insert into projections.generations (model, version, state, ready) values ($1, $2, $3, $4) returning id::text',
    [model.name, model.version, state, state === 'active'],
  )
  const id = rows[0]?.id
  if (!id) throw new Error('no generation was inserted')
  const schema = generationSchema(model.name, id)
  await tx.query(generationDdl(model, schema))
  if (state === 'active') await tx.query(indexDdl(model, schema))
  return id
}

/** The holder of leases that others may take as soon as its process is gone; with any other name they wait until a lease has run out. */
export const presenceHolder = (presence: Presence): string => `presence-${presence}`
const holderIsGone = isAbsent(`substring(g.lease_holder from '^presence-([0-9]+)$')`)

/** Takes or renews the lease of every generation this process can feed; those of another live process are left alone. */
export async function takeLeases(
  pool: pg.Pool,
  models: readonly ReadModel[],
  holder: string,
  leaseMs: number,
): Promise<Lease[]> {
  const { rows } = await pool.query<GenerationRow>(
    `update projections.generations g set
       fencing_token = case when g.lease_holder = $1 then g.fencing_token else g.fencing_token + 1 end,
       lease_holder = $1, lease_until = now() + $2 * interval '1 millisecond'
     from unnest($3::text[], $4::integer[]) as m(model, version)
     where g.model = m.model and g.version = m.version and g.state <> 'retired'
       and (g.lease_holder = $1 or g.lease_until is null or g.lease_until < now() or ${holderIsGone})
     returning g.id::text, g.model, g.version, g.state, g.checkpoint::text, g.ready, g.fencing_token::text`,
    [holder, leaseMs, models.map((m) => m.name), models.map((m) => m.version)],
  )
  return rows.map((row) => ({ generation: toGeneration(row), token: BigInt(row.fencing_token) }))
}

export async function releaseLeases(pool: pg.Pool, holder: string): Promise<void> {
  await pool.query(
    'update projections.generations set lease_holder = null, lease_until = null where lease_holder = $1',
    [holder],
  )
}

/**
 * Moves checkpoints inside the caller's transaction. Answers the ids of the generations that moved: of the others the lease
 * was lost or somebody else moved them, and nothing of this page may be written to them.
 */
export async function moveCheckpoints(
  tx: pg.ClientBase,
  leases: readonly Lease[],
  from: bigint,
  to: bigint,
  recordedAt: string | undefined,
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>(
    `update projections.generations g set checkpoint = $4, checkpoint_recorded_at = coalesce($5::timestamptz, checkpoint_recorded_at), progressed_at = now(), waiting_for = null
     from unnest($1::bigint[], $2::bigint[]) as l(id, token)
     where g.id = l.id and g.fencing_token = l.token and g.checkpoint = $3 and g.state <> 'retired' returning g.id::text`,
    [
      leases.map(({ generation }) => generation.id),
      leases.map(({ token }) => token.toString()),
      from.toString(),
      to.toString(),
      recordedAt ?? null,
    ],
  )
  return new Set(rows.map(({ id }) => id))
}

export async function activeGeneration(pool: pg.Pool, model: string): Promise<Generation | undefined> {
  const { rows } = await pool.query<GenerationRow>(
    `select * from projections.generations where model = $1 and state = 'active'`,
    [model],
  )
  return rows[0] && toGeneration(rows[0])
}

export async function inTransaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let failed: Error | undefined
  const broken = (): void => undefined // a connection that breaks fails its query; unheard, the event would end the process
  client.on('error', broken)
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    failed = error instanceof Error ? error : new Error(String(error))
    await client.query('rollback').catch(() => undefined) // the connection may be gone: it is discarded below
    throw error
  } finally {
    if (!failed) client.off('error', broken)
    client.release(failed)
  }
}
