import { instantOf } from '../kernel/businessTime.ts'
import type { Happened } from '../kernel/event.ts'
import type { Period } from '../calendars/state.ts'
import type { DisputeSide, SettlementEvent } from './events.ts'
import { evolveGoods, isSamePayout, noGoods, type GoodsState, type PayoutKey } from './grantedGoods.ts'
import type { Terms } from './terms.ts'

export interface Calculated {
  readonly settlementNo: number
  readonly kind: 'interim' | 'final' | 'adjustment'
  readonly postedIn: string
  /** minor units, by the rules alone */
  readonly earned: string
  readonly due: string
  readonly watermark: string
  readonly explanationHash: string
  readonly calculatedAt: string
  readonly status: 'calculated' | 'superseded' | 'approved'
  /** the first of two people who approve it */
  readonly endorsedBy?: string
}

/** What changed the balance of the dealer-period, in order; minor units, `awarded` signed. */
export interface Posted {
  readonly settlementNo: number
  readonly kind: 'settled' | 'clawed_back' | 'awarded'
  readonly amount: string
  /** of what a dispute decided or set free */
  readonly disputeId?: string
  /** of a payout: the document it left by */
  readonly document?: string
}

export interface Dispute {
  readonly disputeId: string
  readonly settlementNo: number
  readonly side: DisputeSide
  readonly node: string
  /** minor units: what the payout should be more, or less */
  readonly difference: string
  /** it was opened before the settlement was approved, and so holds back its part */
  readonly holds: boolean
  readonly status: 'open' | 'upheld' | 'rejected' | 'withdrawn'
  readonly answeredBy?: string
}

export interface SettlementState {
  /** every target that was set, in order, with the business time of each; a decimal in the measure */
  readonly targets: readonly { readonly at: string; readonly amount: string }[]
  readonly baseline?: string
  /** in order of their numbers, from 1 */
  readonly settlements: readonly Calculated[]
  readonly disputes: readonly Dispute[]
  readonly goods: GoodsState
  /** what `settle` takes as prior */
  readonly prior: readonly Posted[]
  /** sums of `prior`, minor units */
  readonly settled: string
  readonly clawedBack: string
  readonly awarded: string
  readonly accrued: string
}

export const noSettlement: SettlementState = {
  targets: [],
  settlements: [],
  disputes: [],
  goods: noGoods,
  prior: [],
  settled: '0',
  clawedBack: '0',
  awarded: '0',
  accrued: '0',
}

export function evolve(state: SettlementState, event: Happened<SettlementEvent>): SettlementState {
  const { type, data } = event
  switch (type) {
    case 'TargetSet':
    case 'TargetRevised':
      return { ...state, targets: [...state.targets, { at: event.occurredAt, amount: data.amount }] }
    case 'BaselineFixed':
      return { ...state, baseline: data.amount }
    case 'AccrualPosted':
    case 'AccrualReversed':
      return { ...state, accrued: data.balance }
    case 'SettlementCalculated': {
      const { settlementNo, kind, postedIn, calculation, due, watermark, explanationHash } = data
      const { earned } = calculation
      const of = { settlementNo, kind, postedIn, earned, due, watermark, explanationHash }
      const one: Calculated = { ...of, calculatedAt: event.occurredAt, status: 'calculated' }
      return { ...state, settlements: [...state.settlements.map(superseded), one] }
    }
    case 'SettlementEndorsed':
      return changed(state, data.settlementNo, (one) => ({ ...one, endorsedBy: data.endorsedBy }))
    case 'SettlementApproved': {
      const { settlementNo, amount } = data
      const approved = changed(state, settlementNo, (one) => ({ ...one, status: 'approved' }))
      return amount === '0' ? approved : posted(approved, { settlementNo, kind: 'settled', amount })
    }
    case 'DisputedPartPaid': {
      const { settlementNo, disputeId, amount } = data
      return posted(state, { settlementNo, kind: 'settled', amount, disputeId })
    }
    case 'ClawbackPosted': {
      const { settlementNo, disputeId, amount } = data
      return posted(state, { settlementNo, kind: 'clawed_back', amount, ...(disputeId !== undefined && { disputeId }) })
    }
    case 'SettlementCredited':
      return leftBy(state, data, data.creditNoteId)
    case 'SettlementPaid':
      return leftBy(state, data, data.reference)
    case 'GoodsGranted':
    case 'GrantedGoodsDelivered':
    case 'GrantedGoodsTakenBack':
    case 'GoodsRestReleased':
      return { ...state, goods: evolveGoods(state.goods, event) }
    case 'DisputeOpened': {
      const { disputeId, settlementNo, side, node, difference } = data
      const holds = state.settlements[settlementNo - 1]?.status === 'calculated'
      const dispute: Dispute = { disputeId, settlementNo, side, node, difference, holds, status: 'open' }
      return { ...state, disputes: [...state.disputes, dispute] }
    }
    case 'DisputeAnswered':
      return disputed(state, data.disputeId, { answeredBy: data.answeredBy })
    case 'DisputeUpheld': {
      const { settlementNo, disputeId, awarded } = data
      const upheld = disputed(state, disputeId, { status: 'upheld' })
      return posted(upheld, { settlementNo, kind: 'awarded', amount: awarded, disputeId })
    }
    case 'DisputeRejected':
      return disputed(state, data.disputeId, { status: 'rejected' })
    case 'DisputeWithdrawn':
      return disputed(state, data.disputeId, { status: 'withdrawn' })
  }
}

