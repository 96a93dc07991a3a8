import type { ClientBase } from 'pg'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import { columnsToRow, emptyRow, foldFact, rowToColumns, type FoldedRow } from './foldFact.ts'
import {
  type ColumnType,
  type Fact,
  type FactTable,
  type ReadModel,
  type Stamp,
  tableOf,
  type Value,
} from './factTable.ts'
import { keepsReadyRows } from './schema.ts'

/** An event and, when it declares another one in error, that other event. */
export interface FoldableEvent {
  readonly event: RecordedEvent
  readonly voids?: RecordedEvent
}

interface PlacedFact {
  readonly fact: Fact
  readonly stamp: Stamp
  readonly event: RecordedEvent
}

/**
 * Writes the facts of a batch and brings the ready rows up to date: folded in memory, written with one statement per
 * table. The result does not depend on how events are cut into batches.
 */
export async function applyEvents(
  tx: ClientBase,
  model: ReadModel,
  schema: string,
  batch: readonly FoldableEvent[],
): Promise<void> {
  const placed = new Map<string, PlacedFact[]>()
  const voided: RecordedEvent[] = []
  const voidedAt = new Map<bigint, bigint>()
  for (const { event, voids } of batch) {
    if (voids && concerns(model, voids.type)) {
      voided.push(voids)
      voidedAt.set(voids.position, event.position)
    }
    if (!concerns(model, event.type)) continue
    for (const fact of placeFacts(model, event)) append(placed, fact.fact.table, fact)
  }
  for (const table of model.tables) {
    const facts = placed.get(table.name) ?? []
    if (facts.length > 0) await insertFacts(tx, schema, table, facts)
    const withdrawn = voided
      .flatMap((event) => placeFacts(model, event))
      .filter((fact) => fact.fact.table === table.name)
    if (withdrawn.length > 0) await markVoided(tx, schema, table, voidedAt)
    if (keepsReadyRows(table)) await refreshRows(tx, schema, table, facts, withdrawn)
  }
}

export function concerns(model: ReadModel, type: string): boolean {
  return model.events === undefined || model.events.includes(type)
}

/** The facts of an event with their stamps, in the order the model gave them. */
export function placeFacts(model: ReadModel, event: RecordedEvent): PlacedFact[] {
  return model.facts(event).map((fact, seq) => {
    const table = tableOf(model, fact.table)
    const at = table.time === 'known-only' ? 0 : (fact.at ?? instantOf(event.occurredAt))
    return { fact, event, stamp: [at, event.position, seq] as const }
  })
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly of: (placed: PlacedFact) => Value
}

function columnsOf(table: FactTable): Column[] {
  return [
    ...Object.entries(table.key).map(([name, type]): Column => ({
      name,
      type,
      of: ({ fact }) => keyValue(fact, name),
    })),
    { name: 'at', type: 'timestamptz', of: ({ stamp }) => new Date(stamp[0]).toISOString() },
    { name: 'position', type: 'bigint', of: ({ stamp }) => stamp[1].toString() },
    { name: 'seq', type: 'integer', of: ({ stamp }) => stamp[2] },
    { name: 'event_id', type: 'text', of: ({ event }) => event.id },
    ...table.sums.map((name): Column => ({ name, type: 'numeric', of: ({ fact }) => fact.sums?.[name] ?? null })),
    ...Object.entries(table.lasts).map(([name, type]): Column => ({
      name,
      type,
      of: ({ fact }) => fact.lasts?.[name] ?? null,
    })),
    ...table.levels.flatMap((name): Column[] => [
      { name: `${name}_add`, type: 'numeric', of: ({ fact }) => levelPart(fact, name, 'add') },
      { name: `${name}_assert`, type: 'numeric', of: ({ fact }) => levelPart(fact, name, 'assert') },
    ]),
  ]
}

function keyValue(fact: Fact, column: string): Value {
  const value = fact.key[column]
  if (value === undefined || value === null) throw new Error(`a fact of ${fact.table} has no ${column}`)
  return value
}

