/**
 * A map by id inside an aggregate's state: JSON-serialisable and never changed in place. Rows lie in 256 buckets, so
 * that a change copies one bucket and a short array, not the whole table: a state with 20,000 rows folds in
 * microseconds per event.
 */
export type Table<T> = readonly Readonly<Record<string, T>>[]

const bucketCount = 256
export const emptyTable: Table<never> = []

/** A property of the record itself: an id may be called `constructor`. */
export function own<T>(record: Readonly<Record<string, T>>, key: string | number): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

export function row<T>(table: Table<T>, id: string): T | undefined {
  const bucket = table[bucketOf(id)]
  return bucket && own(bucket, id)
}

/** The table with this row; rows of the same bucket that `keep` rejects are dropped on the way, which bounds the table. */
export function withRow<T>(table: Table<T>, id: string, value: T, keep?: (value: T) => boolean): Table<T> {
  if (keep === undefined) return withBucket(table, bucketOf(id), { ...table[bucketOf(id)], [id]: value })
  const kept = Object.entries(table[bucketOf(id)] ?? {}).filter(([key, other]) => key !== id && keep(other))
  return withBucket(table, bucketOf(id), Object.fromEntries([...kept, [id, value]]))
}

export function withoutRow<T>(table: Table<T>, id: string): Table<T> {
  const { [id]: dropped, ...rest } = table[bucketOf(id)] ?? {}
  return dropped === undefined ? table : withBucket(table, bucketOf(id), rest)
}

export function* rows<T>(table: Table<T>): Generator<readonly [id: string, value: T]> {
  for (const bucket of table) yield* Object.entries(bucket)
}

function withBucket<T>(table: Table<T>, index: number, bucket: Readonly<Record<string, T>>): Table<T> {
  const whole = table.length === bucketCount ? table : Array.from({ length: bucketCount }, (_, at) => table[at] ?? {})
  return whole.with(index, bucket)
}

/** FNV-1a, folded to a byte. */
function bucketOf(id: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & (bucketCount - 1)
}