/** The dealer's own figures that a calculation up to a cut-off looks at: the last target in time, the last baseline. */
export function ownFigures(
  { targets, baseline }: Pick<SettlementState, 'targets' | 'baseline'>,
  { targetAt }: Pick<Terms, 'targetAt'>,
  period: Pick<Period, 'startInstant' | 'endInstant'>,
  cutOff: string,
): { readonly target?: string; readonly baseline?: string } {
  const until = Math.min(instantOf(cutOff), targetAt === 'period-start' ? period.startInstant + 1 : period.endInstant)
  const target = targets.findLast(({ at }) => instantOf(at) < until)?.amount
  return { ...(target !== undefined && { target }), ...(baseline !== undefined && { baseline }) }
}

export function hasFinal({ settlements }: SettlementState): boolean {
  return settlements.some(({ kind, status }) => kind === 'final' && status === 'approved')
}

/** The delta rule (docs/settlement-rules.md §10): what was earned and awarded less what was paid and not taken back; minor units. */
export function outstanding({ settled, clawedBack, awarded }: SettlementState, earned: string): bigint {
  return BigInt(earned) + BigInt(awarded) - (BigInt(settled) - BigInt(clawedBack))
}

const sums = { settled: 'settled', clawed_back: 'clawedBack', awarded: 'awarded' } as const

function posted(state: SettlementState, one: Posted): SettlementState {
  const sum = sums[one.kind]
  const total = (BigInt(state[sum]) + BigInt(one.amount)).toString()
  return { ...state, prior: [...state.prior, one], [sum]: total }
}

/** A payout left by its document. */
function leftBy(state: SettlementState, payout: PayoutKey, document: string): SettlementState {
  const left = payoutOf(state, payout)
  return { ...state, prior: state.prior.map((one) => (one === left ? { ...one, document } : one)) }
}

export function payoutOf({ prior }: SettlementState, payout: PayoutKey): Posted | undefined {
  return prior.find((one) => one.kind === 'settled' && isSamePayout(one, payout))
}

function superseded(one: Calculated): Calculated {
  return one.status === 'calculated' ? { ...one, status: 'superseded' } : one
}

function changed(
  state: SettlementState,
  settlementNo: number,
  change: (one: Calculated) => Calculated,
): SettlementState {
  const settlements = state.settlements.map((one) => (one.settlementNo === settlementNo ? change(one) : one))
  return { ...state, settlements }
}

function disputed(state: SettlementState, disputeId: string, change: Partial<Dispute>): SettlementState {
  const disputes = state.disputes.map((one) => (one.disputeId === disputeId ? { ...one, ...change } : one))
  return { ...state, disputes }
}
