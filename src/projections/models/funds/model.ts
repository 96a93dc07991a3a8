import { type FundEvent, fundEvents } from '../../../domain/funds/events.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** Sums are minor units of the fund's currency. */
const owned = { company_id: 'text', dealer_id: 'text', currency: 'text' } as const

const funds = factTable(
  'funds',
  { fund_id: 'text' },
  {
    sums: ['budget', 'accrued', 'committed', 'approved', 'released', 'paid', 'expired'],
    lasts: { ...owned, terms: 'jsonb', ends_at: 'timestamptz', is_over: 'boolean' },
    indexes: [['dealer_id']],
  },
)
const activities = factTable(
  'activities',
  { fund_id: 'text', activity_id: 'text' },
  {
    sums: ['requested', 'committed', 'approved', 'paid'],
    lasts: { ...owned, status: 'text', terms: 'jsonb', reason: 'text' },
    indexes: [['dealer_id']],
  },
)
const claims = factTable(
  'claims',
  { fund_id: 'text', claim_id: 'text' },
  {
    sums: ['claimed', 'approved', 'released', 'paid'],
    lasts: {
      ...owned,
      activity_id: 'text',
      status: 'text',
      expenses: 'jsonb',
      submitted_by: 'text',
      submitted_at: 'timestamptz',
      endorsed_by: 'text',
      reason: 'text',
    },
    indexes: [['dealer_id']],
  },
)
const payments = factTable(
  'payments',
  { fund_id: 'text', claim_id: 'text', payment_no: 'bigint' },
  { sums: ['amount'], lasts: { ...owned, credit_note_id: 'text', paid_at: 'timestamptz' }, indexes: [['dealer_id']] },
)
const accruals = factTable(
  'accruals',
  { fund_id: 'text', period_id: 'text' },
  { sums: ['amount'], lasts: { ...owned, content: 'jsonb' }, indexes: [['dealer_id']] },
)

/** Marketing funds: budgets and accruals, activities, claims and their payments. */
export const fundsModel: ReadModel = {
  name: 'funds',
  version: 1,
  events: fundEvents.map(({ type }) => type),
  tables: [funds, activities, claims, payments, accruals],
  facts: (event) => fundFacts(event as RecordedEvent & FundEvent), // the types it declares, checked when appended
}

type Parts = Pick<Fact, 'sums' | 'lasts'>

function fundFacts(event: RecordedEvent & FundEvent): readonly Fact[] {
  const { fundId, companyId, dealerId, currency } = event.data
  const whose = { company_id: companyId, dealer_id: dealerId, currency }
  const fact = (table: string, key: Fact['key'], { sums, lasts }: Parts): Fact => ({
    table,
    key: { fund_id: fundId, ...key },
    ...(sums && { sums }),
    lasts: { ...whose, ...lasts },
  })
  const fund = (parts: Parts): Fact => fact('funds', {}, parts)
  const at = utc(event.occurredAt)
  switch (event.type) {
    case 'FundBudgeted': {
      const {
        budget,
        breaches: _breaches,
        fundId: _f,
        companyId: _c,
        dealerId: _d,
        currency: _m,
        ...terms
      } = event.data
      return [fund({ sums: { budget }, lasts: { terms, ends_at: utc(terms.until), is_over: false } })]
    }
    case 'FundBudgetRevised':
      return [fund({ sums: { budget: minus(event.data.budget, event.data.before) } })]
    case 'FundAccrued': {
      const { periodId, amount, ...content } = event.data
      return [
        fund({ sums: { budget: amount, accrued: amount } }),
        fact('accruals', { period_id: periodId }, { sums: { amount }, lasts: { content } }),
      ]
    }
    case 'FundExpired':
      return [fund({ sums: { expired: event.data.amount }, lasts: { is_over: true } })]
    case 'FundActivityRequested': {
      const { activityId, name, kind, from, until, amount, requestedBy } = event.data
      const lasts = { status: 'requested', terms: { name, kind, from, until, requestedBy } }
      return [fact('activities', { activity_id: activityId }, { sums: { requested: amount }, lasts })]
    }
    case 'FundActivityDeclined': {
      const { activityId, reason } = event.data
      return [fact('activities', { activity_id: activityId }, { lasts: { status: 'declined', reason } })]
    }
    case 'FundCommitted':
    case 'FundReleased': {
      const { activityId, amount } = event.data
      const isRelease = event.type === 'FundReleased'
      const committed = isRelease ? minus('0', amount) : amount
      const lasts = isRelease ? {} : { status: 'committed' }
      return [
        fund({ sums: { committed } }),
        fact('activities', { activity_id: activityId }, { sums: { committed }, lasts }),
      ]
    }
    case 'FundClaimSubmitted': {
      const { activityId, claimId, amount, expenses, submittedBy } = event.data
      const lasts = {
        activity_id: activityId,
        status: 'submitted',
        expenses,
        submitted_by: submittedBy,
        submitted_at: at,
      }
      return [fact('claims', { claim_id: claimId }, { sums: { claimed: amount }, lasts })]
    }
    case 'FundClaimValidated':
      return [fact('claims', { claim_id: event.data.claimId }, { lasts: { status: 'validated' } })]
    case 'FundClaimEndorsed':
      return [fact('claims', { claim_id: event.data.claimId }, { lasts: { endorsed_by: event.data.endorsedBy } })]
    case 'FundClaimRejected': {
      const { claimId, reason } = event.data
      return [fact('claims', { claim_id: claimId }, { lasts: { status: 'rejected', reason } })]
    }
    case 'FundClaimWithdrawn':
      return [fact('claims', { claim_id: event.data.claimId }, { lasts: { status: 'withdrawn' } })]
    case 'FundClaimApproved': {
      const { activityId, claimId, amount: approved, reason } = event.data
      return [
        fund({ sums: { approved } }),
        fact('activities', { activity_id: activityId }, { sums: { approved } }),
        fact('claims', { claim_id: claimId }, { sums: { approved }, lasts: { status: 'approved', reason } }),
      ]
    }
    case 'FundPaymentReleased': {
      const { claimId, paymentNo, amount } = event.data
      return [
        fund({ sums: { released: amount } }),
        fact('claims', { claim_id: claimId }, { sums: { released: amount } }),
        fact('payments', { claim_id: claimId, payment_no: paymentNo }, { sums: { amount } }),
      ]
    }
    case 'FundClaimPaid': {
      const { activityId, claimId, paymentNo, amount: paid, creditNoteId } = event.data
      const lasts = { credit_note_id: creditNoteId, paid_at: at }
      return [
        fund({ sums: { paid } }),
        fact('activities', { activity_id: activityId }, { sums: { paid } }),
        fact('claims', { claim_id: claimId }, { sums: { paid } }),
        fact('payments', { claim_id: claimId, payment_no: paymentNo }, { lasts }),
      ]
    }
    default:
      return event satisfies never
  }
}

function minus(a: string, b: string): string {
  return (BigInt(a) - BigInt(b)).toString()
}

function utc(businessTime: string): string {
  return new Date(instantOf(businessTime)).toISOString()
}
