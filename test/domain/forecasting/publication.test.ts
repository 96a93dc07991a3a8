import { describe, expect, it } from 'vitest'
import type { ForecastEvent, ForecastPolicyEvent } from '../../../src/domain/forecasting/events.ts'
import { forecastPolicyAggregate } from '../../../src/domain/forecasting/policy.ts'
import { forecastAggregate } from '../../../src/domain/forecasting/publication.ts'
import { given } from '../../support/decider.ts'

const expected = { month: '2026-04', quantity: '3.5', low: '0', high: '9', naive: '3' }
const line = { sku: 'BIKE', unit: 'EA', demandClass: 'few', notes: [], ahead: [expected] } as const
const data = {
  companyId: 'ACME',
  dealerId: 'D1',
  seenMonth: '2026-03',
  part: 1,
  parts: 2,
  modelVersion: 1,
  watermark: '120',
  lines: [{ ...line, notes: [], ahead: [expected] }],
}
const published = (more: Partial<typeof data> = {}): ForecastEvent => ({
  type: 'ForecastPublished',
  data: { ...data, ...more },
})
const known = { given: { isDealer: true } }

describe('a published forecast', () => {
  it('is written part by part, each once', () => {
    given(forecastAggregate)
      .when({ type: 'PublishForecast', ...data }, known)
      .then([published()])
    given(forecastAggregate, [published()])
      .when({ type: 'PublishForecast', ...data, watermark: '130' }, known)
      .then([])
    given(forecastAggregate, [published()])
      .when({ type: 'PublishForecast', ...data, part: 2 }, known)
      .then([published({ part: 2 })])
  })

  it('of a month before the newest is not written any more', () => {
    given(forecastAggregate, [published({ seenMonth: '2026-04' })])
      .when({ type: 'PublishForecast', ...data }, known)
      .then([])
  })

  it('is of a dealer', () => {
    given(forecastAggregate)
      .when({ type: 'PublishForecast', ...data }, { given: { isDealer: false } })
      .thenRefused('dealers.unknown')
  })
})

it('a policy that says the same again says nothing', () => {
  const policy = { companyId: 'ACME', dealers: ['D1'], horizon: 3, leastMonths: 1 }
  const set: ForecastPolicyEvent = { type: 'ForecastPolicySet', data: policy }
  given(forecastPolicyAggregate)
    .when({ type: 'SetForecastPolicy', ...policy })
    .then([set])
  given(forecastPolicyAggregate, [set])
    .when({ type: 'SetForecastPolicy', ...policy })
    .then([])
  given(forecastPolicyAggregate, [set])
    .when({ type: 'SetForecastPolicy', ...policy, horizon: 6 })
    .then([{ type: 'ForecastPolicySet', data: { ...policy, horizon: 6 } }])
  expect(forecastPolicyAggregate.commands[0]?.schema.safeParse({ ...policy, horizon: 13 }).success).toBe(false)
})
