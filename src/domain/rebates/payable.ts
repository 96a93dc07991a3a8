import { smaller } from '../kernel/bounds.ts'
import { minorToMicros } from '../kernel/currency.ts'
import { parseDecimal } from '../kernel/decimal.ts'
import type { SettlementEvent } from './events.ts'
import type { Calculated, SettlementState } from './settlementState.ts'
import type { Terms } from './terms.ts'

/** What every event of a dealer-period names. */
export interface DealerPeriod {
  readonly programmeId: string
  readonly companyId: string
  readonly dealerId: string
  readonly currency: string
  readonly periodId: string
}

/** Is a payout so large that two people have to approve it? Minor units. */
export function needsTwo({ secondApprovalAbove }: Terms, currency: string, due: bigint): boolean {
  return secondApprovalAbove !== undefined && minorToMicros(due, currency) > parseDecimal(secondApprovalAbove)
}

export interface Payable {
  /** minor units: paid when above zero, taken back when below */
  readonly amount: bigint
  /** what open disputes hold back of it, not negative */
  readonly held: bigint
}

/** What is outstanding less what open disputes hold back: of a payout those who say less, of a clawback those who say more. */
export function payable({ disputes }: SettlementState, owed: bigint): Payable {
  const size = owed < 0n ? -owed : owed
  const against = disputes
    .filter(({ status, holds }) => status === 'open' && holds)
    .map(({ difference }) => BigInt(difference))
    .filter((difference) => difference < 0n === owed > 0n)
    .reduce((sum, difference) => sum + (difference < 0n ? -difference : difference), 0n)
  const held = smaller(against, size)
  return { amount: owed < 0n ? held - size : size - held, held }
}

/** An interim that owes less than it paid may wait for the next one. */
export function carries({ negativeInterim }: Pick<Terms, 'negativeInterim'>, kind: Calculated['kind']): boolean {
  return kind === 'interim' && negativeInterim === 'carry'
}

/** Absent where it is the usual one. */
export function outletOf({ outlet }: Terms): { outlet?: Terms['outlet'] } {
  return outlet === 'credit_note' ? {} : { outlet }
}

/** Approval takes the accruals back, but for what disputes hold: that is owed still. */
export function accrualLeft(
  { accrued }: SettlementState,
  held: bigint,
  key: DealerPeriod,
  settlementNo: number,
): SettlementEvent[] {
  const before = BigInt(accrued)
  const balance = smaller(before, held)
  if (balance === before) return []
  const amount = (before - balance).toString()
  return [{ type: 'AccrualReversed', data: { ...key, amount, balance: balance.toString(), settlementNo } }]
}
