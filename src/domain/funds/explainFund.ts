import { claimTree, type ClaimNode } from '../claims/claimNode.ts'
import { minorToMicros } from '../kernel/currency.ts'
import { divideRounded, formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { minus, sumOf } from '../kernel/decimalText.ts'
import type { BasisFact } from '../rebates/basisFact.ts'
import type { Accrued, Activity, FundClaim, KnownFund } from './state.ts'

/** Why a claim on a fund pays what it pays: what was spent, line by line with its proofs, less what was not approved. */
export function explainFundClaim(
  { terms: { fundId, currency } }: KnownFund,
  activity: Activity,
  { activityId, amount, expenses, approved, reason }: FundClaim,
): ClaimNode {
  const value = (minor: string): string => formatDecimal(minorToMicros(BigInt(minor), currency))
  const children = expenses.map(({ lineNo, what, spentAt, amount, proofs }): ClaimNode => ({
    id: `due/claimed/${lineNo}`,
    code: 'line',
    amount: value(amount),
    source: { what, spentAt, proofs },
  }))
  const rule = { fundId, activityId, name: activity.name, committed: value(activity.committed) }
  const paid = approved === undefined ? undefined : value(approved)
  return claimTree(currency, { claimed: value(amount), rule, children }, { approved: paid, reason })
}

/**
 * Why a period added so much to a co-op fund: rate × what was invoiced, line by line. `facts` are those up to the
 * watermark of the accrual; each share is rounded half-even to scale 6, and one node holds what is left to the amount.
 */
export function explainAccrual(
  { terms: { fundId, currency } }: KnownFund,
  { periodId, base, rate, amount }: Accrued,
  facts: readonly BasisFact[],
): ClaimNode {
  const root = formatDecimal(minorToMicros(BigInt(amount), currency))
  const lines = facts
    .toSorted((a, b) => (a.eventId === b.eventId ? a.lineNo - b.lineNo : a.eventId < b.eventId ? -1 : 1))
    .map(({ eventId, lineNo, orderId, sku, kind, net }, n): ClaimNode => {
      const share = divideRounded(parseDecimal(net) * parseDecimal(rate), 1_000_000n, 'half-even').value
      return {
        id: `due/accrued/${n + 1}`,
        code: 'fact',
        amount: formatDecimal(share),
        source: { eventId, lineNo, sku, kind, net, ...(orderId !== undefined && { orderId }) },
      }
    })
  const accrued = sumOf(lines.map((one) => one.amount))
  const rounding = minus(root, accrued)
  return {
    id: 'due',
    code: 'due',
    amount: root,
    currency,
    children: [
      { id: 'due/accrued', code: 'accrued', amount: accrued, rule: { fundId, periodId, rate, base }, children: lines },
      ...(rounding === '0' ? [] : [{ id: 'due/rounding', code: 'rounding', amount: rounding } as const]),
    ],
  }
}
