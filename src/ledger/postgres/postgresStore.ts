import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { createBell } from '../bell.ts'
import { decodeEvent } from '../decodeEvent.ts'
import { encodeAppend } from '../encodeEvent.ts'
import type { RecordedEvent } from '../envelope.ts'
import { StoreUnavailable, type EventStore, type Page } from '../eventStore.ts'
import { readLimit } from '../readLimit.ts'
import { subscribePages } from '../subscribePages.ts'
import { createAppendQueue, type AppendQueueLimits } from './appendQueue.ts'
import { batchReads } from './batchReads.ts'
import { openDoorbell } from './doorbell.ts'
import { flushAppends } from './flushAppends.ts'
import { endBackend } from './endBackend.ts'
import { holdConnection } from './holdConnection.ts'
import { migrate } from './migrate.ts'
import { outlastConnections } from './outlastConnections.ts'
import { isTransient, unavailable } from './postgresError.ts'
import { refuseUnsafeSettings } from './refuseUnsafeSettings.ts'
import { ledgerMigrations } from './schema.ts'

export interface PostgresStoreOptions {
  /** a URL, or what `pg` takes instead of one */
  readonly connection: string | pg.ClientConfig
  /** connections for reads; besides them one writes and one listens */
  readonly readers?: number
  /** ms since 1970 for `recordedAt`, when it shall not be the clock of the database */
  readonly clock?: () => number
  readonly queue?: Partial<AppendQueueLimits>
  /** how often subscriptions look when nobody rings */
  readonly pollMilliseconds?: number
  /** the server ends a statement after this; the client gives it up a little later, when the server does not answer */
  readonly statementMilliseconds?: number
  /** start on a server that may lose acknowledged events */
  readonly unsafeForTests?: boolean
}

const queueLimits: AppendQueueLimits = {
  queuedEvents: 50_000,
  queuedBytes: 64 * 1_048_576,
  flushEvents: 2_000,
  flushBytes: 4 * 1_048_576,
  patienceMilliseconds: 15_000,
}
const statementLimit = 8_000
const connectLimit = 5_000
const readPatience = 5_000
const readRetry = 50
/** Events that one stream adds to a shared query at most; a longer read goes on in the next one. */
const chunk = 500

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const control = /\p{Cc}/u

/**
 * Plans are made once per connection, perhaps while the log is empty: they must not turn into scans of all of it.
 * Every statement decides on what is committed when it starts.
 */
const session = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
  'default_transaction_isolation=read\\ committed',
].map((setting) => `-c ${setting}`)

const columns = 'e.position, e.recorded_at, e.envelope, e.data'
const pageText = (filter: string): string => `
SELECT h.position, ${columns} FROM ledger_head h
LEFT JOIN LATERAL (
  SELECT * FROM ledger_events l WHERE l.position > $1 AND l.position <= $2 ${filter} ORDER BY l.position
) e ON true
WHERE h.single
ORDER BY e.position`

type PageRow =
  | [head: string, position: string, recordedAt: string, envelope: string, data: string]
  | [head: string, position: null, recordedAt: null, envelope: null, data: null]

