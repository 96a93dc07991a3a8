import type pg from 'pg'
import { generationDdl, generationSchema } from './schema.ts'
import type { ReadModel } from './factTable.ts'

export interface Generation {
  readonly id: string
  readonly model: string
  readonly version: number
  readonly state: 'filling' | 'active' | 'retired'
  readonly checkpoint: bigint
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
  fencing_token: string
}

const toGeneration = (row: GenerationRow): Generation => ({ ...row, checkpoint: BigInt(row.checkpoint) })

/** Makes sure that every model has an active generation, and a filling one when the active one is of another version. */
export async function ensureGenerations(pool: pg.Pool, models: readonly ReadModel[]): Promise<void> {
  for (const model of models) {
    await inTransaction(pool, async (tx) => {
      await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`projections:${model.name}`])
      const { rows } = await tx.query<GenerationRow>(
        `select * from projections.generations where model = $1 and state <> 'retired'`,
        [model.name],
      )
      const active = rows.find((row) => row.state === 'active')
      if (!active) await insertGeneration(tx, model, 'active')
      else if (active.version !== model.version && !rows.some((row) => row.version === model.version))
        await insertGeneration(tx, model, 'filling')
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
    'insert into projections.generations (model, version, state) values ($1, $2, $3) returning id::text',
    [model.name, model.version, state],
  )
  const id = rows[0]?.id
  if (!id) throw new Error('no generation was inserted')
  await tx.query(generationDdl(model, generationSchema(model.name, id)))
  return id
}

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
       and (g.lease_holder = $1 or g.lease_until is null or g.lease_until < now())
     returning g.id::text, g.model, g.version, g.state, g.checkpoint::text, g.fencing_token::text`,
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

/** Moves the checkpoint inside the caller's transaction. Answers false when the lease was lost or somebody else moved it: roll back. */
export async function moveCheckpoint(
  tx: pg.ClientBase,
  lease: Lease,
  from: bigint,
  to: bigint,
  recordedAt: string | undefined,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update projections.generations set checkpoint = $4, checkpoint_recorded_at = coalesce($5::timestamptz, checkpoint_recorded_at), progressed_at = now(), waiting_for = null
     where id = $1 and fencing_token = $2 and checkpoint = $3 and state <> 'retired'`,
    [lease.generation.id, lease.token.toString(), from.toString(), to.toString(), recordedAt ?? null],
  )
  return rowCount === 1
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
    client.release(failed)
  }
}
