import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../src/ledger/canonicalJson.ts'
import { InvalidAppend, noStream, StoreUnavailable, type EventStore } from '../../../src/ledger/eventStore.ts'
import type { AppendFault } from '../../support/eventStoreDbServer/faults.ts'
import { openEventStoreDbServer } from '../../support/eventStoreDbServer/openEventStoreDbServer.ts'
import { serverPerTest } from '../../support/eventStoreDbServer/serverPerTest.ts'
import { newEvent, newEvents } from '../../support/newEvent.ts'

const context = serverPerTest()

describe('an append whose outcome is unknown', () => {
  const unavailable = { kind: 'status', code: 14, details: 'read ECONNRESET' } as const
  test.each<[string, AppendFault[]]>([
    ['its reply was lost with the connection', [{ kind: 'lose-reply' }]],
    ['its reply was lost three times', [{ kind: 'lose-reply' }, { kind: 'lose-reply' }, { kind: 'lose-reply' }]],
    ['its reply never came, on a connection that stays', [{ kind: 'swallow-reply' }]],
    ['its reply came too late', [{ kind: 'delay', milliseconds: 700 }]],
    ['the connection broke before it was written', [{ kind: 'drop' }]],
    ['the server never took it up', [{ kind: 'hang' }]],
    ['the server was not ready', [{ kind: 'not-ready' }, { kind: 'not-ready' }]],
    ['the call ended as unavailable', [unavailable]],
    [
      'the call ended as a graceful stop does',
      [{ kind: 'status', code: 13, details: 'Received RST_STREAM with code 0' }],
    ],
    [
      'everything happened in turn',
      [{ kind: 'drop' }, { kind: 'hang' }, unavailable, { kind: 'lose-reply' }, { kind: 'not-ready' }],
    ],
  ])('has one effect and the right answer when %s', async (_, faults) => {
    const store = context.open()
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    context.server.faults.append(...faults)
    const events = newEvents(2)
    const result = await store.append('order-1', events, { expectedRevision: 0 })
    const recorded = await store.readStream('order-1')
    expect(result).toEqual({ outcome: 'appended', revision: 2, position: recorded[2]?.position, repeated: false })
    expect(recorded.slice(1).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
    expect(recorded).toHaveLength(3)
    expect(context.server.faults.left()).toBe(0)
    expect(await store.append('order-1', newEvents(1), { expectedRevision: 2 })).toMatchObject({ revision: 3 })
  })

  test('is a conflict when another writer was there first, also after a repeat', async () => {
    const store = context.open()
    const other = context.open()
    context.server.faults.append({ kind: 'drop' })
    const late = store.append('order-1', newEvents(1), { expectedRevision: noStream })
    await expect.poll(() => context.server.faults.left()).toBe(0)
    await other.append('order-1', newEvents(3), { expectedRevision: noStream })
    // One of the two is first; never both, never neither.
    const result = await late
    const { length } = await store.readStream('order-1')
    expect([result.outcome, length]).toEqual(result.outcome === 'conflict' ? ['conflict', 3] : ['appended', 1])
  })

  test('is found by its command, and the same append again writes nothing, when the writer is gone', async () => {
    const first = context.open({ patience: 300 })
    const commandId = randomUUID()
    const events = [
      newEvent({ id: commandId, source: { kind: 'command', commandId } }),
      newEvent({ source: { kind: 'command', commandId } }),
    ]
    context.server.faults.append({ kind: 'swallow-reply' })
    await expect(first.append('order-1', events, { expectedRevision: noStream })).rejects.toThrow(StoreUnavailable)
    await first.close()

    const second = context.open()
    await second.append('order-1', newEvents(4), { expectedRevision: 1 })
    expect((await second.findCommand(commandId, 'order-1')).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
    const changed = events.map((event) => ({ ...event, data: { changed: true } }))
    const [, last] = await second.readStream('order-1')
    expect(await second.append('order-1', changed, { expectedRevision: noStream })).toEqual({
      outcome: 'appended',
      revision: 1,
      position: last?.position,
      repeated: true,
    })
    expect(await second.readStream('order-1')).toHaveLength(6)
  })

  test('two processes with the same events at once: one wrote them, the other is told so', async () => {
    const [a, b] = [context.open(), context.open()]
    for (let round = 0; round < 20; round += 1) {
      const events = newEvents(2)
      const append = (store: EventStore, by: string) =>
        store.append(
          `order-${round}`,
          events.map((event) => ({ ...event, data: { by } })),
          { expectedRevision: noStream },
        )
      const [first, second] = await Promise.all([append(a, 'a'), append(b, 'b')])
      const [recorded] = await a.readStream(`order-${round}`)
      expect([first, second]).toMatchObject([
        { outcome: 'appended', revision: 1, repeated: !canonicalJson(recorded?.data).includes('"a"') },
        { outcome: 'appended', revision: 1, repeated: !canonicalJson(recorded?.data).includes('"b"') },
      ])
    }
  })

  test('is told of a conflict, and of its own repeat, only when what won can be read', async () => {
    const slow = await openEventStoreDbServer({ commitDelay: 60 })
    try {
      const [a, b] = [slow.connectionString, slow.connectionString].map((connectionString) =>
        context.open({ connectionString }),
      )
      if (!a || !b) throw new Error('no stores')
      const events = newEvents(2)
      const same = await Promise.all(
        [a, b].map((store) => store.append('order-1', events, { expectedRevision: noStream })),
      )
      expect(same.map((result) => `${result.outcome} ${'repeated' in result && result.repeated}`).toSorted()).toEqual([
        'appended false',
        'appended true',
      ])
      const append = async (store: EventStore) => {
        const result = await store.append('order-1', newEvents(1), { expectedRevision: 1 })
        return `${result.outcome} ${(await store.readStream('order-1')).length}`
      }
      expect((await Promise.all([append(a), append(b)])).toSorted()).toEqual(['appended 3', 'conflict 3'])
    } finally {
      await slow.close()
    }
  })

  test('under random faults every acknowledged append is there once, in order', async () => {
    const seed = Number(process.env['SEED'] ?? 20_240_601)
    const kinds: (AppendFault | undefined)[] = [
      { kind: 'lose-reply' },
      { kind: 'drop' },
      { kind: 'delay', milliseconds: 20 },
      { kind: 'not-ready' },
      { kind: 'answer-twice' },
      ...Array.from({ length: 5 }, () => undefined),
    ]
    const [faults = []] = fc.sample(fc.array(fc.constantFrom(...kinds), { minLength: 200, maxLength: 200 }), {
      seed,
      numRuns: 1,
    })
    context.server.faults.append(...faults)
    const store = context.open({ patience: 20_000 })
    const acknowledged: string[] = []
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let revision = -1; revision < 14; revision += 1) {
          const [event] = newEvents(1)
          if (!event) return
          const result = await store.append(`order-${writer}`, [event], { expectedRevision: revision })
          expect(result, `SEED=${seed}`).toMatchObject({ outcome: 'appended', revision: revision + 1, repeated: false })
          acknowledged.push(`${writer} ${revision + 1} ${event.id}`)
        }
      }),
    )
    const page = await store.readAll({ after: 0n, limit: 5_000 })
    const found = page.events.map(({ stream, revision, id }) => `${stream.slice(6)} ${revision} ${id}`)
    expect(found.toSorted()).toEqual(acknowledged.toSorted())
  }, 30_000)
})

