import { approvalBy } from '../claims/approval.ts'
import type { ProofState } from '../claims/proof.ts'
import type { DealerAt } from '../dealers/state.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { isRefusal, refuse, type Circumstances, type Decision, type Refusal } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { own } from '../kernel/table.ts'
import type { FundCommandOf as Command } from './commands.ts'
import type { FundEvent, SubmittedFundClaim } from './events.ts'
import { balancesOf, type FundClaim, type KnownFund } from './state.ts'

type UsedBy = NonNullable<ProofState['usedBy']>
export interface FundClaimGiven {
  readonly dealer?: DealerAt | undefined
  readonly used?: Readonly<Record<string, UsedBy>>
}

type LifeCommand = Command<
  | 'ValidateFundClaim'
  | 'ApproveFundClaim'
  | 'RejectFundClaim'
  | 'WithdrawFundClaim'
  | 'ReleasePayment'
  | 'RecordFundPayment'
>

const day = 86_400_000

export function proofsOf({ expenses }: Pick<SubmittedFundClaim, 'expenses'>): readonly string[] {
  return [...new Set(expenses.flatMap(({ proofs }) => proofs))]
}

/** Claims on what was committed to an activity: submitted, validated, approved in part or whole, paid in parts. */
export function decideFundClaim(
  command: Command<'SubmitFundClaim'> | LifeCommand,
  state: KnownFund,
  circumstances: Circumstances<FundClaimGiven>,
  usedTwice: (proof: string, by: UsedBy) => Refusal,
): Decision<FundEvent> {
  if (command.type === 'SubmitFundClaim') return submit(command, state, circumstances, usedTwice)
  const claim = own(state.claims, command.claimId)
  if (claim?.activityId !== command.activityId) return refuse('object.not_found', { claimId: command.claimId })
  return decideLife(command, claim, state, circumstances)
}

function submit(
  { activityId, claimId, expenses }: Command<'SubmitFundClaim'>,
  state: KnownFund,
  { at, by, recorded, given: { dealer, used = {} } }: Circumstances<FundClaimGiven>,
  usedTwice: (proof: string, by: UsedBy) => Refusal,
): Decision<FundEvent> {
  const { terms } = state
  const known = own(state.claims, claimId)
  if (known)
    return known.activityId === activityId && sameData(known.expenses, expenses)
      ? []
      : refuse('claims.key_reused', { claimId })
  const activity = own(state.activities, activityId)
  if (!activity) return refuse('object.not_found', { fundId: terms.fundId, activityId })
  const amount = expenses.reduce((sum, one) => sum + BigInt(one.amount), 0n)
  const { committed, claimed } = balancesOf(state, activityId)
  const { from, until } = activity
  const late = expenses.find(({ spentAt }) => {
    const instant = instantOf(spentAt)
    return instant < instantOf(from) || instant >= instantOf(until) || instant > instantOf(at)
  })
  const taken = proofsOf({ expenses }).find((proof) => own(used, proof))
  const usedBy = taken === undefined ? undefined : own(used, taken)
  const breaches = enforce(
    [
      activity.status !== 'committed' && refuse('funds.not_open', { activityId, status: activity.status }),
      dealer?.status === 'exited' && refuse('dealers.exited', { dealerId: terms.dealerId }),
      late !== undefined &&
        refuse('claims.outside_window', { activityId, lineNo: late.lineNo, spentAt: late.spentAt, from, until }),
      instantOf(at) > instantOf(until) + terms.claimWithinDays * day &&
        refuse('claims.too_late', { activityId, claimWithinDays: terms.claimWithinDays }),
      taken !== undefined && usedBy !== undefined && usedTwice(taken, usedBy),
      claimed + amount > committed &&
        refuse('claims.over_cap', {
          activityId,
          cap: committed.toString(),
          claimed: claimed.toString(),
          amount: amount.toString(),
        }),
    ],
    recorded,
  )
  if (isRefusal(breaches)) return breaches
  const key = keyOf(state, activityId, claimId)
  return [
    { type: 'FundClaimSubmitted', data: { ...key, expenses, amount: amount.toString(), submittedBy: by, breaches } },
  ]
}

