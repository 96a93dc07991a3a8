import { minorToMicros } from '../kernel/currency.ts'
import { parseDecimal } from '../kernel/decimal.ts'

/** The first of two people who approve a claim, and what for. */
export interface Endorsed {
  readonly by: string
  readonly amount: string
}

/** What is to be approved, by whom. */
export interface Approval {
  /** minor units */
  readonly amount: string
  readonly currency: string
  /** above it two people approve */
  readonly secondApprovalAbove?: string | undefined
  readonly submittedBy: string
  readonly endorsed?: Endorsed | undefined
}

/**
 * What an approval comes to. Above the limit it takes two people, and so it does for whoever submitted the claim: nobody
 * alone both asks and approves. Another amount begins anew.
 */
export function approvalBy(by: string, of: Approval): 'approved' | 'endorsed' | 'second person needed' {
  const { amount, currency, secondApprovalAbove, submittedBy, endorsed } = of
  const isLarge =
    secondApprovalAbove !== undefined && minorToMicros(BigInt(amount), currency) > parseDecimal(secondApprovalAbove)
  if (!isLarge && submittedBy !== by) return 'approved'
  if (endorsed?.amount !== amount) return 'endorsed'
  return endorsed.by === by ? 'second person needed' : 'approved'
}
