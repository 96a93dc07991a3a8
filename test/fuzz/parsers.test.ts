import fc from 'fast-check'
import { beforeAll, describe, expect, test, afterAll } from 'vitest'
import { readSignedCursor, signCursor } from '../../src/api/signedCursor.ts'
import { Problem } from '../../src/api/problem.ts'
import {
  addDays,
  businessTime,
  instantOf,
  isBusinessTime,
  isCalendarDate,
  zoneOf,
} from '../../src/domain/kernel/businessTime.ts'
import { askPage, InvalidCursor } from '../../src/projections/engine/query.ts'
import { queries } from '../../src/projections/registry.ts'
import { openTestApi, type TestApi } from '../support/api.ts'
import { hostileValues } from './hostile.ts'

// The small languages that callers write in: cursors, times and keys. Whatever comes, each says yes or no and nothing else.

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'
const seed = Number(process.env['CHANNEL_LEDGER_SEED'] ?? 20_250_422)
const options = { seed, numRuns: isLong ? 100_000 : 2_000 }
const odd = fc.constantFrom(...hostileValues.map(({ raw }) => raw))
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), odd)

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.close())

describe(`the cursor decoder (seed ${seed})`, () => {
  const caller = { id: 'p-1', role: 'sales', rights: [] } as const
  const reader = {
    ask: async () => ({ rows: [], model: { name: 'dealers', version: 1 }, asOf: undefined, knownAt: 1n }),
    position: async () => 1n,
  }
  const list = queries.find(({ name }) => name === 'dealers.list')!

  test('takes back what it signed, from whom and for what it signed it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (cursor) => {
        const signed = signCursor(api.ports, caller, 'dealers.list', cursor)
        expect(readSignedCursor(api.ports, caller, 'dealers.list', signed)).toBe(cursor)
        for (const [other, question] of [
          [{ ...caller, id: 'p-2' }, 'dealers.list'],
          [{ ...caller, dealerId: 'D1' }, 'dealers.list'],
          [caller, 'orders.list'],
        ] as const)
          expect(() => readSignedCursor(api.ports, other, question, signed)).toThrow(Problem)
      }),
      options,
    )
  })

  test('refuses what it did not sign', () => {
    fc.assert(
      fc.property(anyText, anyText, (cursor, mac) => {
        expect(() => readSignedCursor(api.ports, caller, 'dealers.list', `${cursor}.${mac}`)).toThrow(Problem)
        expect(() => readSignedCursor(api.ports, caller, 'dealers.list', cursor)).toThrow(Problem)
      }),
      options,
    )
  })

  test('refuses content that no page made, were it signed', async () => {
    const content = fc.record(
      {
        query: fc.constantFrom('dealers.list', 'orders.list'),
        params: fc.oneof(fc.constant('{}'), fc.string()),
        after: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue(), { maxLength: 3 })),
        asOf: fc.oneof(fc.double(), fc.jsonValue()),
        knownAt: fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 22n }).map(String), fc.jsonValue()),
        __proto__: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    const cursors = fc.oneof(
      anyText,
      content.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
    )
    await fc.assert(
      fc.asyncProperty(cursors, async (cursor) => {
        const answer = await askPage(reader, list, {}, {}, { limit: 1, cursor }).catch((error: unknown) => error)
        const isRead = typeof answer === 'object' && answer !== null && 'rows' in answer
        expect(isRead || answer instanceof InvalidCursor, `answered ${String(answer)}`).toBe(true)
      }),
      options,
    )
  })
})

describe(`the RFC 9557 parser (seed ${seed})`, () => {
  const digits = (count: number) => fc.nat(10 ** count - 1).map((n) => n.toString().padStart(count, '0'))
  const zones = fc.constantFrom(
    'UTC',
    'Asia/Shanghai',
    'Europe/Berlin',
    'America/St_Johns',
    'Pacific/Apia',
    'asia/SHANGHAI',
    'Etc/GMT+5',
    '+08:00',
    'Mars/Base',
  )
  const almost = fc
    .tuple(
      digits(4),
      digits(2),
      digits(2),
      digits(2),
      digits(2),
      digits(2),
      digits(3),
      fc.constantFrom('Z', '+08:00', '-03:30', '+24:00', '-00:00', ''),
      zones,
    )
    .map(([y, mo, d, h, mi, s, ms, offset, zone]) => `${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}${offset}[${zone}]`)

  test('says yes or no to any text, and reads what it says yes to', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, almost), (text) => {
        if (!isBusinessTime(text)) return
        expect(businessTime(instantOf(text), zoneOf(text))).toBe(text)
      }),
      options,
    )
  })

  test('writes every instant of four-digit years so that it reads it again', () => {
    // a day inside the range: the local date of the first and last instants has a year of its own
    const [from, to] = [Date.parse('0001-01-02T00:00:00.000Z'), Date.UTC(9999, 11, 30)]
    const zone = fc.constantFrom('UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia')
    fc.assert(
      fc.property(fc.integer({ min: from, max: to }), zone, (instant, inZone) => {
        const text = businessTime(instant, inZone)
        expect(isBusinessTime(text), `at ${text}`).toBe(true)
        expect(instantOf(text)).toBe(instant)
      }),
      options,
    )
  })

  test('takes real calendar dates only', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.tuple(digits(4), digits(2), digits(2)).map((parts) => parts.join('-')),
        ),
        (text) => {
          expect(isCalendarDate(text) ? addDays(addDays(text, 1), -1) : text).toBe(text)
        },
      ),
      options,
    )
  })
})

describe(`the idempotency-key parser (seed ${seed})`, () => {
  const body = { displayName: 'x', role: 'sales' }
  const send = (key: string) =>
    api.app.inject({
      method: 'POST',
      url: '/v1/principals',
      headers: { authorization: 'ApiKey admin.admin', 'idempotency-key': key },
      payload: body,
    })

  test('takes 1 to 200 printable characters, answers them alike, and keeps apart what differs in one', async () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 200,
    })
    await fc.assert(
      fc.asyncProperty(printable, async (key) => {
        const [first, again] = [await send(key), await send(key)]
        expect(first.statusCode, `at ${first.body}`).toBe(201)
        expect([again.statusCode, again.body, again.headers['idempotency-replayed']]).toEqual([201, first.body, 'true'])
        const other = await send(key.length < 200 ? `${key}~` : key.slice(1))
        expect(other.json().id).not.toBe(first.json().id)
      }),
      { seed, numRuns: isLong ? 2_000 : 100 },
    )
  })

  test('refuses everything else', async () => {
    const bad = fc.oneof(
      fc
        .string({ unit: fc.constantFrom(' ', '\t', 'a'), minLength: 1, maxLength: 20 })
        .filter((text) => /[ \t]/.test(text)),
      fc.string({ unit: fc.constant('k'), minLength: 201, maxLength: 400 }),
      fc.string({ unit: fc.constantFrom('é', 'ÿ', '\u00a0', 'a'), minLength: 1 }).filter((text) => /[^!-~]/.test(text)),
      fc.constant(''),
    )
    await fc.assert(
      fc.asyncProperty(bad, async (key) => {
        const answer = await send(key)
        expect(answer.statusCode, `${JSON.stringify(key)} ${answer.body}`).toBe(400)
      }),
      { seed, numRuns: isLong ? 2_000 : 100 },
    )
  })
})
