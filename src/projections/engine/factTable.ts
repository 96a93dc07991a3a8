import type { RecordedEvent } from '../../ledger/envelope.ts'

/**
 * Every read model is made of fact tables. An event yields facts; a fact belongs to one row (its key) and stands at a
 * business instant and a ledger position. The row as of (T, P) is the fold, in order of (instant, position), of its facts
 * with instant ≤ T and position ≤ P that were not declared in error by P. Columns fold in one of three ways:
 *
 * - `sums`: added up
 * - `lasts`: the newest value that is not null
 * - `levels`: the newest assertion plus the additions after it (counts and opening balances are assertions, domain.md §2.0)
 */
export interface FactTable {
  readonly name: string
  readonly key: Readonly<Record<string, ColumnType>>
  readonly sums: readonly string[]
  readonly lasts: Readonly<Record<string, ColumnType>>
  readonly levels: readonly string[]
  /**
   * `changes`: a row per key folded up to the newest fact is kept ready, and history is folded on demand.
   * `versioned`: effective-dated; always folded for the asked instant. `known-only`: ordered by position alone, no asOf.
   */
  readonly time: TimeKind
  /** further indexes over the ready rows (`changes`, `known-only`) or the facts (`versioned`): lists of columns */
  readonly indexes: readonly (readonly string[])[]
}

export type TimeKind = 'changes' | 'versioned' | 'known-only'
export type ColumnType = 'text' | 'integer' | 'bigint' | 'boolean' | 'date' | 'timestamptz' | 'numeric' | 'jsonb'
export type Value = string | number | boolean | null | object

export function factTable(
  name: string,
  key: FactTable['key'],
  columns: Partial<Pick<FactTable, 'sums' | 'lasts' | 'levels' | 'time' | 'indexes'>>,
): FactTable {
  return { name, key, sums: [], lasts: {}, levels: [], time: 'changes', indexes: [], ...columns }
}

/** One fact of a table. Decimal strings in `sums` and `levels`; `null` or absent in `lasts` leaves the column as it was. */
export interface Fact {
  readonly table: string
  readonly key: Readonly<Record<string, Value>>
  /** business instant, ms since 1970; the event's `occurredAt` when absent; for effective-dated facts their `effectiveAt` */
  readonly at?: number
  readonly sums?: Readonly<Record<string, string | undefined>>
  readonly lasts?: Readonly<Record<string, Value | undefined>>
  readonly levels?: Readonly<Record<string, { readonly add: string } | { readonly assert: string } | undefined>>
}

/** A read model: its tables and one pure function from an event to facts. A change of either is a new version. */
export interface ReadModel {
  readonly name: string
  readonly version: number
  /** types it folds; all types when absent */
  readonly events?: readonly string[]
  readonly tables: readonly FactTable[]
  facts(event: RecordedEvent): readonly Fact[]
}

export function tableOf(model: ReadModel, name: string): FactTable {
  const table = model.tables.find((candidate) => candidate.name === name)
  if (!table) throw new Error(`read model ${model.name} has no table ${name}`)
  return table
}

/** Where a fact stands: (instant in ms, position, index among the facts of its event). */
export type Stamp = readonly [at: number, position: bigint, seq: number]

export function compareStamps(a: Stamp, b: Stamp): number {
  if (a[0] !== b[0]) return a[0] - b[0]
  if (a[1] !== b[1]) return a[1] < b[1] ? -1 : 1
  return a[2] - b[2]
}
