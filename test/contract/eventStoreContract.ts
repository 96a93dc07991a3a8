import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/ledger/canonicalJson.ts'
import { appendLimits } from '../../src/ledger/encodeEvent.ts'
import type { NewEvent, RecordedEvent } from '../../src/ledger/envelope.ts'
import {
  InvalidAppend,
  noStream,
  StoreUnavailable,
  type AppendResult,
  type EventStore,
  type Page,
} from '../../src/ledger/eventStore.ts'
import { newEvent, newEvents } from '../support/newEvent.ts'

/** One log that several stores may be opened on. It may hold other events, and others may write to it meanwhile. */
export interface LogUnderTest {
  openStore(): Promise<EventStore>
  drop(): Promise<void>
}

/** Where adapters may differ. */
export interface Traits {
  /** False where an id is only compared with the event at the same revision of the same stream. */
  readonly idsUniqueInLog?: boolean
}

/** The promises of `EventStore`, for every adapter. Positions need an order, not density. */
export function eventStoreContract(name: string, openLog: () => Promise<LogUnderTest>, traits: Traits = {}): void {
  const { idsUniqueInLog = true } = traits
  describe(`event store contract: ${name}`, () => {
    let log: LogUnderTest
    let store: EventStore
    const opened: EventStore[] = []

    async function openStore(): Promise<EventStore> {
      const another = await log.openStore()
      opened.push(another)
      return another
    }

    beforeAll(async () => {
      log = await openLog()
      store = await openStore()
    })
    afterAll(async () => {
      for (const each of opened) await each.close()
      await log.drop()
    })

    describe('append', () => {
      test('gives back what was written, envelope and data, with the texts as written', async () => {
        const stream = newStream()
        const event = newEvent({
          data: { b: [1, 'two', null, true, { z: 1, a: -0 }], a: '0.10' },
          source: { kind: 'import', system: 'erp', document: 'D-1', line: '7', requestHash: 'ab' },
          causationId: 'cause-1',
        })
        const result = await store.append(stream, [event], { expectedRevision: noStream })
        const [recorded] = await store.readStream(stream)
        const { data, ...envelope } = event
        expect(recorded).toMatchObject({ ...envelope, format: 1, stream, revision: 0 })
        expect(recorded?.data).toEqual({ b: [1, 'two', null, true, { z: 1, a: 0 }], a: '0.10' })
        expect(recorded?.raw).toEqual({
          envelope: canonicalJson({ ...envelope, format: 1, stream, revision: 0 }),
          data: canonicalJson(data),
        })
        expect(recorded?.recordedAt).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
        expect(result).toEqual({ outcome: 'appended', revision: 0, position: recorded?.position, repeated: false })
      })

      test('counts revisions from 0, and gives the revision and position of its last event', async () => {
        const stream = newStream()
        await appendTo(stream, noStream, newEvents(2))
        const result = await appendTo(stream, 1, newEvents(3))
        const recorded = await store.readStream(stream)
        expect(recorded.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4])
        expect(result).toMatchObject({ revision: 4, position: recorded[4]?.position })
        expectRising(recorded)
      })

      test.each([
        ['a stream that exists', noStream],
        ['an older revision', 0],
        ['a newer revision', 2],
        ['a much newer revision', 500],
      ])('is a conflict with the actual revision when it expected %s (%i)', async (_, expectedRevision) => {
        const stream = newStream()
        await appendTo(stream, noStream, newEvents(2))
        const result = await store.append(stream, newEvents(2), { expectedRevision })
        expect(result).toEqual({ outcome: 'conflict', actualRevision: 1 })
        expect(await store.readStream(stream)).toHaveLength(2)
      })

      test('is a conflict with revision -1 when it expected a revision of a stream that does not exist', async () => {
        const stream = newStream()
        const result = await store.append(stream, newEvents(1), { expectedRevision: 0 })
        expect(result).toEqual({ outcome: 'conflict', actualRevision: noStream })
        expect(await store.readStream(stream)).toEqual([])
      })

      test('lets one of 20 racers win, whole', async () => {
        const stream = newStream()
        await appendTo(stream, noStream, newEvents(1))
        const racers = Array.from({ length: 20 }, () => newEvents(5))
        const results = await Promise.all(racers.map((events) => store.append(stream, events, { expectedRevision: 0 })))
        const winners = racers.filter((_, n) => results[n]?.outcome === 'appended')
        expect(winners).toHaveLength(1)
        expect(idsOf(await store.readStream(stream)).slice(1)).toEqual(idsOf(winners[0] ?? []))
        expect(results.filter(({ outcome }) => outcome === 'conflict')).toEqual(
          Array.from({ length: 19 }, () => ({ outcome: 'conflict', actualRevision: 5 })),
        )
      })
    })

    describe('idempotency by event id', () => {
      test('the same append again answers as the first time, also after others', async () => {
        const stream = newStream()
        const events = newEvents(3)
        const first = await appendTo(stream, noStream, events)
        expect(await store.append(stream, events, { expectedRevision: noStream })).toEqual({ ...first, repeated: true })
        await appendTo(stream, 2, newEvents(2))
        expect(await store.append(stream, events, { expectedRevision: noStream })).toEqual({ ...first, repeated: true })
        expect(await store.readStream(stream)).toHaveLength(5)
      })

      test('the same append through another store answers as the first time', async () => {
        const stream = newStream()
        const events = newEvents(2)
        const first = await appendTo(stream, noStream, events)
        const other = await openStore()
        expect(await other.append(stream, events, { expectedRevision: noStream })).toEqual({ ...first, repeated: true })
      })

      test('the same append twice at once is written once, and both callers get its revision', async () => {
        const stream = newStream()
        const events = newEvents(2)
        const results = await Promise.all(
          Array.from({ length: 4 }, () => store.append(stream, events, { expectedRevision: noStream })),
        )
        expect(results.map((result) => result.outcome === 'appended' && result.revision)).toEqual([1, 1, 1, 1])
        expect(idsOf(await store.readStream(stream))).toEqual(idsOf(events))
      })

      test('a prefix of an append answers with the revision and position of its own last event', async () => {
        const stream = newStream()
        const events = newEvents(4)
        await appendTo(stream, noStream, events)
        const recorded = await store.readStream(stream)
        expect(await store.append(stream, events.slice(0, 2), { expectedRevision: noStream })).toEqual({
          outcome: 'appended',
          revision: 1,
          position: recorded[1]?.position,
          repeated: true,
        })
      })

      test('a repeat keeps what was written first', async () => {
        const stream = newStream()
        const event = newEvent({ data: { written: 'first' } })
        await appendTo(stream, noStream, [event])
        const again = await store.append(stream, [{ ...event, data: { written: 'second' } }], {
          expectedRevision: noStream,
        })
        expect(again).toMatchObject({ outcome: 'appended', repeated: true })
        expect((await store.readStream(stream)).map(({ data }) => data)).toEqual([{ written: 'first' }])
      })

      test.each<[string, (known: NewEvent[]) => NewEvent[], number]>([
        ['known events and a new one', (known) => [...known, newEvent()], noStream],
        ['a new event and known ones', (known) => [newEvent(), ...known], noStream],
        ['a new event before the end', (known) => [...known.slice(0, 1), newEvent()], noStream],
        ['known events in another order', (known) => known.toReversed(), noStream],
        ['known events with a gap', (known) => known.filter((_, n) => n !== 1), noStream],
        ...onlyIf<[string, (known: NewEvent[]) => NewEvent[], number]>(idsUniqueInLog, [
          ['known events expected elsewhere', (known) => known, 2],
          ['a known event among new ones at the head', (known) => [newEvent(), ...known.slice(0, 1)], 2],
        ]),
      ])('is a conflict for %s', async (_, change, expectedRevision) => {
        const stream = newStream()
        const known = newEvents(3)
        await appendTo(stream, noStream, known)
        const result = await store.append(stream, change(known), { expectedRevision })
        expect(result).toEqual({ outcome: 'conflict', actualRevision: 2 })
        expect(idsOf(await store.readStream(stream))).toEqual(idsOf(known))
      })

      test.each(onlyIf(idsUniqueInLog, ['another stream']))('an id that %s holds is a conflict', async () => {
        const events = newEvents(1)
        await appendTo(newStream(), noStream, events)
        const stream = newStream()
        expect(await store.append(stream, events, { expectedRevision: noStream })).toEqual({
          outcome: 'conflict',
          actualRevision: noStream,
        })
        expect(await store.readStream(stream)).toEqual([])
      })
    })

    describe('limits', () => {
      test('2,000 events are one append', async () => {
        const stream = newStream()
        const events = newEvents(2_000)
        expect(await appendTo(stream, noStream, events)).toMatchObject({ revision: 1_999 })
        expect(idsOf(await store.readStream(stream))).toEqual(idsOf(events))
      })

      test('an event of a million bytes comes back whole', async () => {
        const stream = newStream()
        const text = '价'.repeat(333_000)
        await appendTo(stream, noStream, [newEvent({ data: { text } })])
        expect((await store.readStream(stream))[0]?.data).toEqual({ text })
      })

      const bad: Record<string, readonly NewEvent[]> = {
        'no events': [],
        'too many events': newEvents(appendLimits.events + 1),
        'more than a mebibyte': [newEvent({ data: 'x'.repeat(appendLimits.bytes) })],
        'more than a mebibyte together': newEvents(3, { data: 'x'.repeat(400_000) }),
        'an id that is not a UUID': [newEvent({ id: 'order-1' })],
        'an id in upper case': [newEvent({ id: randomUUID().toUpperCase() })],
        'one id twice': newEvents(2, { id: randomUUID() }),
        'an empty type': [newEvent({ type: '' })],
        'a system type': [newEvent({ type: '$metadata' })],
        'a type with a NUL': [newEvent({ type: 'A\u0000B' })],
        'a bigint': [newEvent({ data: { amount: 1n } })],
        'no data': [newEvent({ data: undefined })],
        'a function': [newEvent({ data: { f: () => 1 } })],
        'a number that is not finite': [newEvent({ data: { n: Number.NaN } })],
        'a lone surrogate': [newEvent({ data: { text: 'a\ud800b' } })],
        'a lone surrogate in a key': [newEvent({ data: { 'a\udc00': 1 } })],
        'no time': [newEvent({ occurredAt: '2026-01-15' })],
        'no actor': [newEvent({ actor: '' })],
        'a command id that is not a UUID': [newEvent({ source: { kind: 'command', commandId: 'c1' } })],
      }
      test.each(Object.entries(bad))('%s: refused, nothing written', async (_, events) => {
        const stream = newStream()
        await expect(store.append(stream, events, { expectedRevision: noStream })).rejects.toThrow(InvalidAppend)
        expect(await store.readStream(stream)).toEqual([])
      })

      test('one bad event among good ones: nothing written', async () => {
        const stream = newStream()
        const events = [...newEvents(2), newEvent({ type: '' })]
        await expect(store.append(stream, events, { expectedRevision: noStream })).rejects.toThrow(InvalidAppend)
        expect(await store.readStream(stream)).toEqual([])
      })

      test.each([
        ['empty', ''],
        ['of the system', '$streams'],
        ['with a NUL', 'a\u0000b'],
        ['of two lines', 'a\nb'],
        ['with a lone surrogate', 'a\ud800'],
        ['over 1,024 bytes', '价'.repeat(342)],
      ])('a stream name %s is refused', async (_, stream) => {
        await expect(store.append(stream, newEvents(1), { expectedRevision: noStream })).rejects.toThrow(InvalidAppend)
      })

      test.each([-2, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
        'the expected revision %d is refused',
        async (expectedRevision) => {
          await expect(store.append(newStream(), newEvents(1), { expectedRevision })).rejects.toThrow(InvalidAppend)
        },
      )
    })

    describe('text', () => {
      test.each([
        ['Chinese', '经销商：价格异常，窜货'],
        ['emoji and combining characters', '👩‍👩‍👧 e\u0301 \u{1F1E8}\u{1F1F3}'],
        ['NUL and other control characters', 'a\u0000b\u001f\u007f\u0085\b\t\n\f\r'],
        ['line separators and bidi controls', '\u2028\u2029\u202eabc'],
        ['quotes, backslashes and separators', '"\\\\"\\n{},;|\u001e\u001f'],
        ['what looks like an array of PostgreSQL', '{NULL,"a",\\N}'],
        ['nothing', ''],
      ])('%s survives in data, in keys and in the envelope', async (_, text) => {
        const stream = newStream()
        const event = newEvent({ data: { [`key ${text}`]: text, list: [text] }, actor: `actor ${text}` })
        await appendTo(stream, noStream, [event])
        const [recorded] = await store.readStream(stream)
        expect(recorded?.data).toEqual(event.data)
        expect(recorded?.actor).toBe(event.actor)
        expect(recorded?.raw.data).toBe(canonicalJson(event.data))
      })

      test.each([
        ['with Chinese, slash, blank and dot', 'stock-北京/仓库 1/SKU.9'],
        ['with quotes, backslash and braces', 'price-a\'b"c\\d{e},f;g'],
        ['that looks like no value', 'order-NULL'],
        ['of a dash', '-'],
        ['of 1,024 bytes', 'x'.repeat(appendLimits.streamBytes - 37)],
      ])('the stream name %s is kept', async (_, part) => {
        const stream = `${part}-${randomUUID()}`
        await appendTo(stream, noStream, newEvents(2))
        const recorded = await store.readStream(stream)
        expect(recorded.map((event) => event.stream)).toEqual([stream, stream])
      })

      test.each<[unknown]>([['text'], [7], [0.1], [null], [false], [[]], [[1, [2]]], [{}]])(
        'data may be %j',
        async (data) => {
          const stream = newStream()
          await appendTo(stream, noStream, [newEvent({ data })])
          expect((await store.readStream(stream))[0]?.data).toEqual(data)
        },
      )
    })

    describe('readStream', () => {
      test('is empty for a stream that does not exist', async () => {
        expect(await store.readStream(newStream())).toEqual([])
      })

      test('starts at a revision, inclusive, and keeps to its limit', async () => {
        const stream = newStream()
        await appendTo(stream, noStream, newEvents(10))
        const revisions = async (options: { from?: number; limit?: number }) =>
          (await store.readStream(stream, options)).map(({ revision }) => revision)
        expect(await revisions({ from: 7 })).toEqual([7, 8, 9])
        expect(await revisions({ limit: 2 })).toEqual([0, 1])
        expect(await revisions({ from: 3, limit: 4 })).toEqual([3, 4, 5, 6])
        expect(await revisions({ from: 10 })).toEqual([])
        expect(await revisions({ from: 500, limit: 1 })).toEqual([])
      })

      test('gives at most 5,000 events of a long stream, and goes on from there', async () => {
        const stream = newStream()
        for (let revision = -1; revision < 5_999; revision += 2_000) await appendTo(stream, revision, newEvents(2_000))
        const first = await store.readStream(stream)
        const second = await store.readStream(stream, { from: 5_000 })
        expect([...first, ...second].map(({ revision }) => revision)).toEqual(
          Array.from({ length: 6_000 }, (_, n) => n),
        )
        expect(first).toHaveLength(5_000)
      })

      test('many at once, each gets its own stream', async () => {
        const streams = Array.from({ length: 150 }, newStream)
        await Promise.all(streams.map((stream, n) => appendTo(stream, noStream, newEvents(1 + (n % 4)))))
        const read = await Promise.all(streams.map((stream) => store.readStream(stream)))
        expect(read.map((events) => events.map(({ stream, revision }) => [stream, revision]))).toEqual(
          streams.map((stream, n) => Array.from({ length: 1 + (n % 4) }, (_, revision) => [stream, revision])),
        )
      })

      test('what one reader does to an event, another does not see', async () => {
        const stream = newStream()
        await appendTo(stream, noStream, [newEvent({ data: { list: [1] } })])
        const [event] = await store.readStream(stream)
        Object.assign(event?.data as object, { list: 'changed' })
        expect((await store.readStream(stream))[0]?.data).toEqual({ list: [1] })
      })
    })

    describe('readAll', () => {
      test.each([1, 2, 7, 100])('in pages of %i gives every event once, in one order', async (limit) => {
        const before = await store.head()
        const streams = [newStream(), newStream(), newStream()]
        for (let n = 0; n < 12; n += 1) await appendTo(streams[n % 3] ?? '', Math.floor(n / 3) - 1, newEvents(1))
        const events = (await readOn(store, before, limit)).events.filter(({ stream }) => streams.includes(stream))
        expect(events.map(({ stream, revision }) => [stream, revision])).toEqual(
          Array.from({ length: 12 }, (_, n) => [streams[n % 3], Math.floor(n / 3)]),
        )
        expectRising(events)
      })

      test('gives the same events as readStream', async () => {
        const before = await store.head()
        const stream = newStream()
        await appendTo(stream, noStream, newEvents(3))
        const events = (await readOn(store, before, 10)).events.filter((event) => event.stream === stream)
        expect(events).toEqual(await store.readStream(stream))
      })

      test('starts after a position, exclusive', async () => {
        const stream = newStream()
        await appendTo(stream, noStream, newEvents(3))
        const [first, second, third] = await store.readStream(stream)
        const after = (await readOn(store, first?.position ?? 0n, 10)).events.filter((event) => event.stream === stream)
        expect(after).toEqual([second, third])
      })

      test('gives only the types asked for, and moves on where there are none', async () => {
        const before = await store.head()
        const [wanted, also, other] = [newType(), newType(), newType()]
        const types = [other, wanted, other, other, also, other, other, other, wanted, other, other, other]
        await appendTo(
          newStream(),
          noStream,
          types.map((type) => newEvent({ type })),
        )
        const { events, pages } = await readOn(store, before, 2, [wanted, also])
        expect(events.map(({ type }) => type)).toEqual([wanted, also, wanted])
        expect(pages.some((page) => page.events.length === 0)).toBe(true)
        expect((await readOn(store, before, 2, [newType()])).events).toEqual([])
      })

      test('at the head is empty and stays where it is', async () => {
        const { last } = await readOn(store, await store.head(), 100)
        expect(last.events).toEqual([])
        expect(last.atHead).toBe(true)
      })

      test('from 0 leads to what was written last', async () => {
        const result = await appendTo(newStream(), noStream, newEvents(1))
        const { last } = await readOn(store, 0n, 5_000)
        expect(last.position >= result.position).toBe(true)
      })

      test('read on in steps while others write: nothing twice, nothing left out', async () => {
        let position = await store.head()
        const streams = Array.from({ length: 8 }, newStream)
        const state = { writing: true }
        const writers = Promise.all(
          streams.map(async (stream) => {
            for (let n = 0; n < 25; n += 1) await appendTo(stream, 2 * n - 1, newEvents(2))
          }),
        ).finally(() => (state.writing = false))

        const seen: RecordedEvent[] = []
        for (let step = 0, done = false; !done; step += 1) {
          // a page says what was there when it was asked for
          const { writing } = state
          const page = await store.readAll({ after: position, limit: 1 + ((step * 7) % 23) })
          seen.push(...page.events.filter(({ stream }) => streams.includes(stream)))
          position = page.position
          done = !writing && page.atHead
        }
        await writers
        expectRising(seen)
        for (const stream of streams) expectDense(seen, stream, 50)
        expect(seen).toHaveLength(400)
      })
    })

    describe('subscribe', () => {
      test('gives what is there, then what comes', async () => {
        const before = await store.head()
        const stream = newStream()
        await appendTo(stream, noStream, newEvents(5))
        const seen: number[] = []
        await follow(store, { after: before, limit: 2 }, async (page) => {
          const mine = page.events.filter((event) => event.stream === stream)
          seen.push(...mine.map(({ revision }) => revision))
          if (seen.length === 5 && mine.length > 0) await appendTo(stream, 4, newEvents(3))
          return seen.length === 8
        })
        expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
      })

      test('meets each event once while several stores write', async () => {
        const after = await store.head()
        const stores = [store, await openStore(), await openStore()]
        const streams = Array.from({ length: 6 }, newStream)
        const writers = Promise.all(
          streams.map(async (stream, n) => {
            for (let revision = -1; revision < 39; revision += 1) {
              await appendTo(stream, revision, newEvents(1), stores[n % stores.length])
            }
          }),
        )
        const seen: RecordedEvent[] = []
        await follow(store, { after, limit: 50 }, (page) => {
          seen.push(...page.events.filter(({ stream }) => streams.includes(stream)))
          return seen.length >= 240
        })
        await writers
        expect(seen).toHaveLength(240)
        expectRising(seen)
        for (const stream of streams) expectDense(seen, stream, 40)
      })

      test('gives only the types asked for, while its position follows the log', async () => {
        const after = await store.head()
        const [wanted, other] = [newType(), newType()]
        const stream = newStream()
        const result = await appendTo(stream, noStream, [
          newEvent({ type: other }),
          newEvent({ type: wanted }),
          newEvent({ type: other }),
        ])
        const seen: string[] = []
        await follow(store, { after, types: [wanted] }, (page) => {
          seen.push(...page.events.map(({ type }) => type))
          return page.position >= result.position
        })
        expect(seen).toEqual([wanted])
      })

      test('goes on from a position as if it had never stopped', async () => {
        let after = await store.head()
        const stream = newStream()
        await appendTo(stream, noStream, newEvents(9))
        const seen: number[] = []
        while (seen.length < 9) {
          await follow(store, { after, limit: 2 }, (page) => {
            seen.push(...page.events.filter((event) => event.stream === stream).map(({ revision }) => revision))
            after = page.position
            return true
          })
        }
        expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
      })

      test('ends at once when the signal aborts while it waits, before it starts, and between pages', async () => {
        const after = (await readOn(store, await store.head(), 100)).last.position
        const waiting = new AbortController()
        const idle = collect(store.subscribe({ after, types: [newType()], signal: waiting.signal }))
        setImmediate(() => waiting.abort())
        await within(2_000, idle)

        expect(await within(2_000, collect(store.subscribe({ after: 0n, signal: AbortSignal.abort() })))).toEqual([])

        const between = new AbortController()
        let pages = 0
        for await (const page of store.subscribe({ after: 0n, limit: 1, signal: between.signal })) {
          expect(page.position > 0n).toBe(true)
          pages += 1
          between.abort()
        }
        expect(pages).toBe(1)
      })

      test('is quick to tell of an append in another store', async () => {
        const other = await openStore()
        const after = await store.head()
        const stream = newStream()
        const following = follow(other, { after }, (page) => page.events.some((event) => event.stream === stream))
        await appendTo(stream, noStream, newEvents(1))
        await expect(within(5_000, following)).resolves.toBeUndefined()
      })
    })

    describe('several stores on one log', () => {
      test('racing on the same streams, each revision is won once and nothing is lost', async () => {
        const before = await store.head()
        const stores = [store, await openStore(), await openStore(), await openStore()]
        const streams = Array.from({ length: 4 }, newStream)
        const acknowledged = new Map<string, string>()
        await Promise.all(
          Array.from({ length: 16 }, async (_, writer) => {
            const mine = stores[writer % stores.length] ?? store
            for (let n = 0; n < 6; n += 1) {
              const stream = streams[(writer + n) % streams.length] ?? ''
              const events = newEvents(1 + (n % 2))
              let result: AppendResult | undefined
              let expectedRevision = (await mine.readStream(stream)).length - 1
              while (result?.outcome !== 'appended') {
                result = await mine.append(stream, events, { expectedRevision })
                if (result.outcome === 'conflict') expectedRevision = result.actualRevision
              }
              for (const { id } of events) acknowledged.set(id, stream)
            }
          }),
        )
        const seen = (await readOn(store, before, 37)).events.filter(({ stream }) => streams.includes(stream))
        expect(seen).toHaveLength(144)
        expect(new Map(seen.map(({ id, stream }) => [id, stream]))).toEqual(acknowledged)
        expectRising(seen)
        for (const stream of streams) expectDense(seen, stream, seen.filter((event) => event.stream === stream).length)
      })

      test('each sees at once what another has written', async () => {
        const other = await openStore()
        const stream = newStream()
        for (let revision = -1; revision < 9; revision += 1) {
          const writer = revision % 2 === 0 ? store : other
          const reader = writer === store ? other : store
          const { position } = await appendTo(stream, revision, newEvents(1), writer)
          expect((await reader.readStream(stream)).at(-1)).toMatchObject({ revision: revision + 1, position })
          expect((await reader.head()) >= position).toBe(true)
        }
      })
    })

    describe('findCommand', () => {
      test('gives the events of one command, in order, and no others', async () => {
        const stream = newStream()
        const commands = [commandOf(1), commandOf(3), commandOf(2)]
        await appendTo(stream, noStream, newEvents(1))
        let revision = 0
        for (const events of commands) revision = (await appendTo(stream, revision, events)).revision
        await appendTo(stream, revision, newEvents(2))
        const found = await Promise.all(commands.map((events) => store.findCommand(events[0]?.id ?? '', stream)))
        expect(found.map(idsOf)).toEqual(commands.map(idsOf))
        expect(found[1]).toEqual((await store.readStream(stream)).slice(2, 5))
      })

      test('separates commands that were appended together', async () => {
        const stream = newStream()
        const [a, b] = [commandOf(2), commandOf(2)]
        await appendTo(stream, noStream, [...a, ...b])
        expect(idsOf(await store.findCommand(a[0]?.id ?? '', stream))).toEqual(idsOf(a))
        expect(idsOf(await store.findCommand(b[0]?.id ?? '', stream))).toEqual(idsOf(b))
      })

      test('is empty for a command that has written nothing, and for an id that is not a command', async () => {
        const stream = newStream()
        const events = commandOf(2)
        await appendTo(stream, noStream, events)
        expect(await store.findCommand(randomUUID(), stream)).toEqual([])
        expect(await store.findCommand(randomUUID(), newStream())).toEqual([])
        expect(await store.findCommand(events[1]?.id ?? '', stream)).toEqual([])
      })

      test('sees what any store has acknowledged before the call', async () => {
        const stores = [store, await openStore()]
        const stream = newStream()
        for (let revision = -1; revision < 9; revision += 1) {
          const events = commandOf(1)
          await appendTo(stream, revision, events, stores[(revision + 1) % 2])
          for (const each of stores)
            expect(idsOf(await each.findCommand(events[0]?.id ?? '', stream))).toEqual(idsOf(events))
        }
      })

      test('gives the events also when the command wrote them to another stream', async () => {
        const events = commandOf(2)
        const stream = newStream()
        await appendTo(stream, noStream, events)
        const found = await store.findCommand(events[0]?.id ?? '', newStream())
        expect(found.map((event) => event.stream)).toEqual([stream, stream])
      })
    })

    describe('head and positionAt', () => {
      test('the head is not before what was acknowledged', async () => {
        const result = await appendTo(newStream(), noStream, newEvents(3))
        expect((await store.head()) >= result.position).toBe(true)
      })

      test('an instant has the position of the last event recorded until then', async () => {
        const stream = newStream()
        await appendTo(stream, noStream, newEvents(2))
        const [first, second] = await store.readStream(stream)
        const recorded = Date.parse(first?.recordedAt ?? '')
        expect((await store.positionAt(Date.parse(second?.recordedAt ?? ''))) >= (second?.position ?? 0n)).toBe(true)
        expect((await store.positionAt(recorded - 1)) < (first?.position ?? 0n)).toBe(true)
        expect(await store.positionAt(0)).toBe(0n)
        expect((await store.positionAt(recorded + 3_600_000)) >= (second?.position ?? 0n)).toBe(true)
      })
    })

    describe('close', () => {
      test('afterwards every call says that the store is closed, and subscriptions have ended', async () => {
        const closing = await openStore()
        const stream = newStream()
        await appendTo(stream, noStream, newEvents(1), closing)
        const { signal } = new AbortController()
        const subscription = collect(closing.subscribe({ after: await closing.head(), signal }))
        await closing.close()
        await closing.close()
        await within(2_000, subscription)
        await expect(closing.append(stream, newEvents(1), { expectedRevision: 0 })).rejects.toThrow(StoreUnavailable)
        await expect(closing.readStream(stream)).rejects.toThrow(StoreUnavailable)
        await expect(closing.readAll({ after: 0n, limit: 1 })).rejects.toThrow(StoreUnavailable)
        await expect(closing.findCommand(randomUUID(), stream)).rejects.toThrow(StoreUnavailable)
        await expect(closing.head()).rejects.toThrow(StoreUnavailable)
        await expect(closing.positionAt(0)).rejects.toThrow(StoreUnavailable)
        expect(await store.readStream(stream)).toHaveLength(1)
      })
    })

    async function appendTo(
      stream: string,
      expectedRevision: number,
      events: readonly NewEvent[],
      target: EventStore = store,
    ): Promise<AppendResult & { outcome: 'appended' }> {
      const result = await target.append(stream, events, { expectedRevision })
      if (result.outcome !== 'appended') throw new Error(`conflict on ${stream}: at ${result.actualRevision}`)
      return result
    }
  })
}

