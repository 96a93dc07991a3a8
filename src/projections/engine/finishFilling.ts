import type pg from 'pg'
import type { FactTable, ReadModel } from './factTable.ts'
import { foldQuery, rowColumns } from './foldQuery.ts'
import { inTransaction, type Lease } from './generations.ts'
import { generationSchema, indexDdl, keepsReadyRows, stampColumns, voidedEvents } from './schema.ts'

/**
 * Makes a generation of which only the facts are written ready to be asked: folds its rows, builds its indexes. One
 * transaction: stopped anywhere, it is a filling generation as before. Answers false, and has changed nothing, when facts
 * were added in the meantime or the lease was lost. Nothing of the generation's own row is locked until the end, so that the
 * lease can be renewed while this takes its time.
 */
export async function finishFilling(pool: pg.Pool, model: ReadModel, lease: Lease, at: bigint): Promise<boolean> {
  const schema = generationSchema(model.name, lease.generation.id)
  try {
    return await inTransaction(pool, async (tx) => {
      // as for pages: what is lost with the machine is lost together with `ready`
      await tx.query(
        `set local synchronous_commit = off; set local maintenance_work_mem = '128MB'; set local work_mem = '64MB'`,
      )
      for (const table of model.tables) {
        await markVoided(tx, schema, table)
        if (keepsReadyRows(table)) await foldRows(tx, schema, table)
      }
      await tx.query(indexDdl(model, schema))
      await tx.query(`analyze ${model.tables.flatMap((table) => tablesOf(schema, table)).join(', ')}`)
      const { rowCount } = await tx.query(
        `update projections.generations set ready = true, progressed_at = now()
         where id = $1 and fencing_token = $2 and checkpoint = $3 and state <> 'retired'`,
        [lease.generation.id, lease.token.toString(), at.toString()],
      )
      if (rowCount !== 1) throw new Overtaken()
      return true
    })
  } catch (error) {
    if (error instanceof Overtaken) return false
    throw error
  }
}

class Overtaken extends Error {}

async function markVoided(tx: pg.ClientBase, schema: string, table: FactTable): Promise<void> {
  await tx.query(
    `update ${schema}.${table.name}_facts f set voided_at = v.at
     from (select position, min(at) as at from ${schema}.${voidedEvents} group by position) v where f.position = v.position`,
  )
}

/** The ready rows are the answer to "now", numerics in their shortest form, as `rowToColumns` writes them. */
async function foldRows(tx: pg.ClientBase, schema: string, table: FactTable): Promise<void> {
  const numerics = new Set([...table.sums, ...table.levels])
  const columns = [...rowColumns(table), ...Object.keys(stampColumns)]
  const bind = (): never => {
    throw new Error('nothing bounds a fold of everything')
  }
  await tx.query(
    `insert into ${schema}.${table.name} (${columns.join(', ')})
     select ${columns.map((column) => (numerics.has(column) ? `trim_scale(${column})` : column)).join(', ')}
     from ${foldQuery(schema, table, {}, bind, { stamped: true })} folded`,
  )
}

function tablesOf(schema: string, table: FactTable): string[] {
  return [`${schema}.${table.name}_facts`, ...(keepsReadyRows(table) ? [`${schema}.${table.name}`] : [])]
}
