import { z } from 'zod'
import { openBullJobs } from '../../../src/workers/jobs/bullJobs.ts'
import type { System } from '../../support/system.ts'
import { until } from '../../support/until.ts'

/** Jobs that somebody beside the system enqueues, over a link that nobody disturbs, for its worker to run. */
export interface OutsideJobs {
  enqueue(): Promise<string>
  /** Resolves when a job has run; rejects when it has not after so many ms. */
  ran(key: string, withinMs: number): Promise<void>
  /** those enqueued since the last call */
  taken(): readonly string[]
  close(): Promise<void>
}

/** One that looks after what is due: it may run at any time. */
const name = 'sweep-fulfilments'

export async function openOutsideJobs({ databaseUrl, environment }: System): Promise<OutsideJobs> {
  const { REDIS_URL: redisUrl } = environment
  const jobs = await openBullJobs({
    store: redisUrl === undefined ? { databaseUrl, connections: 2 } : { redisUrl },
    clock: Date.now,
  })
  const enqueue = jobs.define(name, z.object({}))
  let made = 0
  let keys: string[] = []
  return {
    async enqueue() {
      const key = `outside-${(made += 1)}`
      await enqueue({}, { key })
      keys.push(key)
      return key
    },
    ran: (key, withinMs) => until(async () => (await jobs.find(name, key))?.state === 'completed', withinMs),
    taken() {
      const all = keys
      keys = []
      return all
    },
    close: () => jobs.close(),
  }
}
