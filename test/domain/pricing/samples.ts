import type { PriceEvent } from '../../../src/domain/pricing/events.ts'
import type { PublishedList } from '../../../src/domain/pricing/priceLists.ts'
import { priceAggregate, type PriceState } from '../../../src/domain/pricing/prices.ts'
import type { ScheduledPromotion } from '../../../src/domain/pricing/promotions.ts'
import { foldEvents } from '../../support/decider.ts'

export const day = (date: string): string => `${date}T00:00:00.000Z[UTC]`

export const baseList: PublishedList = {
  companyId: 'acme',
  listId: 'base-usd',
  name: { en: 'Base' },
  level: 'base',
  scope: {},
  currency: 'USD',
  priority: 1,
  merge: false,
  scale: 4,
  rounding: 'half-up',
  effectiveFrom: day('2026-01-01'),
}

export type Changed = Extract<PriceEvent, { type: 'PriceChanged' }>
export const changed = (listId: string, newPrice: string, more: Partial<Changed['data']> = {}): Changed => ({
  type: 'PriceChanged',
  data: {
    companyId: 'acme',
    listId,
    sku: 'BK-1',
    unit: 'EA',
    currency: 'USD',
    newPrice,
    breaks: [],
    effectiveAt: day('2026-01-01'),
    reason: 'launch',
    retroactive: false,
    overridden: false,
    breaches: [],
    ...more,
  },
})

/** The state of one price stream. */
export const pricesOf = (...events: readonly PriceEvent[]): PriceState => foldEvents(priceAggregate, events)

export const promotion = (
  promotionId: string,
  discount: string,
  more: Partial<ScheduledPromotion> = {},
): ScheduledPromotion => ({
  companyId: 'acme',
  promotionId,
  name: { en: promotionId },
  discount,
  startsAt: day('2026-01-01'),
  endsAt: day('2027-01-01'),
  scope: {},
  stackingClass: 'compound',
  priority: 1,
  ...more,
})
