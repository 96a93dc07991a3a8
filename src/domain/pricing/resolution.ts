import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { businessTime, code, identifier, price, quantity, rate, region, share, uuid } from '../kernel/fields.ts'
import { listId, listLevel, pricingStrategy, roundingMode } from './priceList.ts'

/** An exact decimal of any scale, signed: what a rounding step lost. */
const exactDecimal = z
  .string()
  .max(200)
  .regex(/^-?(0|[1-9]\d*)(\.\d+)?$/, 'a plain decimal')

/**
 * How a unit price came about (domain.md §2.2): frozen into the order line that uses it. It holds
 * `unitPrice = listPrice · Π(1 − promotions.discount) − rounding.remainder`, exactly.
 */
export const priceResolution = z.strictObject({
  strategy: pricingStrategy,
  /** the dealer's tier and region that lists and promotions were matched with */
  tier: code.optional(),
  region,
  listId,
  listLevel,
  /** the `PriceChanged` event behind the list price */
  priceEventId: uuid,
  /** the quantity break that applied; absent for the price without a break */
  breakFrom: quantity.optional(),
  listPrice: price,
  promotions: z.array(z.strictObject({ promotionId: identifier, discount: share })).max(30),
  /** 1 − Π(1 − d), for show: half-up at six digits */
  discount: rate,
  unitPrice: price,
  rounding: z.strictObject({
    step: z.literal('unit-price'),
    mode: roundingMode,
    scale: z.int().min(0).max(6),
    remainder: exactDecimal,
  }),
  floor: price.optional(),
  ceiling: price.optional(),
  /** the first instant after the quote at which anything it rests on changes, as far as is known */
  validUntil: businessTime.optional(),
  /** `pricing.below_floor`, `pricing.above_ceiling`: facts for price control, not refusals */
  breaches,
  /** candidates that were in scope and did not decide */
  rejected: z
    .array(
      z.strictObject({
        listId: listId.optional(),
        promotionId: identifier.optional(),
        reason: z.enum([
          'no-price',
          'less-special',
          'merged-break',
          'higher-price',
          'quantity',
          'exclusive-other',
          'not-best',
          'too-many',
        ]),
      }),
    )
    .max(200),
})
export type PriceResolution = z.infer<typeof priceResolution>
