import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../src/ledger/canonicalJson.ts'
import { noStream, StoreUnavailable, type EventStore, type Page } from '../../../src/ledger/eventStore.ts'
import { plantSystemEvents } from '../../support/eventStoreDbServer/openEventStoreDbServer.ts'
import { serverPerTest } from '../../support/eventStoreDbServer/serverPerTest.ts'
import { newEvent, newEvents } from '../../support/newEvent.ts'

const context = serverPerTest()
const eventually = { timeout: 10_000, interval: 10 }

describe('reads', () => {
  test('two hundred that get no answer leave no call open, and the store still answers', async () => {
    await context.open().append('order-1', newEvents(3), { expectedRevision: noStream })
    const store = context.open({ patience: 10, callTimeout: 10 })
    context.server.faults.read(...Array.from({ length: 200 }, () => ({ kind: 'hang' }) as const))
    await expect
      .poll(() => Promise.allSettled([store.readStream('order-1')]).then(() => context.server.faults.left()), {
        timeout: 20_000,
        interval: 1,
      })
      .toBe(0)
    await expect.poll(() => context.server.openReads(), { timeout: 5_000 }).toBe(0)
    await expect
      .poll(
        () =>
          store
            .readStream('order-1')
            .then((events) => events.length)
            .catch(() => 0),
        { timeout: 10_000 },
      )
      .toBe(3)
  })

  test('a hundred and twenty subscriptions that are left after the first page leave no call open', async () => {
    const store = context.open()
    await store.append('order-1', newEvents(40), { expectedRevision: noStream })
    for (let n = 0; n < 120; n += 1) {
      for await (const page of store.subscribe({ after: 0n, limit: 10, signal: new AbortController().signal })) {
        expect(page.events.length).toBeGreaterThan(0)
        break
      }
    }
    await expect.poll(() => context.server.openReads()).toBe(0)
    expect(await store.readStream('order-1')).toHaveLength(40)
  })

  test('that break off in the middle are complete in the end', async () => {
    const store = context.open()
    await store.append('order-1', newEvents(50), { expectedRevision: noStream })
    context.server.faults.read(
      { kind: 'drop-after', events: 20 },
      { kind: 'drop' },
      { kind: 'status', code: 14, details: 'gone' },
    )
    expect((await store.readStream('order-1')).map(({ revision }) => revision)).toEqual(
      Array.from({ length: 50 }, (_, n) => n),
    )
    context.server.faults.read({ kind: 'drop-after', events: 7 })
    expect((await store.readAll({ after: 0n, limit: 500 })).events).toHaveLength(50)
    expect(context.server.faults.left()).toBe(0)
  })

  test('leave out what is not ours: system events, other applications, strangers in our streams', async () => {
    const store = context.open()
    const stranger = EventStoreDBClient.connectionString`${context.server.connectionString}`
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    plantSystemEvents(context.server.log)
    await stranger.appendToStream('shopping-1', jsonEvent({ type: 'Tested', data: { theirs: true } }))
    await stranger.appendToStream('cl.order-1', [
      jsonEvent({ type: 'Tested', data: {}, metadata: { theirs: true } }),
      jsonEvent({ type: '$>', data: {}, metadata: { format: 1 } }),
    ])
    await store.append('order-1', newEvents(1), { expectedRevision: 2 })
    plantSystemEvents(context.server.log)
    await stranger.dispose()

    const page = await store.readAll({ after: 0n, limit: 100 })
    expect(page.events.map(({ revision }) => revision)).toEqual([0, 3])
    expect((await store.readStream('order-1')).map(({ revision }) => revision)).toEqual([0, 3])
    expect(page.position).toBe(context.server.log.all.at(-1)?.position)
    expect(await store.head()).toBe(page.position)
    expect(await store.positionAt(Date.now() + 1_000)).toBe(page.position)
  })

  test('from a position that no record starts at are refused at once', async () => {
    const store = context.open()
    const { position } = (await store.append('order-1', newEvents(2), { expectedRevision: noStream })) as {
      position: bigint
    }
    await expect(store.readAll({ after: position - 1n, limit: 10 })).rejects.toThrow(RangeError)
    expect(await store.readAll({ after: position + 10_000n, limit: 10 })).toMatchObject({ events: [], atHead: true })
  })
})

