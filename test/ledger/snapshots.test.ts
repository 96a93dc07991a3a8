import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { createMemoryLog, openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { openPostgresSnapshots } from '../../src/ledger/postgres/snapshots.ts'
import { createMemorySnapshots, type Snapshot, type Snapshots } from '../../src/ledger/snapshots.ts'
import { meta, testHandler } from '../support/commandHandling.ts'
import { counter } from '../support/counter.ts'
import { freshDatabase } from '../support/database.ts'

const clock = (): number => 1_768_437_000_000
const limits = { snapshotEvery: 10 }

/** A stream of 1 + `count` events, its snapshots, and how many events are read to load it cold. */
async function longStream(count: number, snapshots: Snapshots = createMemorySnapshots()) {
  const store = openMemoryStore({ clock })
  const handler = testHandler(store, { snapshots, limits })
  await handler.execute(counter, { type: 'Open', id: 'c', owner: 'd', available: 1_000 }, meta())
  for (let taken = 0; taken < count; taken += 1) {
    await handler.execute(counter, { type: 'Take', id: 'c', by: 'x', count: 1 }, meta())
  }
  await handler.idle()
  const expected = { owner: 'd', available: 1_000 - count, taken: count, events: count + 1 }
  return {
    store,
    snapshots,
    expected,
    cold: (aggregate = counter, from: EventStore = store) => coldLoad(from, snapshots, aggregate),
  }
}

async function coldLoad(store: EventStore, snapshots: Snapshots, aggregate: typeof counter) {
  let read = 0
  const counting: EventStore = {
    ...store,
    readStream: async (...args) => {
      const events = await store.readStream(...args)
      read += events.length
      return events
    },
  }
  const handler = testHandler(counting, { snapshots, limits, onSnapshotError: () => undefined })
  const state = await handler.load(aggregate, 'c')
  await handler.idle()
  return { state, read }
}

/** Changes the snapshot that is loaded. */
function changed(snapshots: Snapshots, change: (snapshot: Snapshot) => Snapshot | undefined): Snapshots {
  return {
    ...snapshots,
    load: async (...args) => {
      const snapshot = await snapshots.load(...args)
      return snapshot && change(snapshot)
    },
  }
}

describe('a long stream', () => {
  it('is loaded from its snapshot and the tail', async () => {
    const { cold, expected } = await longStream(95)
    const { state, read } = await cold()
    expect(state).toEqual(expected)
    expect(read).toBeLessThanOrEqual(limits.snapshotEvery)
  })

  it('gets a snapshot when it is first loaded, if others wrote it', async () => {
    const { store } = await longStream(95)
    const snapshots = createMemorySnapshots()
    expect((await coldLoad(store, snapshots, counter)).read).toBe(96)
    expect((await coldLoad(store, snapshots, counter)).read).toBe(1)
  })

  it('is folded anew when the snapshot was made by another version of the state', async () => {
    const { cold, expected } = await longStream(95)
    expect(await cold({ ...counter, stateVersion: 2 })).toEqual({ state: expected, read: 96 })
  })

  it('is folded anew when the snapshot is of another history, or ahead of the log', async () => {
    const { store, snapshots, expected } = await longStream(95)
    const alien = changed(snapshots, (snapshot) => ({
      ...snapshot,
      lastEventId: '0198f1f2-7c00-7000-8000-000000000001',
      state: {},
    }))
    expect((await coldLoad(store, alien, counter)).state).toEqual(expected)
    const ahead = changed(snapshots, (snapshot) => ({ ...snapshot, revision: 500, state: {} }))
    expect((await coldLoad(store, ahead, counter)).state).toEqual(expected)
  })

  it('is folded anew when the snapshot cannot be read', async () => {
    const { store, expected } = await longStream(95)
    const broken: Snapshots = {
      load: () => Promise.reject(new Error('down')),
      save: () => Promise.reject(new Error('down')),
    }
    expect((await coldLoad(store, broken, counter)).state).toEqual(expected)
  })

  it('whose log was restored from a backup beneath the process is read again', async () => {
    const log = createMemoryLog()
    const before = openMemoryStore({ clock, log })
    let store = before
    const handler = testHandler({
      ...before,
      readStream: (...args) => store.readStream(...args),
      append: (...args) => store.append(...args),
    })
    for (const available of [5, 5])
      await handler.execute(counter, { type: 'Open', id: 'c', owner: 'd', available }, meta())
    await handler.execute(counter, { type: 'Take', id: 'c', by: 'x', count: 2 }, meta())
    store = openMemoryStore({ clock })
    expect(await handler.load(counter, 'c')).toEqual(counter.initialState)
    expect(await handler.execute(counter, { type: 'Open', id: 'c', owner: 'd', available: 7 }, meta())).toMatchObject({
      revision: 0,
    })
  })
})

describe('snapshots in PostgreSQL', () => {
  const cleanups: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const cleanup of cleanups.toReversed()) await cleanup()
  })

  it('are kept per version, replaced, and ignored when they are not JSON', async () => {
    const database = await freshDatabase()
    const pool = new pg.Pool({ connectionString: database.url, max: 2 })
    cleanups.push(database.drop, () => pool.end())
    const [snapshots] = await Promise.all([openPostgresSnapshots(pool), openPostgresSnapshots(pool)])
    const { cold, expected } = await longStream(95, snapshots)
    const { state, read } = await cold()
    expect(state).toEqual(expected)
    expect(read).toBeLessThanOrEqual(limits.snapshotEvery)

    const id = '0198f1f2-7c00-7000-8000-000000000001'
    const snapshot = {
      revision: 7,
      position: 9_007_199_254_740_993n,
      lastEventId: id,
      declared: [id],
      state: { a: ['ü'] },
    }
    await snapshots.save('s', 1, { ...snapshot, revision: 3 })
    await snapshots.save('s', 1, snapshot)
    expect(await snapshots.load('s', 1)).toEqual(snapshot)
    expect(await snapshots.load('s', 2)).toBeUndefined()
    expect(await snapshots.load('t', 1)).toBeUndefined()
    await pool.query(`UPDATE channel_ledger_cache.snapshots SET state = left(state, -1)`)
    expect(await snapshots.load('s', 1)).toBeUndefined()
    expect((await cold()).read).toBe(96)
  })
})
