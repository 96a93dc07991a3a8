import { z } from 'zod'
import type { Instant } from '../kernel/businessTime.ts'
import { price, quantity, quantityOrZero, uuid } from '../kernel/fields.ts'
import { layerName, orderLine } from './layer.ts'

export const claimKind = z.enum(['price-protection', 'ship-and-debit', 'special-price', 'stock-rotation'])
export type ClaimKind = z.infer<typeof claimKind>

/**
 * What a claim takes: of the units `[from, to)` of a layer the stretch `[low, high)` of their price. Its area is what is
 * paid. No two takes of a layer may overlap: the same difference of price is paid once per unit.
 */
export const take = z.strictObject({
  /** of the claim's sale; 1 where it has no sales */
  lineNo: z.int().min(1).max(9999),
  layer: layerName,
  /** what brought the layer in */
  eventId: uuid,
  order: orderLine.optional(),
  from: quantityOrZero,
  to: quantity,
  low: price,
  high: price,
})
export type Take = z.infer<typeof take>

/** A take with the claim that it belongs to. */
export interface TakenBy extends Take {
  readonly claimId: string
  readonly kind: ClaimKind
  /** of units that were sold, or given back: when */
  readonly goneAt?: Instant
}
