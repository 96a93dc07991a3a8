import fc from 'fast-check'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { NewEvent } from '../../../src/ledger/envelope.ts'
import { noStream, type EventStore } from '../../../src/ledger/eventStore.ts'
import { openMemoryStore } from '../../../src/ledger/memory/memoryStore.ts'
import { openPostgresStore, type PostgresStoreOptions } from '../../../src/ledger/postgres/postgresStore.ts'
import { eventStoreContract } from '../../contract/eventStoreContract.ts'
import { freshDatabase } from '../../support/database.ts'
import { newEvent, newEvents } from '../../support/newEvent.ts'
import { until } from '../../support/until.ts'

eventStoreContract('postgres', async () => {
  const { url, drop } = await freshDatabase()
  return { openStore: () => openPostgresStore({ connection: url }), drop }
})

describe('the PostgreSQL store', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  const stores: EventStore[] = []

  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
  })
  afterAll(() => database.drop())

  async function open(options: Partial<PostgresStoreOptions> = {}): Promise<EventStore> {
    const store = await openPostgresStore({ connection: database.url, ...options })
    stores.push(store)
    return store
  }

  async function execute(sql: string): Promise<pg.QueryResult<Record<string, unknown>>> {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      return await client.query<Record<string, unknown>>(sql)
    } finally {
      await client.end()
    }
  }

  test('numbers events densely over several stores, with conflicts and repeats among them', async () => {
    const pair = [await open(), await open()] as const
    const before = await pair[0].head()
    const known = newEvents(2)
    await pair[0].append('known', known, { expectedRevision: noStream })
    const results = await Promise.all(
      Array.from({ length: 120 }, (_, n) => {
        const store = pair[n % 2] ?? pair[0]
        if (n % 3 === 0) return store.append('known', known, { expectedRevision: noStream })
        return store.append(`dense-${n % 40}`, newEvents(1 + (n % 4)), { expectedRevision: noStream })
      }),
    )
    expect(new Set(results.map((result) => (result.outcome === 'appended' ? result.repeated : 'conflict')))).toEqual(
      new Set([true, false, 'conflict']),
    )
    const { events, position } = await pair[1].readAll({ after: before, limit: 5_000 })
    expect(events.map((event) => event.position - before)).toEqual(events.map((_, n) => BigInt(n + 1)))
    expect(position).toBe(before + BigInt(events.length))
  })

  test('appends to one stream that chain are written together without waiting for one another', async () => {
    const store = await open()
    const events = newEvents(100)
    const results = await Promise.all(
      events.map((event, n) => store.append('chained', [event], { expectedRevision: n - 1 })),
    )
    expect(results.map((result) => result.outcome === 'appended' && result.revision)).toEqual(events.map((_, n) => n))
    expect((await store.readStream('chained')).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
  })

  test('answers every append of a flush as the memory store does one after the other', async () => {
    const postgres = await open({ clock: () => 0 })
    const step = fc.record({
      stream: fc.constantFrom('a', 'b', 'c'),
      count: fc.integer({ min: 1, max: 3 }),
      // mostly right, sometimes off
      offset: fc.oneof(
        { weight: 5, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: -3, max: 2 }) },
      ),
      // index of an earlier append that is sent again, whole or in part
      repeats: fc.option(fc.nat(20), { freq: 4, nil: undefined }),
    })
    const counted = { appended: 0, repeated: 0, conflict: 0 }
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 5 }),
        async (flushes) => {
          run += 1
          const memory = openMemoryStore({ clock: () => 0 })
          const offset = (await postgres.head()) - (await memory.head())
          const sent: { stream: string; events: NewEvent[]; expectedRevision: number }[] = []
          const revisions = new Map<string, number>()
          for (const flush of flushes) {
            const earlier = [...sent]
            const used = new Set<string | undefined>()
            const appends = flush.map(({ stream: name, count, offset: off, repeats }) => {
              const again = repeats === undefined ? undefined : earlier[repeats]
              // A repeat within one flush waits for the next one, which the memory store does not know.
              if (again && !used.has(again.events[0]?.id)) {
                used.add(again.events[0]?.id)
                return { ...again, events: again.events.slice(0, count) }
              }
              const stream = `${run}-${name}`
              const expectedRevision = Math.max(noStream, (revisions.get(stream) ?? noStream) + off)
              if (off === 0) revisions.set(stream, expectedRevision + count)
              return { stream, events: newEvents(count), expectedRevision }
            })
            sent.push(...appends)
            const model = []
            for (const { stream, events, expectedRevision } of appends) {
              model.push(await memory.append(stream, events, { expectedRevision }))
            }
            const real = await Promise.all(
              appends.map(({ stream, events, expectedRevision }) =>
                postgres.append(stream, events, { expectedRevision }),
              ),
            )
            expect(
              real.map((result) =>
                result.outcome === 'appended' ? { ...result, position: result.position - offset } : result,
              ),
            ).toEqual(model)
            for (const result of model) {
              counted[result.outcome === 'conflict' ? 'conflict' : result.repeated ? 'repeated' : 'appended'] += 1
              // what the next flush goes on from
            }
            for (const { stream } of appends) revisions.set(stream, (await memory.readStream(stream)).length - 1)
          }
        },
      ),
      { numRuns: 40, endOnFailure: true },
    )
    expect(Math.min(...Object.values(counted))).toBeGreaterThan(10)
  })

  test('recordedAt follows the given clock and never goes back, and an instant finds its position', async () => {
    const start = Date.parse('2030-01-01T00:00:00.000Z')
    const times = [0, 5, 3, 9].map((offset) => start + offset)
    const store = await open({ clock: () => times.shift() ?? 0 })
    const before = await store.head()
    for (let n = 0; n < 4; n += 1) await store.append(`clock-${n}`, newEvents(1), { expectedRevision: noStream })
    const { events } = await store.readAll({ after: before, limit: 10 })
    expect(events.map(({ recordedAt }) => Date.parse(recordedAt) - start)).toEqual([0, 5, 5, 9])
    const instants = [-1, 0, 4, 5, 8, 9, 100]
    const found = await Promise.all(instants.map((offset) => store.positionAt(start + offset)))
    expect(found.map((position) => Number(position - before))).toEqual([0, 1, 1, 3, 3, 4, 4])
  })

  test('keeps each append within one flush apart: with and without command, one event or many', async () => {
    const store = await open()
    const commandId = newEvent().id
    const appends = [
      newEvents(1),
      [
        newEvent({ id: commandId, source: { kind: 'command', commandId } }),
        newEvent({ source: { kind: 'command', commandId } }),
      ],
      newEvents(3, { data: 'line\nfeed' }),
      newEvents(1, { data: '' }),
    ]
    await Promise.all(appends.map((events, n) => store.append(`apart-${n}`, events, { expectedRevision: noStream })))
    const read = await Promise.all(appends.map((_, n) => store.readStream(`apart-${n}`)))
    expect(read.map((events) => events.map(({ id, data }) => ({ id, data })))).toEqual(
      appends.map((events) => events.map(({ id, data }) => ({ id, data }))),
    )
    expect((await store.findCommand(commandId, 'apart-1')).map(({ revision }) => revision)).toEqual([0, 1])
  })

  test('a read of a name or an id that cannot exist is empty, and does not disturb others of the same query', async () => {
    const store = await open()
    await store.append('present', newEvents(1), { expectedRevision: noStream })
    const [present, nul, lines, empty, late, none] = await Promise.all([
      store.readStream('present'),
      store.readStream('a\u0000b'),
      store.readStream('a\npresent'),
      store.readStream(''),
      store.readStream('present', { from: 2 ** 40 }),
      store.findCommand('not-a-uuid', 'present'),
    ])
    expect(present).toHaveLength(1)
    expect([nul, lines, empty, late, none]).toEqual([[], [], [], [], []])
  })

  test('is told by NOTIFY, not only by polling, also after its listener was ended', async () => {
    const reader = await open({ pollMilliseconds: 3_600_000 })
    const writer = await open()
    const stop = new AbortController()
    let seen = 0
    const following = (async () => {
      for await (const page of reader.subscribe({ after: await reader.head(), signal: stop.signal }))
        seen += page.events.length
    })()
    for (let n = 0; n < 3; n += 1) {
      await writer.append('told', newEvents(1), { expectedRevision: n - 1 })
      await until(() => seen === n + 1)
      await execute(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'channel-ledger doorbell' AND datname = current_database()`)
    }
    stop.abort()
    await following
    expect(seen).toBe(3)
  })

  test('refuses a server that may lose acknowledged events, unless told otherwise', async () => {
    await execute(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET synchronous_commit = off`)
    try {
      await expect(open()).rejects.toThrow(/synchronous_commit = off/)
      const store = await open({ unsafeForTests: true })
      expect((await store.append('unsafe', newEvents(1), { expectedRevision: noStream })).outcome).toBe('appended')
    } finally {
      await execute(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} RESET synchronous_commit`)
    }
  })

  test('refuses a database that is not UTF-8', async () => {
    const name = `${new URL(database.url).pathname.slice(1)}_latin`
    await execute(`CREATE DATABASE ${name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`)
    try {
      const url = new URL(database.url)
      url.pathname = `/${name}`
      await expect(openPostgresStore({ connection: url.href })).rejects.toThrow(/needs UTF8/)
    } finally {
      await execute(`DROP DATABASE ${name} WITH (FORCE)`)
    }
  })

  test.each(['UPDATE ledger_events SET data = data', 'DELETE FROM ledger_events', 'TRUNCATE ledger_events'])(
    'does not let anyone %s',
    async (sql) => {
      const store = await open()
      await store.append('kept', newEvents(1), { expectedRevision: noStream }).catch(() => undefined)
      await expect(execute(sql)).rejects.toThrow(/events are immutable/)
    },
  )

  test('takes as many connections as it says', async () => {
    const store = await open({ readers: 2 })
    await Promise.all([
      ...Array.from({ length: 50 }, (_, n) => store.append(`many-${n}`, newEvents(1), { expectedRevision: noStream })),
      ...Array.from({ length: 50 }, (_, n) => store.readStream(`many-${n}`)),
      ...Array.from({ length: 20 }, () => store.readAll({ after: 0n, limit: 10 })),
    ])
    const { rows } = await execute(`SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE application_name LIKE 'channel-ledger %' AND datname = current_database()`)
    expect(rows[0]?.['count']).toBeLessThanOrEqual(4)
  })
})
