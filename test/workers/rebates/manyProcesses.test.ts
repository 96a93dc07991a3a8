import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import type { ExplanationNode } from '../../../src/domain/rebates/explanation.ts'
import { aggregates } from '../../../src/domain/registry.ts'
import { createEventRegistry } from '../../../src/ledger/eventRegistry.ts'
import { openPostgresStore } from '../../../src/ledger/postgres/postgresStore.ts'
import { openReader } from '../../../src/projections/engine/ask.ts'
import { projectionPool } from '../../../src/projections/engine/projectionPool.ts'
import { explainSettlement } from '../../../src/projections/models/rebates/explainSettlement.ts'
import { rebatesModel } from '../../../src/projections/models/rebates/model.ts'
import { importDirectory } from '../../../src/runtime/import/importDirectory.ts'
import { openBullJobs } from '../../../src/workers/jobs/bullJobs.ts'
import { freshDatabase } from '../../support/database.ts'
import { importingHandler } from '../../support/importing.ts'
import { sampleImport } from '../../support/sampleImport.ts'
import { seededRandom } from '../../support/seededRandom.ts'
import { importable } from '../../support/smallImport.ts'
import { compileTypeScript, spawnTypeScript } from '../../support/spawnTypeScript.ts'
import { setUpProgrammes, tierKinds, tiersFrom } from '../../support/volumeProgrammes.ts'

const long = process.env['CHANNEL_LEDGER_LONG'] === '1'
const adventureWorks = long ? process.env['ADVENTUREWORKS_DIR'] : undefined
const seed = Number(process.env['CHANNEL_LEDGER_SEED'] ?? 5)
const minutes = 60_000
const channel =
  adventureWorks === undefined
    ? { companyId: 'ACME', years: [2024, 2025], zone: 'Asia/Shanghai', tiers: tiersFrom('2000', '6000') }
    : {
        companyId: 'adventure-works',
        years: [2010, 2011, 2012, 2013],
        zone: 'UTC',
        tiers: tiersFrom('50000', '150000'),
      }
/** in the small form every tree is opened, in the long one every so many */
const openEvery = adventureWorks === undefined ? 1 : 25

interface Disturbance {
  readonly processes: number
  /** shares of all settlements at which a process is killed and another one started */
  readonly kills: readonly number[]
  /** shares at which the queue forgets everything */
  readonly flushes: readonly number[]
}

type Database = Awaited<ReturnType<typeof freshDatabase>>

let ready: Database
/** dealer-periods with orders, over all programmes */
let expected: number
let directory: string
const drops: (() => Promise<unknown>)[] = []
const random = seededRandom(seed)
const someShares = (n: number): readonly number[] => Array.from({ length: n }, (_, one) => (one + random()) / n)

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'channel-ledger-settling-'))
  drops.push(() => rm(directory, { recursive: true, force: true }))
  ready = await freshDatabase()
  drops.push(() => ready.drop())
  const store = await openPostgresStore({ connection: ready.url, unsafeForTests: true })
  const handler = importingHandler(store)
  if (adventureWorks === undefined) {
    const { dir, drop } = await importable(sampleImport({ dealers: 20, skus: 20, orders: 150, movements: 20 }, seed))
    await importDirectory({ handler }, dir, { company: channel.companyId })
    await drop()
  } else await importDirectory({ handler }, adventureWorks, { dataSet: 'adventureworks' })
  await setUpProgrammes(handler, channel)
  await handler.idle()
  await store.close()
  const [row] = await rowsOf<{ n: number }>(
    ready.url,
    `select count(distinct (data::json->>'dealerId', data::json->>'currency', substr(e.at, 1, 4), ceil(substr(e.at, 6, 2)::integer / 3.0)))::integer as n
     from (select data, envelope::json->>'occurredAt' as at from ledger_events where type = 'OrderPlaced') e`,
  )
  expected = (row?.n ?? 0) * tierKinds.length
  await compileTypeScript('test/support/settlingProcess.ts')
}, 20 * minutes)

afterAll(async () => {
  for (const drop of drops.toReversed()) await drop()
})

interface Settled {
  /** stream, revision, type and data of every event of a settlement; when it ran and up to where it looked is its own */
  readonly events: readonly string[]
  readonly killed: number
  readonly flushed: number
  readonly opened: number
}

