import { describe, expect, it } from 'vitest'
import { defaultPriceRules } from '../../../src/domain/detection/defaultRules.ts'
import type { Around } from '../../../src/domain/detection/detector.ts'
import { hiddenRebate } from '../../../src/domain/detection/hiddenRebate.ts'
import { orderSpike } from '../../../src/domain/detection/orderSpike.ts'
import { roundTrip } from '../../../src/domain/detection/roundTrip.ts'
import type { Benefit, Returned, SellIn, Standing } from '../../../src/domain/detection/tradeFact.ts'
import { businessTime } from '../../../src/domain/kernel/businessTime.ts'

const day = 86_400_000
const start = Date.UTC(2026, 0, 5)
const place = (at: number) => ({
  eventId: `event-${at}`,
  stream: 'order-1',
  revision: 0,
  at: businessTime(start + at * day, 'UTC'),
  position: BigInt(at + 1),
  dealerId: 'D1',
})
const sold = (at: number, quantity: string): Standing<SellIn> => ({
  ...place(at),
  kind: 'sell-in',
  sku: 'BIKE',
  orderId: `O-${at}`,
  lineNo: 1,
  unit: 'EA',
  currency: 'USD',
  quantity,
  unitPrice: '10',
  value: '100',
  listPrice: '10',
  promotions: [],
  promoted: '0',
})
const returned = (at: number, of: number, quantity: string): Standing<Returned> => ({
  ...place(at),
  kind: 'returned',
  sku: 'BIKE',
  orderId: `O-${of}`,
  lineNo: 1,
  quantity,
})
const around = (own: Around['own'], rules = defaultPriceRules.rules): Around => ({
  rules,
  dealer: undefined,
  own,
  everywhere: [],
  back: [],
  limits: undefined,
  promotions: [],
  category: undefined,
  soldBelow: new Map(),
  givenBack: [],
})

describe('abnormal trade', () => {
  const weekly = Array.from({ length: 30 }, (_, week) => sold(week * 7, '10'))

  it('a week far beyond all weeks before is a spike; one of a promotion, or at a dealer without a history, is none', () => {
    const spike = sold(210, '60')
    const all = around([...weekly, spike])
    expect(orderSpike.find(spike, all)).toMatchObject([
      { figures: { ordered: '60', median: '10', deviation: '0', highest: '10', weeks: '26' }, score: '2.75' },
    ])
    expect(orderSpike.find({ ...spike, promotions: ['FAIR'] }, all)).toEqual([])
    expect(orderSpike.find(spike, around([...weekly.slice(-8), spike]))).toEqual([])
    const usual = sold(210, '16')
    expect(orderSpike.find(usual, around([...weekly, usual]))).toEqual([])
  })

  it('goods that are given back soon after they were bought go round; what is given back of old ones does not', () => {
    const bought = sold(10, '100')
    const back = returned(40, 10, '60')
    expect(roundTrip.find(back, around([bought, back]))).toMatchObject([{ figures: { bought: '100', back: '60' } }])
    const little = returned(40, 10, '30')
    expect(roundTrip.find(little, around([bought, little]))).toEqual([])
    const late = returned(90, 10, '60')
    expect(roundTrip.find(late, around([bought, late]))).toEqual([])
  })

  it('a credit without anything behind it is a hidden rebate', () => {
    const credit: Standing<Benefit> = {
      ...place(1),
      kind: 'benefit',
      sku: '',
      documentId: 'CN-1',
      reason: 'rebate',
      amount: '50000',
      currency: 'USD',
      hasSource: false,
    }
    expect(hiddenRebate.find(credit, around([]))).toMatchObject([{ figures: { documentId: 'CN-1', amount: '500' } }])
    expect(hiddenRebate.find({ ...credit, hasSource: true }, around([]))).toEqual([])
    const bound = { HIDDEN_REBATE: { above: [{ currency: 'USD', amount: '500' }] } }
    expect(hiddenRebate.find(credit, around([], bound))).toEqual([])
  })
})
