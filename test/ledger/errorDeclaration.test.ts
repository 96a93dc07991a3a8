import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ErrorDeclared } from '../../src/domain/kernel/errorDeclaration.ts'
import type { LedgerCommandHandler } from '../../src/ledger/commandHandler.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { createMemorySnapshots } from '../../src/ledger/snapshots.ts'
import { meta, testHandler } from '../support/commandHandling.ts'
import { counter, type CounterCommand } from '../support/counter.ts'

const memory = (): EventStore => openMemoryStore({ clock: () => 1_768_437_000_000 })
const open = (available: number): CounterCommand => ({ type: 'Open', id: 'c', owner: 'dealer-1', available })
const take = (count: number): CounterCommand => ({ type: 'Take', id: 'c', by: 'x', count })

async function eventIds(store: EventStore): Promise<readonly string[]> {
  return (await store.readStream('counter-c')).map(({ id }) => id)
}

/** Opens with 10 and takes 1, 2 and 3. */
async function history(store: EventStore, handler: LedgerCommandHandler): Promise<readonly string[]> {
  for (const command of [open(10), take(1), take(2), take(3)]) await handler.execute(counter, command, meta())
  return eventIds(store)
}

describe('an event declared in error', () => {
  it('is folded as if it had not been, in every process, and the next decision rests on that', async () => {
    const store = memory()
    const one = testHandler(store, { seed: 1 })
    const two = testHandler(store, { seed: 2 })
    const [, , second = ''] = await history(store, one)
    expect(await two.load(counter, 'c')).toMatchObject({ available: 4, taken: 6 })
    const outcome = await one.declareError(
      counter,
      'c',
      { eventId: second, reason: 'did_not_occur' },
      meta({ actor: 'p-9' }),
    )
    expect(outcome).toMatchObject({
      ok: true,
      revision: 4,
      events: [{ type: 'ErrorDeclared', actor: 'p-9', data: { eventId: second } }],
    })
    for (const handler of [one, two, testHandler(store, { seed: 3 })]) {
      expect(await handler.load(counter, 'c')).toMatchObject({ available: 6, taken: 4 })
    }
    expect(await two.execute(counter, take(6), meta())).toMatchObject({ ok: true })
    expect(await one.execute(counter, take(1), meta())).toMatchObject({ ok: false })
  })

  it('has its corrective events beside it', async () => {
    const store = memory()
    const handler = testHandler(store)
    const [, first = '', second = ''] = await history(store, handler)
    const declaration = {
      eventId: first,
      reason: 'incorrect_data',
      correctiveEventIds: [second],
    } satisfies ErrorDeclared['data']
    expect(await handler.declareError(counter, 'c', declaration, meta())).toMatchObject({
      events: [{ data: declaration }],
    })
  })

  it('is refused when it is not correctable, unknown or declared before', async () => {
    const store = memory()
    const handler = testHandler(store)
    const [opened = '', first = ''] = await history(store, handler)
    const declare = (eventId: string) =>
      handler.declareError(counter, 'c', { eventId, reason: 'did_not_occur' }, meta())
    const code = async (eventId: string) => {
      const outcome = await declare(eventId)
      return outcome.ok ? 'done' : outcome.refusal.refused
    }
    const unknown = '00000000-0000-7000-8000-000000000000'
    expect(await code(opened)).toBe('correction.not_correctable')
    expect(await code(unknown)).toBe('correction.unknown_event')
    expect(await Promise.all([code(first), code(first)])).toEqual(['done', 'correction.already_declared'])
    const declaration = (await eventIds(store)).at(-1) ?? ''
    expect(await code(declaration)).toBe('correction.not_correctable')
  })

  it('answers a repeated request as the first time', async () => {
    const store = memory()
    const [one, two] = [testHandler(store, { seed: 1 }), testHandler(store, { seed: 2 })]
    const [, first = ''] = await history(store, one)
    const declaration = { eventId: first, reason: 'did_not_occur' } as const
    const outcome = await one.declareError(counter, 'c', declaration, meta({ key: 'k' }))
    for (const handler of [one, two]) {
      expect(await handler.declareError(counter, 'c', declaration, meta({ key: 'k' }))).toEqual({
        ...outcome,
        replayed: true,
      })
    }
    expect(await eventIds(store)).toHaveLength(5)
  })

  it('takes its turn between commands that came with it', async () => {
    const store = memory()
    const handler = testHandler(store)
    const [, , , third = ''] = await history(store, handler)
    const outcomes = await Promise.all([
      handler.execute(counter, take(5), meta()),
      handler.declareError(counter, 'c', { eventId: third, reason: 'did_not_occur' }, meta()),
      handler.execute(counter, take(5), meta()),
      handler.execute(counter, take(5), meta()),
    ])
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, true, true, false])
  })

  it('leaves what a fold without it leaves, whatever the history, the snapshots and the process', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const), n: fc.integer({ min: 1, max: 4 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('declare' as const), n: fc.nat(30) }) },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 1, max: 6 }),
        async (steps, snapshotEvery) => {
          const store = memory()
          const snapshots = createMemorySnapshots()
          const handlerOf = (seed: number) => testHandler(store, { seed, snapshots, limits: { snapshotEvery } })
          const warm = handlerOf(0)
          const declared = new Set<string>()
          await warm.execute(counter, open(40), meta())
          for (const [index, { do: what, n }] of steps.entries()) {
            const handler = index % 2 === 0 ? warm : handlerOf(index + 1)
            if (what === 'take') await handler.execute(counter, take(n), meta())
            else {
              const ids = await eventIds(store)
              const eventId = ids[n % ids.length] ?? ''
              const outcome = await handler.declareError(counter, 'c', { eventId, reason: 'did_not_occur' }, meta())
              if (outcome.ok) declared.add(eventId)
            }
            await handler.idle()
          }
          const all = await store.readStream('counter-c')
          const kept = all.filter(({ id, type }) => type === 'CounterTaken' && !declared.has(id))
          const taken = kept.reduce((sum, { data }) => sum + (data as { count: number }).count, 0)
          for (const handler of [warm, handlerOf(99)]) {
            expect(await handler.load(counter, 'c')).toMatchObject({
              taken,
              available: 40 - taken,
              events: kept.length + 1,
            })
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})
