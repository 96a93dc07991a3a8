import { describe, expect, it } from 'vitest'
import type { PromotionsCommand } from '../../../src/domain/pricing/commands.ts'
import type { PromotionsEvent } from '../../../src/domain/pricing/events.ts'
import { promotionsAggregate } from '../../../src/domain/pricing/promotions.ts'
import { given } from '../../support/decider.ts'
import { day, promotion } from './samples.ts'

const spring = promotion('spring', '0.02')
const scheduled: PromotionsEvent = { type: 'PromotionScheduled', data: spring }
const schedule: PromotionsCommand = { type: 'SchedulePromotion', ...spring }
const cancel = (date: string): PromotionsCommand => ({
  type: 'CancelPromotion',
  companyId: 'acme',
  promotionId: 'spring',
  reason: 'budget',
  effectiveAt: day(date),
})
const cancelled = (date: string): PromotionsEvent => ({
  type: 'PromotionCancelled',
  data: { companyId: 'acme', promotionId: 'spring', reason: 'budget', effectiveAt: day(date) },
})

describe('a promotion', () => {
  it('is scheduled once', () => {
    given(promotionsAggregate).when(schedule).then([scheduled])
    given(promotionsAggregate, [scheduled, cancelled('2026-02-01')])
      .when(schedule)
      .thenNothing()
    given(promotionsAggregate, [scheduled])
      .when({ ...schedule, discount: '0.03' })
      .thenRefused('object.exists')
  })

  it('has a window and a range of quantities that something fits into', () => {
    const { when } = given(promotionsAggregate)
    when({ ...schedule, endsAt: spring.startsAt }).thenRefused('pricing.window_empty')
    when({ ...schedule, minQuantity: '11', maxQuantity: '10' }).thenRefused('pricing.quantity_range')
    expect(when({ ...schedule, minQuantity: '11', maxQuantity: '11' }).events()).toHaveLength(1)
  })

  it('is cancelled; only an earlier cancellation changes that', () => {
    given(promotionsAggregate, [scheduled])
      .when(cancel('2026-02-01'))
      .then([cancelled('2026-02-01')])
    given(promotionsAggregate, [scheduled, cancelled('2026-02-01')])
      .when(cancel('2026-03-01'))
      .thenNothing()
    given(promotionsAggregate, [scheduled, cancelled('2026-02-01')])
      .when(cancel('2026-01-15'))
      .then([cancelled('2026-01-15')])
    given(promotionsAggregate).when(cancel('2026-02-01')).thenRefused('object.not_found')
  })
})
