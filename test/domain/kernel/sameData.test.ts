import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sameData } from '../../../src/domain/kernel/sameData.ts'

describe('the same data', () => {
  it('says the same with its keys in another order, and an absent key as an undefined one', () => {
    expect(sameData({ a: 1, b: { c: ['x'] } }, { b: { c: ['x'], d: undefined }, a: 1 })).toBe(true)
  })

  it.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { a: 1, b: null }],
    [
      ['x', 'y'],
      ['y', 'x'],
    ],
    [[], {}],
    [{ a: [] }, { a: null }],
    [{ constructor: 1 }, {}],
  ])('is not %j and %j', (a, b) => expect([sameData(a, b), sameData(b, a)]).toEqual([false, false]))

  it('is what a JSON copy is, and a copy with one more member is not', () => {
    fc.assert(
      // from its text, which writes −0 as 0
      fc.property(fc.json(), (text) => {
        const [value, copy]: unknown[] = [JSON.parse(text), JSON.parse(text)]
        expect(sameData({ value }, { value: copy })).toBe(true)
        expect(sameData({ value }, { value: copy, more: 1 })).toBe(false)
      }),
    )
  })
})