describe('a subscription', () => {
  test('goes on without gap or duplicate when the server drops it, the connection breaks, and the server restarts', async () => {
    const writer = context.open({ patience: 15_000 })
    const reader = context.open()
    const ending = new AbortController()
    const seen: number[] = []
    const following = (async () => {
      for await (const page of reader.subscribe({ after: 0n, limit: 7, signal: ending.signal })) {
        seen.push(...page.events.map(({ revision }) => revision))
        if (seen.length >= 300) return
      }
    })()
    let drops = 0
    for (let n = 0; n < 60; n += 1) {
      await writer.append('order-1', newEvents(5), { expectedRevision: n * 5 - 1 })
      if (n % 10 === 3) drops += context.server.dropSubscriptions()
      if (n % 10 === 6) context.server.wire.breakConnections()
      if (n % 20 === 9) await context.server.restart()
    }
    await following
    expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => n))
    expect(drops).toBeGreaterThan(0)
  }, 30_000)

  test('comes back to the bell after a drop: the next event is told at once, not by the poll', async () => {
    const store = context.open({ pollInterval: 60_000 })
    const writer = context.open()
    const { next, end } = followLive(store)
    await expect.poll(() => context.server.subscriptions(), eventually).toBe(1)
    expect(context.server.dropSubscriptions()).toBe(1)
    await expect.poll(() => context.server.subscriptions(), eventually).toBe(1)
    await writer.append('order-1', newEvents(1), { expectedRevision: noStream })
    expect((await next())?.events).toHaveLength(1)
    end()
  })

  test('costs one call on the server, however many there are', async () => {
    const store = context.open({ callTimeout: 5_000 })
    const followers = Array.from({ length: 150 }, () => followLive(store))
    await expect.poll(() => context.server.subscriptions(), eventually).toBe(1)
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    for (const { next } of followers) expect((await next())?.events).toHaveLength(1)
    for (const { end } of followers) end()
    await expect.poll(() => context.server.subscriptions(), eventually).toBe(0)
  })

  test('polls when nothing rings', async () => {
    const store = context.open({ pollInterval: 50, prefix: 'cl.' })
    const { next, end } = followLive(store)
    await expect.poll(() => context.server.subscriptions(), eventually).toBe(1)
    context.server.faults.read({ kind: 'status', code: 14, details: 'gone' })
    plantSystemEvents(context.server.log)
    expect((await next())?.events).toEqual([])
    end()
  })
})

describe('close', () => {
  test('returns in time and ends everything, although the server hangs', async () => {
    const store = context.open({ closeTimeout: 300 })
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    const { finished } = followLive(store)
    await expect.poll(() => context.server.subscriptions(), eventually).toBe(1)
    context.server.wire.freeze()
    const calls = [
      store.append('order-1', newEvents(1), { expectedRevision: 0 }),
      store.readAll({ after: 0n, limit: 10 }),
    ]
    await pause(20)
    const started = performance.now()
    await store.close()
    expect(performance.now() - started).toBeLessThan(1_000)
    for (const settled of await Promise.allSettled(calls)) {
      expect(settled).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailable' } })
    }
    await finished
  })

  test('returns when nothing was ever called, when it is called twice, and when the server is gone', async () => {
    await context.open().close()
    const store = context.open()
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    await context.server.wire.down()
    await Promise.all([store.close(), store.close()])
    await context.server.wire.up()
    await expect(store.append('order-1', newEvents(1), { expectedRevision: 0 })).rejects.toThrow(StoreUnavailable)
    expect(context.server.log.stream('cl.order-1')).toHaveLength(1)
  })
})

test('the canonical texts that come back are those that an append checked, for any JSON', async () => {
  const store = context.open()
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.string({ unit: 'binary', minLength: 1 }), async (data, correlationId) => {
      const stream = `order-${randomUUID()}`
      const event = newEvent({ data, correlationId, causationId: correlationId })
      await store.append(stream, [event], { expectedRevision: noStream })
      const [recorded] = await store.readStream(stream)
      const { data: _, ...envelope } = event
      expect(recorded?.raw).toEqual({
        envelope: canonicalJson({ ...envelope, format: 1, stream, revision: 0 }),
        data: canonicalJson(data),
      })
      expect(recorded?.data).toEqual(JSON.parse(canonicalJson(data)))
    }),
    { numRuns: 60 },
  )
})

/** Follows a store from its start on; `next` gives the pages one by one. */
function followLive(store: EventStore): {
  next: () => Promise<Page | undefined>
  end: () => void
  finished: Promise<unknown>
} {
  const ending = new AbortController()
  const pages: Page[] = []
  const waiting: ((page: Page) => void)[] = []
  const finished = (async () => {
    const after = (await store.readAll({ after: 0n, limit: 5_000 })).position
    for await (const page of store.subscribe({ after, signal: ending.signal })) {
      const taker = waiting.shift()
      if (taker) taker(page)
      else pages.push(page)
    }
  })().catch(() => undefined)
  return {
    next: () => {
      const page = pages.shift()
      return page ? Promise.resolve(page) : new Promise((resolve) => void waiting.push(resolve))
    },
    end: () => ending.abort(),
    finished,
  }
}
