import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, code, identifier, price } from '../kernel/fields.ts'
import { priceKey, pricing } from './price.ts'
import { listId, priceList, pricingStrategy } from './priceList.ts'
import { promotion } from './promotion.ts'

export const priceListPublished = defineEvent('PriceListPublished', priceList)
export const priceListWithdrawn = defineEvent(
  'PriceListWithdrawn',
  z.strictObject({ companyId: identifier, listId, reason: code, effectiveAt: businessTime }),
  { correctable: true },
)
export const pricingStrategyChosen = defineEvent(
  'PricingStrategyChosen',
  z.strictObject({ companyId: identifier, strategy: pricingStrategy, effectiveAt: businessTime }),
  { correctable: true },
)
export const priceListsEvents = [priceListPublished, priceListWithdrawn, pricingStrategyChosen] as const
export type PriceListsEvent = EventOf<(typeof priceListsEvents)[number]>

export const priceChanged = defineEvent(
  'PriceChanged',
  z.strictObject({
    ...priceKey.shape,
    /** in force just before `effectiveAt`, as known when this was recorded */
    oldPrice: price.optional(),
    ...pricing.shape,
    /** it takes effect before it was decided: price protection and re-settlement follow as proposals */
    retroactive: z.boolean(),
    /** floor or ceiling were set aside on purpose */
    overridden: z.boolean(),
    breaches,
  }),
  { correctable: true },
)
/** From `effectiveAt` on there is no price of this sku and unit on the list, until the next change. */
export const priceEnded = defineEvent(
  'PriceEnded',
  z.strictObject({ ...priceKey.shape, reason: code, effectiveAt: businessTime }),
  { correctable: true },
)
export const priceEvents = [priceChanged, priceEnded] as const
export type PriceEvent = EventOf<(typeof priceEvents)[number]>

export const promotionScheduled = defineEvent('PromotionScheduled', promotion, { correctable: true })
/** From `effectiveAt` on it applies to no new order. */
export const promotionCancelled = defineEvent(
  'PromotionCancelled',
  z.strictObject({ companyId: identifier, promotionId: identifier, reason: code, effectiveAt: businessTime }),
  { correctable: true },
)
export const promotionsEvents = [promotionScheduled, promotionCancelled] as const
export type PromotionsEvent = EventOf<(typeof promotionsEvents)[number]>
