import type { ClientBase } from 'pg'
import { cellOf, copyRows } from './copyRows.ts'
import { compareStamps, type ColumnType, type Fact, type FactTable, type Value } from './factTable.ts'
import { columnsToRow, emptyRow, foldFacts, type FoldedRow, rowToColumns, type StampedFact } from './foldFact.ts'
import { stampColumns } from './schema.ts'

/** A ready row that a batch touches. */
export interface ChangedRow {
  readonly key: readonly Value[]
  /** the new facts, as they came */
  readonly facts: StampedFact[]
  /** a fact of it was declared in error: it is folded anew */
  hasLost: boolean
}

interface WrittenRow {
  readonly key: readonly Value[]
  readonly values: Readonly<Record<string, Value>>
}

/** Folds a batch into the ready rows, by their ids. Its facts are written already, and those declared in error are marked. */
export async function refreshRows(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  changed: ReadonlyMap<string, ChangedRow>,
): Promise<void> {
  if (changed.size === 0) return
  const rows = await readRows(tx, schema, table, [...changed.values()])
  const late = [...changed].flatMap(([id, change]): FactsWanted[] => {
    const from = foldsFrom(change, rows.get(id))
    return from === undefined ? [] : [{ change, from }]
  })
  const stored = late.length > 0 ? await readFacts(tx, schema, table, late) : undefined
  const isLate = new Set(late.map(({ change }) => change))
  const created: WrittenRow[] = []
  const updated: WrittenRow[] = []
  const gone: ChangedRow[] = []
  for (const [id, change] of changed) {
    const known = rows.get(id)
    const row = known && !change.hasLost ? known : emptyRow(table)
    foldFacts(row, isLate.has(change) ? withNews(stored?.get(id) ?? [], change) : change.facts)
    if (row.newest) (known ? updated : created).push({ key: change.key, values: rowToColumns(row) })
    else gone.push(change)
  }
  if (gone.length > 0) await deleteRows(tx, schema, table, gone)
  if (created.length > 0) await insertRows(tx, schema, table, created)
  if (updated.length > 0) await updateRows(tx, schema, table, updated)
}

/** Since when the stored facts are needed: from the oldest new fact on where that is late, all of them after an error. */
function foldsFrom(change: ChangedRow, row: FoldedRow | undefined): string | undefined {
  if (change.hasLost) return '-infinity'
  change.facts.sort((a, b) => compareStamps(a.stamp, b.stamp))
  const [oldest] = change.facts
  if (!oldest || !row?.newest || compareStamps(row.newest, oldest.stamp) < 0) return undefined
  return new Date(oldest.stamp[0]).toISOString()
}

/** Stored facts of a row, told apart from those that this batch has written. */
function withNews(stored: readonly StampedFact[], { facts, hasLost }: ChangedRow): StampedFact[] {
  const news = new Set(facts.map(({ stamp }) => stamp[1]))
  return stored.map((fact) => ({ ...fact, isNew: hasLost || news.has(fact.stamp[1]) }))
}

const idOf = (table: FactTable, row: Record<string, unknown>): string =>
  Object.keys(table.key)
    .map((column) => String(row[column]))
    .join('\0')

function keyArrays(table: FactTable): string {
  return Object.values(table.key)
    .map((type, index) => `$${index + 1}::${type}[]`)
    .join(', ')
}

const valuesOfKeys = (table: FactTable, rows: readonly { readonly key: readonly Value[] }[]): unknown[] =>
  Object.keys(table.key).map((_, index) => rows.map(({ key }) => key[index]))

const sameKey = (table: FactTable, alias: string): string =>
  Object.keys(table.key)
    .map((column) => `${alias}.${column} = u.${column}`)
    .join(' and ')

