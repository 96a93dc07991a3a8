import { describe, expect, it } from 'vitest'
import type { LedgerCommandHandler } from '../../src/ledger/commandHandler.ts'
import { keyedEventId } from '../../src/ledger/commandIds.ts'
import type { Outcome } from '../../src/ledger/commands.ts'
import { InvalidEvent } from '../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { createMemoryLog, openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { meta, testHandler } from '../support/commandHandling.ts'
import { counter, type CounterCommand } from '../support/counter.ts'

const clock = (): number => 1_768_437_000_000
const memory = (): EventStore => openMemoryStore({ clock })
const open = (available: number, owner = 'dealer-1'): CounterCommand => ({ type: 'Open', id: 'c', owner, available })
const take = (count: number, by = 'x'): CounterCommand => ({ type: 'Take', id: 'c', by, count })

/** A store that counts what it is asked. */
function counted(store: EventStore) {
  const calls = { append: 0, readStream: 0, findCommand: 0 }
  const counting: EventStore = {
    ...store,
    append: (...args) => ((calls.append += 1), store.append(...args)),
    readStream: (...args) => ((calls.readStream += 1), store.readStream(...args)),
    findCommand: (...args) => ((calls.findCommand += 1), store.findCommand(...args)),
  }
  return { store: counting, calls }
}

