import { z } from 'zod'

/**
 * A business rule that a recorded fact breaks (domain.md §2.14): the code that would have refused it as a command,
 * from the error table, and the values that show it. Never personal data.
 */
export const breach = z.strictObject({
  code: z.string().regex(/^[a-z_]+\.[a-z_]+$/),
  lineNo: z.int().positive().optional(),
  details: z.record(z.string().max(64), z.string().max(200)),
})
export type Breach = z.infer<typeof breach>

export const breaches = z.array(breach).max(2000)
