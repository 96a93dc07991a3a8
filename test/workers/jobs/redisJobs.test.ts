import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBullJobs } from '../../../src/workers/jobs/bullJobs.ts'
import { jobsContract } from '../../contract/jobsContract.ts'
import { redisBinary, startRedis } from '../../support/redis.ts'

describe.skipIf(redisBinary === undefined)('with a Redis server (skipped where none is installed)', () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  let namespaces = 0

  beforeAll(async () => {
    server = await startRedis(redisBinary ?? '')
  })
  afterAll(() => server.stop())

  jobsContract('Redis', 'shared', async () => {
    namespaces += 1
    const namespace = `jobs_${namespaces}`
    return {
      open: (options) =>
        openBullJobs({ clock: () => Date.now(), store: { redisUrl: server.url }, namespace, ...options }),
      close: async () => undefined,
    }
  })

  it('answers who enqueues when Redis is away', async () => {
    const own = await startRedis(redisBinary ?? '')
    const jobs = await openBullJobs({ clock: () => Date.now(), store: { redisUrl: own.url } })
    const add = jobs.define('add', z.strictObject({}))
    await add({}, { key: 'a' })
    await own.stop()
    await expect(add({}, { key: 'b' })).rejects.toThrow(/retries per request|Connection is closed/)
    await jobs.close({ withinMs: 200 })
    await expect(openBullJobs({ clock: () => Date.now(), store: { redisUrl: own.url } })).rejects.toThrow(
      /closed|ECONNREFUSED/,
    )
  })
})
