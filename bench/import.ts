import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NewEvent } from '../src/ledger/envelope.ts'
import type { EventStore } from '../src/ledger/eventStore.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import { sampleImport } from '../test/support/sampleImport.ts'
import { importable } from '../test/support/smallImport.ts'
import type { Bench, BenchContext, BenchRow } from './bench.ts'
import type { Imported } from './importer.ts'
import { quantile } from './interleave.ts'

const batchSize = 500
const sample = { dealers: 500, skus: 500, orders: 6_000, movements: 30_000 }

interface ReadyMade {
  readonly stream: string
  readonly revision: number
  readonly event: NewEvent
}

/** Writes all events into an empty log, one batch after another. */
type Appending = (store: EventStore, events: readonly ReadyMade[]) => Promise<void>

/**
 * An import, as the process that a user starts, beside `append` called with the events that it makes, read back and
 * ready: `batchSize` events at a time in the order of the log, each batch awaited. Every run has an empty database.
 */
export const importing: Bench = {
  name: 'import',
  title: `Importing beside appending the same ready-made events in batches of ${batchSize}`,
  async run(context) {
    const source = await openSource()
    try {
      const { events } = await importOnce(context, source.operands, true)
      const runs: Record<string, number[]> = { 'append, a call per stream': [], 'append, a call per event': [] }
      const [perStream, perEvent] = Object.values(runs)
      const rates: number[] = []
      const processRates: number[] = []
      const resident: number[] = []
      for (let round = 1; round <= context.rounds; round += 1) {
        const { seconds, processSeconds, maxResidentMegabytes } = await importOnce(context, source.operands, false)
        rates.push(events.length / seconds)
        processRates.push(events.length / processSeconds)
        resident.push(maxResidentMegabytes)
        perStream?.push(events.length / (await timeAppending(context, events, byStream)))
        perEvent?.push(events.length / (await timeAppending(context, events, oneByOne)))
        context.log(`round ${round} of ${context.rounds}`)
      }
      const half = median(runs['append, a call per stream'] ?? [])
      const row = (name: string, list: readonly number[]): BenchRow => ({
        [`${source.name}, ${events.length} events`]: name,
        'events/s': Math.round(median(list)),
        'low–high': `${Math.round(Math.min(...list))}–${Math.round(Math.max(...list))}`,
        '× append': (median(list) / half).toFixed(2),
      })
      return [
        { ...row('import', rates), 'MB resident at most': Math.max(...resident) },
        row('import, from the start of its process', processRates),
        ...Object.entries(runs).map(([name, list]) => row(name, list)),
      ]
    } finally {
      await source.drop()
    }
  },
}

/** AdventureWorks where it is given, else a channel made for it. */
async function openSource(): Promise<{ name: string; operands: readonly string[]; drop(): Promise<void> }> {
  const given = process.env['ADVENTUREWORKS_DIR']
  if (given) return { name: 'AdventureWorks', operands: ['adventureworks', given], drop: async () => undefined }
  const { dir, drop } = await importable(sampleImport(sample, 1))
  return { name: 'sample channel', operands: [dir], drop }
}

async function importOnce(
  { freshDatabase }: BenchContext,
  operands: readonly string[],
  readBack: boolean,
): Promise<Imported & { events: readonly ReadyMade[] }> {
  const database = await freshDatabase()
  const directory = await mkdtemp(join(tmpdir(), 'channel-ledger-bench-import-'))
  try {
    const child = fork(fileURLToPath(new URL('./importer.js', import.meta.url)), [directory, ...operands], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...othersSettings(), DATABASE_URL: database.url, CHANNEL_LEDGER_DATA: directory },
    })
    const [imported] = (await Promise.race([once(child, 'message'), failed(child)])) as [Imported] // what importer.ts sends
    if (imported.code !== 0) throw new Error(`the import ended with ${imported.code}`)
    if (!readBack) return { ...imported, events: [] }
    const store = await openPostgresStore({ connection: database.url })
    const events = await readyMade(store)
    await store.close()
    return { ...imported, events }
  } finally {
    await rm(directory, { recursive: true, force: true })
    await database.drop()
  }
}

/** Ours are those of the benchmark. */
function othersSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CHANNEL_LEDGER_')))
}

async function failed(child: ReturnType<typeof fork>): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null] // what `exit` hands over
  throw new Error(`the import ended with ${code} and no figures`)
}

async function readyMade(store: EventStore): Promise<readonly ReadyMade[]> {
  const all: ReadyMade[] = []
  for (let after = 0n; ;) {
    const page = await store.readAll({ after, limit: 1_000 })
    for (const { stream, revision, format: _f, position: _p, recordedAt: _r, raw: _raw, ...event } of page.events)
      all.push({ stream, revision, event })
    after = page.position
    if (page.atHead) return all
  }
}

async function timeAppending(
  { freshDatabase }: BenchContext,
  events: readonly ReadyMade[],
  appending: Appending,
): Promise<number> {
  const database = await freshDatabase()
  const store = await openPostgresStore({ connection: database.url })
  try {
    const start = performance.now()
    await appending(store, events)
    return (performance.now() - start) / 1000
  } finally {
    await store.close()
    await database.drop()
  }
}

const byStream: Appending = async (store, all) => {
  for (let first = 0; first < all.length; first += batchSize) {
    const streams = new Map<string, { events: NewEvent[]; expectedRevision: number }>()
    for (const { stream, revision, event } of all.slice(first, first + batchSize)) {
      const known = streams.get(stream)
      if (known) known.events.push(event)
      else streams.set(stream, { events: [event], expectedRevision: revision - 1 })
    }
    await Promise.all(
      [...streams].map(([stream, { events, expectedRevision }]) =>
        appendOrThrow(store, stream, events, expectedRevision),
      ),
    )
  }
}

const oneByOne: Appending = async (store, all) => {
  for (let first = 0; first < all.length; first += batchSize) {
    const batch = all.slice(first, first + batchSize)
    await Promise.all(batch.map(({ stream, revision, event }) => appendOrThrow(store, stream, [event], revision - 1)))
  }
}

async function appendOrThrow(
  store: EventStore,
  stream: string,
  events: readonly NewEvent[],
  expectedRevision: number,
): Promise<void> {
  const { outcome } = await store.append(stream, events, { expectedRevision })
  if (outcome !== 'appended') throw new Error(`conflict on ${stream}`)
}

function median(list: readonly number[]): number {
  return quantile(
    list.toSorted((a, b) => a - b),
    0.5,
  )
}
