import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { keepPostgres, type KeptPostgres } from '../../src/runtime/embeddedPostgres/keepPostgres.ts'
import { until } from '../support/until.ts'

let home: string
let directory: string
let tests = 0
let kept: KeptPostgres[]
let warnings: string[]

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'channel-ledger-keep-'))
  // as root the server runs as `nobody`, who has to get through here
  await chmod(home, 0o755)
})
afterAll(() => rm(home, { recursive: true, force: true }))
beforeEach(() => {
  directory = join(home, String((tests += 1)))
  kept = []
  warnings = []
})
afterEach(async () => {
  for (const { stop } of kept.toReversed()) await stop()
})

async function open(): Promise<KeptPostgres> {
  const server = await keepPostgres(
    { dataDirectory: join(directory, 'data'), systemDirectory: join(home, 'system'), unsafeForTests: true },
    (message) => warnings.push(message),
  )
  kept.push(server)
  return server
}

async function serverPid(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: string }>(
      `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid`,
    )
    return Number(rows[0]?.pid)
  } finally {
    await client.end()
  }
}

const backAt = (url: string, before: number) =>
  until(
    () =>
      serverPid(url).then(
        (pid) => pid !== before,
        () => false,
      ),
    30_000,
  )

it('starts a server that was killed again, at the same address', async () => {
  const { url } = await open()
  const first = await serverPid(url)
  process.kill(first, 'SIGKILL')
  await backAt(url, first)
  await until(() => warnings.length === 2)
  expect(warnings).toEqual(['PostgreSQL ended by itself and is started again', 'PostgreSQL is back'])
})

it('goes on with a server of its own when the one it was attached to ends', async () => {
  const owner = await open()
  const attached = await open()
  expect(attached.url).toBe(owner.url)
  const first = await serverPid(owner.url)
  await owner.stop()
  await backAt(attached.url, first)
})

it('does not start it again once it was stopped', async () => {
  const server = await open()
  await server.stop()
  await expect(serverPid(server.url)).rejects.toThrow(/ECONNREFUSED/)
  expect(warnings).toEqual([])
})
