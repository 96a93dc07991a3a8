import { z } from 'zod'
import { identifier } from '../kernel/fields.ts'

/** admin, sales and finance are the manufacturer's. */
export const role = z.enum(['admin', 'sales', 'finance', 'dealer', 'supplier', 'analyst', 'auditor'])
export type Role = z.infer<typeof role>

/** What a dealer's staff may do for it: everybody sees, these command. */
export const right = z.enum(['orders', 'stock', 'finance', 'staff'])
export type Right = z.infer<typeof right>

/** What a principal is: a dealer's staff act for one dealer with some rights, nobody else has either. */
export const standing = z.strictObject({
  role,
  dealerId: identifier.optional(),
  rights: z.array(right).max(right.options.length),
})

export function standingFits({
  role: is,
  dealerId,
  rights = [],
}: {
  role: Role
  dealerId?: string | undefined
  rights?: readonly Right[] | undefined
}): boolean {
  return is === 'dealer' ? dealerId !== undefined : dealerId === undefined && rights.length === 0
}
