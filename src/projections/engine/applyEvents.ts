import type { ClientBase } from 'pg'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import { type Cell, cellOf, copyRows } from './copyRows.ts'
import {
  type ColumnType,
  type Fact,
  type FactTable,
  type ReadModel,
  type Stamp,
  tableOf,
  type Value,
} from './factTable.ts'
import { type ChangedRow, refreshRows } from './refreshRows.ts'
import { keepsReadyRows, voidedEvents } from './schema.ts'

/** An event and, when it declares another one in error, that other event. */
export interface FoldableEvent {
  readonly event: RecordedEvent
  readonly voids?: RecordedEvent
}

export interface PlacedFact {
  readonly fact: Fact
  readonly stamp: Stamp
  readonly event: RecordedEvent
}

/**
 * Writes the facts of a batch and brings the ready rows up to date: folded in memory, written together. `filling` leaves the
 * rows, and the marks of what was declared in error, to `finishFilling`. The result does not depend on how events are cut
 * into batches. Answers how many facts were written.
 */
export async function applyEvents(
  tx: ClientBase,
  model: ReadModel,
  schema: string,
  batch: readonly FoldableEvent[],
  { filling = false } = {},
): Promise<number> {
  const placed = new Map<string, PlacedFact[]>()
  const withdrawn = new Map<string, PlacedFact[]>()
  const voidedAt = new Map<bigint, bigint>()
  for (const { event, voids } of batch) {
    if (voids && concerns(model, voids.type)) {
      voidedAt.set(voids.position, event.position)
      for (const fact of placeFacts(model, voids)) append(withdrawn, fact.fact.table, fact)
    }
    if (!concerns(model, event.type)) continue
    for (const fact of placeFacts(model, event)) append(placed, fact.fact.table, fact)
  }
  let written = 0
  for (const table of model.tables) {
    const facts = placed.get(table.name) ?? []
    const gone = withdrawn.get(table.name) ?? []
    if (facts.length > 0)
      await copyRows(tx, `${schema}.${table.name}_facts`, layoutOf(table).columns, factRows(table, facts))
    written += facts.length
    if (filling) continue
    if (gone.length > 0) await markVoided(tx, schema, table, voidedAt)
    if (keepsReadyRows(table)) await refreshRows(tx, schema, table, changedRows(table, facts, gone))
  }
  if (filling && voidedAt.size > 0) {
    const rows = [...voidedAt].map(([position, at]) => [position.toString(), at.toString()])
    await copyRows(tx, `${schema}.${voidedEvents}`, ['position', 'at'], rows)
  }
  return written
}

const concerned = new WeakMap<ReadModel, ReadonlySet<string>>()

export function concerns(model: ReadModel, type: string): boolean {
  if (model.events === undefined) return true
  let types = concerned.get(model)
  if (!types) {
    types = new Set(model.events)
    concerned.set(model, types)
  }
  return types.has(type)
}

/** The facts of an event with their stamps, in the order the model gave them. */
function placeFacts(model: ReadModel, event: RecordedEvent): PlacedFact[] {
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

const layouts = new WeakMap<FactTable, FactLayout>()

/** Where the parts of a fact stand among the columns of its table. */
interface FactLayout {
  readonly columns: readonly string[]
  readonly key: readonly (readonly [column: string, type: ColumnType])[]
  readonly indexOf: ReadonlyMap<string, number>
}

function layoutOf(table: FactTable): FactLayout {
  const known = layouts.get(table)
  if (known) return known
  const columns = [
    ...Object.keys(table.key),
    'at',
    'position',
    'seq',
    'event_id',
    ...table.sums,
    ...Object.keys(table.lasts),
    ...table.levels.flatMap((column) => [`${column}_add`, `${column}_assert`]),
  ]
  const indexOf = new Map(columns.map((column, index) => [column, index]))
  const layout = { columns, key: Object.entries(table.key), indexOf }
  layouts.set(table, layout)
  return layout
}

/** A fact names few of its columns: they are put in their places, and the others stay null. */
function* factRows(table: FactTable, facts: readonly PlacedFact[]): Iterable<readonly Cell[]> {
  const { columns, key, indexOf } = layoutOf(table)
  const empty = columns.map((): Cell => null)
  let [instant, iso] = [0, new Date(0).toISOString()]
  for (const { fact, stamp, event } of facts) {
    const [at, position, seq] = stamp
    if (at !== instant) [instant, iso] = [at, new Date(at).toISOString()]
    const row = empty.slice()
    const put = (column: string, cell: Cell): void => {
      const index = indexOf.get(column)
      if (index === undefined) throw new Error(`${table.name} has no column ${column}`)
      row[index] = cell
    }
    for (const [index, [column, type]] of key.entries()) row[index] = cellOf(keyValue(fact, column), type)
    row[key.length] = iso
    row[key.length + 1] = position.toString()
    row[key.length + 2] = seq.toString()
    row[key.length + 3] = event.id
    for (const column in fact.sums) put(column, fact.sums[column] ?? null)
    for (const column in fact.lasts) put(column, cellOf(fact.lasts[column], table.lasts[column] ?? 'text'))
    for (const column in fact.levels) {
      const change = fact.levels[column]
      if (change && 'assert' in change) put(`${column}_assert`, change.assert)
      else if (change) put(`${column}_add`, change.add)
    }
    yield row
  }
}

function keyValue(fact: Fact, column: string): Value {
  const value = fact.key[column]
  if (value === undefined || value === null) throw new Error(`a fact of ${fact.table} has no ${column}`)
  return value
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

/** The rows that facts belong to, each with its new facts in order of their stamps. */
function changedRows(
  table: FactTable,
  facts: readonly PlacedFact[],
  withdrawn: readonly PlacedFact[],
): ReadonlyMap<string, ChangedRow> {
  const columns = Object.keys(table.key)
  const rows = new Map<string, ChangedRow>()
  const rowOf = (fact: Fact): ChangedRow => {
    const key = columns.map((column) => keyValue(fact, column))
    const id = key.join('\0') // PostgreSQL's text holds no such character
    const known = rows.get(id)
    if (known) return known
    const row: ChangedRow = { key, facts: [], hasLost: false }
    rows.set(id, row)
    return row
  }
  for (const { fact, stamp } of facts) rowOf(fact).facts.push({ fact, stamp, isNew: true })
  for (const { fact } of withdrawn) rowOf(fact).hasLost = true
  return rows
}
