import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StoreUnavailable, type EventStore } from '../../src/ledger/eventStore.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { openPostgresStore } from '../../src/ledger/postgres/postgresStore.ts'
import { importDirectory } from '../../src/runtime/import/importDirectory.ts'
import { freshDatabase } from '../support/database.ts'
import { importingHandler, streamsOf } from '../support/importing.ts'
import { seededRandom } from '../support/seededRandom.ts'
import { importable, smallChannel } from '../support/smallImport.ts'

const memory = (): EventStore => openMemoryStore({ clock: () => 0 })

/** The store of a process that dies with its n-th append: the append takes effect or not, and nothing works any more. */
function dyingStore(store: EventStore, lives: number, takesEffect: boolean): EventStore {
  let left = lives
  const alive = (): void => {
    if (left <= 0) throw new StoreUnavailable('the process is gone')
  }
  return {
    ...store,
    async append(stream, events, options) {
      alive()
      left -= 1
      if (left > 0 || takesEffect) {
        const result = await store.append(stream, events, options)
        if (left > 0) return result
      }
      throw new StoreUnavailable('the process died in an append')
    },
    async readStream(stream, options) {
      alive()
      return store.readStream(stream, options)
    },
    async findCommand(commandId, stream) {
      alive()
      return store.findCommand(commandId, stream)
    },
  }
}

let channel: Awaited<ReturnType<typeof importable>>
let expected: readonly string[]
beforeAll(async () => {
  channel = await importable(smallChannel)
  const store = memory()
  await importDirectory({ handler: importingHandler(store) }, channel.dir, {})
  expected = await streamsOf(store)
})
afterAll(() => channel.drop())

describe('an import that is killed', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'goes on to the very same streams after kills at random appends (seed %i)',
    async (seed) => {
      const random = seededRandom(seed)
      const store = memory()
      for (let deaths = 0; deaths < 4; deaths++) {
        const dying = dyingStore(store, 1 + Math.floor(random() * 12), random() < 0.5)
        const handler = importingHandler(dying, { seed: deaths + 2 })
        await importDirectory({ handler }, channel.dir, {}).catch((error: unknown) => {
          if (!(error instanceof StoreUnavailable)) throw error
        })
      }
      expect((await streamsOf(store)).length).toBeLessThanOrEqual(expected.length)
      await importDirectory({ handler: importingHandler(store) }, channel.dir, {})
      expect(await streamsOf(store)).toEqual(expected)
    },
  )

  it('stops cleanly when it is asked to, and goes on later', async () => {
    const store = memory()
    const stopping = new AbortController()
    let appends = 0
    const summary = await importDirectory(
      {
        handler: importingHandler({
          ...store,
          async append(stream, events, options) {
            appends += 1
            if (appends === 9) stopping.abort()
            return store.append(stream, events, options)
          },
        }),
      },
      channel.dir,
      { signal: stopping.signal },
    )
    expect(summary.outcome).toBe('stopped')
    const stopped = await streamsOf(store)
    expect(stopped.length).toBeGreaterThan(0)
    expect(stopped.length).toBeLessThan(expected.length)
    const again = await importDirectory({ handler: importingHandler(store, { seed: 2 }) }, channel.dir, {})
    expect(again.outcome).toBe('complete')
    expect(await streamsOf(store)).toEqual(expected)
  })

  it('writes the same streams on PostgreSQL, through kills too', async () => {
    const database = await freshDatabase()
    const store = await openPostgresStore({ connection: database.url, unsafeForTests: true })
    try {
      await importDirectory({ handler: importingHandler(dyingStore(store, 11, true)) }, channel.dir, {}).catch(
        (error: unknown) => {
          if (!(error instanceof StoreUnavailable)) throw error
        },
      )
      await importDirectory({ handler: importingHandler(store, { seed: 2 }) }, channel.dir, {})
      expect(await streamsOf(store)).toEqual(expected)
    } finally {
      await store.close()
      await database.drop()
    }
  })
})
