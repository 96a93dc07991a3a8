import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays } from '../../../src/domain/kernel/businessTime.ts'
import { fefo, isUsable, usableQuantity, type FreeLot } from '../../../src/domain/stock/fefo.ts'

const today = '2026-03-01'
const date = fc.integer({ min: -30, max: 60 }).map((days) => addDays(today, days))
const lots = fc
  .uniqueArray(
    fc.record({
      lot: fc.stringMatching(/^L[0-9]{1,3}$/),
      quantity: fc.nat(20).map(String),
      expiresOn: fc.option(date, { nil: undefined }),
      receivedOn: fc.option(date, { nil: undefined }),
    }),
    {
      selector: (lot) => lot.lot,
      maxLength: 12,
    },
  )
  .map((list): readonly FreeLot[] => list)
const sum = (list: readonly { quantity: string }[]): number => list.reduce((all, one) => all + Number(one.quantity), 0)

describe('first expired, first out', () => {
  it('splits a quantity across lots, the nearest expiry first, then the earlier receipt', () => {
    const shelf: FreeLot[] = [
      { lot: 'late', quantity: '10', expiresOn: '2026-06-01' },
      { lot: 'soon-b', quantity: '4', expiresOn: '2026-04-01', receivedOn: '2026-02-02' },
      { lot: 'soon-a', quantity: '3', expiresOn: '2026-04-01', receivedOn: '2026-02-01' },
      { lot: 'never', quantity: '9' },
    ]
    expect(fefo(shelf, '12', today, 0)).toEqual({
      chosen: [
        { lot: 'soon-a', quantity: '3', expiresOn: '2026-04-01' },
        { lot: 'soon-b', quantity: '4', expiresOn: '2026-04-01' },
        { lot: 'late', quantity: '5', expiresOn: '2026-06-01' },
      ],
      short: '0',
    })
  })

  it('skips what has expired and what has too little life left', () => {
    const shelf: FreeLot[] = [
      { lot: 'gone', quantity: '5', expiresOn: '2026-02-28' },
      { lot: 'short-lived', quantity: '5', expiresOn: '2026-03-20' },
      { lot: 'good', quantity: '5', expiresOn: '2026-03-31' },
    ]
    expect(fefo(shelf, '8', today, 30)).toEqual({
      chosen: [{ lot: 'good', quantity: '5', expiresOn: '2026-03-31' }],
      short: '3',
    })
    expect(usableQuantity(shelf, today, 0)).toBe('10')
  })

  it('gives no more than asked, no more than a lot has, and falls short only when nothing usable is left', () => {
    fc.assert(
      fc.property(lots, fc.integer({ min: 1, max: 120 }), fc.nat(40), (shelf, wanted, life) => {
        const { chosen, short } = fefo(shelf, `${wanted}`, today, life)
        expect(sum(chosen) + Number(short)).toBe(wanted)
        for (const part of chosen) {
          const lot = shelf.find((one) => one.lot === part.lot)
          expect(lot && isUsable(lot, today, life)).toBe(true)
          expect(Number(part.quantity)).toBeGreaterThan(0)
          expect(Number(part.quantity)).toBeLessThanOrEqual(Number(lot?.quantity))
        }
        expect(short === '0' || sum(chosen) === Number(usableQuantity(shelf, today, life))).toBe(true)
      }),
    )
  })

  it('never leaves a lot that expires earlier than one it took, and does not depend on the order of the lots', () => {
    fc.assert(
      fc.property(lots, fc.integer({ min: 1, max: 120 }), (shelf, wanted) => {
        const { chosen } = fefo(shelf, `${wanted}`, today, 0)
        const last = chosen.at(-1)
        for (const lot of shelf) {
          const taken = chosen.find((part) => part.lot === lot.lot)?.quantity ?? '0'
          const isLeft = Number(lot.quantity) > Number(taken) && isUsable(lot, today, 0)
          expect(!isLeft || !last || (lot.expiresOn ?? '9999') >= (last.expiresOn ?? '9999')).toBe(true)
        }
        expect(fefo(shelf.toReversed(), `${wanted}`, today, 0).chosen).toEqual(chosen)
      }),
    )
  })
})
