import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { encodeAppend, type EncodedEvent } from '../src/ledger/encodeEvent.ts'
import type { EventStore } from '../src/ledger/eventStore.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import type { Bench, BenchContext, BenchRow } from './bench.ts'
import { interleave, quantile, type Contender } from './interleave.ts'
import { openMessageDb } from './messageDb.ts'
import { orderEvent } from './sampleEvent.ts'

const callerCounts = [1, 16, 64, 256] as const
/** contenders before the store's */
const peers = 5
const oneByOne = 'one insert per transaction, 1 connection'
const manyByOne = 'one insert per transaction, 64 connections'
const raw = 'raw unnest insert of 64 rows, 1 connection'
const messageDb = (categories: number): string =>
  `Message DB write_message, 64 connections, ${categories === 1 ? 'one category' : `${categories} categories`}`

/**
 * Appends through the store beside what PostgreSQL does without it. The plain inserts go into a table of the same
 * columns and indexes, positions from an identity column; their texts are made before the clock starts, the store
 * checks and encodes its events under it.
 */
export const append: Bench = {
  name: 'append',
  title: 'Appending events of about 700 bytes',
  async run(context) {
    const [database, peer] = await Promise.all([context.freshDatabase(), context.freshDatabase()])
    const urls = { own: database.url, peer: peer.url }
    const latencies = new Map<string, number[]>()
    try {
      const opened = await open(urls, latencies)
      const { contenders } = opened
      const results = await interleave(contenders, context.rounds, context.secondsPerRound, context.log)
      await opened.close()
      const rate = (name: string): number => results.get(name)?.median ?? 0
      const syncs = await syncsPerEvent(urls, context)
      return contenders.map(({ name }): BenchRow => {
        const { median = 0, low = 0, high = 0 } = results.get(name) ?? {}
        const sorted = (latencies.get(name) ?? []).toSorted((a, b) => a - b)
        return {
          appending: name,
          'events/s': Math.round(median),
          'low–high': `${Math.round(low)}–${Math.round(high)}`,
          '× sequential': (median / rate(oneByOne)).toFixed(1),
          '× raw': (median / rate(raw)).toFixed(2),
          '× Message DB': (median / rate(messageDb(64))).toFixed(1),
          '× in one category': (median / rate(messageDb(1))).toFixed(1),
          'WAL syncs/event': (syncs.get(name) ?? 0).toFixed(4),
          'p50 ms': sorted.length > 0 ? quantile(sorted, 0.5).toFixed(1) : '',
          'p99 ms': sorted.length > 0 ? quantile(sorted, 0.99).toFixed(1) : '',
        }
      })
    } finally {
      await Promise.all([database.drop(), peer.drop()])
    }
  },
}

interface Urls {
  readonly own: string
  readonly peer: string
}

/** `latencies` keeps those of each contender's last run, where it measures them. */
async function open(
  { own: url, peer }: Urls,
  latencies: Map<string, number[]>,
): Promise<{ contenders: Contender[]; close(): Promise<void> }> {
  const store = await openPostgresStore({ connection: url })
  const plain = await openPlain(url)
  const message = await openMessageDb(peer, 64)
  const throughStore = (callers: number): Contender => {
    const name = `store, ${callers} callers on ${callers} streams`
    return {
      name,
      async work(until) {
        const times = await appendUntil(store, callers, until)
        latencies.set(name, times)
        return times.length
      },
    }
  }
  return {
    contenders: [
      { name: oneByOne, work: (until) => plain.singles(1, until) },
      { name: manyByOne, work: (until) => plain.singles(64, until) },
      { name: raw, work: (until) => plain.batches(64, until) },
      { name: messageDb(64), work: (until) => message.write(64, 64, until) },
      { name: messageDb(1), work: (until) => message.write(64, 1, until) },
      ...callerCounts.map(throughStore),
    ],
    close: async () => void (await Promise.all([store.close(), plain.close(), message.close()])),
  }
}

