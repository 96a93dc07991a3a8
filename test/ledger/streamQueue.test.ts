import { describe, expect, it } from 'vitest'
import { createBoundedCache } from '../../src/ledger/boundedCache.ts'
import { createCourtesy } from '../../src/ledger/courtesy.ts'
import { shareReads } from '../../src/ledger/shareReads.ts'
import { createStreamQueue } from '../../src/ledger/streamQueue.ts'

describe('a stream queue', () => {
  it('works on one batch of a stream at a time, in order, and on streams side by side', async () => {
    const log: string[] = []
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const queue = createStreamQueue<number>({
      batchSize: 3,
      queueLength: 10,
      total: 100,
      async work(stream, batch) {
        log.push(`${stream} ${batch.join()}`)
        if (stream === 'a' && log.length === 1) await held
      },
    })
    for (const job of [1, 2, 3, 4]) queue.push('a', job)
    await Promise.resolve()
    queue.push('b', 9)
    queue.push('a', 5)
    await Promise.resolve()
    expect(log).toEqual(['a 1,2,3', 'b 9'])
    release()
    await queue.idle()
    expect(log).toEqual(['a 1,2,3', 'b 9', 'a 4,5'])
  })

  it('takes no more than its bounds, per stream and over all, and takes again when there is room', async () => {
    const queue = createStreamQueue<number>({ batchSize: 9, queueLength: 2, total: 3, work: async () => undefined })
    expect([queue.push('a', 1), queue.push('a', 2), queue.push('a', 3)]).toEqual([true, true, false])
    expect([queue.push('b', 1), queue.push('b', 2)]).toEqual([true, false])
    await queue.idle()
    expect(queue.push('a', 1)).toBe(true)
  })
})

describe('shared reads', () => {
  it('give each caller a read that began after its call', async () => {
    const started: (() => void)[] = []
    const share = shareReads<number>()
    const read = (): Promise<number> => {
      const number = started.length
      return new Promise((resolve) => started.push(() => resolve(number)))
    }
    const first = share('k', read)
    const second = share('k', read)
    const third = share('k', read)
    const other = share('other', read)
    expect(started).toHaveLength(2)
    started[0]?.()
    expect(await first).toBe(0)
    await new Promise((resolve) => setImmediate(resolve))
    started[1]?.()
    started[2]?.()
    expect(await Promise.all([second, third, other])).toEqual([2, 2, 1])
  })

  it('fail for those who share them, and not for the next', async () => {
    const share = shareReads<number>()
    await expect(share('k', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await share('k', async () => 1)).toBe(1)
  })
})

describe('a bounded cache', () => {
  it('lets go of what was used longest ago, and of what is too old', () => {
    let now = 0
    const cache = createBoundedCache<number>({ capacity: 2, maxAge: 10, now: () => now })
    cache.set('a', 1)
    cache.set('b', 2)
    cache.get('a')
    cache.set('c', 3)
    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([1, undefined, 3])
    now = 10
    expect(cache.get('a')).toBeUndefined()
  })
})

describe('courtesy between processes', () => {
  it('works in turns on a stream where another was met, and only for a while', async () => {
    const slept: number[] = []
    let now = 0
    const courtesy = createCourtesy({
      capacity: 9,
      now: () => now,
      random: (size) => Buffer.alloc(size, 128),
      async sleep(milliseconds) {
        slept.push(milliseconds)
        now += milliseconds
      },
    })
    const batches = async (stream: string, milliseconds: number): Promise<number[]> => {
      slept.length = 0
      for (const end = now + milliseconds; now < end; now += 10) await courtesy.letOthersFirst(stream)
      return slept.splice(0)
    }
    expect(await batches('hot', 500)).toEqual([])
    let growing = 2
    await courtesy.lostTo('hot', async () => (growing -= 1) >= 0)
    // two looks at a stream that grows, and one at one that does not
    expect(slept.splice(0)).toEqual([16, 16, 16])
    // a pause after each turn of 200 ms
    expect(await batches('hot', 1_000)).toEqual([40, 40, 40, 40])
    expect(await batches('calm', 100)).toEqual([])
    now += 1_000
    expect(await batches('hot', 600)).toEqual([])
  })
})
