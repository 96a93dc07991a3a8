import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEventStoreDbStore } from '../../../src/ledger/eventstoredb/eventStoreDbStore.ts'
import { noStream, StoreUnavailable, type EventStore } from '../../../src/ledger/eventStore.ts'
import { openWire, type Wire } from '../../support/eventStoreDbServer/wire.ts'
import { newEvent, newEvents } from '../../support/newEvent.ts'

const realServer = process.env['EVENTSTORE_URL']

// The same promises as in eventStoreDbAppends.test.ts and eventStoreDbReads.test.ts where the network alone can break them, with a real server behind it.
describe.skipIf(!realServer)('a real EventStoreDB behind a network that fails', () => {
  let wire: Wire
  const stores: EventStore[] = []
  const prefix = `faults${randomUUID().slice(0, 8)}.`

  function open(options: { patience?: number; callTimeout?: number } = {}): EventStore {
    const url = new URL(realServer ?? '')
    url.host = `127.0.0.1:${wire.port}`
    const limits = { callTimeout: 1_000, patience: 20_000, pollInterval: 200, closeTimeout: 500, ...options }
    const store = openEventStoreDbStore({ connectionString: url.href, prefix, ...limits })
    stores.push(store)
    return store
  }

  beforeAll(async () => {
    const url = new URL(realServer ?? '')
    wire = await openWire({ host: url.hostname, port: Number(url.port || 2113) })
  })
  afterAll(async () => {
    wire.thaw()
    for (const store of stores) await store.close()
    await wire.close()
  })

  test('each append has one effect over twenty breaks, and a subscriber sees each event once', async () => {
    const writer = open()
    const reader = open()
    const after = await writer.head()
    const seen: string[] = []
    const ending = new AbortController()
    const following = (async () => {
      for await (const page of reader.subscribe({ after, limit: 50, signal: ending.signal })) {
        seen.push(...page.events.map(({ stream, revision }) => `${stream} ${revision}`))
        if (seen.length >= 16 * 40) return
      }
    })()
    let acknowledged = 0
    const writing = Promise.all(
      Array.from({ length: 16 }, async (_, n) => {
        for (let revision = -1; revision < 39; revision += 1) {
          const result = await writer.append(`order-${n}`, newEvents(1), { expectedRevision: revision })
          expect(result).toMatchObject({ outcome: 'appended', revision: revision + 1, repeated: false })
          acknowledged += 1
        }
      }),
    )
    for (let n = 1; n <= 20; n += 1) {
      await expect.poll(() => acknowledged, { timeout: 30_000, interval: 2 }).toBeGreaterThan(n * 30)
      if (n % 5 === 0) {
        await wire.down()
        await wire.up()
      } else wire.breakConnections()
    }
    await writing
    await following
    expect(new Set(seen).size).toBe(16 * 40)
    expect(seen).toHaveLength(16 * 40)
  }, 60_000)

  test('64 large appends survive a connection that fails while they wait for the socket', async () => {
    const store = open({ callTimeout: 10_000 })
    await store.append('warm-up', newEvents(1), { expectedRevision: noStream })
    wire.freeze()
    const appends = Array.from({ length: 64 }, (_, n) =>
      store.append(`large-${n}`, [newEvent({ data: 'x'.repeat(100_000) })], { expectedRevision: noStream }),
    )
    await pause(200)
    wire.thaw()
    wire.breakConnections()
    for (const result of await Promise.all(appends)) expect(result).toMatchObject({ outcome: 'appended', revision: 0 })
  }, 60_000)

  test('a frozen connection is StoreUnavailable within the own deadline, and service comes back', async () => {
    const store = open({ callTimeout: 300, patience: 900 })
    await store.append('frozen', newEvents(1), { expectedRevision: noStream })
    wire.freeze()
    const started = performance.now()
    await expect(store.append('frozen', newEvents(1), { expectedRevision: 0 })).rejects.toThrow(StoreUnavailable)
    await expect(store.readStream('frozen')).rejects.toThrow(StoreUnavailable)
    expect(performance.now() - started).toBeLessThan(4_000)
    wire.thaw()
    await expect.poll(() => store.head().catch(() => 0n), { timeout: 10_000 }).toBeGreaterThan(0n)
    expect((await store.readStream('frozen')).length).toBeGreaterThanOrEqual(1)
  }, 30_000)

  test('300 reads at once, and 200 of streams that are not there', async () => {
    const store = open({ callTimeout: 10_000 })
    await store.append('many', newEvents(3), { expectedRevision: noStream })
    const reads = await Promise.all(Array.from({ length: 300 }, () => store.readStream('many')))
    expect(reads.every(({ length }) => length === 3)).toBe(true)
    for (let n = 0; n < 200; n += 1) expect(await store.readStream(`missing-${n}`)).toEqual([])
    expect(await store.readStream('many')).toHaveLength(3)
  }, 30_000)

  test('a position that no record starts at is refused at once', async () => {
    const store = open()
    const result = await store.append('positions', newEvents(2), { expectedRevision: noStream })
    const position = result.outcome === 'appended' ? result.position : 0n
    await expect(store.readAll({ after: position - 1n, limit: 10 })).rejects.toThrow(RangeError)
    expect(await store.readAll({ after: position + 1_000_000_000n, limit: 10 })).toMatchObject({
      events: [],
      atHead: true,
    })
  })
})