/**
 * The event store on PostgreSQL 15 or later; creates or migrates its tables. 2 + `readers` connections.
 *
 * @throws UnsafePostgres when the server could lose acknowledged events, and the driver's error when it is not there
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<EventStore> {
  const {
    readers = 3,
    clock,
    pollMilliseconds = 500,
    statementMilliseconds = statementLimit,
    unsafeForTests = false,
  } = options
  const given = typeof options.connection === 'string' ? { connectionString: options.connection } : options.connection
  const config = (part: string) => ({
    ...given,
    statement_timeout: statementMilliseconds,
    query_timeout: statementMilliseconds * 1.25,
    connectionTimeoutMillis: connectLimit,
    keepAlive: true,
    options: session.join(' '),
    application_name: `channel-ledger ${part}`,
  })

  const pool = new pg.Pool({ ...config('reads'), max: readers })
  outlastConnections(pool)
  // an append that nobody waits for any more must not land after its caller was told something else
  const writer = holdConnection(config('appends'), endBackend)
  try {
    await writer.use((client) => refuseUnsafeSettings(client, unsafeForTests))
    await migrate(pool, 'ledger', ledgerMigrations)
  } catch (error) {
    await Promise.all([writer.end(), pool.end()])
    throw error
  }

  const bell = createBell()
  const doorbell = openDoorbell(config('doorbell'), bell)
  const closing = new AbortController()
  let closed: Promise<void> | undefined
  const queue = createAppendQueue(
    async (appends) => {
      const results = await writer.use(async (client) => (appends.length === 0 ? [] : flushAppends(client, appends)))
      if (results.some((result) => result.outcome === 'appended' && !result.repeated)) doorbell.announce()
      return results
    },
    { ...queueLimits, ...options.queue },
  )

  async function query<Row extends unknown[]>(statement: pg.QueryArrayConfig<unknown[]>): Promise<Row[]> {
    const deadline = performance.now() + readPatience
    for (;;) {
      if (closing.signal.aborted) throw new StoreUnavailable('the store is closed')
      try {
        return (await pool.query<Row>(statement)).rows
      } catch (error) {
        if (!isTransient(error) || performance.now() > deadline) throw unavailable(error)
        await delay(readRetry)
      }
    }
  }
  const read = batchReads(query, Math.max(1, readers - 1))

  const store: EventStore = {
    kind: 'postgres',
    async append(stream, events, { expectedRevision }) {
      const encoded = encodeAppend(stream, events, expectedRevision)
      return queue.append({ stream, events: encoded, expectedRevision, recordedAt: clock?.() })
    },
    async readStream(stream, { from = 0, limit } = {}) {
      const wanted = readLimit(limit)
      const events: RecordedEvent[] = []
      await queue.settled()
      // A name with control characters is no stream, and would not fit among the others of its query.
      let more = !control.test(stream) && from + wanted <= 2 ** 31
      while (more && events.length < wanted) {
        const asked = Math.min(chunk, wanted - events.length)
        const next = await read({ kind: 'stream', stream, from: from + events.length, limit: asked })
        events.push(...next)
        more = next.length === asked
      }
      return events
    },
    async readAll({ after, limit, types }): Promise<Page> {
      const upTo = after + BigInt(readLimit(limit))
      const rows = await query<PageRow>({
        ...(types
          ? { name: 'ledger_page_of_types', text: pageText('AND l.type = ANY($3)'), values: [after, upTo, types] }
          : { name: 'ledger_page', text: pageText(''), values: [after, upTo] }),
        rowMode: 'array',
      })
      const head = BigInt(rows[0]?.[0] ?? 0)
      return {
        events: rows.flatMap(decode),
        position: head > upTo ? upTo : head > after ? head : after,
        atHead: head <= upTo,
      }
    },
    subscribe: (subscription) =>
      subscribePages({ readAll: store.readAll, bell, pollMilliseconds, closed: closing.signal }, subscription),
    async findCommand(commandId) {
      await queue.settled()
      return uuid.test(commandId) ? read({ kind: 'command', commandId }) : []
    },
    async head() {
      const rows = await query<[string]>({
        name: 'ledger_head',
        text: 'SELECT position FROM ledger_head',
        values: [],
        rowMode: 'array',
      })
      return BigInt(rows[0]?.[0] ?? 0)
    },
    async positionAt(instant) {
      const rows = await query<[string]>({
        name: 'ledger_position_at',
        text: 'SELECT ledger_position_at($1)',
        values: [Math.floor(instant)],
        rowMode: 'array',
      })
      return BigInt(rows[0]?.[0] ?? 0)
    },
    async close() {
      closed ??= shut()
      await closed
    },
  }

  async function shut(): Promise<void> {
    await queue.close()
    closing.abort()
    await Promise.all([doorbell.close(), writer.end(), pool.end()])
  }
  return store
}

function decode([, position, recordedAt, envelope, data]: PageRow): RecordedEvent[] {
  return position === null ? [] : [decodeEvent(envelope, data, BigInt(position), Number(recordedAt))]
}
