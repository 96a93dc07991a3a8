import type { FactTable } from './factTable.ts'

/** Binds a value and answers its placeholder. */
export type Bind = (value: unknown) => string

export interface FoldBounds {
  /** ms since 1970; unbounded when absent */
  readonly asOf?: number
  /** unbounded when absent: everything the generation holds */
  readonly knownAt?: bigint
  /** equality on key columns, pushed down to the facts */
  readonly key?: Readonly<Record<string, string | number | boolean | undefined>>
}

/**
 * A derived table with the rows of `table` folded from their facts, as of (asOf, knownAt). This is `foldFacts` written as SQL:
 * the same columns as the ready rows, `stamped` with the place of the newest fact or not.
 */
export function foldQuery(
  schema: string,
  table: FactTable,
  bounds: FoldBounds,
  bind: Bind,
  { stamped = false } = {},
): string {
  const key = Object.keys(table.key).map((column) => `f.${column}`)
  const lasts = Object.keys(table.lasts)
  // counted from the newest fact backwards: its value is the newest, its assertion the last, where the count is 1
  const counts = [
    ...lasts.map((column) => `count(f.${column}) over newest as ${column}_n`),
    ...table.levels.map((column) => `count(f.${column}_assert) over newest as ${column}_n`),
    ...(stamped ? ['row_number() over newest as fact_n'] : []),
  ]
  const newest = `newest as (partition by ${key.join(', ')} order by f.at desc, f.position desc, f.seq desc rows unbounded preceding)`
  const facts = `${schema}.${table.name}_facts f ${factConditions(table, bounds, bind)}`
  const source = counts.length === 0 ? facts : `(select f.*, ${counts.join(', ')} from ${facts} window ${newest}) f`
  const columns = [
    ...key,
    ...table.sums.map((column) => `coalesce(sum(f.${column}), 0) as ${column}`),
    ...lasts.map(
      (column) =>
        `(array_agg(f.${column}) filter (where f.${column}_n = 1 and f.${column} is not null))[1] as ${column}`,
    ),
    ...table.levels.map(
      (column) =>
        `coalesce(sum(f.${column}_add) filter (where f.${column}_n = 0), 0) + coalesce(max(f.${column}_assert) filter (where f.${column}_n = 1), 0) as ${column}`,
    ),
    ...(stamped
      ? ['at', 'position', 'seq'].map((column) => `max(f.${column}) filter (where f.fact_n = 1) as newest_${column}`)
      : []),
  ]
  return `(select ${columns.join(', ')} from ${source} group by ${key.join(', ')})`
}

/** Conditions that choose the facts known at P and true at T. */
export function factConditions(table: FactTable, bounds: FoldBounds, bind: Bind): string {
  const { knownAt } = bounds
  const stands =
    knownAt === undefined
      ? 'f.voided_at is null'
      : `(f.voided_at is null or f.voided_at > ${bind(knownAt.toString())}::bigint)`
  return `where ${[...inBounds(table, bounds, bind), stands].join(' and ')}`
}

/** The same facts and those that were declared in error. */
export function recordedConditions(table: FactTable, bounds: FoldBounds, bind: Bind): string {
  const conditions = inBounds(table, bounds, bind)
  return conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''
}

function inBounds(table: FactTable, { asOf, knownAt, key }: FoldBounds, bind: Bind): string[] {
  const conditions: string[] = []
  if (asOf !== undefined && table.time !== 'known-only')
    conditions.push(`f.at <= ${bind(new Date(asOf).toISOString())}::timestamptz`)
  if (knownAt !== undefined) conditions.push(`f.position <= ${bind(knownAt.toString())}::bigint`)
  return [...conditions, ...keyConditions(table, 'f.', key, bind)]
}

export function keyConditions(table: FactTable, prefix: string, key: FoldBounds['key'], bind: Bind): string[] {
  return Object.entries(key ?? {}).flatMap(([column, value]) => {
    const type = table.key[column]
    if (type === undefined) throw new Error(`${column} is not a key column of ${table.name}`)
    return value === undefined ? [] : [`${prefix}${column} = ${bind(value)}::${type}`]
  })
}

/** The columns of a folded row: key, sums, lasts, levels. */
export function rowColumns(table: FactTable): string[] {
  return [...Object.keys(table.key), ...table.sums, ...Object.keys(table.lasts), ...table.levels]
}