function levelPart(fact: Fact, column: string, part: 'add' | 'assert'): Value {
  const change = fact.levels?.[column]
  if (!change) return null
  return part === 'add' ? ('add' in change ? change.add : null) : 'assert' in change ? change.assert : null
}

async function insertFacts(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  facts: readonly PlacedFact[],
): Promise<void> {
  const columns = columnsOf(table)
  await tx.query(
    `insert into ${schema}.${table.name}_facts (${columns.map((c) => c.name).join(', ')}) ${selectUnnest(columns)}`,
    columns.map((column) => facts.map((fact) => wire(column.of(fact), column.type))),
  )
}

/** `select $1::text[] …` unnested; uuid and jsonb travel as text and are cast per row. */
function selectUnnest(columns: readonly Pick<Column, 'name' | 'type'>[]): string {
  const outputs = columns.map(({ name, type }) =>
    name === 'event_id' ? `${name}::uuid` : type === 'jsonb' ? `${name}::jsonb` : name,
  )
  const inputs = columns.map(({ type }, index) => `$${index + 1}::${type === 'jsonb' ? 'text' : type}[]`)
  return `select ${outputs.join(', ')} from unnest(${inputs.join(', ')}) as u(${columns.map((c) => c.name).join(', ')})`
}

function wire(value: Value, type: ColumnType): unknown {
  return value !== null && type === 'jsonb' ? JSON.stringify(value) : value
}

async function markVoided(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  voidedAt: ReadonlyMap<bigint, bigint>,
): Promise<void> {
  await tx.query(
    `update ${schema}.${table.name}_facts f set voided_at = v.at
     from unnest($1::bigint[], $2::bigint[]) as v(position, at) where f.position = v.position and f.voided_at is null`,
    [[...voidedAt.keys()].map(String), [...voidedAt.values()].map(String)],
  )
}

async function refreshRows(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  facts: readonly PlacedFact[],
  withdrawn: readonly PlacedFact[],
): Promise<void> {
  const keys = new Map<string, readonly Value[]>()
  for (const { fact } of [...facts, ...withdrawn]) keys.set(...identify(table, fact))
  if (keys.size === 0) return
  const rows = await readRows(tx, schema, table, [...keys.values()])
  const stale = new Set(withdrawn.map(({ fact }) => identify(table, fact)[0]))
  for (const { fact, stamp } of facts) {
    const [id] = identify(table, fact)
    if (stale.has(id)) continue
    const row = rows.get(id) ?? emptyRow(table)
    rows.set(id, row)
    if (!foldFact(row, fact, stamp)) stale.add(id)
  }
  const gone: (readonly Value[])[] = []
  if (stale.size > 0) {
    const staleKeys = new Map([...keys].filter(([id]) => stale.has(id)))
    const refolded = await refoldRows(tx, schema, table, [...staleKeys.values()])
    for (const [id, key] of staleKeys) {
      const row = refolded.get(id)
      if (row) rows.set(id, row)
      else {
        gone.push(key)
        keys.delete(id)
      }
    }
  }
  if (gone.length > 0) await deleteRows(tx, schema, table, gone)
  const written = [...keys].map(([id, key]) => ({ key, row: rows.get(id) ?? emptyRow(table) }))
  if (written.length > 0) await writeRows(tx, schema, table, written)
}

function identify(table: FactTable, fact: Fact): [id: string, key: readonly Value[]] {
  const key = Object.keys(table.key).map((column) => keyValue(fact, column))
  return [JSON.stringify(key.map(String)), key]
}

/** Key columns read back as text, so that they identify a row as facts do. */
const keyAsText = (table: FactTable, alias: string): string =>
  Object.keys(table.key)
    .map((column) => `${alias}.${column}::text as k_${column}`)
    .join(', ')
