import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { sampleImport } from '../support/sampleImport.ts'
import { seededRandom } from '../support/seededRandom.ts'
import { importable } from '../support/smallImport.ts'
import { spawnTypeScript } from '../support/spawnTypeScript.ts'

const long = process.env['CHANNEL_LEDGER_LONG'] === '1'
const adventureWorks = long ? process.env['ADVENTUREWORKS_DIR'] : undefined
const seed = Number(process.env['CHANNEL_LEDGER_SEED'] ?? 4)
const kills = long ? 12 : 3
const size = long
  ? { dealers: 200, skus: 200, orders: 3_000, movements: 20_000 }
  : { dealers: 30, skus: 30, orders: 120, movements: 1_200 }
const minutes = 60_000

interface Log {
  readonly events: number
  /** over stream, revision, id, type and data of every event */
  readonly digest: string
}

interface Database {
  readonly url: string
  head(): Promise<number>
  log(): Promise<Log>
  drop(): Promise<void>
}

let source: { readonly operands: readonly string[]; drop(): Promise<void> }
const dropping: (() => Promise<void>)[] = []

async function openDatabase(): Promise<Database> {
  const { url, drop } = await freshDatabase()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  dropping.push(async () => {
    await client.end()
    await drop()
  })
  return {
    url,
    drop,
    async head() {
      // before the first start there is no table
      const { rows } = await client.query<{ there: string | null }>(`select to_regclass('ledger_head') as there`)
      if (rows[0]?.there == null) return 0
      const head = await client.query<{ position: string }>('select position from ledger_head')
      return Number(head.rows[0]?.position ?? 0)
    },
    async log() {
      const { rows } = await client.query<{ events: string; digest: string }>(
        `select count(*) as events, md5(string_agg(md5(concat_ws(' ', stream, revision, id, type, data)), '' order by stream, revision)) as digest
         from ledger_events`,
      )
      return { events: Number(rows[0]?.events), digest: rows[0]?.digest ?? '' }
    },
  }
}

/** The import as a process of its own, with data and report in a directory that is thrown away. */
async function startImport({ url }: Database): Promise<{
  readonly pid: number | undefined
  kill(): void
  readonly ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>
}> {
  const directory = await mkdtemp(join(tmpdir(), 'channel-ledger-killed-'))
  dropping.push(() => rm(directory, { recursive: true, force: true }))
  const child = await spawnTypeScript(
    'src/runtime/main.ts',
    ['import', ...source.operands, '--json', '--report', join(directory, 'report')],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CHANNEL_LEDGER_'))),
        DATABASE_URL: url,
        CHANNEL_LEDGER_DATA: directory,
        CHANNEL_LEDGER_UNSAFE_FOR_TESTS: 'true',
      },
    },
  )
  if (!child.stdout || !child.stderr) throw new Error('an import without output')
  const [out, err, exit] = [text(child.stdout), text(child.stderr), once(child, 'exit')]
  return {
    pid: child.pid,
    kill: () => void child.kill('SIGKILL'),
    ended: (async () => {
      const [code, signal] = (await exit) as [number | null, string | null] // what `exit` hands over
      return { code, signal, out: await out, err: await err }
    })(),
  }
}

async function completeImport(database: Database): Promise<{ readonly events: number }> {
  const { ended } = await startImport(database)
  const { code, out, err } = await ended
  expect({ code, err }).toMatchObject({ code: 0 })
  return JSON.parse(out) as { events: number } // the summary
}

beforeAll(async () => {
  if (adventureWorks !== undefined)
    source = { operands: ['adventureworks', adventureWorks], drop: async () => undefined }
  else {
    const { dir, drop } = await importable(sampleImport(size, seed))
    source = { operands: [dir], drop }
  }
})
afterAll(async () => {
  for (const drop of dropping.splice(0)) await drop()
  await source.drop()
})

describe('an import whose process is killed', () => {
  it(
    `goes on to the very same streams after ${kills} SIGKILLs (seed ${seed})`,
    async () => {
      const whole = await openDatabase()
      await completeImport(whole)
      const expected = await whole.log()
      expect(expected.events).toBeGreaterThan(1_000)

      const random = seededRandom(seed)
      const killed = await openDatabase()
      const heads: number[] = []
      for (let n = 0; n < kills; n++) {
        // one in each part of the log, at whatever it is doing then
        const target = Math.floor(((n + random()) / kills) * expected.events * 0.95)
        const child = await startImport(killed)
        let over = false
        void child.ended.then(() => (over = true))
        while (!over && (await killed.head()) < target) await delay(5)
        await delay(random() * 20)
        child.kill()
        const { signal, err } = await child.ended
        expect({ signal, err }).toMatchObject({ signal: 'SIGKILL' })
        heads.push((await killed.log()).events)
      }
      // the kills fell into the middle of the work
      expect(heads.filter((head) => head > 0 && head < expected.events).length).toBeGreaterThanOrEqual(kills - 1)
      expect(heads).toEqual(heads.toSorted((a, b) => a - b))

      await completeImport(killed)
      expect(await killed.log()).toEqual(expected)
      expect((await completeImport(killed)).events).toBe(0)
      expect(await killed.log()).toEqual(expected)
    },
    (long ? 60 : 10) * minutes,
  )
})
