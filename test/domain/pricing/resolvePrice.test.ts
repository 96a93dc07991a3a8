import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../../src/domain/kernel/decider.ts'
import { formatDecimal, parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import { candidateLists, resolvePrice, type PriceQuestion } from '../../../src/domain/pricing/resolvePrice.ts'
import { priceResolution, type PriceResolution } from '../../../src/domain/pricing/resolution.ts'
import type { PublishedList } from '../../../src/domain/pricing/priceLists.ts'
import { eventId } from '../../support/decider.ts'
import { baseList, changed, day, pricesOf, promotion } from './samples.ts'

const list = (listId: string, more: Partial<PublishedList>): PublishedList => ({ ...baseList, listId, ...more })
const region = list('region', { level: 'region', scope: { region: 'US/WA' } })
const country = list('country', { level: 'region', scope: { region: 'US/*' } })
const gold = list('gold', { level: 'tier', scope: { tier: 'gold' } })
const mine = list('mine', { level: 'dealer', scope: { dealerId: 'd1' } })
const contract = list('contract', { level: 'contract', scope: { dealerId: 'd1', contractId: 'c1' } })
const rival = list('rival', { level: 'dealer', scope: { dealerId: 'd2' } })
const ladder = [baseList, country, region, gold, mine, contract]

const question = (more: Partial<PriceQuestion> = {}): PriceQuestion => ({
  dealer: { dealerId: 'd1', tier: 'gold', region: 'US/WA' },
  sku: 'BK-1',
  category: 'Bikes',
  unit: 'EA',
  currency: 'USD',
  quantity: '1',
  at: day('2026-06-01'),
  strategy: 'priority',
  lists: [baseList],
  prices: [pricesOf(changed('base-usd', '100'))],
  promotions: [],
  ...more,
})
const resolved = (more: Partial<PriceQuestion> = {}): PriceResolution => {
  const answer = resolvePrice(question(more))
  if (isRefusal(answer)) throw new Error(answer.refused)
  // what orders embed must fit the schema that they embed
  return priceResolution.parse(answer)
}
const priced = (...ids: string[]): Partial<PriceQuestion> => ({
  lists: ladder,
  prices: ids.map((id, index) => pricesOf(changed(id, `${90 + index}`))),
})

describe('a resolved price', () => {
  it('names the list, the level, the event behind it and what was passed over', () => {
    expect(resolved(priced('base-usd', 'gold'))).toEqual({
      strategy: 'priority',
      tier: 'gold',
      region: 'US/WA',
      listId: 'gold',
      listLevel: 'tier',
      priceEventId: eventId(0),
      listPrice: '91',
      promotions: [],
      discount: '0',
      unitPrice: '91',
      rounding: { step: 'unit-price', mode: 'half-up', scale: 4, remainder: '0' },
      breaches: [],
      rejected: [
        { listId: 'contract', reason: 'no-price' },
        { listId: 'mine', reason: 'no-price' },
        { listId: 'region', reason: 'no-price' },
        { listId: 'country', reason: 'no-price' },
        { listId: 'base-usd', reason: 'less-special' },
      ],
    })
  })

  it('comes from the most special list that has one: contract, dealer, tier, region, country, base', () => {
    const order = ['contract', 'mine', 'gold', 'region', 'country', 'base-usd']
    order.forEach((expected, index) => expect(resolved(priced(...order.slice(index))).listId).toBe(expected))
  })

  it('is not silently the cheapest, but is when the strategy says so; the more special list on a tie', () => {
    const asked = priced('base-usd', 'gold', 'contract')
    expect(resolved(asked)).toMatchObject({ listId: 'contract', unitPrice: '92' })
    expect(resolved({ ...asked, strategy: 'minimal' })).toMatchObject({ listId: 'base-usd', unitPrice: '90' })
    const tie = {
      lists: ladder,
      prices: ['base-usd', 'gold'].map((id) => pricesOf(changed(id, '90'))),
      strategy: 'minimal',
    } as const
    expect(resolved(tie).listId).toBe('gold')
  })

  it('inside a level goes by priority, then by id', () => {
    const [a, b, c] = [list('a', { priority: 2 }), list('b', { priority: 1 }), list('c', { priority: 1 })]
    const prices = ['a', 'b', 'c'].map((id) => pricesOf(changed(id, '1')))
    expect(resolved({ lists: [a, b, c], prices }).listId).toBe('b')
  })

  it('is refused when nobody has one: not for this unit, not in this currency, not yet, not any more', () => {
    const refusedWith = (more: Partial<PriceQuestion>): unknown => resolvePrice(question(more))
    for (const more of [
      { unit: 'CT' },
      { currency: 'EUR' },
      { at: day('2025-12-31') },
      { lists: [] },
      { prices: [] },
      { lists: [{ ...baseList, withdrawnAt: day('2026-05-01') }] },
    ])
      expect(refusedWith(more)).toMatchObject({ refused: 'pricing.no_price' })
  })

  it('never names another dealer’s list', () => {
    const asked = {
      lists: [...ladder, rival],
      prices: [pricesOf(changed('base-usd', '100')), pricesOf(changed('rival', '50'))],
    }
    expect(resolved({ ...asked, strategy: 'minimal' })).toMatchObject({ listId: 'base-usd' })
    expect(JSON.stringify(resolved(asked))).not.toContain('rival')
    expect(
      candidateLists(asked.lists, question().dealer, 'USD', day('2026-06-01')).map(({ listId }) => listId),
    ).not.toContain('rival')
  })

  it('takes the break that the quantity reaches', () => {
    const prices = [
      pricesOf(
        changed('base-usd', '100', {
          breaks: [
            { fromQuantity: '10', price: '95' },
            { fromQuantity: '50', price: '90' },
          ],
        }),
      ),
    ]
    expect(['9.999', '10', '49', '50'].map((quantity) => resolved({ prices, quantity }).unitPrice)).toEqual([
      '100',
      '95',
      '95',
      '90',
    ])
    expect(resolved({ prices, quantity: '10' }).breakFrom).toBe('10')
    expect(resolved({ prices, quantity: '9' }).breakFrom).toBeUndefined()
  })

  it('merges breaks of less special lists where both lists say so', () => {
    const prices = [
      pricesOf(changed('base-usd', '100', { breaks: [{ fromQuantity: '10', price: '80' }] })),
      pricesOf(changed('gold', '95')),
    ]
    const [base, tier] = [
      { ...baseList, merge: true },
      { ...gold, merge: true },
    ]
    const asked = { prices, quantity: '10' }
    expect(resolved({ ...asked, lists: [base, gold] })).toMatchObject({ listId: 'gold', unitPrice: '95' })
    expect(resolved({ ...asked, lists: [baseList, tier] })).toMatchObject({ listId: 'gold', unitPrice: '95' })
    expect(resolved({ ...asked, lists: [base, tier] })).toMatchObject({
      listId: 'base-usd',
      unitPrice: '80',
      rejected: [{ listId: 'gold', reason: 'merged-break' }],
    })
    expect(resolved({ ...asked, lists: [base, tier], quantity: '9' })).toMatchObject({
      listId: 'gold',
      unitPrice: '95',
    })
  })

  it('is valid until the first thing it rests on changes', () => {
    const prices = [
      pricesOf(changed('base-usd', '100'), changed('base-usd', '110', { effectiveAt: day('2026-09-01') })),
    ]
    expect(resolved().validUntil).toBeUndefined()
    expect(resolved({ prices }).validUntil).toBe(day('2026-09-01'))
    expect(resolved({ prices, promotions: [promotion('p', '0.1', { endsAt: day('2026-07-01') })] }).validUntil).toBe(
      day('2026-07-01'),
    )
    expect(resolved({ prices, promotions: [promotion('p', '0.1', { startsAt: day('2026-08-01') })] }).validUntil).toBe(
      day('2026-08-01'),
    )
    expect(
      resolved({
        prices,
        promotions: [promotion('p', '0.1', { startsAt: day('2026-08-01'), scope: { skus: ['other'] } })],
      }).validUntil,
    ).toBe(day('2026-09-01'))
    expect(resolved({ prices, lists: [{ ...baseList, effectiveUntil: day('2026-06-15') }] }).validUntil).toBe(
      day('2026-06-15'),
    )
  })

  it('below its floor is answered, and says so', () => {
    const prices = [pricesOf(changed('base-usd', '100', { floor: '95' }))]
    expect(resolved({ prices, promotions: [promotion('p', '0.1')] })).toMatchObject({
      unitPrice: '90',
      floor: '95',
      breaches: [{ code: 'pricing.below_floor', details: { unitPrice: '90', floor: '95' } }],
    })
  })
})

describe('promotions', () => {
  it('compound: 2 % and 11 % are 12.78 %', () => {
    const promotions = [promotion('two', '0.02'), promotion('eleven', '0.11')]
    expect(resolved({ promotions })).toMatchObject({
      discount: '0.1278',
      unitPrice: '87.22',
      promotions: [
        { promotionId: 'eleven', discount: '0.11' },
        { promotionId: 'two', discount: '0.02' },
      ],
    })
  })

  it('stand alone when exclusive, and only the best of the best counts', () => {
    const promotions = [
      promotion('compound', '0.01'),
      promotion('best-a', '0.05', { stackingClass: 'best' }),
      promotion('best-b', '0.1', { stackingClass: 'best' }),
    ]
    expect(resolved({ promotions })).toMatchObject({
      unitPrice: '89.1',
      rejected: [{ promotionId: 'best-a', reason: 'not-best' }],
    })
    const exclusive = promotion('alone', '0.02', { stackingClass: 'exclusive', priority: 9 })
    expect(resolved({ promotions: [...promotions, exclusive] })).toMatchObject({
      unitPrice: '98',
      promotions: [{ promotionId: 'alone' }],
      rejected: [
        { promotionId: 'best-a', reason: 'exclusive-other' },
        { promotionId: 'best-b' },
        { promotionId: 'compound' },
      ],
    })
  })

  it('apply from their start, not at their end, and not once cancelled', () => {
    const july = promotion('july', '0.1', { startsAt: day('2026-07-01'), endsAt: day('2026-08-01') })
    const price = (at: string, one = july): string => resolved({ promotions: [one], at: day(at) }).unitPrice
    expect(['2026-06-30', '2026-07-01', '2026-07-31', '2026-08-01'].map((at) => price(at))).toEqual([
      '100',
      '90',
      '90',
      '100',
    ])
    expect(price('2026-07-15', { ...july, cancelledAt: day('2026-07-15') })).toBe('100')
  })

  it('apply in their range of quantities, both ends included', () => {
    const volume = promotion('volume', '0.02', { minQuantity: '11', maxQuantity: '14' })
    expect(['10', '11', '14', '15'].map((quantity) => resolved({ promotions: [volume], quantity }).unitPrice)).toEqual([
      '100',
      '98',
      '98',
      '100',
    ])
    expect(resolved({ promotions: [volume] }).rejected).toEqual([{ promotionId: 'volume', reason: 'quantity' }])
  })

  it.each([
    [{ skus: ['BK-1'] }, true],
    [{ skus: ['BK-2'] }, false],
    [{ categories: ['Bikes'], tiers: ['gold'], dealers: ['d1'], regions: ['US/*'] }, true],
    [{ categories: ['Bikes'], tiers: ['silver'] }, false],
    [{ dealers: ['d2'] }, false],
    [{ regions: ['CN/*'] }, false],
  ])('in the scope %j apply: %s; out of scope they are not named', (scope, applies) => {
    const answer = resolved({ promotions: [promotion('p', '0.1', { scope })] })
    expect(answer.unitPrice).toBe(applies ? '90' : '100')
    expect(answer.rejected).toEqual([])
  })

  it('lose nothing that is not in the remainder: unit price + remainder = list price · Π(1 − d), exactly', () => {
    const micros = fc.integer({ min: 0, max: 1_000_000 }).map((millionths) => formatDecimal(BigInt(millionths)))
    fc.assert(
      fc.property(
        fc
          .tuple(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 0, max: 9_999 }))
          .map(([whole, rest]) => `${whole}.${rest.toString().padStart(4, '0')}`),
        fc.array(micros, { maxLength: 5 }),
        fc.constantFrom(0, 2, 4, 6),
        fc.constantFrom('half-up' as const, 'half-even' as const, 'down' as const),
        (price, discounts, scale, rounding) => {
          const answer = resolved({
            lists: [{ ...baseList, scale, rounding }],
            prices: [pricesOf(changed('base-usd', price))],
            promotions: discounts.map((discount, index) => promotion(`p${index}`, discount)),
          })
          const digits = 6 * (discounts.length + 1)
          const exact = discounts.reduce(
            (product, discount) => product * (1_000_000n - parseDecimal(discount)),
            parseDecimal(price),
          )
          expect(scaled(answer.unitPrice, digits) + scaled(answer.rounding.remainder, digits)).toBe(exact)
          expect(answer.unitPrice.split('.')[1]?.length ?? 0).toBeLessThanOrEqual(scale)
        },
      ),
    )
  })
})

