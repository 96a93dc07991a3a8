import { z } from 'zod'
import { businessTime, code, identifier, label, localLabel, quantity, regionScope, share } from '../kernel/fields.ts'

const some = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(1000).optional()

export const promotion = z.strictObject({
  companyId: identifier,
  promotionId: identifier,
  name: localLabel,
  /** a fraction of the list price: 0.02 is two percent */
  discount: share,
  /** the window is [startsAt, endsAt) */
  startsAt: businessTime,
  endsAt: businessTime,
  /** every key given must match; an absent one matches all */
  scope: z.strictObject({
    skus: some(identifier),
    categories: some(label),
    dealers: some(identifier),
    tiers: some(code),
    regions: some(regionScope),
  }),
  /** line quantity, both ends inclusive */
  minQuantity: quantity.optional(),
  maxQuantity: quantity.optional(),
  /** `exclusive` stands alone; of the `best` ones the largest counts; the `compound` ones all do, together with it */
  stackingClass: z.enum(['exclusive', 'compound', 'best']),
  /** 1 comes before 2 */
  priority: z.int().min(1).max(1_000_000),
})
export type Promotion = z.infer<typeof promotion>
