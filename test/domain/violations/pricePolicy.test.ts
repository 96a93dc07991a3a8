import { describe, expect, it } from 'vitest'
import { defaultPriceRules } from '../../../src/domain/detection/defaultRules.ts'
import {
  pricePolicyAggregate,
  priceRulesAt,
  type PricePolicyEvent,
} from '../../../src/domain/violations/pricePolicy.ts'
import { given } from '../../support/decider.ts'

const { version: _version, ...standard } = defaultPriceRules
const on = (date: string): string => `${date}T00:00:00.000Z[UTC]`
const terms = (validFrom: string, validUntil?: string) => ({
  ...standard,
  validFrom: on(validFrom),
  ...(validUntil !== undefined && { validUntil: on(validUntil) }),
})
const set = (version: number, of: ReturnType<typeof terms>): PricePolicyEvent => ({
  type: 'PricePolicySet',
  data: { companyId: 'ACME', version, terms: of, breaches: [] },
})
const at = on('2026-01-01')
const policy = (of: ReturnType<typeof terms>) => ({ type: 'SetPricePolicy', companyId: 'ACME', terms: of }) as const

describe('a price policy', () => {
  it('has versions whose validities touch but do not overlap; both are named', () => {
    const first = set(1, terms('2026-02-01', '2026-03-01'))
    given(pricePolicyAggregate, [first])
      .when(policy(terms('2026-02-15')), { at })
      .thenRefused('violations.policy_overlap', {
        new: '2: [2026-02-15T00:00:00.000Z[UTC], …)',
        inForce: '1: [2026-02-01T00:00:00.000Z[UTC], 2026-03-01T00:00:00.000Z[UTC])',
      })
    given(pricePolicyAggregate, [first])
      .when(policy(terms('2026-03-01')), { at })
      .then([set(2, terms('2026-03-01'))])
    given(pricePolicyAggregate, [first])
      .when(policy(terms('2026-01-15', '2026-02-01')), { at })
      .then([set(2, terms('2026-01-15', '2026-02-01'))])
  })

  it('is not made for the past, nor ended there', () => {
    given(pricePolicyAggregate)
      .when(policy(terms('2025-12-31')), { at })
      .thenRefused('violations.policy_past')
    const open = given(pricePolicyAggregate, [set(1, terms('2025-06-01'))])
    open
      .when({ type: 'EndPricePolicy', companyId: 'ACME', version: 1, endsAt: on('2025-12-31') }, { at })
      .thenRefused('violations.policy_past')
    open
      .when({ type: 'EndPricePolicy', companyId: 'ACME', version: 1, endsAt: on('2026-02-01') }, { at })
      .then([{ type: 'PricePolicyEnded', data: { companyId: 'ACME', version: 1, endsAt: on('2026-02-01') } }])
  })

  it('looks at resale prices only where it says that this is allowed', () => {
    const dumping = { margin: '0.02', volume: '10', times: 3, withinDays: 30 }
    const looking = { ...terms('2026-02-01'), rules: { DUMPING_LOW_PRICE: dumping } }
    given(pricePolicyAggregate).when(policy(looking), { at }).thenRefused('violations.resale_prices')
    const allowed = { ...looking, resalePrices: { countries: ['US'], restsOn: 'Counsel, 2026' } }
    given(pricePolicyAggregate)
      .when(policy(allowed), { at })
      .then([set(1, allowed)])
  })

  it('is in force in [validFrom, validUntil)', () => {
    const state = given(pricePolicyAggregate, [
      set(1, terms('2026-02-01', '2026-03-01')),
      set(2, terms('2026-03-01')),
    ]).state()
    const versionAt = (time: string) => priceRulesAt(state, time)?.version
    expect(versionAt(on('2026-01-31'))).toBeUndefined()
    expect(versionAt(on('2026-02-01'))).toBe(1)
    expect(versionAt('2026-02-28T23:59:59.999Z[UTC]')).toBe(1)
    expect(versionAt(on('2026-03-01'))).toBe(2)
  })
})
