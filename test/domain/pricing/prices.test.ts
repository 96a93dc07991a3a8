import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import type { PriceCommand } from '../../../src/domain/pricing/commands.ts'
import type { PriceEvent } from '../../../src/domain/pricing/events.ts'
import { priceAggregate, priceAt, priceFacts, type PriceGiven } from '../../../src/domain/pricing/prices.ts'
import { given, sameCommandTwice } from '../../support/decider.ts'
import { baseList, changed, day } from './samples.ts'

const known: { given: PriceGiven; at: string } = {
  given: { list: baseList, productKnown: true },
  at: day('2026-01-01'),
}
type ChangePrice = Extract<PriceCommand, { type: 'ChangePrice' }>
const change = (newPrice: string, effectiveAt: string, more: Partial<ChangePrice> = {}): ChangePrice => ({
  type: 'ChangePrice',
  companyId: 'acme',
  listId: 'base-usd',
  sku: 'BK-1',
  unit: 'EA',
  currency: 'USD',
  newPrice,
  effectiveAt: day(effectiveAt),
  reason: 'launch',
  ...more,
})
const end = (effectiveAt: string): PriceCommand => {
  const { companyId, listId, sku, unit, currency } = change('1', effectiveAt)
  return {
    type: 'EndPrice',
    companyId,
    listId,
    sku,
    unit,
    currency,
    reason: 'discontinued',
    effectiveAt: day(effectiveAt),
  }
}
const was = (newPrice: string, effectiveAt: string, more: Parameters<typeof changed>[2] = {}): PriceEvent =>
  changed('base-usd', newPrice, { effectiveAt: day(effectiveAt), ...more })
const prices = (...history: PriceEvent[]): ReturnType<typeof given<PriceCommand, PriceEvent, unknown, PriceGiven>> =>
  given(priceAggregate, history)