const onlyIf = <T>(condition: boolean, cases: readonly T[]): readonly T[] => (condition ? cases : [])
const newStream = (): string => `contract-${randomUUID()}`
const newType = (): string => `Type${randomUUID()}`
const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id)

function commandOf(count: number): NewEvent[] {
  const commandId = randomUUID()
  return Array.from({ length: count }, (_, n) =>
    newEvent({ ...(n === 0 && { id: commandId }), data: { n }, source: { kind: 'command', commandId } }),
  )
}

interface ReadOn {
  readonly events: readonly RecordedEvent[]
  readonly pages: readonly Page[]
  readonly last: Page
}

/** Reads from a position until a page says that it is at the head; pages keep to their limit and never go back. */
async function readOn(store: EventStore, after: bigint, limit: number, types?: readonly string[]): Promise<ReadOn> {
  const pages: Page[] = []
  for (let position = after; ;) {
    const page = await store.readAll({ after: position, limit, ...(types && { types }) })
    expect(page.events.length).toBeLessThanOrEqual(limit)
    expect(page.position >= position).toBe(true)
    expect(page.position >= (page.events.at(-1)?.position ?? position)).toBe(true)
    pages.push(page)
    position = page.position
    if (page.atHead) return { events: pages.flatMap(({ events }) => events), pages, last: page }
  }
}

/** Consumes a subscription until `done` says so; a minute without that is a failure. */
async function follow(
  store: EventStore,
  options: { readonly after: bigint; readonly limit?: number; readonly types?: readonly string[] },
  done: (page: Page) => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = AbortSignal.timeout(60_000)
  for await (const page of store.subscribe({ ...options, signal: deadline })) {
    if (await done(page)) return
  }
  throw new Error('the subscription ended before the test was done')
}

async function collect(pages: AsyncIterable<Page>): Promise<Page[]> {
  const collected: Page[] = []
  for await (const page of pages) collected.push(page)
  return collected
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms`)), milliseconds)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

function expectRising(events: readonly RecordedEvent[]): void {
  const falling = events.filter(({ position }, n) => n > 0 && position <= (events[n - 1]?.position ?? 0n))
  expect(falling).toEqual([])
}

function expectDense(events: readonly RecordedEvent[], stream: string, count: number): void {
  const revisions = events.filter((event) => event.stream === stream).map(({ revision }) => revision)
  expect(revisions).toEqual(Array.from({ length: count }, (_, n) => n))
}
