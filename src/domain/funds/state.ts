import type { Endorsed } from '../claims/approval.ts'
import type { Happened } from '../kernel/event.ts'
import { own } from '../kernel/table.ts'
import type { FundEvent, SubmittedFundClaim } from './events.ts'

type Event<Type extends FundEvent['type']> = Extract<FundEvent, { type: Type }>['data']

export interface FundClaim extends Pick<SubmittedFundClaim, 'activityId' | 'expenses' | 'amount' | 'submittedBy'> {
  readonly status: 'submitted' | 'validated' | 'approved' | 'rejected' | 'withdrawn'
  readonly approved?: string
  readonly endorsed?: Endorsed
  /** in order of their numbers, from 1 */
  /** why not all of it was approved, or none */
  readonly reason?: string
  readonly payments: readonly { readonly amount: string; readonly creditNoteId?: string }[]
}

export interface Activity extends Pick<
  Event<'FundActivityRequested'>,
  'name' | 'kind' | 'from' | 'until' | 'amount' | 'requestedBy'
> {
  readonly status: 'requested' | 'committed' | 'declined'
  /** less what was released */
  readonly committed: string
}

export type Accrued = Pick<
  Event<'FundAccrued'>,
  'periodId' | 'base' | 'rate' | 'exact' | 'amount' | 'cutOff' | 'watermark'
>

export type FundState =
  | { readonly known: false }
  | {
      readonly known: true
      readonly terms: Omit<Event<'FundBudgeted'>, 'budget' | 'breaches'>
      readonly budget: string
      /** what was given back at the end */
      readonly expired: string
      readonly isOver: boolean
      /** what closed periods added */
      readonly accrued: readonly Accrued[]
      readonly activities: Readonly<Record<string, Activity>>
      readonly claims: Readonly<Record<string, FundClaim>>
    }
export type KnownFund = Extract<FundState, { known: true }>

export function evolve(state: FundState, event: Happened<FundEvent>): FundState {
  if (event.type === 'FundBudgeted') {
    const { budget, breaches: _breaches, ...terms } = event.data
    return { known: true, terms, budget, expired: '0', isOver: false, accrued: [], activities: {}, claims: {} }
  }
  if (!state.known) return state
  switch (event.type) {
    case 'FundBudgetRevised':
      return { ...state, budget: event.data.budget }
    case 'FundAccrued':
      return { ...state, budget: event.data.budget, accrued: [...state.accrued, accruedOf(event.data)] }
    case 'FundActivityRequested': {
      const { activityId, name, kind, from, until, amount, requestedBy } = event.data
      const activity = { name, kind, from, until, amount, requestedBy, status: 'requested', committed: '0' } as const
      return { ...state, activities: { ...state.activities, [activityId]: activity } }
    }
    case 'FundCommitted':
      return withActivity(state, event.data, () => ({ status: 'committed', committed: event.data.amount }))
    case 'FundActivityDeclined':
      return withActivity(state, event.data, () => ({ status: 'declined' }))
    case 'FundReleased':
      return withActivity(state, event.data, ({ committed }) => ({ committed: less(committed, event.data.amount) }))
    case 'FundExpired':
      return { ...state, isOver: true, expired: event.data.amount }
    case 'FundClaimSubmitted': {
      const { claimId, activityId, expenses, amount, submittedBy } = event.data
      const claim = { activityId, expenses, amount, submittedBy, status: 'submitted', payments: [] } as const
      return { ...state, claims: { ...state.claims, [claimId]: claim } }
    }
    case 'FundClaimValidated':
      return withClaim(state, event.data, () => ({ status: 'validated' }))
    case 'FundClaimEndorsed': {
      const { amount, endorsedBy } = event.data
      return withClaim(state, event.data, () => ({ endorsed: { by: endorsedBy, amount } }))
    }
    case 'FundClaimApproved':
      return withClaim(state, event.data, () => ({
        status: 'approved',
        approved: event.data.amount,
        ...reasonOf(event.data),
      }))
    case 'FundClaimRejected':
      return withClaim(state, event.data, () => ({ status: 'rejected', ...reasonOf(event.data) }))
    case 'FundClaimWithdrawn':
      return withClaim(state, event.data, () => ({ status: 'withdrawn' }))
    case 'FundPaymentReleased': {
      const { amount } = event.data
      return withClaim(state, event.data, ({ payments }) => ({ payments: [...payments, { amount }] }))
    }
    case 'FundClaimPaid': {
      const { paymentNo, creditNoteId } = event.data
      return withClaim(state, event.data, ({ payments }) => ({
        payments: payments.map((one, n) => (n === paymentNo - 1 ? { ...one, creditNoteId } : one)),
      }))
    }
  }
}

/** The balances of a fund, or of one of its activities, in minor units: budget ≥ committed ≥ claimed ≥ approved ≥ paid. */
export function balancesOf({ activities, claims }: KnownFund, activityId?: string) {
  const sum = (amounts: readonly (string | undefined)[]): bigint =>
    amounts.reduce((total, amount) => total + BigInt(amount ?? '0'), 0n)
  const ofActivity = Object.values(claims).filter((one) => activityId === undefined || one.activityId === activityId)
  const standing = ofActivity.filter(({ status }) => status !== 'rejected' && status !== 'withdrawn')
  const chosen = activityId === undefined ? Object.values(activities) : [own(activities, activityId)]
  const payments = standing.flatMap((one) => one.payments)
  return {
    committed: sum(chosen.map((one) => one?.committed)),
    /** what claims that stand may still cost: what was approved, else what was asked */
    claimed: sum(standing.map((one) => one.approved ?? one.amount)),
    approved: sum(standing.map((one) => one.approved)),
    released: sum(payments.map(({ amount }) => amount)),
    paid: sum(payments.map(({ amount, creditNoteId }) => (creditNoteId === undefined ? '0' : amount))),
  }
}

function withActivity(
  state: KnownFund,
  { activityId }: { activityId: string },
  change: (one: Activity) => Partial<Activity>,
): FundState {
  const activity = own(state.activities, activityId)
  if (!activity) return state
  return { ...state, activities: { ...state.activities, [activityId]: { ...activity, ...change(activity) } } }
}

function withClaim(
  state: KnownFund,
  { claimId }: { claimId: string },
  change: (one: FundClaim) => Partial<FundClaim>,
): FundState {
  const claim = own(state.claims, claimId)
  return claim ? { ...state, claims: { ...state.claims, [claimId]: { ...claim, ...change(claim) } } } : state
}

function reasonOf({ reason }: { reason?: string | undefined }): { reason?: string } {
  return reason === undefined ? {} : { reason }
}

function accruedOf({ periodId, base, rate, exact, amount, cutOff, watermark }: Event<'FundAccrued'>): Accrued {
  return { periodId, base, rate, exact, amount, cutOff, watermark }
}

function less(a: string, b: string): string {
  return (BigInt(a) - BigInt(b)).toString()
}
