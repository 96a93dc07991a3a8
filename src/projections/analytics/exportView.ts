import type pg from 'pg'
import { ModelBehind } from '../engine/ask.ts'
import { generationSchema } from '../engine/schema.ts'
import { dealersModel } from '../models/dealers/model.ts'
import type { ReadModel } from '../engine/factTable.ts'
import type { AnalystView } from './analystViews.ts'
import { describe, sourceTypes, withSchema, type DescribedColumn } from './describeView.ts'
import { boundSql, dealersSql, schemaMark } from './viewSql.ts'

/** All rows of a view that somebody may read, in one snapshot. */
export interface ViewExport {
  readonly columns: readonly DescribedColumn[]
  /** the ledger position that the rows rest on */
  readonly position: string
  /** Once: cells as the database writes them, in UTC. */
  rows(): AsyncGenerator<readonly (string | null)[][]>
  /** Gives the connection back; what was not read yet is not read any more. Again: nothing. */
  close(): void
}

const batch = 1000
const asText = { getTypeParser: () => (text: unknown) => text }

/** Opens a view for whoever is bound to `territories`, or to none where they are null. It holds a connection until it is closed. */
export async function exportView(
  pool: pg.Pool,
  view: AnalystView,
  territories: readonly string[] | null,
): Promise<ViewExport> {
  const client = await pool.connect()
  const broken = (): void => undefined // a connection that breaks fails its query
  client.on('error', broken)
  let isHeld = true
  let isOver = false
  const giveBack = (): void => {
    if (!isHeld) return
    isHeld = false
    client.off('error', broken)
    // left early or failed: the connection ends, and with it the query
    client.release(!isOver)
  }
  try {
    await client.query(
      `begin isolation level repeatable read, read only; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'`,
    )
    const dealers = await client.query<{ dealers: string[] }>({
      text: `select to_json((${dealersSql(dealersModel).replaceAll(schemaMark(dealersModel), (await serving(client, dealersModel)).schema)})) as dealers`,
      values: [territories],
    })
    const { schema, position } = await serving(client, view.query.model)
    const sql = withSchema(view, boundSql(view, await sourceTypes(client, view, schema)), schema)
    const columns = await describe(client, sql)
    // both parameters stand in the statement, whether it uses them or not
    await client.query(
      `declare exported no scroll cursor for select q.* from (${sql}) q where $1::text[] is not null or $2::boolean`,
      [dealers.rows[0]?.dealers ?? [], territories === null],
    )
    return { columns, position, rows, close: giveBack }
  } catch (error) {
    giveBack()
    throw error
  }

  async function* rows(): AsyncGenerator<(string | null)[][]> {
    for (let full = true; full;) {
      const fetched = await client.query<(string | null)[]>({
        text: `fetch ${batch} from exported`,
        rowMode: 'array',
        types: asText,
      })
      full = fetched.rows.length === batch
      if (fetched.rows.length > 0) yield fetched.rows
    }
    await client.query('commit')
    isOver = true
  }
}

async function serving(client: pg.ClientBase, model: ReadModel): Promise<{ schema: string; position: string }> {
  const { rows } = await client.query<{ id: string; checkpoint: string }>(
    `select id::text, checkpoint::text from projections.generations where model = $1 and state = 'active'`,
    [model.name],
  )
  const active = rows[0]
  if (!active) throw new ModelBehind(model.name, 0n)
  return { schema: generationSchema(model.name, active.id), position: active.checkpoint }
}