function written(outcome: Outcome): Extract<Outcome, { ok: true }> {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.refused}`)
  return outcome
}

describe('a command', () => {
  it('appends what it decides, in the envelope of its circumstances', async () => {
    const store = memory()
    const handler = testHandler(store)
    const outcome = written(
      await handler.execute(counter, open(5), {
        ...meta({ key: 'k1', correlationId: 'corr', causationId: 'cause', actor: 'p-7' }),
        source: { kind: 'import', system: 'erp', document: 'd1', line: '3' },
      }),
    )
    expect(outcome).toMatchObject({ stream: 'counter-c', revision: 0, position: 1n, replayed: false })
    const [event] = await store.readStream('counter-c')
    expect(outcome.events).toEqual([event])
    expect(event).toMatchObject({
      type: 'CounterOpened',
      schemaVersion: 1,
      actor: 'p-7',
      occurredAt: meta().at,
      correlationId: 'corr',
      causationId: 'cause',
      source: {
        kind: 'import',
        system: 'erp',
        document: 'd1',
        line: '3',
        commandId: event?.id,
        requestHash: meta({ key: 'k1' }).idempotency?.requestHash,
      },
      data: { owner: 'dealer-1', available: 5 },
    })
  })

  it('that has nothing to do answers with the stream as it is', async () => {
    const handler = testHandler(memory())
    await handler.execute(counter, open(5), meta())
    expect(await handler.execute(counter, take(0), meta())).toEqual({
      ok: true,
      stream: 'counter-c',
      revision: 0,
      position: 1n,
      events: [],
      replayed: false,
    })
  })

  it('is refused with the decider’s own refusal', async () => {
    const handler = testHandler(memory())
    await handler.execute(counter, open(5), meta())
    expect(await handler.execute(counter, take(6), meta())).toEqual({
      ok: false,
      refusal: { refused: 'period.closed', details: { available: 5 } },
    })
  })

  it('is not decided on an older state than when it came: a refusal reads the tail first', async () => {
    const store = memory()
    const one = testHandler(store, { seed: 1 })
    const two = testHandler(store, { seed: 2 })
    await one.execute(counter, open(1), meta())
    expect(await one.execute(counter, take(2), meta())).toMatchObject({ ok: false })
    await two.execute(counter, { type: 'Fill', id: 'c', count: 5 }, meta())
    expect(await one.execute(counter, take(2), meta())).toMatchObject({ ok: true, revision: 2 })
    await two.execute(counter, take(4), meta())
    expect(await one.execute(counter, take(0), meta())).toMatchObject({ ok: true, revision: 3, position: 4n })
  })

  it('fails alone, with nothing appended, when the decider throws or writes an event that does not fit', async () => {
    const store = memory()
    const handler = testHandler(store)
    await handler.execute(counter, open(5), meta())
    const [crash, unfit, fine] = await Promise.allSettled([
      handler.execute(counter, { type: 'Crash', id: 'c' }, meta()),
      handler.execute(counter, { type: 'Fill', id: 'c', count: -1 }, meta()),
      handler.execute(counter, take(2), meta()),
    ])
    expect(crash).toMatchObject({ status: 'rejected', reason: { message: 'a bug in the decider' } })
    expect(unfit.status === 'rejected' && unfit.reason).toBeInstanceOf(InvalidEvent)
    expect(fine).toMatchObject({ status: 'fulfilled', value: { ok: true, revision: 1 } })
    expect(await store.readStream('counter-c')).toHaveLength(2)
  })

  it('with more events than one append holds is refused', async () => {
    const store = memory()
    const handler = testHandler(store)
    await handler.execute(counter, open(10_000), meta())
    const outcome = await handler.execute(counter, { type: 'TakeEach', id: 'c', by: 'x', count: 5_001 }, meta())
    expect(outcome).toMatchObject({ ok: false, refusal: { refused: 'ledger.event_too_large' } })
    const people = Array.from({ length: 400 }, (_, n): [string, string] => [`p${n}`, 'n'.repeat(2_000)])
    expect(await handler.execute(counter, { type: 'Note', id: 'c', note: 'n', people }, meta())).toMatchObject({
      ok: false,
      refusal: { refused: 'ledger.event_too_large' },
    })
    expect(await store.readStream('counter-c')).toHaveLength(1)
  })
})

describe('an expected revision', () => {
  it('that is not the stream’s is a conflict that names the actual one', async () => {
    const handler = testHandler(memory())
    await handler.execute(counter, open(5), meta({ expectedRevision: -1 }))
    expect(await handler.execute(counter, take(1), meta({ expectedRevision: 0 }))).toMatchObject({ ok: true })
    expect(await handler.execute(counter, take(1), meta({ expectedRevision: 0 }))).toEqual({
      ok: false,
      refusal: { refused: 'revision.conflict', details: { actualRevision: 1 } },
    })
  })

  it('lets one of several in the same batch through', async () => {
    const handler = testHandler(memory())
    await handler.execute(counter, open(5), meta())
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => handler.execute(counter, take(1), meta({ expectedRevision: 0 }))),
    )
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false])
  })
})

describe('a command that follows an event', () => {
  const first = { principal: 'p', route: 'take', key: '1', requestHash: '0'.repeat(64) }
  const after = keyedEventId('p', 'take', '1', 0)

  it('is written in one append with the command that writes it', async () => {
    const handler = testHandler(memory())
    await handler.execute(counter, open(5), meta())
    const outcomes = await Promise.all([
      handler.execute(counter, take(1), meta({ idempotency: first })),
      handler.execute(counter, take(2), meta({ after })),
    ])
    expect(outcomes).toMatchObject([
      { ok: true, revision: 1 },
      { ok: true, revision: 2 },
    ])
  })

  it('is a conflict behind any other', async () => {
    const handler = testHandler(memory())
    await handler.execute(counter, open(5), meta())
    await handler.execute(counter, take(1), meta({ idempotency: first }))
    await handler.execute(counter, take(1), meta())
    expect(await handler.execute(counter, take(2), meta({ after }))).toEqual({
      ok: false,
      refusal: { refused: 'revision.conflict', details: { actualRevision: 2 } },
    })
  })
})

describe('for a dealer, the object of another', () => {
  const commands: readonly CounterCommand[] = [
    take(1),
    take(100),
    { type: 'Fill', id: 'c', count: 1 },
    { type: 'Close', id: 'c' },
  ]

  // the second takes whoever asks for the owner of what does not exist
  const claimed: typeof counter = { ...counter, owner: ({ owner = 'dealer-2' }) => owner }

  it.each([counter, claimed])('cannot be told from one that does not exist', async (aggregate) => {
    const foreign = testHandler(memory())
    const missing = testHandler(memory())
    await foreign.execute(counter, open(5, 'dealer-1'), meta())
    for (const command of commands) {
      for (const expectedRevision of [undefined, -1, 0, 7]) {
        const asked = meta({ onBehalfOf: 'dealer-2', ...(expectedRevision === undefined ? {} : { expectedRevision }) })
        const answer = await foreign.execute(aggregate, command, asked)
        expect(answer).toEqual(await missing.execute(aggregate, command, asked))
        expect(answer).toMatchObject({ ok: false, refusal: { refused: 'object.not_found' } })
      }
    }
    const declaration = { eventId: '00000000-0000-7000-8000-000000000001', reason: 'did_not_occur' } as const
    const asked = meta({ onBehalfOf: 'dealer-2' })
    expect(await foreign.declareError(aggregate, 'c', declaration, asked)).toEqual(
      await missing.declareError(aggregate, 'c', declaration, asked),
    )
  })

  it('is not touched by a command that would create it', async () => {
    const handler = testHandler(memory())
    await handler.execute(counter, open(5, 'dealer-1'), meta())
    const again = await handler.execute(counter, open(9, 'dealer-2'), meta({ onBehalfOf: 'dealer-2' }))
    expect(again).toMatchObject({ ok: false, refusal: { refused: 'object.not_found' } })
    expect(await handler.execute(counter, take(1), meta({ onBehalfOf: 'dealer-1' }))).toMatchObject({ ok: true })
  })
})

describe('commands of one stream', () => {
  it('that come together are decided in order and written in one append', async () => {
    const { store, calls } = counted(memory())
    const handler = testHandler(store)
    await handler.execute(counter, open(40), meta())
    calls.append = calls.readStream = 0
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, (_, n) => handler.execute(counter, take(1), meta({ key: `k${n}` }))),
    )
    expect(outcomes.map(({ ok }) => ok)).toEqual(Array.from({ length: 64 }, (_, n) => n < 40))
    expect(outcomes.slice(0, 40).map((outcome) => written(outcome).revision)).toEqual(
      Array.from({ length: 40 }, (_, n) => n + 1),
    )
    expect(calls).toMatchObject({ append: 1, readStream: 1 })
    expect(await handler.load(counter, 'c')).toMatchObject({ available: 0, taken: 40 })
  })

  it('each cost one look-up and one append on a warm state', async () => {
    const { store, calls } = counted(memory())
    const handler = testHandler(store)
    await handler.execute(counter, open(40), meta())
    calls.append = calls.readStream = calls.findCommand = 0
    await handler.execute(counter, take(1), meta({ key: 'k' }))
    expect(calls).toEqual({ append: 1, readStream: 1, findCommand: 1 })
  })

  it.each([1, 2])('never oversell: 64 callers reserving, in %d process(es)', async (processes) => {
    const log = createMemoryLog()
    const handlers = Array.from({ length: processes }, (_, n) =>
      testHandler(openMemoryStore({ clock, log }), { seed: n }),
    )
    const at = (n: number): LedgerCommandHandler => handlers[n % processes] ?? testHandler(memory())
    await at(0).execute(counter, open(100), meta())
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, (_, n) =>
        at(n).execute(counter, take(1 + (n % 3), `by-${n}`), meta({ key: `k${n}` })),
      ),
    )
    const events = await openMemoryStore({ clock, log }).readStream('counter-c')
    const sold = events.slice(1).map(({ data }) => data as { by: string; count: number })
    expect(sold.reduce((sum, { count }) => sum + count, 0)).toBe(100)
    expect(sold.map(({ by }) => by).toSorted()).toEqual(
      outcomes.flatMap(({ ok }, n) => (ok ? [`by-${n}`] : [])).toSorted(),
    )
    const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.refused]))
    expect(new Set(refusals)).toEqual(new Set(['period.closed']))
  })

  it('beyond the queue’s bounds are told that the server is busy', async () => {
    const handler = testHandler(memory(), { limits: { queueLength: 3, batchSize: 2 } })
    const outcomes = await Promise.all(
      [open(9), take(1), take(1), take(1), take(1)].map((command) => handler.execute(counter, command, meta())),
    )
    expect(outcomes.map((outcome) => (outcome.ok ? 'done' : outcome.refusal.refused))).toEqual([
      'done',
      'done',
      'done',
      'server.busy',
      'server.busy',
    ])
    expect(await handler.execute(counter, take(1), meta())).toMatchObject({ ok: true })
  })

  it('that lose every race are told of contention, after a bounded number of attempts', async () => {
    const inner = memory()
    const { store, calls } = counted({ ...inner, append: async () => ({ outcome: 'conflict', actualRevision: 0 }) })
    const handler = testHandler(store, { limits: { lostAppends: 4 } })
    expect(await handler.execute(counter, open(1), meta())).toMatchObject({
      ok: false,
      refusal: { refused: 'ledger.contention' },
    })
    expect(calls.append).toBe(5)
  })

  it('that need more than one append get several, in order', async () => {
    const store = memory()
    const handler = testHandler(store)
    await handler.execute(counter, open(10_000), meta())
    const outcomes = await Promise.all(
      [900, 900, 10, 1_500].map((count) =>
        handler.execute(counter, { type: 'TakeEach', id: 'c', by: 'x', count }, meta()),
      ),
    )
    expect(outcomes.map((outcome) => written(outcome).revision)).toEqual([900, 1_800, 1_810, 3_310])
    expect(await handler.load(counter, 'c')).toMatchObject({ taken: 3_310 })
  })
})
