import { describe, expect, it } from 'vitest'
import type { CommandHandlerLimits } from '../../src/ledger/commandHandler.ts'
import { StoreUnavailable, type EventStore } from '../../src/ledger/eventStore.ts'
import { factOf, type Fact } from '../../src/ledger/fact.ts'
import type { FactOutcome } from '../../src/ledger/factRecorder.ts'
import { createMemoryLog, openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { meta, testHandler } from '../support/commandHandling.ts'
import { counter, type CounterCommand } from '../support/counter.ts'

const clock = (): number => 1_768_437_000_000
const open = (id: string, available: number): CounterCommand => ({ type: 'Open', id, owner: 'dealer-1', available })
const take = (id: string, count: number): CounterCommand => ({ type: 'Take', id, by: 'x', count })
const fact = (command: CounterCommand, key: string, request: unknown = command): Fact =>
  factOf(counter, command, meta({ key, request }))

/** Records each list as one document; the outcomes by document. */
async function recorded(
  store: EventStore,
  documents: readonly (readonly Fact[])[],
  limits: Partial<CommandHandlerLimits> = {},
): Promise<readonly (readonly FactOutcome[])[]> {
  const recorder = testHandler(store, { limits }).factRecorder()
  const outcomes: (readonly FactOutcome[])[] = []
  for (const facts of documents) await recorder.add(facts, facts.length, async (each) => void outcomes.push(each))
  await recorder.drained()
  return outcomes
}

const shown = (outcomes: readonly (readonly FactOutcome[])[]): string[] =>
  outcomes.map((each) =>
    each
      .map((one) => (one.ok ? `${one.events.length}${one.replayed ? ' again' : ''}` : one.refusal.refused))
      .join(', '),
  )

async function texts(store: EventStore): Promise<string[]> {
  const { events } = await store.readAll({ after: 0n, limit: 5_000 })
  return events.map(({ raw }) => `${raw.envelope} ${raw.data}`).toSorted()
}

describe('recording facts by the window', () => {
  const documents = (): Fact[][] =>
    Array.from({ length: 60 }, (_, n) => {
      const id = `c${n % 7}`
      return n < 7 ? [fact(open(id, 20), `open ${n}`)] : [fact(take(id, n % 5), `${n} a`), fact(take(id, 1), `${n} b`)]
    })

  it.each([1, 4, 1_000])(
    'writes what the same commands write one after another (windows of %i)',
    async (factWindow) => {
      const one = openMemoryStore({ clock })
      const handler = testHandler(one)
      for (const facts of documents()) {
        for (const each of facts) if (!(await each.execute(handler)).ok) break
      }
      const other = openMemoryStore({ clock })
      const outcomes = shown(await recorded(other, documents(), { factWindow }))
      expect(await texts(other)).toEqual(await texts(one))
      expect(outcomes.slice(0, 9)).toEqual([...Array.from({ length: 7 }, () => '1'), '1, 1', '1, 1'])
      // what was refused leaves the rest of its document
      expect(outcomes).toContain('period.closed')
    },
  )

  it('changes nothing when it is repeated, and refuses a key that comes back with something else', async () => {
    const store = openMemoryStore({ clock })
    await recorded(store, [[fact(open('a', 9), 'open')], [fact(take('a', 2), 'k')]])
    const before = await texts(store)
    const again = await recorded(store, [
      [fact(open('a', 9), 'open')],
      [fact(take('a', 2), 'k')],
      [fact(take('a', 3), 'k')],
      [fact(take('b', 2), 'k', 'on another stream')],
    ])
    expect(shown(again)).toEqual(['1 again', '1 again', 'idempotency.key_reused', 'idempotency.key_reused'])
    expect(await texts(store)).toEqual(before)
  })

  it('takes a key that comes twice once', async () => {
    const store = openMemoryStore({ clock })
    const outcomes = await recorded(store, [
      [fact(open('a', 9), 'open')],
      [fact(take('a', 2), 'k')],
      [fact(take('a', 2), 'k')],
    ])
    expect(shown(outcomes)).toEqual(['1', '1', '1 again'])
  })

  it.each([1, 2, 1_000])(
    'decides again when another process has written the stream (windows of %i): nothing is taken twice',
    async (factWindow) => {
      const log = createMemoryLog()
      const store = openMemoryStore({ clock, log })
      const other = testHandler(openMemoryStore({ clock, log }), { seed: 2 })
      await other.execute(counter, open('a', 10), meta({ key: 'open' }))
      let appends = 0
      const disturbed: EventStore = {
        ...store,
        async append(...append) {
          appends += 1
          if (appends <= 3) await other.execute(counter, take('a', 2), meta({ key: `other ${appends}` }))
          return store.append(...append)
        },
      }
      const outcomes = await recorded(
        disturbed,
        Array.from({ length: 6 }, (_, n) => [fact(take('a', 1), `own ${n}`)]),
        { factWindow },
      )
      const state = await other.load(counter, 'a')
      const own = outcomes.flat().filter(({ ok }) => ok).length
      expect(state.available).toBeGreaterThanOrEqual(0)
      expect(state.taken).toBe(own + 2 * Math.min(appends, 3))
      expect(await store.readStream('counter-a')).toHaveLength(1 + own + Math.min(appends, 3))
      expect(own).toBe(4)
    },
  )

  it('hands on what the store throws, to who adds or to who waits', async () => {
    const store = openMemoryStore({ clock })
    const gone: EventStore = {
      ...store,
      readStream: () => Promise.reject(new StoreUnavailable('gone')),
    }
    const documents = Array.from({ length: 9 }, (_, n) => [fact(open(`c${n}`, 1), `k${n}`)])
    await expect(recorded(gone, documents, { factWindow: 2 })).rejects.toThrow(StoreUnavailable)
    await expect(recorded(gone, documents)).rejects.toThrow(StoreUnavailable)
    expect(await texts(store)).toEqual([])
  })
})