const milliseconds = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint`

async function readRows(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  changed: readonly ChangedRow[],
): Promise<ReadonlyMap<string, FoldedRow>> {
  const { rows } = await tx.query<Record<string, unknown>>(
    `select r.*, ${milliseconds('r.newest_at')} as newest_at from ${schema}.${table.name} r
     join unnest(${keyArrays(table)}) as u(${Object.keys(table.key).join(', ')}) on ${sameKey(table, 'r')}`,
    valuesOfKeys(table, changed),
  )
  return new Map(rows.map((row) => [idOf(table, row), columnsToRow(row, table)]))
}

interface FactsWanted {
  readonly change: ChangedRow
  readonly from: string
}

/** Facts of rows from an instant each on, in order of their stamps. */
async function readFacts(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  wanted: readonly FactsWanted[],
): Promise<ReadonlyMap<string, StampedFact[]>> {
  const key = Object.keys(table.key)
  const { rows } = await tx.query<Record<string, unknown>>(
    `select f.*, ${milliseconds('f.at')} as at_ms from unnest(${keyArrays(table)}, $${key.length + 1}::timestamptz[]) as u(${key.join(', ')}, since)
     join ${schema}.${table.name}_facts f on ${sameKey(table, 'f')} and f.at >= u.since
     where f.voided_at is null order by f.at, f.position, f.seq`,
    [
      ...valuesOfKeys(
        table,
        wanted.map(({ change }) => change),
      ),
      wanted.map(({ from }) => from),
    ],
  )
  const facts = new Map<string, StampedFact[]>()
  for (const row of rows) {
    const id = idOf(table, row)
    const own = facts.get(id) ?? []
    facts.set(id, own)
    const stamp = [Number(row['at_ms']), BigInt(String(row['position'])), Number(row['seq'])] as const
    own.push({ fact: storedFact(table, row), stamp, isNew: false })
  }
  return facts
}

function storedFact(table: FactTable, stored: Record<string, unknown>): Fact {
  const text = (column: string): string | undefined =>
    stored[column] === null || stored[column] === undefined ? undefined : String(stored[column])
  return {
    table: table.name,
    key: {},
    sums: Object.fromEntries(table.sums.map((column) => [column, text(column)])),
    lasts: Object.fromEntries(Object.keys(table.lasts).map((column) => [column, stored[column] as Value])), // the column's own type
    levels: Object.fromEntries(
      table.levels.map((column) => {
        const [add, assert] = [text(`${column}_add`), text(`${column}_assert`)]
        return [column, assert !== undefined ? { assert } : add !== undefined ? { add } : undefined]
      }),
    ),
  }
}

async function deleteRows(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  gone: readonly ChangedRow[],
): Promise<void> {
  await tx.query(
    `delete from ${schema}.${table.name} r using unnest(${keyArrays(table)}) as u(${Object.keys(table.key).join(', ')}) where ${sameKey(table, 'r')}`,
    valuesOfKeys(table, gone),
  )
}

async function insertRows(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  created: readonly WrittenRow[],
): Promise<void> {
  const columns = writtenColumns(table)
  await copyRows(
    tx,
    `${schema}.${table.name}`,
    columns.map(({ name }) => name),
    created.map((row) => columns.map(({ type, of }) => cellOf(of(row), type))),
  )
}

async function updateRows(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  updated: readonly WrittenRow[],
): Promise<void> {
  const columns = writtenColumns(table)
  const names = columns.map(({ name }) => name)
  const values = names.slice(Object.keys(table.key).length)
  // JSON travels as text and is cast row by row: it would not survive the quotation of an array
  await tx.query(
    `update ${schema}.${table.name} r set ${values.map((name) => `${name} = u.${name}${table.lasts[name] === 'jsonb' ? '::jsonb' : ''}`).join(', ')}
     from unnest(${columns.map(({ type }, index) => `$${index + 1}::${type === 'jsonb' ? 'text' : type}[]`).join(', ')}) as u(${names.join(', ')})
     where ${sameKey(table, 'r')}`,
    columns.map(({ type, of }) => updated.map((row) => (type === 'jsonb' ? cellOf(of(row), type) : of(row)))),
  )
}

interface WrittenColumn {
  readonly name: string
  readonly type: ColumnType
  readonly of: (row: WrittenRow) => Value
}

function writtenColumns(table: FactTable): WrittenColumn[] {
  const numeric: ColumnType = 'numeric'
  const values: [string, ColumnType][] = [
    ...table.sums.map((name): [string, ColumnType] => [name, numeric]),
    ...Object.entries(table.lasts),
    ...table.levels.map((name): [string, ColumnType] => [name, numeric]),
    ...Object.entries(stampColumns),
  ]
  return [
    ...Object.entries(table.key).map(([name, type], index) => ({
      name,
      type,
      of: ({ key }: WrittenRow) => key[index] ?? null,
    })),
    ...values.map(([name, type]) => ({ name, type, of: ({ values: own }: WrittenRow) => own[name] ?? null })),
  ]
}
