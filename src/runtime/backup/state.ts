import type pg from 'pg'
import type { EventStore } from '../../ledger/eventStore.ts'
import { type ChunkFile, readChunk, writeChunks } from './chunkFile.ts'

/** Rows that the log does not give again. Everything else beside it is folded from it. */
interface StateTable {
  readonly name: string
  readonly columns: readonly string[]
}

const tables: readonly StateTable[] = [
  {
    name: 'processes.dead_task',
    columns: ['reaction', 'event_id', 'stream', 'revision', 'attempts', 'reason', 'at'],
  },
  { name: 'webhooks.webhook', columns: ['id', 'failing_since', 'delivered_at'] },
  { name: 'webhooks.pending', columns: ['webhook_id', 'stream', 'next', 'known', 'attempts', 'due_at'] },
  { name: 'webhooks.undelivered', columns: ['webhook_id', 'stream', 'revision', 'attempts', 'reason', 'at'] },
  {
    name: 'projections.skipped',
    columns: ['model', 'position', 'event_id', 'stream', 'error', 'skipped_by', 'skipped_at'],
  },
]
const fetchAtOnce = 2_000

export interface SavedState {
  /** how far the reactions and the feed of the webhooks had read the log */
  readonly reactor: string
  readonly feed: string
  readonly chunks: readonly ChunkFile[]
}

/** Writes the state as of one moment, read in one snapshot. Call it before the head of the log is read: it lies at or before it. */
export async function saveState(client: pg.ClientBase, directory: string): Promise<SavedState> {
  await client.query('begin isolation level repeatable read read only')
  try {
    const reactor = await positionIn(client, 'processes.reader', `where name = 'processes'`)
    const feed = await positionIn(client, 'webhooks.feed', '')
    const chunks: ChunkFile[] = []
    for await (const chunk of writeChunks(directory, 'state', linesOf(client))) chunks.push(chunk)
    return { reactor, feed, chunks }
  } finally {
    await client.query('rollback')
  }
}

async function positionIn(client: pg.ClientBase, table: string, where: string): Promise<string> {
  if (!(await exists(client, table))) return '0'
  const { rows } = await client.query<{ position: string }>(`select position::text from ${table} ${where}`)
  return rows[0]?.position ?? '0'
}

/** `<table> TAB <row as JSON>`: made by PostgreSQL and given back to it, so that no number passes through a float. */
async function* linesOf(client: pg.ClientBase): AsyncGenerator<string> {
  for (const { name, columns } of tables) {
    if (!(await exists(client, name))) continue
    await client.query(
      `declare saved no scroll cursor for select row_to_json(t)::text as row from (select ${columns.join(', ')} from ${name}) t`,
    )
    for (;;) {
      const { rows } = await client.query<{ row: string }>(`fetch ${fetchAtOnce} from saved`)
      for (const { row } of rows) yield `${name}\t${row}`
      if (rows.length < fetchAtOnce) break
    }
    await client.query('close saved')
  }
}

async function exists(client: pg.ClientBase, table: string): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [table])
  return rows[0]?.found === true
}

/**
 * Puts the saved rows back, those that speak of an event that the restored log does not hold left out. The tables must be
 * there and hold the webhooks themselves. Can be repeated.
 */
export async function restoreState(
  pool: pg.Pool,
  store: EventStore,
  directory: string,
  chunks: readonly ChunkFile[],
): Promise<void> {
  await pool.query('delete from processes.dead_task')
  await pool.query('delete from webhooks.pending')
  await pool.query('delete from webhooks.undelivered')
  await pool.query('delete from projections.skipped')
  for (const chunk of chunks) {
    const byTable = new Map<string, string[]>()
    for (const line of await readChunk(directory, chunk)) {
      const tab = line.indexOf('\t')
      const name = line.slice(0, tab)
      const row = await fitting(store, name, line.slice(tab + 1))
      const rows = byTable.get(name) ?? []
      if (row !== undefined) rows.push(row)
      byTable.set(name, rows)
    }
    for (const { name, columns } of tables) {
      const rows = byTable.get(name) ?? []
      if (rows.length > 0) await pool.query(statementFor(name, columns), [`[${rows.join(',')}]`])
    }
  }
}

function statementFor(name: string, columns: readonly string[]): string {
  const saved = `json_populate_recordset(null::${name}, $1::json) s`
  if (name === 'webhooks.webhook')
    return `update webhooks.webhook w set failing_since = s.failing_since, delivered_at = s.delivered_at from ${saved} where w.id = s.id`
  const ofKnownWebhook = name.startsWith('webhooks.') ? 'where webhook_id in (select id from webhooks.webhook)' : ''
  return `insert into ${name} (${columns.join(', ')}) select ${columns.join(', ')} from ${saved} ${ofKnownWebhook}`
}

/** The row if the events that it speaks of are in the log; of a delivery that waits what is left of it. */
async function fitting(store: EventStore, table: string, row: string): Promise<string | undefined> {
  if (table === 'webhooks.webhook') return row
  // one of the rows above
  const { stream, revision, next, known, position, event_id } = JSON.parse(row) as Record<string, unknown> & {
    stream: string
  }
  if (table === 'webhooks.pending') {
    const [from, to] = [Number(next), Number(known)]
    if (await holds(store, stream, to)) return row
    const left = await store.readStream(stream, { from, limit: Math.min(to - from + 1, 5_000) })
    const last = left.at(-1)
    return last && row.replace(/"known":\d+/, `"known":${last.revision}`)
  }
  if (table === 'projections.skipped') {
    // only PostgreSQL gives events their old positions again
    const after = BigInt(String(position)) - 1n
    const page = store.kind === 'postgres' ? await store.readAll({ after, limit: 1 }) : undefined
    return page?.events[0]?.id === event_id ? row : undefined
  }
  return (await holds(store, stream, Number(revision), event_id)) ? row : undefined
}

async function holds(store: EventStore, stream: string, revision: number, id?: unknown): Promise<boolean> {
  const [event] = await store.readStream(stream, { from: revision, limit: 1 })
  return event !== undefined && (id === undefined || event.id === id)
}
