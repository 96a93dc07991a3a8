import pg from 'pg'
import { sourceOf } from '../engine/ask.ts'
import type { ReadModel } from '../engine/factTable.ts'
import type { Bind } from '../engine/foldQuery.ts'
import { generationSchema } from '../engine/schema.ts'
import type { AnalystColumn, AnalystView } from './analystViews.ts'

/** Stands for the schema of whichever generation serves. */
export const schemaMark = (model: ReadModel): string => generationSchema(model.name, '@')

/** What a view is asked with, beside the schema: who reads. */
export const given = {
  /** text[]: the dealers whose rows are read */
  dealers: '$1::text[]',
  /** boolean: whoever a row belongs to */
  everything: '$2::boolean',
} as const

/** Types of the query's columns as the database names them. */
export type SourceTypes = Readonly<Record<string, string>>

/** the last instant that a Date can hold: stands for the moment of asking */
const present = 8.64e15
const eachDealer = '\u0000each dealer'

/** The question of a view, as of now, without its columns' final types and without a bound. */
export function questionSql({ query, owner }: AnalystView): string {
  const bind: Bind = (value) => {
    if (value === eachDealer) return 'reader.dealer_id'
    if (value === new Date(present).toISOString()) return 'now()'
    return literal(value)
  }
  const source = sourceOf(query.model, schemaMark(query.model), { asked: {}, asOf: present }, () => present, bind)
  const params = query.params.parse({})
  return query.sql(owner === 'each' ? { ...params, dealerId: eachDealer } : params, source, bind)
}

/** All that a reader may see of a view. `given` are its parameters. */
export function boundSql(view: AnalystView, types: SourceTypes): string {
  const { owner } = view
  const columns = view.columns.map((column) => `${expression(column, types)} as "${column.name}"`)
  if (owner === 'shared') return `select ${columns.join(', ')} from (${questionSql(view)}) q`
  if (owner === 'each')
    return `select reader.dealer_id as "dealer_id", ${columns.join(', ')} from unnest(${given.dealers}) as reader(dealer_id) cross join lateral (${questionSql(view)}) q`
  return `select ${columns.join(', ')} from (${questionSql(view)}) q where ${given.everything} or q."${owner.column}" = any(${given.dealers})`
}

/** All dealers of the territories in `$1::text[]`, or all there are where it is null, as one array. */
export function dealersSql(dealers: ReadModel): string {
  const bind: Bind = (value) => (value === new Date(present).toISOString() ? 'now()' : literal(value))
  const from = sourceOf(dealers, schemaMark(dealers), { asked: {}, asOf: present }, () => present, bind)
  return `select coalesce(array_agg(d.dealer_id order by d.dealer_id), '{}') from ${from('dealers')} d
    where d.company_id is not null and ($1::text[] is null or d.territory->>'territoryId' = any($1::text[]))`
}

function expression({ source, kind }: AnalystColumn, types: SourceTypes): string {
  const column = `q."${source}"`
  const type = types[source]
  const text = type === 'jsonb' || type === 'json' ? `(${column} #>> '{}')` : column
  // a name may promise a time or a day where there is a number
  const isWritten = type === 'text' || text !== column
  switch (kind) {
    case 'structure':
      return `${column}::jsonb`
    case 'flag':
      return `${text}::boolean`
    case 'whole':
      return type === 'integer' ? column : `${text}::bigint`
    case 'date':
      return isWritten ? `${text}::date` : column
    case 'number':
      return `${text}::numeric`
    case 'time': // business times name their zone in brackets
      return isWritten ? `split_part(${text}, '[', 1)::timestamptz` : column
    case 'text':
      return text
  }
}

function literal(value: unknown): string {
  if (typeof value === 'string') return pg.escapeLiteral(value)
  if (typeof value === 'number' || typeof value === 'boolean') return `'${String(value)}'`
  throw new Error(`no view binds ${typeof value}`)
}
