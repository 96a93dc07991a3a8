import { formatDecimal, parseDecimal } from '../../domain/kernel/decimal.ts'
import { compareStamps, type Fact, type FactTable, type Stamp, type Value } from './factTable.ts'

/** The folded row of one key. Mutable: it lives for one batch. */
export interface FoldedRow {
  readonly sums: Record<string, bigint>
  readonly lasts: Record<string, { value: Value; stamp: Stamp } | undefined>
  readonly levels: Record<string, Level>
}

interface Level {
  value: bigint
  /** the assertion it starts from */
  asserted: Stamp | undefined
  /** the newest fact in it */
  newest: Stamp | undefined
}

export function emptyRow(table: FactTable): FoldedRow {
  return {
    sums: Object.fromEntries(table.sums.map((column) => [column, 0n])),
    lasts: {},
    levels: Object.fromEntries(
      table.levels.map((column) => [column, { value: 0n, asserted: undefined, newest: undefined }]),
    ),
  }
}

/**
 * Folds one fact into its row, in whatever order facts arrive. Answers `false` when the row alone cannot take it (an
 * assertion that arrives late, between additions already counted): the row must then be folded anew from its facts.
 */
export function foldFact(row: FoldedRow, fact: Fact, stamp: Stamp): boolean {
  for (const [column, value] of Object.entries(fact.sums ?? {})) {
    if (value !== undefined) row.sums[column] = (row.sums[column] ?? 0n) + parseDecimal(value)
  }
  for (const [column, value] of Object.entries(fact.lasts ?? {})) {
    if (value === undefined || value === null) continue
    const current = row.lasts[column]
    if (!current || compareStamps(current.stamp, stamp) <= 0) row.lasts[column] = { value, stamp }
  }
  let complete = true
  for (const [column, change] of Object.entries(fact.levels ?? {})) {
    const level = row.levels[column]
    if (change && level) complete = foldLevel(level, change, stamp) && complete
  }
  return complete
}

function foldLevel(
  level: Level,
  change: { readonly add: string } | { readonly assert: string },
  stamp: Stamp,
): boolean {
  if (level.asserted && compareStamps(stamp, level.asserted) < 0) return true
  const isNewest = !level.newest || compareStamps(stamp, level.newest) > 0
  if ('add' in change) {
    level.value += parseDecimal(change.add)
  } else {
    if (!isNewest) return false
    level.value = parseDecimal(change.assert)
    level.asserted = stamp
  }
  if (isNewest) level.newest = stamp
  return true
}

type StoredStamp = [at: number, position: string, seq: number]
interface StoredStamps {
  lasts?: Record<string, StoredStamp>
  levels?: Record<string, [asserted: StoredStamp | null, newest: StoredStamp | null]>
}

const store = (stamp: Stamp): StoredStamp => [stamp[0], stamp[1].toString(), stamp[2]]
const restore = (stamp: StoredStamp): Stamp => [stamp[0], BigInt(stamp[1]), stamp[2]]

/** Column values of a folded row as PostgreSQL takes them, and the stamps that later facts are compared with. */
export function rowToColumns(
  row: FoldedRow,
  table: FactTable,
): { values: Record<string, Value>; stamps: StoredStamps } {
  const values: Record<string, Value> = {}
  const stamps: StoredStamps = {}
  for (const column of table.sums) values[column] = formatDecimal(row.sums[column] ?? 0n)
  for (const column of Object.keys(table.lasts)) {
    const last = row.lasts[column]
    values[column] = last?.value ?? null
    if (last) (stamps.lasts ??= {})[column] = store(last.stamp)
  }
  for (const column of table.levels) {
    const level = row.levels[column]
    values[column] = formatDecimal(level?.value ?? 0n)
    if (level?.newest)
      (stamps.levels ??= {})[column] = [level.asserted ? store(level.asserted) : null, store(level.newest)]
  }
  return { values, stamps }
}

/** The reverse of `rowToColumns` for a row read back (numerics as text). */
export function columnsToRow(
  values: Readonly<Record<string, unknown>>,
  stamps: StoredStamps,
  table: FactTable,
): FoldedRow {
  const row = emptyRow(table)
  for (const column of table.sums) row.sums[column] = parseDecimal(String(values[column]))
  for (const column of Object.keys(table.lasts)) {
    const stamp = stamps.lasts?.[column]
    if (stamp) row.lasts[column] = { value: values[column] as Value, stamp: restore(stamp) } // the column's own type: written by rowToColumns
  }
  for (const column of table.levels) {
    const stored = stamps.levels?.[column]
    if (stored) {
      const [asserted, newest] = stored
      row.levels[column] = {
        value: parseDecimal(String(values[column])),
        asserted: asserted ? restore(asserted) : undefined,
        newest: newest ? restore(newest) : undefined,
      }
    }
  }
  return row
}
