import { formatDecimal, parseDecimal } from '../../src/domain/kernel/decimal.ts'
import { instantOf } from '../../src/domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import type { Fact, FactTable, ReadModel, Value } from '../../src/projections/engine/factTable.ts'

type NaiveRow = Record<string, Value>
type Placed = { fact: Fact; at: number; position: bigint; seq: number }

/**
 * The sentence of design.md §5, word for word and slowly: the answer at (asOf, knownAt) is the fold, in order of (occurredAt,
 * position), of all facts with position ≤ knownAt and occurredAt ≤ asOf, error declarations up to knownAt applied.
 */
export function naiveFold(
  model: ReadModel,
  table: FactTable,
  log: readonly RecordedEvent[],
  asOf: number | undefined,
  knownAt: bigint,
): NaiveRow[] {
  const known = log.filter((event) => event.position <= knownAt)
  const wrong = new Set(
    known.filter((event) => event.type === 'ErrorDeclared').map((event) => (event.data as { eventId: string }).eventId),
  )
  const facts = known
    .filter((event) => !wrong.has(event.id) && (model.events === undefined || model.events.includes(event.type)))
    .flatMap((event) =>
      model.facts(event).map((fact, seq): Placed => ({
        fact,
        seq,
        position: event.position,
        at: table.time === 'known-only' ? 0 : (fact.at ?? instantOf(event.occurredAt)),
      })),
    )
    .filter(
      ({ fact, at }) => fact.table === table.name && (asOf === undefined || table.time === 'known-only' || at <= asOf),
    )
    .sort((a, b) => a.at - b.at || Number(a.position - b.position) || a.seq - b.seq)
  const byKey = new Map<string, Placed[]>()
  for (const placed of facts) {
    const id = JSON.stringify(Object.keys(table.key).map((column) => String(placed.fact.key[column])))
    byKey.set(id, [...(byKey.get(id) ?? []), placed])
  }
  return [...byKey.values()].map((own) => foldRow(table, own))
}

function foldRow(table: FactTable, own: readonly Placed[]): NaiveRow {
  const row: NaiveRow = {}
  for (const column of Object.keys(table.key)) row[column] = own[0]!.fact.key[column] ?? null
  for (const column of table.sums)
    row[column] = formatDecimal(own.reduce((sum, { fact }) => sum + parseDecimal(fact.sums?.[column] ?? '0'), 0n))
  for (const column of Object.keys(table.lasts)) {
    row[column] =
      own.map(({ fact }) => fact.lasts?.[column]).findLast((value) => value !== undefined && value !== null) ?? null
  }
  for (const column of table.levels) {
    let level = 0n
    for (const { fact } of own) {
      const change = fact.levels?.[column]
      if (change && 'assert' in change) level = parseDecimal(change.assert)
      else if (change) level += parseDecimal(change.add)
    }
    row[column] = formatDecimal(level)
  }
  return row
}

/** Rows made comparable: numerics in shortest form, timestamps as instants, JSON with sorted keys, rows sorted. */
export function comparable(table: FactTable, rows: readonly object[]): string[] {
  const types: Record<string, string> = {
    ...table.key,
    ...table.lasts,
    ...Object.fromEntries([...table.sums, ...table.levels].map((column) => [column, 'numeric'])),
  }
  return rows
    .map((row) => {
      const source = row as Record<string, unknown> // rows of the table, by column name
      return JSON.stringify(Object.entries(types).map(([column, type]) => [column, normal(source[column], type)]))
    })
    .sort()
}

function normal(value: unknown, type: string): unknown {
  if (value === null || value === undefined) return null
  if (type === 'numeric') return formatDecimal(parseDecimal(String(value)))
  if (type === 'timestamptz') return new Date(String(value)).getTime()
  if (type === 'jsonb') return sorted(value)
  return String(value)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}
