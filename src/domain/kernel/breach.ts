import { z } from 'zod'

/**
 * A business rule that a recorded fact breaks (domain.md §2.14): the code that would have refused it as a command,
 * from the error table, and the values that show it. Never personal data.
 */
export const breach = z.strictObject({
  code: z.string().regex(/^[a-z_]+\.[a-z_]+$/),
  lineNo: z.int().positive().optional(),
  details: z.record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/),
    z
      .string()
      .max(200)
      .regex(/^[^\p{Cc}\p{Cs}]*$/u),
  ),
})
export type Breach = z.infer<typeof breach>

export const breaches = z.array(breach).max(2000)
