import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../src/ledger/canonicalJson.ts'
import { decodeEvent } from '../../src/ledger/decodeEvent.ts'
import { encodeAppend } from '../../src/ledger/encodeEvent.ts'
import type { NewEvent, Source } from '../../src/ledger/envelope.ts'

const text = fc.string({ unit: 'binary', minLength: 1 })
const name = text.filter((value) => !/^\$|\p{Cc}/u.test(value))
const source: fc.Arbitrary<Source> = fc.record(
  {
    kind: fc.constantFrom('command', 'process', 'schedule', 'import'),
    system: text,
    document: text,
    line: text,
    commandId: fc.uuid(),
    requestHash: text,
  },
  { requiredKeys: ['kind'] },
)
const newEvent: fc.Arbitrary<NewEvent> = fc.record(
  {
    id: fc.uuid(),
    type: name,
    schemaVersion: fc.integer({ min: 1 }),
    occurredAt: fc.constantFrom('2026-01-15T08:30:00.000+08:00[Asia/Shanghai]', '1999-12-31T23:59:59.999Z[UTC]'),
    actor: text,
    source,
    correlationId: text,
    causationId: text,
    data: fc.jsonValue({ stringUnit: 'binary' }),
  },
  { requiredKeys: ['id', 'type', 'schemaVersion', 'occurredAt', 'actor', 'source', 'correlationId', 'data'] },
)

test('the texts are the canonical JSON of envelope and data, and decode to the event', () => {
  fc.assert(
    fc.property(newEvent, name, fc.integer({ min: -1, max: 1_000_000 }), (event, stream, expectedRevision) => {
      const [encoded] = encodeAppend(stream, [event], expectedRevision)
      const { data, ...rest } = event
      const envelope = { ...rest, format: 1, stream, revision: expectedRevision + 1 }
      expect(encoded?.envelope).toBe(canonicalJson(envelope))
      expect(encoded?.data).toBe(canonicalJson(data))
      expect(encoded).toMatchObject({ id: event.id, type: event.type, revision: expectedRevision + 1 })
      expect(encoded?.commandId).toBe(event.source.commandId)

      const decoded = decodeEvent(encoded?.envelope ?? '', encoded?.data ?? '', 7n, 1_700_000_000_000)
      expect(canonicalJson(decoded.data)).toBe(canonicalJson(data))
      expect(decoded).toMatchObject({ stream, position: 7n, recordedAt: '2023-11-14T22:13:20.000Z' })
    }),
  )
})

test('keys of an event that are not of the envelope are not written', () => {
  const event = { ...fc.sample(newEvent, { numRuns: 1, seed: 1 })[0], unknown: 1, position: 5n } as unknown as NewEvent
  expect(encodeAppend('a', [event], 0)[0]?.envelope).not.toMatch(/unknown|position/)
})
