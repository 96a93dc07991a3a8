import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EventStore } from '../../../src/ledger/eventStore.ts'
import { openPostgresStore } from '../../../src/ledger/postgres/postgresStore.ts'
import { freshDatabase } from '../../support/database.ts'
import { spawnTypeScript } from '../../support/spawnTypeScript.ts'
import type { WriterProcess } from './noSkippedEventWriter.ts'

const long = process.env['CHANNEL_LEDGER_LONG'] === '1'
// A loaded machine takes its time for 8 processes.
vi.setConfig({ testTimeout: long ? 3_600_000 : 180_000 })

const processes = 8
const writers = 8
const eventsPerWriter = long ? 4_688 : 320
const expected = processes * writers * eventsPerWriter
const seed = Number(process.env['SEED'] ?? 20_260_115)

interface Seen {
  readonly position: bigint
  readonly stream: string
  readonly revision: number
}

let database: Awaited<ReturnType<typeof freshDatabase>>
let client: pg.Client
beforeEach(async () => {
  database = await freshDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterEach(async () => {
  await client.end()
  await database.drop()
})

test(`8 processes with 64 writers, delayed commits and rollbacks: ${expected} events, each seen once and in order`, async () => {
  const store = await openPostgresStore({ connection: database.url })
  try {
    const start = performance.now()
    const ended = startWriters('ledger')
    const [subscribed, read, totals] = await Promise.all([
      followSubscription(store, ended),
      followTable('ledger_events', ended),
      ended,
    ])
    report('ledger', totals, performance.now() - start)
    expect(totals.rollbacks).toBeGreaterThan(0)
    for (const seen of [subscribed, read]) {
      expect(seen.map(({ position }) => Number(position))).toEqual(Array.from({ length: expected }, (_, n) => n + 1))
      expect(outOfOrder(seen)).toEqual([])
      expect(new Set(seen.map(({ stream }) => stream)).size).toBe(processes * writers)
    }
  } finally {
    await store.close()
  }
})

test('with positions that a sequence gives out before commit, the same reader loses events', async () => {
  await client.query('CREATE TABLE planted (position bigserial PRIMARY KEY, stream text, revision integer)')
  const start = performance.now()
  const ended = startWriters('sequence')
  const [seen, totals] = await Promise.all([followTable('planted', ended), ended])
  const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM planted')
  report(`sequence: ${expected - seen.length} of ${expected} events lost`, totals, performance.now() - start)
  expect(Number(rows[0]?.count)).toBe(expected)
  expect(seen.length).toBeLessThan(expected)
})

interface Totals {
  commits: number
  rollbacks: number
}

async function startWriters(positions: WriterProcess['positions']): Promise<Totals> {
  const outputs = await Promise.all(
    Array.from({ length: processes }, async (_, process) => {
      const task: WriterProcess = { url: database.url, positions, process, writers, eventsPerWriter, seed }
      const child = await spawnTypeScript('test/ledger/postgres/noSkippedEventWriter.ts', [JSON.stringify(task)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let output = ''
      child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
      const code = await new Promise((resolve) => child.once('close', resolve))
      if (code !== 0) throw new Error(`writer process ${process} ended with ${String(code)}`)
      return JSON.parse(output) as Totals
    }),
  )
  return outputs.reduce((sum, { commits, rollbacks }) => ({
    commits: sum.commits + commits,
    rollbacks: sum.rollbacks + rollbacks,
  }))
}

async function followSubscription(store: EventStore, ended: Promise<unknown>): Promise<Seen[]> {
  const stop = new AbortController()
  let head: bigint | undefined
  void ended.then(
    async () => {
      head = await store.head()
      if (position >= head) stop.abort()
    },
    () => stop.abort(),
  )
  const seen: Seen[] = []
  let position = 0n
  for await (const page of store.subscribe({ after: 0n, limit: 500, signal: stop.signal })) {
    seen.push(
      ...page.events.map((event) => ({ position: event.position, stream: event.stream, revision: event.revision })),
    )
    position = page.position
    if (head !== undefined && position >= head) break
  }
  return seen
}

/** The simplest reader there is: on from the last position seen, until nothing comes and nobody writes any more. */
async function followTable(table: 'ledger_events' | 'planted', ended: Promise<unknown>): Promise<Seen[]> {
  let writing = true
  void ended.finally(() => (writing = false)).catch(() => undefined)
  const seen: Seen[] = []
  for (;;) {
    const last = !writing
    // Not as fast as it can: the writers share two cores with it.
    await delay(2)
    const { rows } = await client.query<{ position: string; stream: string; revision: number }>({
      name: table,
      text: `SELECT position, stream, revision FROM ${table} WHERE position > $1 ORDER BY position LIMIT 1000`,
      values: [seen.at(-1)?.position ?? 0n],
    })
    seen.push(...rows.map((row) => ({ ...row, position: BigInt(row.position) })))
    if (last && rows.length === 0) return seen
  }
}

function outOfOrder(seen: readonly Seen[]): Seen[] {
  const next = new Map<string, number>()
  return seen.filter(({ stream, revision }) => {
    const wanted = next.get(stream) ?? 0
    next.set(stream, revision + 1)
    return revision !== wanted
  })
}

function report(what: string, { commits, rollbacks }: Totals, milliseconds: number): void {
  const seconds = milliseconds / 1_000
  console.log(
    `seed ${seed}, ${what}; ${commits} commits, ${rollbacks} rollbacks in ${seconds.toFixed(1)} s, ${Math.round(expected / seconds)} events/s`,
  )
}
