import { describe, expect, it } from 'vitest'
import { productAggregate } from '../../../src/domain/catalogue/decide.ts'
import type { ProductEvent } from '../../../src/domain/catalogue/events.ts'
import { dealerAggregate } from '../../../src/domain/dealers/decide.ts'
import type { Load } from '../../../src/domain/kernel/decider.ts'
import { priceListsAggregate } from '../../../src/domain/pricing/priceLists.ts'
import { promotionsAggregate } from '../../../src/domain/pricing/promotions.ts'
import { quoteLines } from '../../../src/domain/pricing/quote.ts'
import { foldEvents } from '../../support/decider.ts'
import { baseList, changed, day, pricesOf, promotion } from './samples.ts'

const dealer = foldEvents(dealerAggregate, [
  {
    type: 'DealerRegistered',
    data: {
      dealerId: 'd1',
      companyId: 'acme',
      legalName: { en: 'One' },
      kind: 'warehouse',
      country: 'US',
      region: 'US/WA',
      zone: 'UTC',
      currencies: ['USD'],
      tierLevel: 1,
      effectiveAt: day('2026-01-01'),
      breaches: [],
    },
  },
])
const published = (sku: string, category: string): ProductEvent => ({
  type: 'ProductPublished',
  data: {
    sku,
    companyId: 'acme',
    name: { en: sku },
    category,
    unit: 'EA',
    attributes: {},
    pictures: [],
    lotTracked: false,
    effectiveAt: day('2026-01-01'),
  },
})
const rival = { ...baseList, listId: 'rival', level: 'dealer' as const, scope: { dealerId: 'd2' } }
const states: Readonly<Record<string, unknown>> = {
  'pricelists-acme': foldEvents(priceListsAggregate, [
    { type: 'PriceListPublished', data: baseList },
    { type: 'PriceListPublished', data: rival },
  ]),
  'promotions-acme': foldEvents(promotionsAggregate, [
    { type: 'PromotionScheduled', data: promotion('bikes', '0.1', { scope: { categories: ['Bikes'] } }) },
  ]),
  'product-BK-1': foldEvents(productAggregate, [published('BK-1', 'Bikes')]),
  'product-HL-1': foldEvents(productAggregate, [published('HL-1', 'Helmets')]),
  'product-OLD-1': foldEvents(productAggregate, [
    published('OLD-1', 'Bikes'),
    { type: 'ProductWithdrawn', data: { sku: 'OLD-1', reason: 'recall', effectiveAt: day('2026-02-01') } },
  ]),
  'price-base-usd/BK-1': pricesOf(changed('base-usd', '100')),
  'price-base-usd/HL-1': pricesOf(changed('base-usd', '30', { sku: 'HL-1' })),
}

describe('quoting the lines of an order', () => {
  const loaded: string[] = []
  // the states stand under the stream names of their own aggregates
  const load: Load = async (aggregate, id) => {
    const stream = `${aggregate.category}-${id}`
    loaded.push(stream)
    return (states[stream] ?? aggregate.initialState) as typeof aggregate.initialState
  }
  const ask = (...lines: [sku: string, unit: string, quantity: string][]): ReturnType<typeof quoteLines> =>
    quoteLines(load, {
      companyId: 'acme',
      dealer,
      currency: 'USD',
      at: day('2026-06-01'),
      lines: lines.map(([sku, unit, quantity]) => ({ sku, unit, quantity })),
    })

  it('answers line by line, in order, with a price or the reason why not', async () => {
    const answers = await ask(
      ['HL-1', 'EA', '2'],
      ['NONE', 'EA', '1'],
      ['BK-1', 'EA', '1'],
      ['BK-1', 'CT', '1'],
      ['OLD-1', 'EA', '1'],
    )
    expect(answers).toMatchObject([
      { listId: 'base-usd', unitPrice: '30' },
      { refused: 'catalogue.unknown_sku' },
      { unitPrice: '90', promotions: [{ promotionId: 'bikes' }] },
      { refused: 'pricing.no_price' },
      { refused: 'catalogue.withdrawn' },
    ])
  })

  it('reads each stream once, and none of another dealer’s prices', async () => {
    loaded.length = 0
    await ask(['BK-1', 'EA', '1'], ['BK-1', 'EA', '2'])
    expect(loaded.toSorted()).toEqual(['price-base-usd/BK-1', 'pricelists-acme', 'product-BK-1', 'promotions-acme'])
  })

  it('knows only dealers of the company', async () => {
    const unknown = await quoteLines(load, {
      companyId: 'rival',
      dealer,
      currency: 'USD',
      at: day('2026-06-01'),
      lines: [{ sku: 'BK-1', unit: 'EA', quantity: '1' }],
    })
    expect(unknown).toMatchObject([{ refused: 'dealers.unknown' }])
  })
})
