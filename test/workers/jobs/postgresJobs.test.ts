import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBullJobs } from '../../../src/workers/jobs/bullJobs.ts'
import { jobsContract } from '../../contract/jobsContract.ts'
import { freshDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

jobsContract('PostgreSQL', 'shared', async () => ({
  open: (options) => openBullJobs({ clock: () => Date.now(), store: { databaseUrl: database.url }, ...options }),
  // quicker than making the tables anew
  close: () =>
    withClient((client) => client.query('truncate channel_ledger_jobs.job, channel_ledger_jobs.meta cascade')),
}))

async function withClient<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

describe('jobs on PostgreSQL', () => {
  const work = z.strictObject({})

  it('uses one pool and one listener for both queues', async () => {
    const jobs = await openBullJobs({
      clock: () => Date.now(),
      store: { databaseUrl: database.url, connections: 3 },
      namespace: 'few',
    })
    let done = 0
    const add = jobs.define('add', work, async () => void (done += 1))
    await jobs.schedule('add', { everyMs: 50 }, {}, 'tick')
    const running = jobs.run({ concurrency: 20, signal: new AbortController().signal })
    await Promise.all(Array.from({ length: 100 }, (_, n) => add({}, { key: `${n}` })))
    await until(() => done > 100)
    const count = await withClient(async (client) => {
      const { rows } = await client.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'channel-ledger jobs'`,
      )
      return rows[0]?.n
    })
    await jobs.close()
    await running
    expect(count).toBe(4)
  })

  it('goes on after the server has ended its connections, the listening one too', async () => {
    const errors: Error[] = []
    const jobs = await openBullJobs({
      clock: () => Date.now(),
      store: { databaseUrl: database.url },
      namespace: 'ended',
      onError: (error) => errors.push(error),
    })
    const seen: string[] = []
    const add = jobs.define('add', work, async ({ key }) => void seen.push(key))
    const running = jobs.run({ concurrency: 2, signal: new AbortController().signal })
    await add({}, { key: 'before' })
    await until(() => seen.length === 1)
    await withClient((client) =>
      client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      ),
    )
    await until(() => errors.length > 0)
    await until(() =>
      add({}, { key: 'after' }).then(
        () => true,
        () => false,
      ),
    )
    const sent = performance.now()
    await until(() => seen.length === 2)
    expect(performance.now() - sent).toBeLessThan(3_000)
    await jobs.close()
    await running
  })

  it('says at once when there is no server', async () => {
    const store = { databaseUrl: 'postgres://postgres@127.0.0.1:1/none' }
    await expect(openBullJobs({ clock: () => Date.now(), store })).rejects.toThrow(/ECONNREFUSED/)
  })
})
