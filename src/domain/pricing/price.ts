import { z } from 'zod'
import { businessTime, code, currency, identifier, price, quantity, unit } from '../kernel/fields.ts'
import { listId } from './priceList.ts'

/** Which price of which list: one stream per list and sku, one row of prices per unit. */
export const priceKey = z.strictObject({ companyId: identifier, listId, sku: identifier, unit, currency })

/** A price and what surrounds it. */
export const pricing = z.strictObject({
  newPrice: price,
  /** by line quantity, ascending: from `fromQuantity` on (inclusive) a unit costs `price` */
  breaks: z.array(z.strictObject({ fromQuantity: quantity, price })).max(50),
  /** the manufacturer's lowest sell-in price */
  floor: price.optional(),
  ceiling: price.optional(),
  recommendedRetail: price.optional(),
  /** lowest advertised price (MAP): says nothing about the selling price */
  lowestAdvertised: price.optional(),
  effectiveAt: businessTime,
  /** exclusive; without it the price holds until the next one */
  effectiveUntil: businessTime.optional(),
  reason: code,
})
