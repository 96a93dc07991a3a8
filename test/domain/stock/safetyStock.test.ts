import { describe, expect, it } from 'vitest'
import { safetyStock } from '../../../src/domain/stock/safetyStock.ts'

describe('safety stock and reorder point (domain.md §2.5)', () => {
  it('is z · σ · √L when the lead time is certain', () => {
    const demand = {
      z: '1.645',
      dailyDemand: '20',
      demandDeviation: '5',
      leadTimeDays: '4',
      leadTimeDeviationDays: '0',
    }
    expect(safetyStock(demand)).toEqual({ safetyStock: '16.45', reorderPoint: '96.45', lumpy: false })
  })

  it('adds the deviation of the lead time: z · √(L·σ² + d²·σL²)', () => {
    // √(9·16 + 100·6.25) = √769 = 27.730849…; the next thousandth above is kept
    const demand = { z: '1', dailyDemand: '10', demandDeviation: '4', leadTimeDays: '9', leadTimeDeviationDays: '2.5' }
    expect(safetyStock(demand)).toEqual({ safetyStock: '27.731', reorderPoint: '117.731', lumpy: false })
  })

  it('marks lumpy demand, which the formula does not fit', () => {
    expect(
      safetyStock({ z: '1', dailyDemand: '2', demandDeviation: '3', leadTimeDays: '1', leadTimeDeviationDays: '0' })
        .lumpy,
    ).toBe(true)
  })
})
