import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { derivedId, keyedEventId, uuidV7 } from '../../src/ledger/commandIds.ts'
import type { Outcome } from '../../src/ledger/commands.ts'
import { StoreUnavailable, type EventStore } from '../../src/ledger/eventStore.ts'
import { createMemoryLog, openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { meta, seededRandom, testHandler } from '../support/commandHandling.ts'
import { counter, type CounterCommand } from '../support/counter.ts'
import { faultyStore, type Fault } from '../support/faultyStore.ts'

const clock = (): number => 1_768_437_000_000
const memory = (): EventStore => openMemoryStore({ clock })
const open = (available: number): CounterCommand => ({ type: 'Open', id: 'c', owner: 'dealer-1', available })
const take = (count: number): CounterCommand => ({ type: 'Take', id: 'c', by: 'x', count })
const takeEach = (count: number): CounterCommand => ({ type: 'TakeEach', id: 'c', by: 'x', count })

describe('ids', () => {
  it('of events and aggregates derive from principal, route and key, and from nothing else', () => {
    const made = [
      keyedEventId('p', 'r', 'k', 0),
      keyedEventId('p', 'r', 'k', 1),
      keyedEventId('p', 'r', 'k2', 0),
      keyedEventId('p', 'r2', 'k', 0),
      keyedEventId('p2', 'r', 'k', 0),
      // the same characters, cut elsewhere
      keyedEventId('pr', '', 'k', 0),
      keyedEventId('p"', ',"r', 'k', 0),
      derivedId('p', 'r', 'k'),
      derivedId('p', 'r', 'k2'),
    ]
    expect(new Set(made).size).toBe(made.length)
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    // SHA-256 of ["p","r","k",0], recomputed with sha256sum
    expect(keyedEventId('p', 'r', 'k', 0)).toBe('7d5ba5bb-21d8-8176-9aec-3557fe8e879b')
  })

  it('without a key are UUIDv7: time first, then randomness', () => {
    const id = uuidV7({ now: () => 0x0123456789ab, random: (size) => Buffer.alloc(size, 0xff) })
    expect(id).toBe('01234567-89ab-7fff-bfff-ffffffffffff')
    const random = seededRandom(3)
    const earlier = uuidV7({ now: () => 1_768_437_000_000, random })
    expect(earlier < uuidV7({ now: () => 1_768_437_000_001, random })).toBe(true)
  })
})

describe('a command repeated with its key', () => {
  it('gets the same answer, also after other events and from another process', async () => {
    const log = createMemoryLog()
    const store = openMemoryStore({ clock, log })
    const one = testHandler(store, { seed: 1 })
    await one.execute(counter, open(9), meta({ key: 'open' }))
    const first = await one.execute(counter, takeEach(3), meta({ key: 'k' }))
    await one.execute(counter, take(1), meta())
    const two = testHandler(openMemoryStore({ clock, log }), { seed: 2 })
    for (const handler of [one, two, one]) {
      const again = await handler.execute(counter, takeEach(3), meta({ key: 'k' }))
      expect(again).toEqual({ ...first, replayed: true })
      expect(again).toMatchObject({ ok: true, revision: 3, position: 4n, events: { length: 3 } })
    }
    expect(await store.readStream('counter-c')).toHaveLength(5)
  })

  it('is answered before its expected revision or its rules are looked at', async () => {
    const handler = testHandler(memory())
    await handler.execute(counter, open(2), meta({ key: 'open' }))
    const first = await handler.execute(counter, take(2), meta({ key: 'k', expectedRevision: 0 }))
    expect(await handler.execute(counter, take(2), meta({ key: 'k', expectedRevision: 0 }))).toEqual({
      ...first,
      replayed: true,
    })
  })

  it('but another request, or for another stream, is refused', async () => {
    const handler = testHandler(memory())
    await handler.execute(counter, open(9), meta({ key: 'k', request: 'this' }))
    const reused = { ok: false, refusal: { refused: 'idempotency.key_reused', details: {} } }
    expect(await handler.execute(counter, take(1), meta({ key: 'k', request: 'that' }))).toEqual(reused)
    expect(await handler.execute(counter, { ...open(9), id: 'other' }, meta({ key: 'k', request: 'this' }))).toEqual(
      reused,
    )
    expect(await handler.loadWithRevision(counter, 'other')).toMatchObject({ revision: -1 })
  })

  it('while the first is at work is told so', async () => {
    const handler = testHandler(memory())
    const [first, second] = await Promise.all([1, 2].map(() => handler.execute(counter, open(9), meta({ key: 'k' }))))
    expect(first).toMatchObject({ ok: true, replayed: false })
    expect(second).toEqual({ ok: false, refusal: { refused: 'idempotency.in_flight', details: {} } })
    expect(await handler.execute(counter, open(9), meta({ key: 'k' }))).toEqual({ ...first, replayed: true })
  })

  it('in two processes at once has one effect and one answer', async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const log = createMemoryLog()
      const slow = fc.sample(fc.integer({ min: 0, max: 3 }), { seed, numRuns: 2 })
      const handlers = slow.map((turns, n) => testHandler(delayed(openMemoryStore({ clock, log }), turns), { seed: n }))
      await handlers[0]?.execute(counter, open(9), meta())
      const outcomes = await Promise.all(
        handlers.map((handler) => handler.execute(counter, take(9), meta({ key: 'k' }))),
      )
      expect(log.all, `seed ${seed}`).toHaveLength(2)
      expect(outcomes.map((outcome) => outcome.ok && { ...outcome, replayed: false })).toEqual([
        expect.objectContaining({ ok: true, revision: 1 }),
        expect.objectContaining({ ok: true, revision: 1 }),
      ])
    }
  })

  it('in two processes at once, but as another request, is refused in one of them', async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const log = createMemoryLog()
      const slow = fc.sample(fc.integer({ min: 0, max: 3 }), { seed, numRuns: 2 })
      const handlers = slow.map((turns, n) => testHandler(delayed(openMemoryStore({ clock, log }), turns), { seed: n }))
      await handlers[0]?.execute(counter, open(9), meta())
      for (const handler of handlers) await handler.load(counter, 'c')
      const outcomes = await Promise.all(
        handlers.map((handler, n) => handler.execute(counter, take(n + 1), meta({ key: 'k', request: n }))),
      )
      const [, taken] = await openMemoryStore({ clock, log }).readStream('counter-c')
      expect(log.all, `seed ${seed}`).toHaveLength(2)
      const count = (taken?.data as { count: number } | undefined)?.count
      expect(
        outcomes.map((outcome) => (outcome.ok ? 'done' : outcome.refusal.refused)),
        `seed ${seed}`,
      ).toEqual([1, 2].map((own) => (own === count ? 'done' : 'idempotency.key_reused')))
      for (const handler of handlers) expect(await handler.load(counter, 'c')).toMatchObject({ taken: count })
    }
  })

  it('that was refused or had nothing to do is decided anew', async () => {
    const handler = testHandler(memory())
    await handler.execute(counter, open(1), meta())
    expect(await handler.execute(counter, take(2), meta({ key: 'k' }))).toMatchObject({ ok: false })
    await handler.execute(counter, { type: 'Fill', id: 'c', count: 1 }, meta())
    expect(await handler.execute(counter, take(2), meta({ key: 'k' }))).toMatchObject({ ok: true, replayed: false })
  })
})

