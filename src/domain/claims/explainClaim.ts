import { minorToMicros } from '../kernel/currency.ts'
import { divideRounded, formatDecimal, parseDecimal, splitByLargestRemainder } from '../kernel/decimal.ts'
import { minus } from '../kernel/decimalText.ts'
import { areaOf, valueOf } from './claimAmount.ts'
import { claimTree, type ClaimNode } from './claimNode.ts'
import type { SubmittedClaim } from './events.ts'
import type { Take } from './take.ts'

/** What became of a claim: nothing yet, or an amount in minor units. */
export interface Decided {
  readonly approved?: string | undefined
  readonly reason?: string | undefined
}

type Asked = Pick<SubmittedClaim, 'takes' | 'amount' | 'currency' | 'basis' | 'policyVersion' | 'sales'>

const toLine = 1_000_000n

/**
 * Why a claim pays what it pays, as a tree whose children add up to their parent exactly, at scale 6: what is paid → what
 * the rule gives, less what was not approved → each sale → each range of units with the stretch of its price. The exact
 * areas are brought to scale 6 by largest remainder, in the order of the tree; the step to an amount is one node.
 */
export function explainClaim(claim: Asked, { approved, reason }: Decided = {}): ClaimNode {
  const { takes, amount, currency, basis, policyVersion, sales } = claim
  const claimed = formatDecimal(minorToMicros(BigInt(amount), currency))
  const exact = valueOf(takes)
  const total = divideRounded(exact, toLine, 'half-even').value
  const areas = takes.map(areaOf)
  const shares = exact > 0n ? splitByLargestRemainder(total, areas) : areas
  const leaves = takes.map((one, n) => ({ one, amount: shares[n] ?? 0n }))
  const lineNos = [...new Set(takes.map(({ lineNo }) => lineNo))].toSorted((a, b) => a - b)
  const lines = lineNos.map((lineNo): ClaimNode => {
    const id = `due/claimed/${lineNo}`
    const ofLine = leaves.filter(({ one }) => one.lineNo === lineNo)
    const sale = sales.find((one) => one.lineNo === lineNo)
    return {
      id,
      code: 'line',
      amount: formatDecimal(ofLine.reduce((sum, { amount }) => sum + amount, 0n)),
      units: formatDecimal(ofLine.reduce((sum, { one }) => sum + parseDecimal(one.to) - parseDecimal(one.from), 0n)),
      ...(sale && { sale: { soldAt: sale.soldAt, endCustomer: sale.endCustomer, proofs: sale.proofs } }),
      children: ofLine.map(({ one, amount }, n) => unitsNode(`${id}/${n + 1}`, one, amount)),
    }
  })
  const rounding = minus(claimed, formatDecimal(total))
  const paid = approved === undefined ? undefined : formatDecimal(minorToMicros(BigInt(approved), currency))
  const children = [
    ...lines,
    ...(rounding === '0' ? [] : [{ id: 'due/claimed/rounding', code: 'rounding', amount: rounding } as const]),
  ]
  return claimTree(currency, { claimed, rule: { ...basis, policyVersion }, children }, { approved: paid, reason })
}

function unitsNode(id: string, { layer, eventId, order, from, to, low, high }: Take, amount: bigint): ClaimNode {
  return {
    id,
    code: 'units',
    amount: formatDecimal(amount),
    units: minus(to, from),
    stretch: { low, high, each: minus(high, low) },
    source: { eventId, layer, from, to, ...order },
  }
}
