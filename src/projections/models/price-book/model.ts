import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { ProductEvent } from '../../../domain/catalogue/events.ts'
import type { PriceEvent, PromotionsEvent } from '../../../domain/pricing/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'
import { listScopeEvents, listScopeFacts, listScopeTables, type ListScopeEvent } from './listScope.ts'

const prices = factTable(
  'prices',
  { company_id: 'text', list_id: 'text', sku: 'text', unit: 'text', currency: 'text' },
  {
    lasts: {
      /** price, breaks and limits as one: a change states them in full */
      terms: 'jsonb',
      /** the event of these terms */
      price_event: 'text',
      ended: 'boolean',
    },
    time: 'versioned',
  },
)
const promotions = factTable(
  'promotions',
  { company_id: 'text', promotion_id: 'text' },
  { lasts: { promotion: 'jsonb', ended: 'boolean', cancelled: 'boolean' }, time: 'versioned' },
)
const products = factTable(
  'products',
  { sku: 'text' },
  { lasts: { company_id: 'text', name: 'jsonb', category: 'text' }, time: 'versioned' },
)

type PriceBookEvent =
  ListScopeEvent | PriceEvent | PromotionsEvent | Extract<ProductEvent, { type: 'ProductPublished' | 'ProductRevised' }>

/** Price lists, the price of each sku on them, and promotions, effective-dated. */
export const priceBookModel: ReadModel = {
  name: 'price-book',
  version: 2,
  events: [
    ...listScopeEvents,
    'PriceChanged',
    'PriceEnded',
    'PromotionScheduled',
    'PromotionCancelled',
    'ProductPublished',
    'ProductRevised',
  ],
  tables: [...listScopeTables, prices, promotions, products],
  facts: (event) => priceBookFacts(event as RecordedEvent & PriceBookEvent), // the types it declares, checked when appended
}

function priceBookFacts(event: RecordedEvent & PriceBookEvent): readonly Fact[] {
  switch (event.type) {
    case 'PriceChanged': {
      const { newPrice, breaks, floor, ceiling, recommendedRetail, lowestAdvertised, effectiveAt, effectiveUntil } =
        event.data
      const instants = {
        effectiveAt: utc(effectiveAt),
        ...(effectiveUntil !== undefined && { effectiveUntil: utc(effectiveUntil) }),
      }
      const terms = { newPrice, breaks, floor, ceiling, recommendedRetail, lowestAdvertised, ...instants }
      return [priceFact(event.data, { terms, price_event: event.id, ended: false })]
    }
    case 'PriceEnded':
      return [priceFact(event.data, { ended: true })]
    case 'PromotionScheduled': {
      const { companyId, promotionId, startsAt, endsAt } = event.data
      const key = { company_id: companyId, promotion_id: promotionId }
      return [
        { table: 'promotions', key, at: instantOf(startsAt), lasts: { promotion: event.data, ended: false } },
        { table: 'promotions', key, at: instantOf(endsAt), lasts: { ended: true } },
      ]
    }
    case 'PromotionCancelled': {
      const { companyId, promotionId, effectiveAt } = event.data
      const key = { company_id: companyId, promotion_id: promotionId }
      return [{ table: 'promotions', key, at: instantOf(effectiveAt), lasts: { cancelled: true } }]
    }
    case 'ProductPublished':
      return [productFact(event.data, { company_id: event.data.companyId })]
    case 'ProductRevised':
      return [productFact(event.data, {})]
    default:
      return listScopeFacts(event)
  }
}

function priceFact(data: PriceEvent['data'], lasts: NonNullable<Fact['lasts']>): Fact {
  const { companyId, listId, sku, unit, currency, effectiveAt } = data
  return {
    table: 'prices',
    key: { company_id: companyId, list_id: listId, sku, unit, currency },
    at: instantOf(effectiveAt),
    lasts,
  }
}

function productFact(
  data: { sku: string; name: object; category: string; effectiveAt: string },
  lasts: NonNullable<Fact['lasts']>,
): Fact {
  const { sku, name, category, effectiveAt } = data
  return { table: 'products', key: { sku }, at: instantOf(effectiveAt), lasts: { name, category, ...lasts } }
}

function utc(time: string): string {
  return new Date(instantOf(time)).toISOString()
}
