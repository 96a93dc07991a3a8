import { describe, expect, test } from 'vitest'
import { judgePlannedStocks } from '../../../src/domain/replenishment/judgePlannedStocks.ts'
import { judgeStock, type StockFound } from '../../../src/domain/replenishment/judgeStock.ts'
import type { PlanLine } from '../../../src/domain/replenishment/events.ts'
import { noLevels } from '../../../src/domain/stock/levels.ts'

const day = 86_400_000
const now = Date.UTC(2026, 5, 1)
const found: StockFound = {
  onHand: '10',
  available: '10',
  position: '10',
  reorderPoint: '4',
  excessFrom: '20',
  goodsAt: now - 5 * day,
  partyLeftAt: now - day,
}
const judged = (more: Partial<StockFound>) => judgeStock({ ...found, ...more }, 90, now)

describe('a stock', () => {
  test('is low at its reorder point, and out when nothing of it is free', () => {
    expect(judged({})).toBe('sufficient')
    expect(judged({ position: '4' })).toBe('low')
    expect(judged({ position: '4.001' })).toBe('sufficient')
    expect(judged({ position: '4', available: '0' })).toBe('out')
    // what comes is counted: enough is on its way
    expect(judged({ onHand: '0', available: '0', position: '9' })).toBe('sufficient')
    expect(judged({ onHand: '0', available: '0', position: '0', reorderPoint: '0' })).toBe('sufficient')
  })

  test('is too much above its limit, even where no levels are known', () => {
    expect(judged({ position: '20' })).toBe('sufficient')
    expect(judged({ position: '20.001' })).toBe('excess')
    expect(judged({ position: '21', reorderPoint: undefined })).toBe('excess')
    expect(judged({ position: '21', onHand: '0' })).toBe('sufficient')
    expect(judged({ reorderPoint: undefined })).toBe('unknown')
  })

  test('is dead when nothing moved for so long, and only where sales are reported', () => {
    const still = { goodsAt: now - 91 * day }
    expect(judged(still)).toBe('dead')
    expect(judged({ goodsAt: now - 90 * day })).toBe('sufficient')
    expect(judged({ ...still, onHand: '0', available: '0' })).toBe('sufficient')
    expect(judged({ ...still, partyLeftAt: undefined })).toBe('sufficient')
    expect(judged({ ...still, partyLeftAt: now - 91 * day })).toBe('sufficient')
  })
})

describe('stocks beside their plan', () => {
  const levels = { safetyStock: '2', reorderPoint: '6', orderUpTo: '9' }
  const line: PlanLine = {
    sku: 'BIKE',
    unit: 'EA',
    demandClass: 'smooth',
    method: 'quantile',
    notes: [],
    monthly: '3',
    review: '3',
    excessFrom: '18',
    levels,
  }
  const stock = (location: string, onHand: string, more: object = {}) => ({
    party: 'D1',
    location,
    sku: 'BIKE',
    levels: { ...noLevels, onHand },
    goodsAt: now - day,
    leftAt: now - day,
    ...more,
  })
  const ordered = { plan: { basis: 'ordered', deadDays: 90 }, lines: [line] } as const

  test('of a dealer are looked at together, wherever they lie', () => {
    expect(judgePlannedStocks(ordered, [stock('A', '2'), stock('B', '5')], now)).toMatchObject([
      { party: 'D1', sku: 'BIKE', advice: 'none', position: '7', reorderPoint: '6' },
    ])
    expect(judgePlannedStocks(ordered, [stock('A', '2'), stock('B', '4')], now)).toMatchObject([{ advice: 'low' }])
    expect(judgePlannedStocks(ordered, [stock('A', '15'), stock('B', '4')], now)).toMatchObject([{ advice: 'excess' }])
  })

  test('of places that others are served from are looked at each, without a word where nothing is planned', () => {
    const shipped = { plan: { basis: 'shipped', deadDays: 90 }, lines: [{ ...line, location: 'A' }] } as const
    expect(judgePlannedStocks(shipped, [stock('A', '2'), stock('B', '2')], now)).toMatchObject([
      { location: 'A', advice: 'low' },
      { location: 'B', advice: 'none' },
    ])
  })

  test('that have a policy of their own are called low by that, and not here', () => {
    const own = { reorderPoint: '3' }
    expect(judgePlannedStocks(ordered, [stock('A', '2', own)], now)).toMatchObject([
      { advice: 'none', reorderPoint: '3' },
    ])
    expect(judgePlannedStocks(ordered, [stock('A', '20', own)], now)).toMatchObject([{ advice: 'excess' }])
  })

  test('in another unit than was ordered are not measured by the plan', () => {
    expect(judgePlannedStocks(ordered, [stock('A', '2', { unit: 'BX' })], now)).toMatchObject([{ advice: 'none' }])
  })
})
