import { instantOf, type Instant } from '../kernel/businessTime.ts'
import { sumOf } from '../kernel/decimalText.ts'
import type { Happened } from '../kernel/event.ts'
import { emptyTable, own, row, rows, withRow, type Table } from '../kernel/table.ts'
import type { Endorsed } from './approval.ts'
import type { DifferencesEvent, SubmittedClaim } from './events.ts'
import type { TakenBy } from './take.ts'

type Event<Type extends DifferencesEvent['type']> = Extract<DifferencesEvent, { type: Type }>['data']

export type Agreement = Event<'AgreementMade'> & { readonly endsAt?: string }
export type ClaimStatus = 'submitted' | 'validated' | 'approved' | 'paid' | 'rejected' | 'withdrawn'
export interface Claim {
  readonly submitted: Omit<SubmittedClaim, 'companyId' | 'dealerId' | 'sku' | 'claimId' | 'watermark' | 'passedOver'>
  readonly submittedAt: string
  readonly status: ClaimStatus
  /** what is paid, minor units */
  readonly approved?: string
  /** the first of two people */
  readonly endorsed?: Endorsed
  /** why not all of it was approved, or none */
  readonly reason?: string
  readonly documents?: readonly string[]
}

export interface DifferencesState {
  readonly companyId?: string
  readonly agreements: Readonly<Record<string, Agreement>>
  readonly claims: Table<Claim>
  /** changes that raised the price */
  readonly notDue: readonly string[]
}

export const noDifferences: DifferencesState = { agreements: {}, claims: emptyTable, notDue: [] }

export function evolve(state: DifferencesState, event: Happened<DifferencesEvent>): DifferencesState {
  switch (event.type) {
    case 'AgreementMade': {
      const { agreementId, companyId } = event.data
      return { ...state, companyId, agreements: { ...state.agreements, [agreementId]: event.data } }
    }
    case 'AgreementEnded': {
      const { agreementId, endsAt } = event.data
      const agreement = own(state.agreements, agreementId)
      if (!agreement) return state
      return { ...state, agreements: { ...state.agreements, [agreementId]: { ...agreement, endsAt } } }
    }
    case 'ClaimSubmitted': {
      const { companyId, dealerId: _d, sku: _s, claimId, watermark: _w, passedOver: _p, ...submitted } = event.data
      const claim: Claim = { submitted, submittedAt: event.occurredAt, status: 'submitted' }
      return { ...state, companyId, claims: withRow(state.claims, claimId, claim) }
    }
    case 'ClaimValidated':
      return changed(state, event.data, { status: 'validated' })
    case 'ClaimEndorsed':
      return changed(state, event.data, { endorsed: { by: event.data.endorsedBy, amount: event.data.amount } })
    case 'ClaimApproved':
      return changed(state, event.data, { status: 'approved', approved: event.data.amount })
    case 'ClaimPartlyApproved': {
      const { amount: approved, reason } = event.data
      return changed(state, event.data, { status: 'approved', approved, reason })
    }
    case 'ClaimRejected':
      return changed(state, event.data, { status: 'rejected', reason: event.data.reason })
    case 'ClaimWithdrawn':
      return changed(state, event.data, { status: 'withdrawn' })
    case 'ClaimPaid':
      return changed(state, event.data, { status: 'paid', documents: event.data.documents })
    case 'ProtectionNotDue':
      return { ...state, companyId: event.data.companyId, notDue: [...state.notDue, event.data.changeId] }
  }
}

/** Claims that were not turned down: their units are taken. */
function* standing({ claims }: DifferencesState): Generator<readonly [string, Claim]> {
  for (const [id, claim] of rows(claims))
    if (claim.status !== 'rejected' && claim.status !== 'withdrawn') yield [id, claim]
}

/** What the claims that stand have taken. */
export function takesOf(state: DifferencesState): readonly TakenBy[] {
  return [...standing(state)].flatMap(([claimId, { submitted, submittedAt }]) => {
    const { basis, sales, takes } = submitted
    return takes.map((one) => {
      const goneAt = goneOf(basis.kind, sales.find(({ lineNo }) => lineNo === one.lineNo)?.soldAt, submittedAt)
      return { ...one, claimId, kind: basis.kind, ...(goneAt !== undefined && { goneAt }) }
    })
  })
}

/** When the units of a claim left the dealer: sold, or given back. */
function goneOf(kind: TakenBy['kind'], soldAt: string | undefined, submittedAt: string): Instant | undefined {
  if (kind === 'ship-and-debit' && soldAt !== undefined) return instantOf(soldAt)
  return kind === 'stock-rotation' ? instantOf(submittedAt) : undefined
}

/** Σ quantity of the claims that stand on one agreement, or on the purchases of one period. */
export function claimedOn(state: DifferencesState, of: { agreementId: string } | { periodId: string }): string {
  const matching = [...standing(state)].filter(([, { submitted }]) =>
    'agreementId' in of
      ? 'agreementId' in submitted.basis && submitted.basis.agreementId === of.agreementId
      : 'periodId' in submitted.basis && submitted.basis.periodId === of.periodId,
  )
  return sumOf(matching.map(([, { submitted }]) => submitted.quantity))
}

function changed(state: DifferencesState, { claimId }: { claimId: string }, to: Partial<Claim>): DifferencesState {
  const claim = row(state.claims, claimId)
  return claim ? { ...state, claims: withRow(state.claims, claimId, { ...claim, ...to }) } : state
}