/** Everything settled by so many processes, each payout opened at the end. */
async function settledBy({ processes, kills, flushes }: Disturbance): Promise<Settled> {
  const database = await freshDatabase(ready)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const began = Date.now()
  const start = async (): Promise<ChildProcess> =>
    spawnTypeScript('test/support/settlingProcess.ts', [`${began}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'] ?? '',
        DATABASE_URL: database.url,
        CHANNEL_LEDGER_DATA: directory,
        CHANNEL_LEDGER_UNSAFE_FOR_TESTS: 'true',
      },
    })
  const count = async (condition: string): Promise<number> => {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::integer as n from ledger_events where ${condition}`,
    )
    return rows[0]?.n ?? 0
  }
  const children = await Promise.all(Array.from({ length: processes }, start))
  const due = [
    ...kills.map((share) => ({ share, what: 'kill' as const })),
    ...flushes.map((share) => ({ share, what: 'flush' as const })),
  ].sort((a, b) => a.share - b.share)
  let [killed, flushed] = [0, 0]
  try {
    const deadline = performance.now() + (long ? 40 : 4) * minutes
    for (;;) {
      const settled = await count(`type = 'SettlementApproved'`)
      const [next] = due
      if (next && settled >= next.share * expected) {
        due.shift()
        // in the middle: later there is nothing to disturb
        if (settled < expected && next.what === 'kill') {
          const child = children.splice(Math.floor(random() * children.length), 1)[0]
          child?.kill('SIGKILL')
          if (child) await once(child, 'exit')
          children.push(await start())
          killed += 1
        } else if (settled < expected) {
          const jobs = await openBullJobs({ store: { databaseUrl: database.url }, clock: Date.now })
          await jobs.flush()
          await jobs.close()
          flushed += 1
        }
        continue
      }
      const paid = await count(`type = 'SettlementApproved' and data::json->>'amount' <> '0'`)
      if (settled >= expected && (await count(`type = 'SettlementCredited'`)) >= paid) break
      if (performance.now() > deadline) throw new Error(`${settled} of ${expected} settled`)
      await delay(10)
    }
    const opened = await openTrees(database.url)
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(children.map(async (child) => child.exitCode === null && once(child, 'exit')))
    const { rows } = await client.query<{ stream: string; revision: number; type: string; data: string }>(
      `select stream, revision, type, data from ledger_events where stream like 'settlement-%' order by stream, revision`,
    )
    const events = rows.map(({ stream, revision, type, data }) => {
      const { cutOff: _cutOff, watermark: _watermark, ...said } = JSON.parse(data) as Record<string, unknown>
      return `${stream} ${revision} ${type} ${JSON.stringify(said)}`
    })
    return { events, killed, flushed, opened }
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await client.end()
    await database.drop()
  }
}

/** Works settlements out once more from the log: the same bytes as were signed, and leaves that add up to what is due. */
async function openTrees(url: string): Promise<number> {
  const store = await openPostgresStore({ connection: url, unsafeForTests: true })
  const pool = projectionPool({ connectionString: url, max: 2 })
  const ports = {
    store,
    registry: createEventRegistry(aggregates),
    reader: openReader(pool, rebatesModel, Date.now),
    waitMs: minutes,
  }
  try {
    const rows = await rowsOf<{ data: string }>(
      url,
      `select data from ledger_events where type = 'SettlementCalculated' order by stream, revision`,
    )
    const chosen = rows.filter((_, n) => n % openEvery === 0)
    for (const { data } of chosen) {
      const key = JSON.parse(data) as Parameters<typeof explainSettlement>[1] & { due: string }
      const explained = await explainSettlement(ports, key)
      expect(explained?.isVerified).toBe(true)
      // no currency here has other minor units than hundredths
      expect(explained && sumOf(explained.tree)).toBe(BigInt(key.due) * 10_000n)
    }
    return chosen.length
  } finally {
    await store.close()
    await pool.end()
  }
}

function sumOf({ amount, children }: ExplanationNode): bigint {
  return children ? children.reduce((sum, child) => sum + sumOf(child), 0n) : parseDecimal(amount)
}

async function rowsOf<Row extends object>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

describe('settling by processes of their own', () => {
  let alone: Settled
  const disturbed: readonly Disturbance[] = long
    ? [
        { processes: 2, kills: [], flushes: [] },
        { processes: 4, kills: [], flushes: [] },
        { processes: 1, kills: someShares(6), flushes: someShares(2) },
        { processes: 2, kills: someShares(8), flushes: someShares(2) },
        { processes: 4, kills: someShares(10), flushes: someShares(3) },
      ]
    : [{ processes: 2, kills: [0.2 + random() * 0.6], flushes: [random() * 0.8] }]

  it(
    'one process settles every dealer, quarter and programme once',
    async () => {
      alone = await settledBy({ processes: 1, kills: [], flushes: [] })
      expect(expected).toBeGreaterThan(300)
      const of = (type: string): readonly string[] => alone.events.filter((event) => event.includes(` ${type} {`))
      expect([of('SettlementCalculated').length, of('SettlementApproved').length]).toEqual([expected, expected])
      expect(new Set(of('SettlementCalculated').map((event) => event.split(' ')[0])).size).toBe(expected)
      expect(alone.opened).toBe(Math.ceil(expected / openEvery))
    },
    45 * minutes,
  )

  it.each(disturbed)(
    `$processes with $kills.length kills and $flushes.length flushes of the queue write the same (seed ${seed})`,
    async (disturbance) => {
      const { events, killed, flushed, opened } = await settledBy(disturbance)
      expect(killed).toBe(disturbance.kills.length)
      expect(flushed).toBe(disturbance.flushes.length)
      expect(events).toEqual(alone.events)
      expect(opened).toBe(alone.opened)
      console.info(`${disturbance.processes} processes, ${killed} kills, ${flushed} flushes: ${events.length} events`)
    },
    45 * minutes,
  )
})
