import { describe, expect, test } from 'vitest'
import { alertChangeOf } from '../../../src/domain/alerts/alertChange.ts'
import { stockAdviceAggregate } from '../../../src/domain/replenishment/advice.ts'
import { adviceId } from '../../../src/domain/replenishment/adviceId.ts'
import type { StockAdviceEvent, StockPlanEvent } from '../../../src/domain/replenishment/events.ts'
import { stockPlanAggregate } from '../../../src/domain/replenishment/plan.ts'
import { given } from '../../support/decider.ts'

const stock = { party: 'D1', sku: 'BIKE' }
const found = { ...stock, seenMonth: '2026-02', onHand: '1', available: '1', position: '1', reorderPoint: '4' }
const advise = (advice: 'out' | 'low' | 'excess' | 'dead' | 'none') =>
  ({ type: 'AdviseOnStock', ...found, advice }) as const
const said = (advice: 'out' | 'low' | 'excess' | 'dead'): StockAdviceEvent => ({
  type: 'StockAdviceGiven',
  data: { ...found, advice },
})
const withdrawn = (advice: 'low' | 'dead'): StockAdviceEvent => ({
  type: 'StockAdviceWithdrawn',
  data: { ...stock, advice },
})

describe('advice on a stock', () => {
  test('is given once, and withdrawn once', () => {
    given(stockAdviceAggregate)
      .when(advise('low'))
      .then([said('low')])
    given(stockAdviceAggregate, [said('low')])
      .when(advise('low'))
      .thenNothing()
    given(stockAdviceAggregate, [said('low')])
      .when(advise('none'))
      .then([withdrawn('low')])
    given(stockAdviceAggregate, [said('low'), withdrawn('low')])
      .when(advise('none'))
      .thenNothing()
    given(stockAdviceAggregate, [said('low'), withdrawn('low')])
      .when(advise('low'))
      .then([said('low')])
  })

  test('of another matter takes back the one before; low and out are one matter', () => {
    given(stockAdviceAggregate, [said('low')])
      .when(advise('out'))
      .then([said('out')])
    given(stockAdviceAggregate, [said('dead')])
      .when(advise('excess'))
      .then([withdrawn('dead'), said('excess')])
  })

  test('is an alert of its kind, closed when it is withdrawn', () => {
    const change = (event: StockAdviceEvent) => alertChangeOf({ ...event, source: { kind: 'schedule' } })
    expect(change(said('out'))).toMatchObject({
      kind: 'low_stock',
      subject: 'plan/D1/BIKE',
      dealerId: 'D1',
      code: 'out',
    })
    expect(change(said('excess'))).toMatchObject({ change: 'raised', kind: 'excess_stock' })
    expect(change(withdrawn('dead'))).toEqual({ change: 'closed', kind: 'dead_stock', subject: 'plan/D1/BIKE' })
  })

  test('has a stream for each stock, whatever stands in its names', () => {
    const ids = [
      { party: 'A/B', sku: 'C' },
      { party: 'A', sku: 'B/C' },
      { party: 'A', sku: 'B', location: 'C' },
    ].map(adviceId)
    expect(new Set(ids).size).toBe(3)
  })
})

test('a stock plan is published part by part, each once, and none for a month before the newest', () => {
  const plan: StockPlanEvent['data'] = {
    companyId: 'ACME',
    party: 'D1',
    basis: 'ordered',
    seenMonth: '2026-02',
    part: 1,
    parts: 2,
    modelVersion: 1,
    watermark: '7',
    leadMonths: 1,
    serviceLevel: '0.9',
    reviewDays: 30,
    excessDays: 180,
    deadDays: 90,
    lines: [],
  }
  const publish = (more: object) => ({ type: 'PublishStockPlan', ...plan, ...more }) as const
  const planned: StockPlanEvent = { type: 'StockPlanned', data: plan }
  given(stockPlanAggregate).when(publish({})).then([planned])
  given(stockPlanAggregate, [planned]).when(publish({})).thenNothing()
  given(stockPlanAggregate, [planned])
    .when(publish({ part: 2 }))
    .then([{ ...planned, data: { ...plan, part: 2 } }])
  given(stockPlanAggregate, [planned])
    .when(publish({ seenMonth: '2026-01' }))
    .thenNothing()
})
