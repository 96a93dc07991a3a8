import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryJobs, type MemoryJobs } from '../../../src/workers/jobs/memoryJobs.ts'
import { jobsContract } from '../../contract/jobsContract.ts'

jobsContract('memory', 'private', async () => ({
  open: async (options) => createMemoryJobs({ clock: () => Date.now(), ...options }),
  close: async () => undefined,
}))

describe('jobs in simulated time', () => {
  const start = Date.parse('2026-01-01T00:00:00.000Z')
  const hour = 3_600_000

  function simulated(): { jobs: MemoryJobs; log: string[]; now: () => number } {
    let time = start
    const log: string[] = []
    const jobs = createMemoryJobs({ clock: () => time, onTime: (instant) => (time = instant) })
    jobs.define('note', z.strictObject({}), async ({ key }) => void log.push(`${new Date(time).toISOString()} ${key}`))
    return { jobs, log, now: () => time }
  }

  it('runs what is due in order of time, with the clock at each due time', async () => {
    const { jobs, log, now } = simulated()
    await jobs.enqueue('note', {}, { key: 'second', delayMs: 2 * hour })
    await jobs.enqueue('note', {}, { key: 'first', delayMs: hour })
    await jobs.enqueue('note', {}, { key: 'also second', delayMs: 2 * hour })
    await jobs.enqueue('note', {}, { key: 'too late', delayMs: 4 * hour })
    expect(await jobs.runDue(start + 3 * hour)).toBe(3)
    expect(log).toEqual([
      '2026-01-01T01:00:00.000Z first',
      '2026-01-01T02:00:00.000Z second',
      '2026-01-01T02:00:00.000Z also second',
    ])
    expect(now()).toBe(start + 2 * hour)
  })

  it('runs every slot of a schedule on the way, among the other jobs', async () => {
    const { jobs, log } = simulated()
    await jobs.schedule('note', { cron: '30 2 * * *', zone: 'Asia/Shanghai' }, {}, 'nightly')
    await jobs.enqueue('note', {}, { key: 'noon', delayMs: 12 * hour })
    await jobs.runDue(start + 48 * hour)
    expect(log.map((line) => line.slice(0, 16) + line.slice(24, 33))).toEqual([
      '2026-01-01T00:00 nightly@',
      '2026-01-01T12:00 noon',
      '2026-01-01T18:30 nightly@',
      '2026-01-02T18:30 nightly@',
    ])
  })

  it('retries in simulated time', async () => {
    const { jobs, log, now } = simulated()
    jobs.define('fails', z.strictObject({}), async ({ attempt }) => {
      log.push(new Date(now()).toISOString())
      if (attempt < 4) throw new Error('no')
    })
    await jobs.enqueue('fails', {}, { key: 'a' })
    await jobs.runDue(start + hour)
    expect(log.map((line) => Date.parse(line) - start)).toEqual([0, 1_000, 3_000, 7_000])
  })

  it('does the same thing twice', async () => {
    const tell = async (): Promise<string[]> => {
      const { jobs, log } = simulated()
      for (const key of ['one', 'two']) await jobs.schedule('note', { everyMs: hour }, {}, key)
      for (let n = 0; n < 20; n += 1) await jobs.enqueue('note', {}, { key: `${n}`, delayMs: (n % 7) * hour })
      await jobs.runDue(start + 10 * hour)
      return log
    }
    expect(await tell()).toEqual(await tell())
  })
})