/** Closed loop: each caller appends to its own stream, one event at a time. Gives the latency of each append in ms. */
async function appendUntil(store: EventStore, callers: number, until: number): Promise<number[]> {
  const times: number[] = []
  await Promise.all(
    Array.from({ length: callers }, async () => {
      const stream = `order-${randomUUID()}`
      for (let revision = -1; performance.now() < until; revision += 1) {
        const start = performance.now()
        const result = await store.append(stream, [orderEvent()], { expectedRevision: revision })
        if (result.outcome !== 'appended') throw new Error(`conflict on ${stream}`)
        times.push(performance.now() - start)
      }
    }),
  )
  return times
}

interface Plain {
  singles(connections: number, until: number): Promise<number>
  batches(size: number, until: number): Promise<number>
  close(): Promise<void>
}

async function openPlain(url: string): Promise<Plain> {
  const pool = new pg.Pool({ connectionString: url, max: 64 })
  pool.on('error', () => undefined)
  await pool.query(`
    CREATE TABLE IF NOT EXISTS plain_events (
      position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      stream text COLLATE "C" NOT NULL, revision integer NOT NULL, id uuid NOT NULL UNIQUE, type text COLLATE "C" NOT NULL,
      command_id uuid, recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(), envelope text NOT NULL, data text NOT NULL,
      UNIQUE (stream, revision)
    )`)
  const columns = 'INSERT INTO plain_events (stream, revision, id, type, command_id, envelope, data)'
  const one = { name: 'one', text: `${columns} VALUES ($1, $2, $3, $4, $5, $6, $7)` }
  const many = {
    name: 'many',
    text: `${columns} SELECT * FROM unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[])`,
  }
  const rowOf = (stream: string, { revision, id, type, commandId, envelope, data }: EncodedEvent): unknown[] => [
    stream, revision, id, type, commandId, envelope, data,
  ] // prettier-ignore

  return {
    async singles(connections, until) {
      let done = 0
      await Promise.all(
        Array.from({ length: connections }, async () => {
          const client = await pool.connect()
          const stream = `order-${randomUUID()}`
          let revision = -1
          for (const event of ready(stream)) {
            if (performance.now() >= until) break
            await client.query({ ...one, values: rowOf(stream, { ...event, revision: (revision += 1) }) })
            done += 1
          }
          client.release()
        }),
      )
      return done
    },
    async batches(size, until) {
      const client = await pool.connect()
      let done = 0
      const stream = `order-${randomUUID()}`
      const events = ready(stream)
      while (performance.now() < until) {
        const rows = Array.from({ length: size }, (_, n) => {
          const { value } = events.next()
          return rowOf(stream, { ...value, revision: done + n })
        })
        await client.query({
          ...many,
          values: Array.from({ length: 7 }, (_, column) => rows.map((row) => row[column])),
        })
        done += size
      }
      client.release()
      return done
    },
    close: () => pool.end(),
  }
}

/** Events encoded once, with new ids. */
function* ready(stream: string): Generator<EncodedEvent, never> {
  const [event] = encodeAppend(stream, [orderEvent()], -1)
  if (!event) throw new Error('no event')
  for (;;) yield { ...event, id: randomUUID() }
}

/** As the server counts them: it knows the counts of a connection when that ends. */
async function syncsPerEvent(urls: Urls, context: BenchContext): Promise<Map<string, number>> {
  const client = new pg.Client({ connectionString: urls.own })
  await client.connect()
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  )
  const text =
    (rows[0]?.version ?? 0) >= 180_000
      ? `SELECT sum(fsyncs) AS syncs FROM pg_stat_io WHERE object = 'wal'`
      : 'SELECT wal_sync AS syncs FROM pg_stat_wal'
  const count = async (): Promise<number> => {
    await delay(500)
    return Number((await client.query<{ syncs: string }>(text)).rows[0]?.syncs ?? 0)
  }
  const found = new Map<string, number>()
  for (let n = 0; n < peers + callerCounts.length; n += 1) {
    const before = await count()
    const { contenders, close } = await open(urls, new Map())
    const contender = contenders[n]
    const done = await contender?.work(performance.now() + context.secondsPerRound * 1_000)
    await close()
    if (contender && done) found.set(contender.name, ((await count()) - before) / done)
  }
  await client.end()
  return found
}