function decideLife(
  command: LifeCommand,
  claim: FundClaim,
  state: KnownFund,
  { by, recorded }: Circumstances,
): Decision<FundEvent> {
  const { activityId, claimId } = command
  const { status } = claim
  const key = keyOf(state, activityId, claimId)
  const notOpen = (): Refusal => refuse('claims.not_open', { claimId, status })
  switch (command.type) {
    case 'ValidateFundClaim':
      return status === 'submitted'
        ? [{ type: 'FundClaimValidated', data: { ...key, proofs: [...proofsOf(claim)] } }]
        : []
    case 'ApproveFundClaim': {
      const { reason, payLater } = command
      const amount = command.amount ?? claim.amount
      if (status === 'approved') return claim.approved === amount ? [] : notOpen()
      if (status === 'submitted') return refuse('claims.not_validated', { claimId })
      if (status !== 'validated') return notOpen()
      if (BigInt(amount) > BigInt(claim.amount))
        return refuse('claims.over_claimed', { claimId, claimed: claim.amount, amount })
      if (amount !== claim.amount && reason === undefined) return refuse('claims.part_needs_reason', { claimId })
      const { currency, secondApprovalAbove } = state.terms
      const { submittedBy, endorsed } = claim
      const outcome = recorded
        ? 'approved'
        : approvalBy(by, { amount, currency, secondApprovalAbove, submittedBy, endorsed })
      if (outcome === 'second person needed') return refuse('claims.second_person', { claimId })
      if (outcome === 'endorsed') return [{ type: 'FundClaimEndorsed', data: { ...key, amount, endorsedBy: by } }]
      const approved: FundEvent = {
        type: 'FundClaimApproved',
        data: { ...key, claimed: claim.amount, amount, ...(reason !== undefined && { reason }) },
      }
      return payLater ? [approved] : [approved, { type: 'FundPaymentReleased', data: { ...key, paymentNo: 1, amount } }]
    }
    case 'RejectFundClaim': {
      if (status === 'rejected') return []
      if (status !== 'submitted' && status !== 'validated') return notOpen()
      const { reason, proof } = command
      return [{ type: 'FundClaimRejected', data: { ...key, reason, ...(proof !== undefined && { proof }) } }]
    }
    case 'WithdrawFundClaim':
      if (status === 'withdrawn') return []
      return status === 'submitted' || status === 'validated' ? [{ type: 'FundClaimWithdrawn', data: key }] : notOpen()
    case 'ReleasePayment': {
      const { paymentNo } = command
      const { approved = '0', payments } = claim
      if (status !== 'approved') return notOpen()
      const before = payments[paymentNo - 1]
      if (before)
        return command.amount === undefined || command.amount === before.amount
          ? []
          : refuse('claims.key_reused', { claimId, paymentNo })
      if (paymentNo !== payments.length + 1)
        return refuse('funds.payment_order', { claimId, next: payments.length + 1 })
      const rest = payments.reduce((left, { amount }) => left - BigInt(amount), BigInt(approved))
      const amount = command.amount ?? rest.toString()
      if (BigInt(amount) > rest || rest === 0n)
        return refuse('funds.over_approved', { claimId, approved, left: rest.toString(), amount })
      return [{ type: 'FundPaymentReleased', data: { ...key, paymentNo, amount } }]
    }
    case 'RecordFundPayment': {
      const { paymentNo, creditNoteId } = command
      const payment = claim.payments[paymentNo - 1]
      if (!payment) return refuse('object.not_found', { claimId, paymentNo })
      if (payment.creditNoteId !== undefined)
        return payment.creditNoteId === creditNoteId ? [] : refuse('object.exists', { claimId, paymentNo })
      return [{ type: 'FundClaimPaid', data: { ...key, paymentNo, amount: payment.amount, creditNoteId } }]
    }
  }
}

function keyOf({ terms: { fundId, companyId, dealerId, currency } }: KnownFund, activityId: string, claimId: string) {
  return { fundId, companyId, dealerId, currency, activityId, claimId }
}
