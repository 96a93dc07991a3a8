import pg from 'pg'
import { encodeAppend } from '../../../src/ledger/encodeEvent.ts'
import { flushAppends } from '../../../src/ledger/postgres/flushAppends.ts'
import { openPostgresStore } from '../../../src/ledger/postgres/postgresStore.ts'
import { newEvents } from '../../support/newEvent.ts'
import { seededRandom } from '../../support/seededRandom.ts'

/** What one process of the no-skipped-event test is to do; its only parameter, as JSON. */
export interface WriterProcess {
  readonly url: string
  /** `ledger`: the real function. `sequence`: a table whose positions come from a sequence, before commit. */
  readonly positions: 'ledger' | 'sequence'
  readonly process: number
  readonly writers: number
  readonly eventsPerWriter: number
  readonly seed: number
}

const task = JSON.parse(process.argv[2] ?? '') as WriterProcess
const rollbackShare = 0.05
/** seconds */
const longestDelay = 0.004
const largestBatch = 40

/** Every second writer of a process appends through the store; the others hold their own transactions open a while. */
async function run(): Promise<{ commits: number; rollbacks: number }> {
  const store = task.positions === 'ledger' ? await openPostgresStore({ connection: task.url }) : undefined
  const counts = { commits: 0, rollbacks: 0 }
  await Promise.all(
    Array.from({ length: task.writers }, async (_, writer) => {
      const random = seededRandom(task.seed + task.process * 1_000 + writer)
      const stream = `writer-${task.process}-${writer}`
      if (store && writer % 2 === 0) {
        await inBatches(random, async (revision, count) => {
          const result = await store.append(stream, newEvents(count), { expectedRevision: revision })
          if (result.outcome === 'conflict') throw new Error(`conflict on ${stream}`)
          counts.commits += 1
          return true
        })
        return
      }
      const client = new pg.Client({ connectionString: task.url })
      await client.connect()
      await inBatches(random, async (revision, count) => {
        await client.query('BEGIN')
        await write(client, stream, revision, count)
        await client.query('SELECT pg_sleep($1)', [random() * longestDelay])
        const commits = random() >= rollbackShare
        await client.query(commits ? 'COMMIT' : 'ROLLBACK')
        counts[commits ? 'commits' : 'rollbacks'] += 1
        return commits
      })
      await client.end()
    }),
  )
  await store?.close()
  return counts
}

/** Calls with the revision so far and a count, until all events of a writer are written. */
async function inBatches(
  random: () => number,
  append: (revision: number, count: number) => Promise<boolean>,
): Promise<void> {
  for (let written = 0; written < task.eventsPerWriter;) {
    const count = Math.min(1 + Math.floor(random() * largestBatch), task.eventsPerWriter - written)
    if (await append(written - 1, count)) written += count
  }
}

async function write(client: pg.Client, stream: string, revision: number, count: number): Promise<void> {
  if (task.positions === 'sequence') {
    const text = 'INSERT INTO planted (stream, revision) SELECT $1, $2::int + n FROM generate_series(1, $3::int) n'
    await client.query(text, [stream, revision, count])
    return
  }
  const events = encodeAppend(stream, newEvents(count), revision)
  const [result] = await flushAppends(client, [{ stream, events, expectedRevision: revision, recordedAt: undefined }])
  if (result?.outcome !== 'appended' || result.repeated) throw new Error(`not appended: ${stream} after ${revision}`)
}

process.stdout.write(JSON.stringify(await run()))
