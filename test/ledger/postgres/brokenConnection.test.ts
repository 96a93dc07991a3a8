import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { noStream, StoreUnavailable, type EventStore } from '../../../src/ledger/eventStore.ts'
import { openPostgresStore, type PostgresStoreOptions } from '../../../src/ledger/postgres/postgresStore.ts'
import { freshDatabase } from '../../support/database.ts'
import { newEvents } from '../../support/newEvent.ts'
import { openTcpProxy, type TcpProxy } from '../../support/tcpProxy.ts'
import { until } from '../../support/until.ts'

describe('the PostgreSQL store behind a connection that breaks', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let proxy: TcpProxy
  let stores: EventStore[]

  beforeEach(async () => {
    stores = []
    database = await freshDatabase()
    const { hostname, port } = new URL(database.url)
    proxy = await openTcpProxy({ host: hostname, port: Number(port) })
  })
  afterEach(async () => {
    proxy.heal()
    for (const store of stores) await store.close()
    await proxy.close()
    await database.drop()
  })

  async function open(options: Partial<PostgresStoreOptions> = {}): Promise<EventStore> {
    const url = new URL(database.url)
    url.port = String(proxy.port)
    const store = await openPostgresStore({ connection: url.href, ...options })
    stores.push(store)
    return store
  }

  /** The answer to a flush: a row that holds the arrays of its results. */
  const answersFlush = (answer: Buffer): boolean => answer.includes('{') && answer.includes('SELECT 1')

  test('an append whose reply is lost is found and answered, and stands there once', async () => {
    const store = await open()
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    const events = newEvents(3)
    proxy.loseAnswers(2, answersFlush)
    const result = await store.append('order-1', events, { expectedRevision: 0 })
    expect(proxy.lost()).toBe(2)
    const recorded = await store.readStream('order-1')
    expect(recorded.slice(1).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
    expect(result).toMatchObject({ outcome: 'appended', revision: 3, position: recorded[3]?.position })
  })

  test('a flush of many whose reply is lost: each append is answered as it was decided', async () => {
    const store = await open()
    await store.append('taken', newEvents(1), { expectedRevision: noStream })
    proxy.loseAnswers(1, answersFlush)
    const results = await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => store.append(`s-${n}`, newEvents(2), { expectedRevision: noStream })),
      store.append('taken', newEvents(1), { expectedRevision: noStream }),
      store.append('s-0', newEvents(1), { expectedRevision: 1 }),
    ])
    expect(proxy.lost()).toBe(1)
    expect(results.map(({ outcome }) => outcome)).toEqual([
      ...Array<string>(20).fill('appended'),
      'conflict',
      'appended',
    ])
    expect(await store.head()).toBe(42n)
  })

  test('an append that arrives after its caller was told that its outcome is open, and somebody else something definite, does nothing', async () => {
    const store = await open({ statementMilliseconds: 300, queue: { patienceMilliseconds: 400 } })
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    const network = proxy.hold()
    await expect(store.append('order-1', newEvents(1), { expectedRevision: 0 })).rejects.toThrow(StoreUnavailable)
    proxy.heal()
    // whoever asks now, and is told that it was not written
    expect(await store.readStream('order-1')).toHaveLength(1)
    await network.release()
    expect(await store.readStream('order-1')).toHaveLength(1)
    await store.append('order-1', newEvents(1), { expectedRevision: 0 })
    expect(await store.head()).toBe(2n)
  })

  test('a database that goes away and comes back: appends and reads wait, subscriptions go on', async () => {
    const store = await open()
    const stop = new AbortController()
    const seen: number[] = []
    const following = (async () => {
      for await (const page of store.subscribe({ after: 0n, signal: stop.signal })) {
        seen.push(...page.events.map(({ revision }) => revision))
      }
    })()
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    await until(() => seen.length === 1)

    proxy.cut()
    const appending = store.append('order-1', newEvents(2), { expectedRevision: 0 })
    const reading = store.readStream('order-1')
    setTimeout(() => proxy.heal(), 400)
    expect(await appending).toMatchObject({ outcome: 'appended', revision: 2 })
    expect((await reading).length).toBeGreaterThanOrEqual(1)
    await until(() => seen.length === 3)
    expect(seen).toEqual([0, 1, 2])
    stop.abort()
    await following
  })

  test('a database that stays away: the append says so in time, the store works again afterwards', async () => {
    const store = await open({ queue: { patienceMilliseconds: 200 } })
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    proxy.cut()
    const events = newEvents(1)
    await expect(store.append('order-1', events, { expectedRevision: 0 })).rejects.toThrow(StoreUnavailable)
    proxy.heal()
    expect(await store.append('order-1', events, { expectedRevision: 0 })).toMatchObject({
      outcome: 'appended',
      revision: 1,
    })
  })

  test('a database that hangs: the append is given up, and tried again on a new connection', async () => {
    const store = await open({ statementMilliseconds: 300, queue: { patienceMilliseconds: 100 } })
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    proxy.freeze()
    const events = newEvents(1)
    await expect(store.append('order-1', events, { expectedRevision: 0 })).rejects.toThrow(StoreUnavailable)
    proxy.heal()
    expect(await store.append('order-1', events, { expectedRevision: 0 })).toMatchObject({
      outcome: 'appended',
      revision: 1,
    })
    expect(await store.readStream('order-1')).toHaveLength(2)
  })

  test('a queue that is full refuses at once, and nothing of what it refused is written', async () => {
    const store = await open({ queue: { queuedEvents: 10 } })
    proxy.cut()
    const waiting = Array.from({ length: 10 }, (_, n) =>
      store.append(`s-${n}`, newEvents(1), { expectedRevision: noStream }),
    )
    await expect(store.append('full', newEvents(1), { expectedRevision: noStream })).rejects.toThrow(/busy/)
    proxy.heal()
    expect((await Promise.all(waiting)).every(({ outcome }) => outcome === 'appended')).toBe(true)
    expect(await store.readStream('full')).toEqual([])
  })

  test('backends that are ended again and again under load: nothing lost, nothing twice', async () => {
    const store = await open()
    const stop = new AbortController()
    const seen: string[] = []
    const following = (async () => {
      for await (const page of store.subscribe({ after: 0n, signal: stop.signal })) {
        seen.push(...page.events.map(({ stream, revision }) => `${stream}@${revision}`))
      }
    })()

    let acknowledged = 0
    let ended = 0
    const writing = Promise.all(
      Array.from({ length: 16 }, async (_, writer) => {
        for (let n = 0; n < 40; n += 1) {
          const result = await store.append(`w-${writer}`, newEvents(1), { expectedRevision: n - 1 })
          expect(result).toMatchObject({ outcome: 'appended', revision: n })
          acknowledged += 1
        }
      }),
    )
    for (let next = 25; next < 640; next += 50) {
      await Promise.race([until(() => acknowledged >= next, 30_000), writing])
      ended += await endBackends(database.url)
    }
    await writing
    await until(() => seen.length >= 640)
    stop.abort()
    await following
    expect(ended).toBeGreaterThan(12)
    expect(new Set(seen).size).toBe(640)
    expect(seen).toHaveLength(640)
  })
})

async function endBackends(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rowCount } = await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name LIKE 'channel-ledger %' AND datname = current_database()`)
  await client.end()
  return rowCount ?? 0
}
