import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  InvalidJob,
  jobLimits,
  JobsFull,
  type JobStopped,
  type JobEnded,
  type JobLimits,
  type Jobs,
} from '../../src/workers/jobs/jobs.ts'
import { until } from '../support/until.ts'

export interface JobsUnderTest {
  /** Jobs of one process; when the store is shared, opening again is another process */
  open(options: { readonly onEnded: (ended: JobEnded) => void; readonly limits: Partial<JobLimits> }): Promise<Jobs>
  close(): Promise<unknown>
}

const number = z.strictObject({ n: z.int() })

/** What every adapter of the Jobs port promises. */
export function jobsContract(adapter: string, store: 'private' | 'shared', create: () => Promise<JobsUnderTest>): void {
  describe(`jobs on ${adapter}`, () => {
    let under: JobsUnderTest
    let ended: JobEnded[]
    let jobs: Jobs
    const stop = new Set<() => Promise<void>>()

    const open = async (limits: Partial<JobLimits> = {}): Promise<Jobs> => {
      const quick = { firstRetryMs: 5, unknownDelayMs: 20, lockMs: 1_000, ...limits }
      const opened = await under.open({ onEnded: (end) => ended.push(end), limits: quick })
      stop.add(() => opened.close({ withinMs: 200 }))
      return opened
    }
    const run = (of: Jobs = jobs, concurrency = 4): void => {
      const controller = new AbortController()
      const running = of.run({ concurrency, signal: controller.signal })
      stop.add(async () => {
        controller.abort()
        await of.close({ withinMs: 200 })
        await running
      })
    }

    beforeEach(async () => {
      under = await create()
      ended = []
      jobs = await open()
    })
    afterEach(async () => {
      await Promise.all([...stop].map((close) => close()))
      stop.clear()
      await under.close()
    })

    it('runs a job with its data and key, and tells of it', async () => {
      const seen: unknown[] = []
      const add = jobs.define('add', number, async ({ data, key, attempt }) => void seen.push({ data, key, attempt }))
      await add({ n: 7 }, { key: 'événement/7:a b' })
      run()
      await until(() => ended.length === 1)
      expect(seen).toEqual([{ data: { n: 7 }, key: 'événement/7:a b', attempt: 1 }])
      expect(ended[0]).toMatchObject({ queue: 'work', name: 'add', key: 'événement/7:a b', outcome: 'completed' })
      await until(async () => (await jobs.counts()).work.completed === 1)
      expect((await jobs.counts()).work).toEqual({ queued: 0, running: 0, completed: 1, failed: 0 })
    })

    it('takes a key for one job while it is queued and after it has completed', async () => {
      const seen: number[] = []
      const add = jobs.define('add', number, async ({ data }) => void seen.push(data.n))
      await Promise.all([add({ n: 1 }, { key: 'a' }), add({ n: 1 }, { key: 'a' }), add({ n: 2 }, { key: 'b' })])
      run()
      await until(() => ended.length === 2)
      await add({ n: 1 }, { key: 'a' })
      await add({ n: 3 }, { key: 'c' })
      await until(async () => (await jobs.counts()).work.completed === 3)
      expect(seen.toSorted((a, b) => a - b)).toEqual([1, 2, 3])
      expect((await jobs.counts()).work.queued).toBe(0)
    })

    it('forgets the key of a job that completed long ago', async () => {
      const forgetful = await open({ completedFor: { work: 1_000, schedule: 1_000 } })
      const keys: string[] = []
      const add = forgetful.define('add', number, async ({ key }) => void keys.push(key))
      run(forgetful)
      await until(async () => {
        await add({ n: 1 }, { key: 'again' })
        await add({ n: 1 }, { key: `other ${keys.length}` })
        return keys.filter((key) => key === 'again').length === 2
      })
      expect(keys.length).toBeGreaterThan(2)
    })

    it('runs a delayed job not before its time, and others before it', async () => {
      const seen: (readonly [string, number, number])[] = []
      jobs.define('add', number, async ({ key, dueAt }) => void seen.push([key, Date.now(), dueAt]))
      const due = Date.now() + 600
      await jobs.enqueue('add', { n: 1 }, { key: 'later', notBefore: due })
      await jobs.enqueue('add', { n: 1 }, { key: 'soon', delayMs: 1 })
      await jobs.enqueue('add', { n: 1 }, { key: 'now' })
      run()
      await until(() => ended.length === 3)
      expect(seen.map(([key]) => key).at(-1)).toBe('later')
      expect(seen.at(-1)?.[1]).toBeGreaterThanOrEqual(due)
      expect(seen.at(-1)?.[2]).toBe(due)
    })

    it('tries again after an error, and gives up after the last attempt', async () => {
      const attempts: number[] = []
      jobs.define('third', number, async ({ attempt }) => {
        attempts.push(attempt)
        if (attempt < 3) throw new Error('not yet')
      })
      jobs.define(
        'never',
        number,
        async () => {
          throw new Error('disk on fire')
        },
        { attempts: 2 },
      )
      await jobs.enqueue('third', { n: 1 }, { key: 'a' })
      await jobs.enqueue('never', { n: 1 }, { key: 'b' })
      run()
      await until(() => ended.length === 5)
      expect(attempts).toEqual([1, 2, 3])
      const outcomes = ended.filter(({ name }) => name === 'never').map(({ outcome }) => outcome)
      expect(outcomes).toEqual(['retried', 'failed'])
      await until(async () => (await jobs.counts()).work.failed === 1)
      expect(await jobs.failed(10)).toEqual([
        { queue: 'work', name: 'never', key: 'b', attempts: 2, reason: 'disk on fire', failedAt: expect.any(Number) },
      ])
      expect(await jobs.find('never', 'b')).toEqual({ state: 'failed', attempts: 2 })
    })

    it('keeps the key of a dead letter until it is revived, and then gives it all attempts again', async () => {
      let broken = true
      const attempts: number[] = []
      const handler = async ({ attempt }: { attempt: number }): Promise<void> => {
        attempts.push(attempt)
        if (broken) throw new Error('broken')
      }
      const fix = jobs.define('fix', number, handler, { attempts: 2 })
      await fix({ n: 1 }, { key: 'a' })
      run()
      await until(async () => (await jobs.failed(10)).length === 1)
      await fix({ n: 1 }, { key: 'a' })
      expect((await jobs.counts()).work).toMatchObject({ queued: 0, failed: 1 })
      broken = false
      expect(await jobs.revive('fix', 'a')).toBe(true)
      await until(() => ended.at(-1)?.outcome === 'completed')
      expect(attempts).toEqual([1, 2, 1])
      expect(await jobs.revive('fix', 'a')).toBe(false)
      expect(await jobs.failed(10)).toEqual([])
    })

    it('refuses what is not declared, does not fit or is too large', async () => {
      jobs.define('add', z.strictObject({ text: z.string() }))
      const refused = async (name: string, data: unknown, key = 'a'): Promise<void> => {
        await expect(jobs.enqueue(name, data, { key })).rejects.toThrow(InvalidJob)
      }
      await refused('unheard', {})
      await refused('add', { text: 1 })
      await refused('add', { text: 'x'.repeat(jobLimits.dataBytes) })
      await refused('add', { text: 'x' }, '')
      await refused('add', { text: 'x' }, 'two\nlines')
      await refused('add', { text: 'x' }, 'k'.repeat(201))
      expect(() => jobs.define('add', number)).toThrow(InvalidJob)
      expect((await jobs.counts()).work.queued).toBe(0)
    })

    it('puts a job whose data no longer fits among the dead letters at once', async () => {
      let strict = false
      let runs = 0
      jobs.define(
        'add',
        number.refine(() => !strict),
        async () => void (runs += 1),
      )
      await jobs.enqueue('add', { n: 1 }, { key: 'a' })
      strict = true
      run()
      await until(async () => (await jobs.failed(10)).length === 1)
      expect(runs).toBe(0)
      expect(ended.map(({ outcome }) => outcome)).toEqual(['failed'])
    })

    it('refuses to queue more than the backlog holds', async () => {
      const small = await open({ backlog: 3 })
      const add = small.define('add', number)
      for (const key of ['a', 'b', 'c']) await add({ n: 1 }, { key })
      await expect(add({ n: 1 }, { key: 'd' })).rejects.toThrow(JobsFull)
    })

    it('runs no more jobs at once than it was told', async () => {
      let now = 0
      let most = 0
      const add = jobs.define('add', number, async () => {
        now += 1
        most = Math.max(most, now)
        await until(() => most === 3)
        now -= 1
      })
      for (let n = 0; n < 12; n += 1) await add({ n }, { key: `${n}` })
      run(jobs, 3)
      await until(() => ended.length === 12)
      expect(most).toBe(3)
    })

    it('runs a schedule once in each of its slots, also after a flush', async () => {
      const slots: number[] = []
      jobs.define('tick', number, async ({ dueAt, key }) => {
        expect(key).toBe(`every@${new Date(dueAt).toISOString()}`)
        slots.push(dueAt)
      })
      await jobs.schedule('tick', { everyMs: 100 }, { n: 1 }, 'every')
      await jobs.schedule('tick', { everyMs: 100 }, { n: 1 }, 'every')
      run()
      await until(() => slots.length >= 3)
      await jobs.flush()
      const before = slots.length
      await until(() => slots.length >= before + 2)
      expect(slots.every((slot) => slot % 100 === 0)).toBe(true)
      // the flush may let the slot of this moment run again: that is what the port says
      expect(new Set(slots).size).toBeGreaterThanOrEqual(slots.length - 1)
    })

    it('drops a queued job that is cancelled', async () => {
      const seen: string[] = []
      const add = jobs.define('add', number, async ({ key }) => void seen.push(key))
      await add({ n: 1 }, { key: 'unwanted', delayMs: 50 })
      await add({ n: 1 }, { key: 'wanted', delayMs: 60 })
      expect(await jobs.cancel('add', 'unwanted')).toBe('dropped')
      expect(await jobs.cancel('add', 'unwanted')).toBe('unknown')
      run()
      await until(() => ended.length === 1)
      expect(seen).toEqual(['wanted'])
    })

    it('aborts the signal of a running job that is cancelled, and does not try it again', async () => {
      let why: unknown
      const long = jobs.define('long', number, async ({ signal }) => {
        await until(() => signal.aborted)
        why = signal.reason
        signal.throwIfAborted()
      })
      await long({ n: 1 }, { key: 'a' })
      run()
      await until(async () => (await jobs.find('long', 'a'))?.state === 'running')
      await until(async () => (await jobs.cancel('long', 'a')) === 'aborting')
      await until(() => ended.length === 1)
      expect(why).toMatchObject({ name: 'JobStopped', why: 'cancelled' } satisfies Partial<JobStopped>)
      expect(ended[0]?.outcome).toBe('cancelled')
      expect(await jobs.failed(10)).toEqual([])
    })

    it('shows how far a running job is', async () => {
      let finish = false
      const long = jobs.define('long', number, async ({ progress }) => {
        await progress({ done: 3, of: 10 })
        await until(() => finish)
      })
      await long({ n: 1 }, { key: 'a' })
      run()
      await until(async () => (await jobs.find('long', 'a'))?.progress !== undefined)
      expect(await jobs.find('long', 'a')).toMatchObject({ state: 'running', progress: { done: 3, of: 10 } })
      finish = true
      await until(async () => (await jobs.find('long', 'a'))?.state === 'completed')
      expect(await jobs.find('long', 'b')).toBeUndefined()
    })

    it('closes within its time limit, and tells running jobs halfway', async () => {
      let stopped: AbortSignal | undefined
      const stuck = jobs.define('stuck', number, ({ signal }) => {
        stopped = signal
        return new Promise(() => undefined)
      })
      await stuck({ n: 0 }, { key: 'a' })
      run()
      await until(() => stopped !== undefined)
      const started = performance.now()
      await jobs.close({ withinMs: 200 })
      expect(performance.now() - started).toBeLessThan(1_500)
      expect(stopped?.reason).toMatchObject({ why: 'closing' })
      await jobs.close()
    })

    it('comes to the same totals when the queue is flushed in the middle', async () => {
      // events hold the truth; the total is written with an expected revision, and a sweeper finds what was lost
      const events = Array.from({ length: 60 }, (_, index) => index + 1)
      const account = { revision: 0, total: 0 }
      const fold = jobs.define('fold', z.strictObject({ upTo: z.int() }), async ({ data }) => {
        for (let revision = account.revision; revision < data.upTo; revision = account.revision) {
          const amount = events[revision] ?? 0
          await Promise.resolve()
          if (account.revision === revision)
            Object.assign(account, { revision: revision + 1, total: account.total + amount })
        }
      })
      jobs.define('sweep', z.strictObject({}), async ({ dueAt }) => {
        if (account.revision < events.length) await fold({ upTo: events.length }, { key: `sweep/${dueAt}` })
      })
      for (const upTo of events) await fold({ upTo }, { key: `event/${upTo}`, delayMs: upTo })
      await jobs.schedule('sweep', { everyMs: 100 }, {}, 'sweep')
      run()
      await until(() => account.revision > 5)
      await jobs.flush()
      await until(() => account.revision === events.length)
      expect(account.total).toBe((60 * 61) / 2)
    })

    if (store === 'private') return

    describe('with several processes', () => {
      it('gives each job to one of them', async () => {
        const other = await open()
        const seen: string[] = []
        for (const process of [jobs, other]) process.define('add', number, async ({ key }) => void seen.push(key))
        run(jobs)
        run(other)
        await Promise.all(Array.from({ length: 40 }, (_, n) => jobs.enqueue('add', { n }, { key: `${n}` })))
        await until(() => ended.length >= 40)
        expect(new Set(seen).size).toBe(40)
        expect(seen).toHaveLength(40)
      })

      it('leaves a job to one that knows it', async () => {
        const other = await open()
        jobs.define('new', number)
        const seen: string[] = []
        other.define('new', number, async ({ key }) => void seen.push(key))
        run(jobs)
        await jobs.enqueue('new', { n: 1 }, { key: 'a' })
        run(other)
        await until(() => seen.length === 1)
        expect(seen).toEqual(['a'])
      })

      it('hands on what a closing one was running', async () => {
        // the lock would be waited for longer than the test waits
        const closing = await open({ lockMs: 60_000 })
        const other = await open({ lockMs: 60_000 })
        const attempts: number[] = []
        let started = false
        closing.define('long', number, async ({ signal }) => {
          started = true
          await until(() => signal.aborted)
          signal.throwIfAborted()
        })
        other.define('long', number, async ({ attempt }) => void attempts.push(attempt))
        await closing.enqueue('long', { n: 1 }, { key: 'a' })
        run(closing)
        await until(() => started)
        await closing.close({ withinMs: 3_000 })
        run(other)
        await until(() => attempts.length === 1)
        expect(attempts).toEqual([1])
        expect(ended.map(({ outcome }) => outcome)).toEqual(['returned', 'completed'])
      })

      it('hands on what a dead one was running', async () => {
        const other = await open()
        let runs = 0
        let stuck = false
        jobs.define('stuck', number, () => {
          stuck = true
          return new Promise(() => undefined)
        })
        other.define('stuck', number, async () => void (runs += 1))
        await jobs.enqueue('stuck', { n: 1 }, { key: 'a' })
        run(jobs)
        await until(() => stuck)
        await jobs.close({ withinMs: 0 })
        run(other)
        await until(() => ended.some(({ outcome }) => outcome === 'completed'))
        expect(runs).toBe(1)
      })

      it('cancels what another one runs, at its next report', async () => {
        const other = await open()
        jobs.define('long', number)
        other.define('long', number, async ({ signal, progress }) => {
          for (let done = 0; !signal.aborted; done += 1) await progress({ done, of: done })
          signal.throwIfAborted()
        })
        await jobs.enqueue('long', { n: 1 }, { key: 'a' })
        run(other)
        await until(async () => (await jobs.find('long', 'a'))?.state === 'running')
        expect(await jobs.cancel('long', 'a')).toBe('aborting')
        await until(() => ended[0]?.outcome === 'cancelled')
      })
    })
  })
}
