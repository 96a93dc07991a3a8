import { z } from 'zod'
import { identifier } from '../kernel/fields.ts'

/** One stock stream holds all quantities of one sku at one place of one party. */
export const stockKeyFields = { party: identifier, location: identifier, sku: identifier }
export const stockKeySchema = z.strictObject(stockKeyFields)
export type StockKey = z.infer<typeof stockKeySchema>

/** Identifiers may hold a slash, so it is written as `~`, which they may not hold: two keys never share a stream. */
export function stockId({ party, location, sku }: StockKey): string {
  return [party, location, sku].map((part) => part.replaceAll('/', '~')).join('/')
}