describe('a price', () => {
  it('is set, and replaced from an instant on; the change names the old one', () => {
    prices()
      .when(change('100', '2026-01-01'), known)
      .then([was('100', '2026-01-01')])
    prices(was('100', '2026-01-01'))
      .when(change('110', '2026-04-01'), known)
      .then([was('110', '2026-04-01', { oldPrice: '100' })])
    const state = given(priceAggregate, [was('100', '2026-01-01'), was('110', '2026-04-01')]).state()
    const facts = priceFacts(state, 'EA', 'USD')
    expect(
      ['2025-12-31', '2026-01-01', '2026-03-31', '2026-04-01'].map((date) => priceAt(facts, day(date))?.value.newPrice),
    ).toEqual([undefined, '100', '100', '110'])
    expect(priceFacts(state, 'CT', 'USD')).toEqual([])
  })

  it('needs its list and its product, also as a recorded fact', () => {
    for (const recorded of [false, true]) {
      prices()
        .when(change('100', '2026-01-01'), { given: { list: undefined, productKnown: true }, recorded })
        .thenRefused('pricing.list_unknown')
      prices()
        .when(change('100', '2026-01-01'), { given: { list: baseList, productKnown: false }, recorded })
        .thenRefused('catalogue.unknown_sku')
    }
    prices(was('100', '2026-01-01', { companyId: 'rival' }))
      .when(change('100', '2026-02-01'), known)
      .thenRefused('pricing.list_unknown')
  })

  it('is in the currency and the digits of its list, while the list is in force', () => {
    prices()
      .when(change('100', '2026-01-01', { currency: 'EUR' }), known)
      .thenRefused('pricing.currency_mismatch')
    prices().when(change('100.12345', '2026-01-01'), known).thenRefused('pricing.over_precise')
    prices()
      .when(change('100', '2026-01-01', { breaks: [{ fromQuantity: '10', price: '90.00001' }] }), known)
      .thenRefused('pricing.over_precise')
    prices()
      .when(change('100', '2026-06-01'), {
        ...known,
        given: { list: { ...baseList, withdrawnAt: day('2026-06-01') }, productKnown: true },
      })
      .thenRefused('pricing.list_not_effective')
  })

  it('stands between its floor and its ceiling, with all its breaks, unless that is overridden', () => {
    const limits = { floor: '80', ceiling: '120' }
    prices()
      .when(change('79.9999', '2026-01-01', limits), known)
      .thenRefused('pricing.below_floor', { price: '79.9999' })
    prices()
      .when(change('120.0001', '2026-01-01', limits), known)
      .thenRefused('pricing.above_ceiling')
    prices()
      .when(change('100', '2026-01-01', { ...limits, breaks: [{ fromQuantity: '10', price: '79' }] }), known)
      .thenRefused('pricing.below_floor', { price: '79' })
    prices()
      .when(change('80', '2026-01-01', limits), known)
      .then([was('80', '2026-01-01', limits)])
    prices()
      .when(change('79', '2026-01-01', { ...limits, override: true }), known)
      .then([was('79', '2026-01-01', { ...limits, overridden: true })])
  })

  it('has ascending breaks and an end after its start', () => {
    const breaks = [
      { fromQuantity: '10', price: '90' },
      { fromQuantity: '9', price: '85' },
    ]
    prices()
      .when(change('100', '2026-01-01', { breaks }), known)
      .thenRefused('pricing.breaks_unordered')
    prices()
      .when(change('100', '2026-01-01', { effectiveUntil: day('2026-01-01') }), known)
      .thenRefused('pricing.window_empty')
  })

  it('that takes effect in the past says so', () => {
    const late = { ...known, at: day('2026-02-01') }
    prices().when(change('100', '2026-01-01'), late).thenRefused('pricing.retroactive')
    prices()
      .when(change('100', '2026-01-01', { retroactive: true }), late)
      .then([was('100', '2026-01-01', { retroactive: true })])
    prices()
      .when(change('100', '2026-02-01', { retroactive: true }), late)
      .then([was('100', '2026-02-01')])
  })

  it('does not overlap another: not at its start, not inside a bounded range, not across a later start', () => {
    prices(was('100', '2026-02-01')).when(change('90', '2026-02-01'), known).thenRefused('pricing.overlap')
    prices(was('100', '2026-02-01', { effectiveUntil: day('2026-03-01') }))
      .when(change('90', '2026-02-15'), known)
      .thenRefused('pricing.overlap')
    prices(was('100', '2026-02-01'))
      .when(change('90', '2026-01-15', { effectiveUntil: day('2026-02-02') }), known)
      .thenRefused('pricing.overlap')
    prices(was('100', '2026-02-01'))
      .when(change('90', '2026-01-15', { effectiveUntil: day('2026-02-01') }), known)
      .events()
    prices(was('100', '2026-02-01', { effectiveUntil: day('2026-03-01') }))
      .when(change('90', '2026-03-01'), known)
      .events()
    prices(was('100', '2026-02-01'))
      .when(change('90', '2026-02-01', { unit: 'CT' }), known)
      .events()
  })

  it('that is a recorded fact is kept with everything it breaks', () => {
    const wrong = change('70.12345', '2026-02-01', { floor: '80' })
    const [event] = prices(was('100', '2026-02-01'))
      .when(wrong, { ...known, at: day('2026-03-01'), recorded: true })
      .events()
    expect(event?.type === 'PriceChanged' && event.data.breaches.map(({ code }) => code)).toEqual([
      'pricing.retroactive',
      'pricing.over_precise',
      'pricing.below_floor',
      'pricing.overlap',
    ])
  })

  it('ends, and may be set again', () => {
    const ended: PriceEvent = {
      type: 'PriceEnded',
      data: {
        companyId: 'acme',
        listId: 'base-usd',
        sku: 'BK-1',
        unit: 'EA',
        currency: 'USD',
        reason: 'discontinued',
        effectiveAt: day('2026-03-01'),
      },
    }
    prices(was('100', '2026-01-01')).when(end('2026-03-01'), known).then([ended])
    prices(was('100', '2026-01-01', { effectiveUntil: day('2026-02-01') }))
      .when(end('2026-03-01'), known)
      .thenNothing()
    prices().when(end('2026-03-01'), known).thenRefused('object.not_found')
    prices(was('100', '2026-01-01'), ended)
      .when(change('90', '2026-03-01'), known)
      .then([was('90', '2026-03-01')])
    const facts = priceFacts(
      given(priceAggregate, [was('100', '2026-01-01'), ended, was('90', '2026-04-01')]).state(),
      'EA',
      'USD',
    )
    expect(
      ['2026-02-28', '2026-03-01', '2026-03-31', '2026-04-01'].map((date) => priceAt(facts, day(date))?.value.newPrice),
    ).toEqual(['100', undefined, undefined, '90'])
  })

  it('never overlaps another, whatever is asked, and is said once', () => {
    const dates = ['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01', '2026-05-01']
    const date = fc.constantFrom(...dates)
    const command: fc.Arbitrary<PriceCommand> = fc.oneof(
      {
        arbitrary: fc
          .tuple(fc.constantFrom('90', '100'), date, fc.option(date, { nil: undefined }), fc.constantFrom('EA', 'CT'))
          .map(([newPrice, from, until, unit]) =>
            change(newPrice, from, { unit, ...(until && { effectiveUntil: day(until) }) }),
          ),
        weight: 4,
      },
      date.map(end),
    )
    sameCommandTwice(priceAggregate, command, {
      circumstances: () => known,
      runs: 400,
      then: (state, events) => {
        for (const unit of ['EA', 'CT']) {
          const facts = priceFacts(state, unit, 'USD')
          // a bounded price runs to its end, or to where it was ended: no other one begins inside it
          const ended = events.flatMap((event) =>
            event.type === 'PriceEnded' && event.data.unit === unit ? [instantOf(event.data.effectiveAt)] : [],
          )
          for (const fact of facts) {
            if (!fact.value?.effectiveUntil) continue
            const [start, until] = [instantOf(fact.effectiveAt), instantOf(fact.value.effectiveUntil)]
            const bound = Math.min(until, ...ended.filter((one) => one >= start))
            const inside = facts.filter(
              (other) =>
                other.value &&
                other !== fact &&
                instantOf(other.effectiveAt) >= start &&
                instantOf(other.effectiveAt) < bound,
            )
            expect(inside).toEqual([])
          }
          // and each instant has at most one price, the one that `priceAt` gives
          const starts = facts.filter(({ value }) => value).map(({ effectiveAt }) => effectiveAt)
          for (const one of new Set(starts)) {
            const again = starts.filter((other) => other === one).length
            const ends = ended.filter((other) => other === instantOf(one)).length
            expect(again).toBeLessThanOrEqual(1 + ends)
          }
        }
      },
    })
  })
})