describe('a client that could end the process', () => {
  test('survives a second answer to one append, and goes on', async () => {
    const store = context.open()
    context.server.faults.append({ kind: 'answer-twice' }, { kind: 'answer-twice' })
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    await store.append('order-1', newEvents(1), { expectedRevision: 0 })
    expect(await store.append('order-1', newEvents(1), { expectedRevision: 1 })).toMatchObject({ revision: 2 })
  })

  test.each([
    ['an id that is no UUID', newEvent({ id: 'not-a-uuid' })],
    ['an empty type', newEvent({ type: '' })],
    ['data that has no JSON', newEvent({ data: { price: 1n } })],
    ['no data', newEvent({ data: undefined })],
  ])('is never called with %s', async (_, event) => {
    const store = context.open()
    await expect(store.append('order-1', [event], { expectedRevision: noStream })).rejects.toThrow(InvalidAppend)
    expect(context.server.wire.accepted()).toBe(0)
  })

  test('does not take the appends of another store with it when it loses its server', async () => {
    const other = await openEventStoreDbServer()
    try {
      const store = context.open()
      const doomed = context.open({ connectionString: other.connectionString, patience: 1_000 })
      await store.append('warm-up', newEvents(1), { expectedRevision: noStream })
      await doomed.append('warm-up', newEvents(1), { expectedRevision: noStream })
      for (let n = 0; n < 32; n += 1) context.server.faults.append({ kind: 'delay', milliseconds: 60 })
      other.faults.append({ kind: 'hang' })
      const lost = doomed.append('lost', newEvents(1), { expectedRevision: noStream })
      const kept = Array.from({ length: 32 }, (_unused, n) =>
        store.append(`order-${n}`, newEvents(1), { expectedRevision: noStream }),
      )
      await expect.poll(() => other.faults.left()).toBe(0)
      await other.wire.down()
      await expect(lost).rejects.toThrow(StoreUnavailable)
      for (const result of await Promise.all(kept)) {
        expect(result).toMatchObject({ outcome: 'appended', revision: 0, repeated: false })
      }
      expect(context.server.log.all.filter(({ stream }) => stream.startsWith('cl.order-'))).toHaveLength(32)
      expect(await store.append('order-0', newEvents(1), { expectedRevision: 0 })).toMatchObject({ revision: 1 })
    } finally {
      await other.close()
    }
  })

  test('survives a connection that fails under 64 large appends waiting for the socket', async () => {
    const store = context.open({ patience: 10_000, callTimeout: 5_000 })
    await store.append('warm-up', newEvents(1), { expectedRevision: noStream })
    context.server.wire.freeze()
    const appends = Array.from({ length: 64 }, (_, n) =>
      store.append(`order-${n}`, [newEvent({ data: 'x'.repeat(100_000) })], { expectedRevision: noStream }),
    )
    await pause(200)
    context.server.wire.thaw()
    context.server.wire.breakConnections()
    for (const result of await Promise.all(appends)) expect(result).toMatchObject({ outcome: 'appended', revision: 0 })
    expect(context.server.log.all.filter(({ stream }) => stream.startsWith('cl.order-'))).toHaveLength(64)
  })
})

