import { formatDecimal, parseDecimal } from '../../domain/kernel/decimal.ts'
import { compareStamps, type Fact, type FactTable, type Stamp, type Value } from './factTable.ts'

/** The folded row of one key. Mutable: it lives for one batch. */
export interface FoldedRow {
  readonly sums: Record<string, bigint>
  readonly lasts: Record<string, Value>
  readonly levels: Record<string, bigint>
  /** of the newest fact in it; undefined while it is empty */
  newest: Stamp | undefined
}

export interface StampedFact {
  readonly fact: Fact
  readonly stamp: Stamp
  /** not in the row yet */
  readonly isNew: boolean
}

export function emptyRow(table: FactTable): FoldedRow {
  return {
    sums: Object.fromEntries(table.sums.map((column) => [column, 0n])),
    lasts: Object.fromEntries(Object.keys(table.lasts).map((column) => [column, null])),
    levels: Object.fromEntries(table.levels.map((column) => [column, 0n])),
    newest: undefined,
  }
}

/**
 * Folds facts into their row. `facts` are in order of their stamps and hold every fact of the key from the oldest new one
 * on, so that one that arrives late is folded together with what it came too late for, however long the history before.
 */
export function foldFacts(row: FoldedRow, facts: readonly StampedFact[]): void {
  const asserted = new Set<string>()
  for (const { fact, stamp, isNew } of facts) {
    if (isNew) {
      for (const [column, value] of Object.entries(fact.sums ?? {}))
        if (value !== undefined) row.sums[column] = (row.sums[column] ?? 0n) + parseDecimal(value)
    }
    for (const [column, value] of Object.entries(fact.lasts ?? {}))
      if (value !== undefined && value !== null) row.lasts[column] = value
    for (const [column, change] of Object.entries(fact.levels ?? {})) {
      if (change === undefined) continue
      if ('assert' in change) {
        row.levels[column] = parseDecimal(change.assert)
        asserted.add(column)
      } else if (isNew || asserted.has(column)) {
        // an old addition is in the level already, unless an assertion has just replaced that
        row.levels[column] = (row.levels[column] ?? 0n) + parseDecimal(change.add)
      }
    }
    if (!row.newest || compareStamps(row.newest, stamp) < 0) row.newest = stamp
  }
}

/** Column values of a folded row as PostgreSQL takes them, less the key. */
export function rowToColumns(row: FoldedRow): Record<string, Value> {
  if (!row.newest) throw new Error('a row without facts is not kept')
  const [at, position, seq] = row.newest
  const values: Record<string, Value> = { ...row.lasts }
  for (const [column, sum] of Object.entries(row.sums)) values[column] = formatDecimal(sum)
  for (const [column, level] of Object.entries(row.levels)) values[column] = formatDecimal(level)
  return {
    ...values,
    newest_at: new Date(at).toISOString(),
    newest_position: position.toString(),
    newest_seq: seq,
  }
}

/** The reverse of `rowToColumns` for a row read back: numerics as text, `newest_at` in ms since 1970. */
export function columnsToRow(values: Readonly<Record<string, unknown>>, table: FactTable): FoldedRow {
  return {
    sums: Object.fromEntries(table.sums.map((column) => [column, parseDecimal(String(values[column]))])),
    lasts: Object.fromEntries(Object.keys(table.lasts).map((column) => [column, values[column] as Value])), // the column's own type
    levels: Object.fromEntries(table.levels.map((column) => [column, parseDecimal(String(values[column]))])),
    newest: [Number(values['newest_at']), BigInt(String(values['newest_position'])), Number(values['newest_seq'])],
  }
}