describe('after an append whose outcome is unknown', () => {
  const fault = fc.constantFrom<Fault>('none', 'before', 'after')

  it('the same key again has exactly one effect and the answer that the first would have had', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        fc.boolean(),
        async (faults, others, sameProcess) => {
          const inner = memory()
          const plain = testHandler(inner, { seed: 9 })
          await plain.execute(counter, open(50), meta())
          const left = [...faults]
          const upset = async (): Promise<void> => {
            if (others) await plain.execute(counter, take(1), meta())
          }
          const store = faultyStore(inner, () => left.shift() ?? 'none', upset)
          let handler = testHandler(store, { seed: 1 })
          let outcome: Outcome | undefined
          let attempts = 0
          while (!outcome) {
            attempts += 1
            if (!sameProcess) handler = testHandler(store, { seed: attempts })
            outcome = await handler.execute(counter, takeEach(3), meta({ key: 'k' })).catch((error: unknown) => {
              if (!(error instanceof StoreUnavailable)) throw error
              return undefined
            })
          }
          const own = (await inner.readStream('counter-c')).filter(({ source }) => source.requestHash !== undefined)
          expect(own.map(({ id }) => id)).toEqual(
            [0, 1, 2].map((n) => keyedEventId('principal-1', 'POST /test', 'k', n)),
          )
          expect(outcome).toMatchObject({
            ok: true,
            events: own,
            revision: own.at(-1)?.revision,
            position: own.at(-1)?.position,
          })
        },
      ),
      { numRuns: 300 },
    )
  })

  it('every command of the batch learns that it is unknown, and the next one finds the truth', async () => {
    for (const kind of ['before', 'after'] as const) {
      const faults: Fault[] = ['none', kind]
      const handler = testHandler(faultyStore(memory(), () => faults.shift() ?? 'none'))
      await handler.execute(counter, open(10), meta())
      const batch = ['a', 'b', 'c'].map((key) => handler.execute(counter, take(2), meta({ key })))
      for (const result of await Promise.allSettled(batch)) {
        expect(result.status === 'rejected' && result.reason).toBeInstanceOf(StoreUnavailable)
      }
      const again = await handler.execute(counter, take(2), meta({ key: 'b' }))
      expect(again).toMatchObject({ ok: true, replayed: kind === 'after' })
      expect(await handler.load(counter, 'c')).toMatchObject({ taken: kind === 'after' ? 6 : 2 })
    }
  })
})

/** A store that answers some turns of the event loop late. */
function delayed(store: EventStore, turns: number): EventStore {
  const wait = async (): Promise<void> => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    ...store,
    append: async (...args) => (await wait(), store.append(...args)),
    findCommand: async (...args) => (await wait(), store.findCommand(...args)),
    readStream: async (...args) => (await wait(), store.readStream(...args)),
  }
}