describe('a server that does not answer', () => {
  test('is StoreUnavailable within the own deadline, for every call, and forgotten when it is back', async () => {
    const store = context.open({ callTimeout: 200, patience: 700 })
    const { position } = (await store.append('order-1', newEvents(1), { expectedRevision: noStream })) as {
      position: bigint
    }
    context.server.wire.freeze()
    const started = performance.now()
    const calls = [
      store.append('order-1', newEvents(1), { expectedRevision: 0 }),
      store.readStream('order-1'),
      store.readAll({ after: 0n, limit: 10 }),
      store.findCommand(randomUUID(), 'order-1'),
      store.head(),
      store.positionAt(0),
    ]
    for (const settled of await Promise.allSettled(calls)) {
      expect(settled).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailable' } })
    }
    expect(performance.now() - started).toBeLessThan(2_500)
    context.server.wire.thaw()
    await expect.poll(() => store.head().catch(() => 0n), { timeout: 5_000 }).toBeGreaterThanOrEqual(position)
  })

  test('hangs on one connection only: the store leaves it and is served on a new one', async () => {
    const store = context.open({ patience: 8_000 })
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    context.server.faults.append({ kind: 'hang' })
    const before = context.server.wire.accepted()
    expect(await store.append('order-1', newEvents(1), { expectedRevision: 0 })).toMatchObject({ revision: 1 })
    expect(context.server.wire.accepted()).toBeGreaterThan(before)
  })

  test('fails the first question for its features in an odd way, and the store is not poisoned', async () => {
    const store = context.open()
    context.server.faults.features({ kind: 'status', code: 13, details: 'Received RST_STREAM with code 0' })
    expect(await store.append('order-1', newEvents(1), { expectedRevision: noStream })).toMatchObject({ revision: 0 })
    expect(context.server.faults.left()).toBe(0)
  })

  test('is away: StoreUnavailable, and service as soon as it is back on its port, with the log kept', async () => {
    const store = context.open({ patience: 300 })
    await store.append('order-1', newEvents(1), { expectedRevision: noStream })
    await context.server.restart(async () => {
      await expect(store.append('order-1', newEvents(1), { expectedRevision: 0 })).rejects.toThrow(StoreUnavailable)
      await expect(store.readStream('order-1')).rejects.toThrow(StoreUnavailable)
    })
    await expect.poll(() => store.readStream('order-1').catch(() => []), { timeout: 5_000 }).toHaveLength(1)
    expect(await store.append('order-1', newEvents(1), { expectedRevision: 0 })).toMatchObject({ revision: 1 })
  })

  test('restarts under writers who wait: each append has one effect', async () => {
    const store = context.open({ patience: 15_000 })
    const writers = Promise.all(
      Array.from({ length: 16 }, async (_, writer) => {
        for (let revision = -1; revision < 11; revision += 1) {
          const result = await store.append(`order-${writer}`, newEvents(1), { expectedRevision: revision })
          expect(result).toMatchObject({ outcome: 'appended', revision: revision + 1 })
        }
      }),
    )
    for (const written of [20, 60, 120]) {
      await expect.poll(() => context.server.log.all.length, { interval: 2 }).toBeGreaterThan(written)
      await context.server.restart(() => pause(30))
    }
    await writers
    expect(context.server.log.all.filter(({ stream }) => stream.startsWith('cl.order-'))).toHaveLength(16 * 12)
  }, 30_000)
})
