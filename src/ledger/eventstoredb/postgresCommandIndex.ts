import type { Pool } from 'pg'
import type { CommandIndex, CommandPlace } from './commandIndex.ts'

/**
 * The command index in PostgreSQL: shared by all processes of a ledger and kept over restarts. It belongs to one log; when
 * the log is replaced by another, empty both tables.
 */
export const commandIndexSchema = `
  create table if not exists eventstoredb_command (
    command_id uuid not null, stream text not null, first_revision bigint not null, last_revision bigint not null,
    primary key (command_id, stream)
  );
  create table if not exists eventstoredb_indexed_stream (stream text primary key, revision bigint not null);`

interface Addition {
  readonly stream: string
  readonly from: number
  readonly to: number
  readonly places: readonly CommandPlace[]
}

interface FoundRow {
  readonly indexed: string | null
  readonly stream: string | null
  readonly first_revision: string | null
  readonly last_revision: string | null
}

const findSql = `
  select (select revision from eventstoredb_indexed_stream where stream = $2) as indexed, c.stream, c.first_revision, c.last_revision
  from (select 1) one
  left join lateral (
    select stream, first_revision, last_revision from eventstoredb_command
    where command_id = $1 order by stream = $2 desc, stream limit 1
  ) c on true`

const addCommandsSql = `
  insert into eventstoredb_command as c (command_id, stream, first_revision, last_revision)
  select id, stream, min(first), max(last)
  from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) as added (id, stream, first, last)
  group by id, stream order by id, stream
  on conflict (command_id, stream) do update
  set first_revision = least(c.first_revision, excluded.first_revision), last_revision = greatest(c.last_revision, excluded.last_revision)`

const addStreamsSql = `
  insert into eventstoredb_indexed_stream as s (stream, revision)
  select added.stream, added.upto
  from unnest($1::text[], $2::bigint[], $3::bigint[]) as added (stream, start, upto)
  left join eventstoredb_indexed_stream known on known.stream = added.stream
  where added.start <= coalesce(known.revision, -1) + 1
  order by added.stream
  on conflict (stream) do update set revision = greatest(s.revision, excluded.revision)`

/** `pool` belongs to the caller. Additions of many appends are written together, one statement at a time. */
export function postgresCommandIndex(pool: Pick<Pool, 'query'>): CommandIndex {
  let waiting: Addition[] = []
  let flushing: Promise<void> | undefined

  const flush = async (): Promise<void> => {
    // What arrives in the same turn of the event loop goes along.
    await Promise.resolve()
    const batch = waiting
    waiting = []
    flushing = undefined
    await write(batch)
  }
  let previous: Promise<void> = Promise.resolve()
  const write = (batch: readonly Addition[]): Promise<void> => {
    const written = previous.then(() => writeAll(pool, batch))
    previous = written.catch(() => undefined)
    return written
  }

  return {
    async find(commandId, stream) {
      const { rows } = await pool.query<FoundRow>(findSql, [commandId, stream])
      const row = rows[0]
      const place =
        row?.stream == null
          ? undefined
          : { commandId, stream: row.stream, first: Number(row.first_revision), last: Number(row.last_revision) }
      return { indexed: row?.indexed == null ? -1 : Number(row.indexed), place }
    },
    add(stream, from, to, places) {
      waiting.push({ stream, from, to, places })
      flushing ??= flush()
      return flushing
    },
    async forget(stream) {
      await pool.query('delete from eventstoredb_indexed_stream where stream = $1', [stream])
      await pool.query('delete from eventstoredb_command where stream = $1', [stream])
    },
  }
}

async function writeAll(pool: Pick<Pool, 'query'>, batch: readonly Addition[]): Promise<void> {
  const places = batch.flatMap((addition) => addition.places)
  // Commands first: a stream must not count as indexed before its commands can be found.
  if (places.length > 0) {
    await pool.query(addCommandsSql, [
      places.map((place) => place.commandId),
      places.map((place) => place.stream),
      places.map((place) => place.first),
      places.map((place) => place.last),
    ])
  }
  const ranges = joinRanges(batch)
  await pool.query(addStreamsSql, [
    ranges.map((range) => range.stream),
    ranges.map((range) => range.from),
    ranges.map((range) => range.to),
  ])
}

/** One range per stream, since one statement cannot update a row twice. What does not join on is left to the next catch-up. */
function joinRanges(batch: readonly Addition[]): readonly { stream: string; from: number; to: number }[] {
  const joined = new Map<string, { stream: string; from: number; to: number }>()
  for (const { stream, from, to } of batch.toSorted((a, b) => a.from - b.from)) {
    const range = joined.get(stream)
    if (!range) joined.set(stream, { stream, from, to })
    else if (from <= range.to + 1) range.to = Math.max(range.to, to)
  }
  return [...joined.values()]
}
