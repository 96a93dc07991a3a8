import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineEvent } from '../../src/domain/kernel/event.ts'
import { currency, identifier, minor } from '../../src/domain/kernel/fields.ts'
import { createEventRegistry, InvalidEvent, NewerEvent } from '../../src/ledger/eventRegistry.ts'
import { evolveBy } from '../../src/ledger/foldStream.ts'

/** Version 1 had no currency, version 2 one per document, version 3 names the amount. */
const paid = defineEvent('Paid', z.strictObject({ by: identifier, amount: minor, currency }), {
  version: 3,
  upcasts: {
    1: (data) => ({ ...z.looseObject({}).parse(data), currency: 'EUR' }),
    2: (data) => {
      const { cents, ...rest } = z.looseObject({ cents: z.string() }).parse(data)
      return { ...rest, amount: cents }
    },
  },
})
const registry = createEventRegistry([{ category: 'test', events: [paid] }])

describe('the event registry', () => {
  it('lifts old data step by step to the newest version', () => {
    const newest = { by: 'd', amount: '5', currency: 'EUR' }
    expect(registry.upcast('Paid', 1, { by: 'd', cents: '5' })).toEqual(newest)
    expect(registry.upcast('Paid', 2, { by: 'd', cents: '5', currency: 'USD' })).toEqual({ ...newest, currency: 'USD' })
    expect(registry.upcast('Paid', 3, newest)).toBe(newest)
    expect(registry.validate('Paid', registry.upcast('Paid', 1, { by: 'd', cents: '5' }))).toEqual(newest)
  })

  it('gives a fold the newest data of an old event', () => {
    const seen = {
      category: 'test',
      stateVersion: 1,
      initialState: [] as unknown[],
      evolve: (s: unknown[], e: { data: unknown }) => [...s, e.data],
    }
    const old = { id: 'i', type: 'Paid', schemaVersion: 1, occurredAt: 't', revision: 0, data: { by: 'd', cents: '5' } }
    expect(evolveBy(registry, seen, [], old)).toEqual([{ by: 'd', amount: '5', currency: 'EUR' }])
  })

  it('tells a newer event from a broken one', () => {
    expect(() => registry.upcast('Paid', 4, {})).toThrow(NewerEvent)
    expect(() => registry.upcast('Refunded', 1, {})).toThrow(NewerEvent)
    expect(() => registry.upcast('Paid', 0, {})).toThrow(InvalidEvent)
    expect(() => registry.validate('Paid', { by: 'd', amount: '5.0', currency: 'EUR' })).toThrow(InvalidEvent)
    expect(() => registry.validate('Paid', { by: 'd', amount: '5', currency: 'EUR', more: 1 })).toThrow(InvalidEvent)
    expect(() => registry.validate('Refunded', {})).toThrow(InvalidEvent)
  })

  it('is not built of two definitions of one type, nor over a missing upcast', () => {
    const again = defineEvent('Paid', z.strictObject({}))
    expect(() =>
      createEventRegistry([
        { category: 'a', events: [paid] },
        { category: 'b', events: [again] },
      ]),
    ).toThrow(/two definitions/)
    const gap = { ...paid, upcasts: { 2: (data: unknown) => data } }
    expect(() => createEventRegistry([{ category: 'a', events: [gap] }])).toThrow(/no upcast from version 1/)
  })
})
