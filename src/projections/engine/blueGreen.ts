import type pg from 'pg'
import type { FactTable, ReadModel } from './factTable.ts'
import { inTransaction, type Lease } from './generations.ts'
import { generationSchema, keepsReadyRows, stampColumns } from './schema.ts'

export interface SwitchResult {
  readonly outcome: 'not-yet' | 'switched' | 'refused'
  /** rows that differ per table, at the same position */
  readonly difference: Readonly<Record<string, { readonly onlyOld: number; readonly onlyNew: number }>>
}

interface Rival {
  id: string
  version: number
  checkpoint: string
}

/**
 * Lets a filled generation take over from the active one, if there is one, once its history reaches as far, compared row by row at the same
 * position. Two generations of one version must not differ at all: if they do, the old one goes on serving and the difference is
 * kept for people to look at. Another version may differ: the difference is recorded and it takes over.
 */
export async function compareAndSwitch(pool: pg.Pool, model: ReadModel, filled: Lease): Promise<SwitchResult> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<Rival & { state: string; ready: boolean; refused: boolean }>(
      `select id::text, version, checkpoint::text, state, ready, difference is not null as refused from projections.generations
       where model = $1 and state <> 'retired' order by id for update`,
      [model.name],
    )
    const green = rows.find((row) => row.id === filled.generation.id)
    const blue = rows.find((row) => row.state === 'active')
    if (!green?.ready || green.refused || (blue && BigInt(green.checkpoint) < BigInt(blue.checkpoint)))
      return { outcome: 'not-yet', difference: {} }
    if (!blue) {
      await activate(tx, green)
      return { outcome: 'switched', difference: {} }
    }
    const samePlace = green.checkpoint === blue.checkpoint
    const sameVersion = green.version === blue.version
    if (sameVersion && !samePlace) return { outcome: 'not-yet', difference: {} }
    const difference = sameVersion ? await compare(tx, model, blue, green) : {}
    const differs = Object.values(difference).some(({ onlyOld, onlyNew }) => onlyOld + onlyNew > 0)
    await tx.query('update projections.generations set difference = $2 where id = $1', [
      green.id,
      JSON.stringify(difference),
    ])
    if (differs) return { outcome: 'refused', difference }
    await tx.query(`update projections.generations set state = 'retired', progressed_at = now() where id = $1`, [
      blue.id,
    ])
    await activate(tx, green)
    return { outcome: 'switched', difference }
  })
}

async function activate(tx: pg.ClientBase, { id }: Rival): Promise<void> {
  await tx.query(`update projections.generations set state = 'active' where id = $1`, [id])
}

async function compare(
  tx: pg.ClientBase,
  model: ReadModel,
  blue: Rival,
  green: Rival,
): Promise<SwitchResult['difference']> {
  const [old, now] = [generationSchema(model.name, blue.id), generationSchema(model.name, green.id)]
  const difference: Record<string, { onlyOld: number; onlyNew: number }> = {}
  for (const table of model.tables) {
    for (const [name, columns] of comparedTables(table)) {
      const { rows } = await tx.query<{ only_old: number; only_new: number }>(
        `select (select count(*)::integer from (select ${columns} from ${old}.${name} except all select ${columns} from ${now}.${name}) a) as only_old,
                (select count(*)::integer from (select ${columns} from ${now}.${name} except all select ${columns} from ${old}.${name}) b) as only_new`,
      )
      difference[name] = { onlyOld: rows[0]?.only_old ?? 0, onlyNew: rows[0]?.only_new ?? 0 }
    }
  }
  return difference
}

function comparedTables(table: FactTable): [name: string, columns: string][] {
  const key = Object.keys(table.key)
  const lasts = Object.keys(table.lasts)
  const facts = [
    ...key,
    'at',
    'position',
    'seq',
    'event_id',
    'voided_at',
    ...table.sums,
    ...lasts,
    ...table.levels.flatMap((c) => [`${c}_add`, `${c}_assert`]),
  ]
  const compared: [string, string][] = [[`${table.name}_facts`, facts.join(', ')]]
  if (keepsReadyRows(table))
    compared.push([
      table.name,
      [...key, ...table.sums, ...lasts, ...table.levels, ...Object.keys(stampColumns)].join(', '),
    ])
  return compared
}

/** Drops the tables of generations that were retired a minute ago or earlier: queries that still held their name are done. */
export async function dropRetired(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ id: string; model: string }>(
    `select id::text, model from projections.generations where state = 'retired' and progressed_at < now() - interval '1 minute'`,
  )
  for (const { id, model } of rows) {
    await inTransaction(pool, async (tx) => {
      await tx.query(`drop schema if exists ${generationSchema(model, id)} cascade`)
      await tx.query('delete from projections.generations where id = $1', [id])
    })
  }
}
