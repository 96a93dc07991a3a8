import { describe, expect, it } from 'vitest'
import type { GoodsMovement } from '../../../src/domain/claims/goodsMovements.ts'
import { inOrder, layersAt, type Moved } from '../../../src/domain/claims/layersAt.ts'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { day } from './world.ts'

const shipped = (orderId: string, quantity: string, value: string): GoodsMovement => ({
  kind: 'shipped',
  orderId,
  shipmentId: 'S',
  lineNo: 1,
  companyId: 'maker',
  unit: 'EA',
  currency: 'CNY',
  quantity,
  value,
})
const delivered = (orderId: string, quantity: string): GoodsMovement => ({
  kind: 'delivered',
  orderId,
  shipmentId: 'S',
  lineNo: 1,
  quantity,
})
const resold = (quantity: string): GoodsMovement => ({ kind: 'moved', place: 'STORE/-', quantity, leaves: true })
const counted = (quantity: string): GoodsMovement => ({ kind: 'counted', place: 'STORE/-', quantity })
const received = (quantity: string): GoodsMovement => ({ kind: 'moved', place: 'STORE/-', quantity, leaves: false })

/** Movements on the first, second, third … of January. */
const movements = (...all: readonly GoodsMovement[]): readonly Moved[] =>
  inOrder(
    all.map((movement, n) => ({
      movement,
      eventId: `event-${n + 1}`,
      occurredAt: day(`2026-01-${String(n + 1).padStart(2, '0')}`),
      position: BigInt(n + 1),
      seq: 0,
    })),
  )
const at = (date: string): number => instantOf(day(date))
const shown = (all: readonly Moved[], date = '2026-02-01') =>
  layersAt(all, at(date)).map(({ layer, price, left, onHand, top }) => [layer, price, left, onHand, top].join(' '))

describe('price layers', () => {
  it('are the lines of shipments at what they cost; goods on their way stand behind what has arrived', () => {
    const all = movements(shipped('O1', '3', '100'), shipped('O2', '2', '50'), delivered('O2', '2'))
    expect(shown(all)).toEqual(['O2/S/1 25 0 2 2', 'O1/S/1 33.333333 0 0 3'])
  })

  it('are left first in, first out', () => {
    const all = movements(
      shipped('O1', '3', '30'),
      delivered('O1', '3'),
      shipped('O2', '5', '60'),
      delivered('O2', '5'),
      resold('-4'),
    )
    expect(shown(all)).toEqual(['O1/S/1 10 3 3 3', 'O2/S/1 12 1 5 5'])
    // as they stood before the sale
    expect(shown(all, '2026-01-05')).toEqual(['O1/S/1 10 0 3 3', 'O2/S/1 12 0 5 5'])
  })

  it('a customer who brings something back brings the newest back', () => {
    const all = movements(shipped('O1', '3', '30'), delivered('O1', '3'), resold('-3'), resold('1'))
    expect(shown(all)).toEqual(['O1/S/1 10 2 3 3'])
  })

  it('what comes back to us is of its own order line, and had not left', () => {
    const returned: GoodsMovement = { kind: 'returned', orderId: 'O1', lineNo: 1, quantity: '2' }
    const all = movements(
      shipped('O1', '3', '30'),
      delivered('O1', '3'),
      shipped('O2', '5', '60'),
      delivered('O2', '5'),
      resold('-2'),
      returned,
    )
    // of the two that were thought to have left of O1, one was still there: something of O2 had left instead
    expect(shown(all)).toEqual(['O1/S/1 10 1 1 1', 'O2/S/1 12 1 5 5'])
  })

  it('what is lost on the way never was there', () => {
    const lost: GoodsMovement = { kind: 'lost', orderId: 'O1', shipmentId: 'S', lineNo: 1, quantity: '1' }
    expect(shown(movements(shipped('O1', '3', '30'), delivered('O1', '2'), lost))).toEqual(['O1/S/1 10 0 2 2'])
  })

  it('a count that finds less says what has left, one that finds more what had not', () => {
    const base = [shipped('O1', '10', '100'), delivered('O1', '10'), received('10')]
    expect(shown(movements(...base, counted('7')))).toEqual(['O1/S/1 10 3 10 10'])
    expect(shown(movements(...base, resold('-6'), counted('5')))).toEqual(['O1/S/1 10 5 10 10'])
    // goods from elsewhere are no layer of ours
    expect(shown(movements(...base, counted('50')))).toEqual(['O1/S/1 10 0 10 10'])
  })

  it('an opening balance with a price is a layer of what no shipment brought', () => {
    const opening = { unit: 'EA', currency: 'CNY', price: '8' }
    const all = movements({ kind: 'counted', place: 'STORE/-', quantity: '4', opening }, resold('-1'))
    expect(shown(all)).toEqual(['opening/STORE/-/event-1 8 1 4 4'])
  })

  it('do not depend on the order in which movements became known', () => {
    const all = movements(
      shipped('O1', '3', '30'),
      delivered('O1', '3'),
      shipped('O2', '5', '60'),
      delivered('O2', '5'),
      resold('-4'),
    )
    expect(shown(inOrder(all.toReversed()))).toEqual(shown(all))
  })
})
