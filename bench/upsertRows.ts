import pg from 'pg'
import type { EventStore } from '../src/ledger/eventStore.ts'
import type { Fact, FactTable, ReadModel } from '../src/projections/engine/factTable.ts'
import { emptyRow, foldFacts, type FoldedRow, rowToColumns } from '../src/projections/engine/foldFact.ts'
import { keepsReadyRows } from '../src/projections/engine/schema.ts'
import type { BenchDatabase } from './database.ts'

interface KeptRow {
  readonly key: readonly unknown[]
  readonly row: FoldedRow
}

/**
 * What a script without history would do for the rows of a model: read the log, fold in memory, and upsert what changed with
 * one `unnest` per table and batch. No facts, no questions about the past, nothing taken back. Answers the seconds it took.
 */
export async function upsertRows({ url }: BenchDatabase, store: EventStore, model: ReadModel): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const tables = model.tables.filter(keepsReadyRows).map((table) => ({ table, rows: new Map<string, KeptRow>() }))
    await client.query('drop schema if exists raw cascade; create schema raw; set synchronous_commit = off')
    for (const { table } of tables) await client.query(tableDdl(table))
    const start = performance.now()
    for (let after = 0n; ;) {
      const page = await store.readAll({ after, limit: 1000 })
      const events = page.events.filter(({ type }) => model.events?.includes(type))
      await client.query('begin')
      const facts = events.flatMap((event) => model.facts(event).map((fact) => ({ fact, position: event.position })))
      for (const { table, rows } of tables) {
        const own = facts.filter(({ fact }) => fact.table === table.name)
        if (own.length > 0) await upsert(client, table, fold(table, rows, own))
      }
      await client.query('commit')
      after = page.position
      if (page.atHead) return (performance.now() - start) / 1000
    }
  } finally {
    await client.query('drop schema if exists raw cascade')
    await client.end()
  }
}

const columnsOf = (table: FactTable): [name: string, type: string][] => [
  ...Object.entries(table.key),
  ...[...table.sums, ...table.levels].map((name): [string, string] => [name, 'numeric']),
  ...Object.entries(table.lasts),
]

function tableDdl(table: FactTable): string {
  const key = Object.keys(table.key).join(', ')
  const columns = columnsOf(table).map(([name, type]) => `${name} ${type}`)
  const indexes = table.indexes.map((index) => `; create index on raw.${table.name} (${index.join(', ')})`)
  return `create table raw.${table.name} (${columns.join(', ')}, primary key (${key}))${indexes.join('')}`
}

function fold(
  table: FactTable,
  rows: Map<string, KeptRow>,
  facts: readonly { readonly fact: Fact; readonly position: bigint }[],
): KeptRow[] {
  const columns = Object.keys(table.key)
  const changed = new Set<KeptRow>()
  for (const { fact, position } of facts) {
    const key = columns.map((column) => fact.key[column])
    const id = key.join('\0')
    const kept = rows.get(id) ?? { key, row: emptyRow(table) }
    rows.set(id, kept)
    foldFacts(kept.row, [{ fact, stamp: [0, position, 0], isNew: true }])
    changed.add(kept)
  }
  return [...changed]
}

async function upsert(client: pg.Client, table: FactTable, rows: readonly KeptRow[]): Promise<void> {
  const columns = columnsOf(table)
  const key = Object.keys(table.key)
  const names = columns.map(([name]) => name)
  const values = rows.map(({ row }) => rowToColumns(row))
  await client.query(
    `insert into raw.${table.name} (${names.join(', ')})
     select ${columns.map(([name, type]) => (type === 'jsonb' ? `${name}::jsonb` : name)).join(', ')}
     from unnest(${columns.map(([, type], index) => `$${index + 1}::${type === 'jsonb' ? 'text' : type}[]`).join(', ')}) as u(${names.join(', ')})
     on conflict (${key.join(', ')}) do update set ${names
       .slice(key.length)
       .map((name) => `${name} = excluded.${name}`)
       .join(', ')}`,
    columns.map(([name, type], index) =>
      rows.map(({ key: own }, n) => {
        const value = index < key.length ? own[index] : (values[n]?.[name] ?? null)
        return type === 'jsonb' && value !== null ? JSON.stringify(value) : value
      }),
    ),
  )
}
