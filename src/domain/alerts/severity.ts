import { z } from 'zod'

/** From the least to the most. */
export const severity = z.enum(['info', 'warning', 'critical'])
export type Severity = z.infer<typeof severity>

/** Is one at least as severe as another? */
export function isAtLeast(one: Severity, other: Severity): boolean {
  return severity.options.indexOf(one) >= severity.options.indexOf(other)
}
