import { describe, expect, it } from 'vitest'
import type { Around, GivenBack } from '../../../src/domain/detection/detector.ts'
import { sellInBelowFloor } from '../../../src/domain/detection/sellInBelowFloor.ts'
import type { SellIn, Settled, Standing } from '../../../src/domain/detection/tradeFact.ts'

const line: Standing<SellIn> = {
  kind: 'sell-in',
  eventId: 'order',
  stream: 'order-O1',
  revision: 0,
  at: '2026-02-01T00:00:00.000Z[UTC]',
  position: 1n,
  dealerId: 'D1',
  sku: 'BIKE',
  orderId: 'O1',
  lineNo: 1,
  unit: 'EA',
  currency: 'USD',
  quantity: '10',
  unitPrice: '90',
  value: '900',
  floor: '85',
  promotions: [],
  promoted: '0',
}
const settled: Standing<Settled> = {
  kind: 'settled',
  eventId: 'settlement',
  stream: 'settlement-1',
  revision: 0,
  at: '2026-04-10T00:00:00.000Z[UTC]',
  position: 2n,
  dealerId: 'D1',
  sku: '',
  programmeId: 'P1',
  version: 1,
  periodId: '2026-Q1',
  currency: 'USD',
  volume: '900',
  earned: '5400',
}
const given = (share: string, eventId = 'settlement', covers = true): GivenBack => ({
  eventId,
  share,
  covers: () => covers,
})
const around = (netNet: boolean, givenBack: readonly GivenBack[], own = [line]): Around => ({
  rules: { SELLIN_BELOW_FLOOR: { tolerance: '0', netNet } },
  dealer: undefined,
  own,
  everywhere: [],
  back: [],
  limits: undefined,
  promotions: [],
  category: undefined,
  soldBelow: new Map(),
  givenBack,
})

describe('sold below the floor', () => {
  it('by its price alone, when the order comes', () => {
    expect(sellInBelowFloor.find(line, around(true, []))).toEqual([])
    const [found] = sellInBelowFloor.find({ ...line, unitPrice: '84.99' }, around(false, []))
    expect(found).toMatchObject({ figures: { netNet: '84.99', floor: '85' }, score: '0.000118' })
    expect(sellInBelowFloor.find({ ...line, unitPrice: '85' }, around(false, []))).toEqual([])
  })

  it('by what all settlements gave back on it, when the one comes that takes it below', () => {
    const both = [given('0.03', 'earlier'), given('0.03')]
    const [found] = sellInBelowFloor.find(settled, around(true, both))
    expect(found).toMatchObject({
      about: { eventId: 'order', lineNo: 1 },
      figures: { netNet: '84.6', givenBack: '0.06' },
      evidence: [
        { eventId: 'order', role: 'line' },
        { eventId: 'earlier', role: 'settlement' },
        { eventId: 'settlement', role: 'settlement' },
      ],
    })
    expect(sellInBelowFloor.find(settled, around(true, [given('0.03')]))).toEqual([])
    expect(sellInBelowFloor.find(settled, around(false, both))).toEqual([])
  })

  it('not by settlements of other lines', () => {
    expect(sellInBelowFloor.find(settled, around(true, [given('0.5', 'settlement', false)]))).toEqual([])
  })

  it('never for goods that cost nothing: those are another kind', () => {
    expect(sellInBelowFloor.find({ ...line, unitPrice: '0', value: '0' }, around(false, []))).toEqual([])
  })
})
