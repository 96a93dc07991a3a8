import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/ledger/commands.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { createMemoryLog, openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { meta, testHandler } from '../support/commandHandling.ts'
import { counter, type CounterCommand, type CounterState } from '../support/counter.ts'

const clock = (): number => 1_768_437_000_000
const ids = ['a', 'b'] as const

const command = fc.oneof(
  fc.record({
    type: fc.constant('Open' as const),
    id: fc.constantFrom(...ids),
    owner: fc.constant('dealer-1'),
    available: fc.nat(20),
  }),
  fc.record({
    type: fc.constant('Take' as const),
    id: fc.constantFrom(...ids),
    by: fc.constantFrom('x', 'y'),
    count: fc.nat(6),
  }),
  fc.record({
    type: fc.constant('TakeEach' as const),
    id: fc.constantFrom(...ids),
    by: fc.constant('z'),
    count: fc.nat(4),
  }),
  fc.record({ type: fc.constant('Fill' as const), id: fc.constantFrom(...ids), count: fc.nat(5) }),
) satisfies fc.Arbitrary<CounterCommand>

/** A store whose every call takes as many turns of the event loop as the schedule says next. */
function scheduled(store: EventStore, schedule: readonly number[]): EventStore {
  let calls = 0
  const wait = async (): Promise<void> => {
    calls += 1
    for (let turn = schedule[calls % schedule.length] ?? 0; turn > 0; turn -= 1)
      await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    ...store,
    append: async (...args) => (await wait(), await store.append(...args)),
    readStream: async (...args) => {
      const events = await store.readStream(...args)
      await wait()
      return events
    },
    findCommand: async (...args) => {
      const events = await store.findCommand(...args)
      await wait()
      return events
    },
  }
}

function shape(outcome: Outcome): unknown {
  if (!outcome.ok) return outcome.refusal
  const { revision, events } = outcome
  return { revision, events: events.map(({ type, data, revision: at }) => ({ type, data, at })) }
}

describe('commands at once', () => {
  it('in one process are answered as one after another', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        async (commands, batchSize) => {
          const [batched, single] = [openMemoryStore({ clock }), openMemoryStore({ clock })]
          const handler = testHandler(batched, { limits: { batchSize } })
          const together = await Promise.all(commands.map((one) => handler.execute(counter, one, meta())))
          const sequential = testHandler(single)
          const expected: Outcome[] = []
          for (const one of commands) expected.push(await sequential.execute(counter, one, meta()))
          expect(together.map(shape)).toEqual(expected.map(shape))
          for (const id of ids) expect(await handler.load(counter, id)).toEqual(await sequential.load(counter, id))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('in one process and in two, however their calls interleave, keep every stream right', async () => {
    let written = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(command, fc.nat(3), fc.boolean()), { minLength: 1, maxLength: 24 }),
        fc.integer({ min: 1, max: 2 }),
        fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }),
        async (commands, processes, schedule) => {
          const log = createMemoryLog()
          const handlers = Array.from({ length: processes }, (_, n) =>
            testHandler(scheduled(openMemoryStore({ clock, log }), schedule.toSpliced(0, n)), {
              seed: n,
              limits: { lostAppends: 1_000 },
            }),
          )
          const outcomes = await Promise.all(
            commands.map(async ([one, pause, keyed], n) => {
              for (let turn = 0; turn < pause; turn += 1) await new Promise((resolve) => setImmediate(resolve))
              const outcome = await handlers[n % processes]?.execute(counter, one, meta(keyed ? { key: `k${n}` } : {}))
              if (!outcome) throw new Error('no handler')
              return outcome
            }),
          )
          const reader = openMemoryStore({ clock, log })
          for (const id of ids) {
            const events = await reader.readStream(`counter-${id}`)
            // every event is in exactly one answer
            const own = outcomes.flatMap((outcome) =>
              outcome.ok && outcome.stream === `counter-${id}` ? outcome.events : [],
            )
            expect(own.toSorted((x, y) => x.revision - y.revision)).toEqual(events)
            // the state is the naive sum, and was never below zero on the way
            let available = 0
            for (const { type, data } of events) {
              const { available: opened = 0, count = 0 } = data as { available?: number; count?: number }
              available += type === 'CounterOpened' ? opened : type === 'CounterTaken' ? -count : count
              expect(available).toBeGreaterThanOrEqual(0)
            }
            expect(events.filter(({ type }) => type === 'CounterOpened').length).toBeLessThanOrEqual(1)
            for (const handler of handlers) {
              const state: CounterState = await handler.load(counter, id)
              expect(state).toMatchObject({ available, events: events.length })
            }
          }
          written += log.all.length
          refused += outcomes.filter(({ ok }) => !ok).length
        },
      ),
      { numRuns: 200 },
    )
    expect(Math.min(written, refused)).toBeGreaterThan(100)
  })
})