describe('resolution', () => {
  it('does not depend on the order in which lists, prices and promotions come', () => {
    const lists = [...ladder, rival, list('base-2', { priority: 2 }), list('base-3', { priority: 2 })]
    const prices = lists.map(({ listId }, index) =>
      changed(listId, `${100 - index}`, { breaks: [{ fromQuantity: '5', price: `${90 - index}` }] }),
    )
    const promotions = ['0.02', '0.11', '0.11', '0.3'].map((discount, index) =>
      promotion(`p${index}`, discount, { stackingClass: index % 2 ? 'best' : 'compound', priority: 1 + (index % 2) }),
    )
    fc.assert(
      fc.property(
        fc.record({ lists: fc.subarray(lists), prices: fc.subarray(prices), promotions: fc.subarray(promotions) }),
        fc.constantFrom('priority' as const, 'minimal' as const),
        fc.constantFrom('1', '5'),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (some, strategy, quantity, merge, random) => {
          const mixed = <T>(items: readonly T[]): T[] =>
            items
              .map((item) => ({ item, key: random.next().value as number }))
              .toSorted((a, b) => a.key - b.key)
              .map(({ item }) => item)
          const merging = some.lists.map((one) => ({ ...one, merge }))
          const states = some.prices.map((price) => pricesOf(price))
          const plain = resolvePrice(
            question({ lists: merging, prices: states, promotions: some.promotions, strategy, quantity }),
          )
          const other = resolvePrice(
            question({
              lists: mixed(merging),
              prices: mixed(states),
              promotions: mixed(some.promotions),
              strategy,
              quantity,
            }),
          )
          expect(other).toEqual(plain)
        },
      ),
    )
  })
})

/** A decimal string in units of 10^−digits. */
function scaled(text: string, digits: number): bigint {
  const negative = text.startsWith('-')
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.')
  const value = BigInt(whole + fraction.padEnd(digits, '0'))
  return negative ? -value : value
}
