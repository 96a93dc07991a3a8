import type pg from 'pg'
import type { AnalystView } from './analystViews.ts'
import { given, questionSql, schemaMark, type SourceTypes } from './viewSql.ts'

export interface DescribedColumn {
  readonly name: string
  /** as the database names it */
  readonly type: string
}

/** The types of the columns of a view's question, as the database gives them. */
export async function sourceTypes(tx: pg.ClientBase, view: AnalystView, schema: string): Promise<SourceTypes> {
  const question = withSchema(view, questionSql(view), schema)
  const lateral = `select q.* from unnest('{}'::text[]) as reader(dealer_id) cross join lateral (${question}) q`
  const columns = await describe(tx, view.owner === 'each' ? lateral : question)
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]))
}

/** The statement over the tables of one generation. */
export function withSchema({ query: { model } }: AnalystView, sql: string, schema: string): string {
  return sql.replaceAll(schemaMark(model), schema)
}

/** The columns that a statement answers, whoever reads. */
export async function describe(tx: pg.ClientBase, sql: string): Promise<readonly DescribedColumn[]> {
  const bare = sql.replaceAll(given.dealers, `'{}'::text[]`).replaceAll(given.everything, 'false')
  const { fields } = await tx.query(`select * from (${bare}) q limit 0`)
  const { rows } = await tx.query<{ type: string }>(
    'select format_type(t, null) as type from unnest($1::oid[]) with ordinality as o(t, n) order by n',
    [fields.map(({ dataTypeID }) => dataTypeID)],
  )
  return fields.map(({ name }, n) => ({ name, type: rows[n]?.type ?? 'text' }))
}
