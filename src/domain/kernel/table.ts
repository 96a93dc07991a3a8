/**
 * A map by id inside an aggregate's state: JSON-serialisable and never changed in place. Rows lie in 256 buckets, so
 * that a change copies a bucket and not the whole table: a state with 20,000 rows folds in microseconds per event.
 */
export type Table<T> = Readonly<Record<string, Readonly<Record<string, T>>>>

export const emptyTable: Table<never> = {}

/** A property of the record itself: an id may be called `constructor`. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

export function row<T>(table: Table<T>, id: string): T | undefined {
  const bucket = own(table, bucketOf(id))
  return bucket && own(bucket, id)
}

/** The table with this row; rows of the same bucket that `keep` rejects are dropped on the way, which bounds the table. */
export function withRow<T>(table: Table<T>, id: string, value: T, keep?: (value: T) => boolean): Table<T> {
  const bucket = bucketOf(id)
  const rows = own(table, bucket) ?? {}
  const kept = keep ? Object.fromEntries(Object.entries(rows).filter(([, other]) => keep(other))) : rows
  return { ...table, [bucket]: { ...kept, [id]: value } }
}

export function withoutRow<T>(table: Table<T>, id: string): Table<T> {
  const bucket = bucketOf(id)
  const { [id]: dropped, ...rest } = own(table, bucket) ?? {}
  if (dropped === undefined) return table
  return { ...table, [bucket]: rest }
}

export function* rows<T>(table: Table<T>): Generator<readonly [id: string, value: T]> {
  for (const bucket of Object.values(table)) yield* Object.entries(bucket)
}

/** FNV-1a, folded to a byte. */
function bucketOf(id: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  return ((hash ^ (hash >>> 8) ^ (hash >>> 16)) & 0xff).toString(36)
}
