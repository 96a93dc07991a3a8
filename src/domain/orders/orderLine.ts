import { z } from 'zod'
import { code, identifier, lineAmount, price, quantity, rate, share, unit } from '../kernel/fields.ts'
import { priceResolution } from '../pricing/resolution.ts'

export const lineNo = z.int().min(1).max(9999)
/** Names a fact about an order: the same key again is nothing new. Longer than an identifier since processes compose it. */
export const factKey = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._/:-]{0,199}$/u)

/** Tax as given (domain.md §2.13): there is no tax engine. `amount` is a line amount at scale 6; `rate` is absent where the source gives none. */
export const lineTax = z.strictObject({ code, rate: rate.optional(), amount: lineAmount })
export type LineTax = z.infer<typeof lineTax>

/** The named step from quantity × unit price (scale 9) to a line value (scale 6); `remainder` is exact − rounded in units of 10⁻¹². */
export const lineRounding = z.strictObject({
  mode: z.enum(['half-up', 'half-even', 'down', 'up', 'floor']),
  remainder: z.string().regex(/^-?\d{1,12}$/),
})

/** A line with its frozen terms. `price` is the resolution trace; it is absent on recorded facts, whose price is as given. */
export const orderLine = z.strictObject({
  lineNo,
  sku: identifier,
  unit,
  quantity,
  unitPrice: price,
  /** as given by the source: the value before discount */
  extended: lineAmount.optional(),
  discount: z.strictObject({ share: share.optional(), value: lineAmount, promotion: identifier.optional() }).optional(),
  /** what the line is worth: given, or quantity × unit price with `rounding` */
  lineValue: lineAmount,
  rounding: lineRounding.optional(),
  price: priceResolution.optional(),
  productVersion: identifier.optional(),
  lot: identifier.optional(),
  tax: lineTax.optional(),
  freight: lineAmount.optional(),
})
export type OrderLine = z.infer<typeof orderLine>
