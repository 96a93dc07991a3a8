import { describe, expect, it } from 'vitest'
import { publishPriceList, type PriceListsCommand } from '../../../src/domain/pricing/commands.ts'
import type { PriceListsEvent } from '../../../src/domain/pricing/events.ts'
import { listInForce, priceListsAggregate, strategyAt } from '../../../src/domain/pricing/priceLists.ts'
import { given } from '../../support/decider.ts'
import { baseList, day } from './samples.ts'

const published: PriceListsEvent = { type: 'PriceListPublished', data: baseList }
const publish: PriceListsCommand = { type: 'PublishPriceList', ...baseList }
const withdraw = (date: string): PriceListsCommand => ({
  type: 'WithdrawPriceList',
  companyId: 'acme',
  listId: 'base-usd',
  reason: 'replaced',
  effectiveAt: day(date),
})
const withdrawn = (date: string): PriceListsEvent => ({
  type: 'PriceListWithdrawn',
  data: { companyId: 'acme', listId: 'base-usd', reason: 'replaced', effectiveAt: day(date) },
})

describe('price lists', () => {
  it('are published once, with four digits, commercial rounding and no merging unless they say otherwise', () => {
    const { merge: _m, scale: _s, rounding: _r, ...short } = baseList
    given(priceListsAggregate)
      .when({ type: 'PublishPriceList', ...short })
      .then([published])
    given(priceListsAggregate, [published, withdrawn('2026-05-01')])
      .when(publish)
      .thenNothing()
    given(priceListsAggregate, [published])
      .when({ ...publish, currency: 'EUR' })
      .thenRefused('object.exists')
  })

  it('are scoped by what their level needs, and by nothing else', () => {
    const fits = (more: object): boolean => publishPriceList.schema.safeParse({ ...baseList, ...more }).success
    expect(fits({})).toBe(true)
    expect(fits({ level: 'tier', scope: { tier: 'gold' } })).toBe(true)
    expect(fits({ level: 'contract', scope: { dealerId: 'd1', contractId: 'c1' } })).toBe(true)
    expect(fits({ level: 'region', scope: { region: 'US/*' } })).toBe(true)
    expect(fits({ level: 'tier', scope: {} })).toBe(false)
    expect(fits({ level: 'base', scope: { tier: 'gold' } })).toBe(false)
    expect(fits({ level: 'dealer', scope: { dealerId: 'd1', contractId: 'c1' } })).toBe(false)
    expect(fits({ listId: 'a/b' })).toBe(false)
  })

  it('end after they begin', () => {
    given(priceListsAggregate)
      .when({ ...publish, effectiveUntil: day('2026-01-01') })
      .thenRefused('pricing.window_empty')
  })

  it('are withdrawn; only an earlier withdrawal changes that', () => {
    given(priceListsAggregate, [published])
      .when(withdraw('2026-05-01'))
      .then([withdrawn('2026-05-01')])
    given(priceListsAggregate, [published, withdrawn('2026-05-01')])
      .when(withdraw('2026-06-01'))
      .thenNothing()
    given(priceListsAggregate, [published, withdrawn('2026-05-01')])
      .when(withdraw('2026-04-01'))
      .then([withdrawn('2026-04-01')])
    given(priceListsAggregate).when(withdraw('2026-05-01')).thenRefused('pricing.list_unknown')
    const [list = baseList] = given(priceListsAggregate, [published, withdrawn('2026-05-01')]).state().lists
    expect(
      ['2025-12-31', '2026-01-01', '2026-04-30', '2026-05-01'].map((date) => listInForce(list, day(date))),
    ).toEqual([false, true, true, false])
  })

  it('are resolved by priority until a strategy is chosen', () => {
    const choose = {
      type: 'ChoosePricingStrategy',
      companyId: 'acme',
      strategy: 'minimal',
      effectiveAt: day('2026-03-01'),
    } as const
    const { type: _type, ...data } = choose
    given(priceListsAggregate)
      .when(choose)
      .then([{ type: 'PricingStrategyChosen', data }])
    given(priceListsAggregate)
      .when({ ...choose, strategy: 'priority' })
      .thenNothing()
    const state = given(priceListsAggregate, [{ type: 'PricingStrategyChosen', data }]).state()
    expect([strategyAt(state, day('2026-02-28')), strategyAt(state, day('2026-03-01'))]).toEqual([
      'priority',
      'minimal',
    ])
  })
})
