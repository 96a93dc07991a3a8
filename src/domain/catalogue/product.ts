import { z } from 'zod'
import { calendarDate, label, localLabel, publicText, unit } from '../kernel/fields.ts'

/** The whole picture of a product as dealers see it: what a publication and every revision state in full. */
export const productPicture = z.strictObject({
  name: localLabel,
  description: z.strictObject({ en: publicText.optional(), 'zh-CN': publicText.optional() }).optional(),
  category: label,
  subcategory: label.optional(),
  /** stock and prices are kept in it: it never changes */
  unit,
  attributes: z.record(label, label).refine((map) => Object.keys(map).length <= 100, 'at most 100 attributes'),
  /** addresses or content hashes */
  pictures: z.array(label).max(20),
  lotTracked: z.boolean(),
  /** from when it was to be had: programmes for new products count from it */
  launchedOn: calendarDate.optional(),
})
export type ProductPicture = z.infer<typeof productPicture>