const idOf = (table: FactTable, row: Record<string, unknown>): string =>
  JSON.stringify(Object.keys(table.key).map((column) => row[`k_${column}`]))

function joinKeys(table: FactTable, alias: string): string {
  const columns = Object.entries(table.key)
  const arrays = columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')
  const names = columns.map(([column]) => column)
  return `join unnest(${arrays}) as u(${names.join(', ')}) on ${names.map((name) => `${alias}.${name} = u.${name}`).join(' and ')}`
}

const keyArrays = (table: FactTable, keys: readonly (readonly Value[])[]): unknown[] =>
  Object.keys(table.key).map((_, index) => keys.map((key) => key[index]))

async function readRows(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  keys: readonly (readonly Value[])[],
): Promise<Map<string, FoldedRow>> {
  const result = await tx.query<Record<string, unknown>>(
    `select r.*, ${keyAsText(table, 'r')} from ${schema}.${table.name} r ${joinKeys(table, 'r')}`,
    keyArrays(table, keys),
  )
  return new Map(
    result.rows.map((row) => [
      idOf(table, row),
      columnsToRow(row, row['stamps'] as Parameters<typeof columnsToRow>[1], table),
    ]),
  ) // written by rowToColumns
}

async function refoldRows(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  keys: readonly (readonly Value[])[],
): Promise<Map<string, FoldedRow>> {
  const rows = new Map<string, FoldedRow>()
  const result = await tx.query<Record<string, unknown>>(
    `select f.*, (extract(epoch from f.at) * 1000)::bigint::text as at_ms, f.position::text as position_text, ${keyAsText(table, 'f')}
     from ${schema}.${table.name}_facts f ${joinKeys(table, 'f')} where f.voided_at is null order by f.at, f.position, f.seq`,
    keyArrays(table, keys),
  )
  for (const stored of result.rows) {
    const id = idOf(table, stored)
    const row = rows.get(id) ?? emptyRow(table)
    rows.set(id, row)
    foldFact(row, storedFact(table, stored), [
      Number(stored['at_ms']),
      BigInt(String(stored['position_text'])),
      Number(stored['seq']),
    ])
  }
  return rows
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
  keys: readonly (readonly Value[])[],
): Promise<void> {
  const columns = Object.entries(table.key)
  await tx.query(
    `delete from ${schema}.${table.name} r using unnest(${columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')}) as u(${columns.map(([name]) => name).join(', ')})
     where ${columns.map(([name]) => `r.${name} = u.${name}`).join(' and ')}`,
    keyArrays(table, keys),
  )
}

async function writeRows(
  tx: ClientBase,
  schema: string,
  table: FactTable,
  rows: readonly { key: readonly Value[]; row: FoldedRow }[],
): Promise<void> {
  const keyColumns = Object.entries(table.key).map(([name, type]) => ({ name, type }))
  const valueColumns: { name: string; type: ColumnType }[] = [
    ...table.sums.map((name) => ({ name, type: 'numeric' as const })),
    ...Object.entries(table.lasts).map(([name, type]) => ({ name, type })),
    ...table.levels.map((name) => ({ name, type: 'numeric' as const })),
    { name: 'stamps', type: 'jsonb' as const },
  ]
  const folded = rows.map(({ row }) => rowToColumns(row, table))
  const columns = [...keyColumns, ...valueColumns]
  await tx.query(
    `insert into ${schema}.${table.name} (${columns.map((c) => c.name).join(', ')}) ${selectUnnest(columns)}
     on conflict (${keyColumns.map((c) => c.name).join(', ')}) do update set ${valueColumns.map((c) => `${c.name} = excluded.${c.name}`).join(', ')}`,
    [
      ...keyColumns.map((_, index) => rows.map(({ key }) => key[index])),
      ...valueColumns.map(({ name, type }) =>
        folded.map(({ values, stamps }) =>
          name === 'stamps' ? JSON.stringify(stamps) : wire(values[name] ?? null, type),
        ),
      ),
    ],
  )
}
