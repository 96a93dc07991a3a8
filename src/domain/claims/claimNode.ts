import { z } from 'zod'
import { minus } from '../kernel/decimalText.ts'
import { lineAmount } from '../kernel/fields.ts'

/**
 * A node of the explanation of a claim or of an accrual to a fund. As in a settlement (`rebates/explanation.ts`) the children
 * of a node add up to it exactly, at scale 6, and ids are paths: below a node are those that begin with its id.
 */
export interface ClaimNode {
  readonly id: string
  readonly code: 'due' | 'claimed' | 'line' | 'units' | 'not_approved' | 'rounding' | 'accrued' | 'fact'
  readonly amount: string
  /** of the root */
  readonly currency?: string | undefined
  /** what it goes by: the change of price, the agreement, the right, the commitment, with the version of the terms */
  readonly rule?: Readonly<Record<string, unknown>> | undefined
  readonly units?: string | undefined
  /** of units: from what price to what, and the difference */
  readonly stretch?: { readonly low: string; readonly high: string; readonly each: string } | undefined
  /** of a sale: when, to whom, proven by what */
  readonly sale?:
    { readonly soldAt: string; readonly endCustomer: string; readonly proofs: readonly string[] } | undefined
  /** the event behind a leaf: a layer's shipment, with its units; an invoice, with its line */
  readonly source?: Readonly<Record<string, unknown>> | undefined
  readonly reason?: string | undefined
  readonly children?: readonly ClaimNode[] | undefined
}

/** The root: what is paid, what was claimed with its reasons below it, and what of that was not approved. Decimals at scale 6. */
export function claimTree(
  currency: string,
  { claimed, rule, children }: { readonly claimed: string } & Pick<ClaimNode, 'rule' | 'children'>,
  { approved = claimed, reason }: { readonly approved?: string | undefined; readonly reason?: string | undefined },
): ClaimNode {
  const cut = minus(approved, claimed)
  const cutNode = {
    id: 'due/not-approved',
    code: 'not_approved',
    amount: cut,
    ...(reason !== undefined && { reason }),
  } as const
  return {
    id: 'due',
    code: 'due',
    amount: approved,
    currency,
    children: [
      { id: 'due/claimed', code: 'claimed', amount: claimed, rule, children },
      ...(cut === '0' ? [] : [cutNode]),
    ],
  }
}

export const claimNode: z.ZodType<ClaimNode> = z.strictObject({
  id: z.string().max(200),
  code: z.enum(['due', 'claimed', 'line', 'units', 'not_approved', 'rounding', 'accrued', 'fact']),
  amount: lineAmount,
  currency: z.string().optional(),
  rule: z.record(z.string(), z.unknown()).optional(),
  units: lineAmount.optional(),
  stretch: z.strictObject({ low: lineAmount, high: lineAmount, each: lineAmount }).optional(),
  sale: z.strictObject({ soldAt: z.string(), endCustomer: z.string(), proofs: z.array(z.string()) }).optional(),
  source: z.record(z.string(), z.unknown()).optional(),
  reason: z.string().optional(),
  get children() {
    return z.array(claimNode).optional()
  },
})
