import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryCommandIndex, placesOf, type CommandIndex } from '../../../src/ledger/eventstoredb/commandIndex.ts'
import { openEventStoreDbStore } from '../../../src/ledger/eventstoredb/eventStoreDbStore.ts'
import { commandIndexSchema, postgresCommandIndex } from '../../../src/ledger/eventstoredb/postgresCommandIndex.ts'
import { noStream } from '../../../src/ledger/eventStore.ts'
import { freshDatabase } from '../../support/database.ts'
import { openEventStoreDbServer } from '../../support/eventStoreDbServer/openEventStoreDbServer.ts'
import { newEvent, newEvents } from '../../support/newEvent.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let pool: pg.Pool

beforeAll(async () => {
  database = await freshDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 4 })
  await pool.query(commandIndexSchema)
  await pool.query(commandIndexSchema)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const indexes: [string, () => CommandIndex][] = [
  ['in memory', memoryCommandIndex],
  ['in PostgreSQL', () => postgresCommandIndex(pool)],
]

describe.each(indexes)('the command index %s', (_, open) => {
  const place = (commandId: string, stream: string, first: number, last: number) => ({ commandId, stream, first, last })

  test('knows nothing at first', async () => {
    expect(await open().find(randomUUID(), randomUUID())).toEqual({ indexed: -1, place: undefined })
  })

  test('finds a command where it was added, and how far the stream is indexed', async () => {
    const index = open()
    const [a, b, stream] = [randomUUID(), randomUUID(), randomUUID()]
    await index.add(stream, 0, 4, [place(a, stream, 0, 1), place(b, stream, 2, 4)])
    expect(await index.find(b, stream)).toEqual({ indexed: 4, place: place(b, stream, 2, 4) })
    expect(await index.find(randomUUID(), stream)).toEqual({ indexed: 4, place: undefined })
  })

  test('joins the parts of a command, in any order, twice over', async () => {
    const index = open()
    const [a, stream] = [randomUUID(), randomUUID()]
    for (const [from, to] of [
      [0, 2],
      [5, 6],
      [3, 4],
      [0, 2],
      [5, 6],
    ] as const) {
      await index.add(stream, from, to, [place(a, stream, from, to)])
    }
    expect(await index.find(a, stream)).toEqual({ indexed: 6, place: place(a, stream, 0, 6) })
  })

  test('does not count a stream as indexed beyond a gap', async () => {
    const index = open()
    const stream = randomUUID()
    await index.add(stream, 0, 2, [])
    await index.add(stream, 4, 9, [])
    expect(await index.find(randomUUID(), stream)).toMatchObject({ indexed: 2 })
    await Promise.all([index.add(stream, 3, 3, []), index.add(stream, 4, 9, []), index.add(stream, 12, 13, [])])
    expect(await index.find(randomUUID(), stream)).toMatchObject({ indexed: 9 })
  })

  test('tells of a command on another stream, and prefers the asked one', async () => {
    const index = open()
    const [a, here, there] = [randomUUID(), randomUUID(), randomUUID()]
    await index.add(there, 0, 0, [place(a, there, 0, 0)])
    expect(await index.find(a, here)).toEqual({ indexed: -1, place: place(a, there, 0, 0) })
    await index.add(here, 0, 3, [place(a, here, 2, 3)])
    expect(await index.find(a, here)).toEqual({ indexed: 3, place: place(a, here, 2, 3) })
  })

  test('forgets a stream whole', async () => {
    const index = open()
    const [a, stream] = [randomUUID(), randomUUID()]
    await index.add(stream, 0, 0, [place(a, stream, 0, 0)])
    await index.forget(stream)
    expect(await index.find(a, stream)).toEqual({ indexed: -1, place: undefined })
  })

  test('takes many additions at once', async () => {
    const index = open()
    const streams = Array.from({ length: 20 }, () => randomUUID())
    const ids = streams.map(() => Array.from({ length: 10 }, () => randomUUID()))
    await Promise.all(
      streams.flatMap((stream, s) => (ids[s] ?? []).map((id, n) => index.add(stream, n, n, [place(id, stream, n, n)]))),
    )
    for (const [s, stream] of streams.entries()) {
      expect(await index.find(ids[s]?.[7] ?? '', stream)).toEqual({
        indexed: 9,
        place: place(ids[s]?.[7] ?? '', stream, 7, 7),
      })
    }
  })

  test('is rebuilt from the log when it belongs to another one', async () => {
    const server = await openEventStoreDbServer()
    const index = open()
    const stream = randomUUID()
    const [stale, commandId] = [randomUUID(), randomUUID()]
    await index.add(stream, 0, 50, [place(stale, stream, 3, 4), place(commandId, stream, 7, 9)])
    const store = openEventStoreDbStore({ connectionString: server.connectionString, commandIndex: index })
    const events = [
      newEvent({ id: commandId, source: { kind: 'command', commandId } }),
      ...newEvents(1, { source: { kind: 'command', commandId } }),
    ]
    await store.append(stream, newEvents(5), { expectedRevision: noStream })
    await store.append(stream, events, { expectedRevision: 4 })
    expect((await store.findCommand(commandId, stream)).map(({ revision }) => revision)).toEqual([5, 6])
    expect(await store.findCommand(stale, stream)).toEqual([])
    expect(await store.findCommand(randomUUID(), stream)).toEqual([])
    expect(await index.find(commandId, stream)).toEqual({ indexed: 6, place: place(commandId, stream, 5, 6) })
    await store.close()
    await server.close()
  })

  test('starts behind a log that it has never seen, over several pages', async () => {
    const server = await openEventStoreDbServer()
    const writer = openEventStoreDbStore({ connectionString: server.connectionString })
    const stream = randomUUID()
    const commandId = randomUUID()
    const command = Array.from({ length: 20 }, (_unused, n) =>
      newEvent({ ...(n === 0 && { id: commandId }), source: { kind: 'command', commandId } }),
    )
    // the command lies across the end of the first page of a thousand
    await writer.append(stream, newEvents(990), { expectedRevision: noStream })
    await writer.append(stream, command, { expectedRevision: 989 })
    const reader = openEventStoreDbStore({ connectionString: server.connectionString, commandIndex: open() })
    expect((await reader.findCommand(commandId, stream)).map(({ id }) => id)).toEqual(command.map(({ id }) => id))
    expect(await reader.findCommand(commandId, stream)).toHaveLength(20)
    await writer.close()
    await reader.close()
    await server.close()
  })
})

test('the places of commands in a stretch of a stream', () => {
  const [a, b] = [randomUUID(), randomUUID()]
  const events = [undefined, a, a, b, undefined].map((commandId, n) => ({ revision: 10 + n, commandId }))
  expect(placesOf('order-1', events)).toEqual([
    { commandId: a, stream: 'order-1', first: 11, last: 12 },
    { commandId: b, stream: 'order-1', first: 13, last: 13 },
  ])
})
