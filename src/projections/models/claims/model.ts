import { type DifferencesEvent, differencesEvents } from '../../../domain/claims/events.ts'
import { type GoodsEvent, goodsEventTypes, goodsMovements } from '../../../domain/claims/goodsMovements.ts'
import { type ClaimsPolicyEvent, claimsPolicyEvents } from '../../../domain/claims/policy.ts'
import { type ProofEvent, proofEvents } from '../../../domain/claims/proof.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** What goods dealers had from us, movement by movement (`GoodsMovement`); only its facts are asked for. */
const goods = factTable(
  'goods',
  { dealer_id: 'text', sku: 'text' },
  {
    lasts: { movement: 'jsonb', happened_at: 'text' },
    time: 'versioned',
    indexes: [['dealer_id', 'sku'], ['sku']],
  },
)
const policies = factTable(
  'policies',
  { company_id: 'text', version: 'bigint' },
  { lasts: { effective_from: 'timestamptz', terms: 'jsonb' } },
)
const agreements = factTable(
  'agreements',
  { dealer_id: 'text', sku: 'text', agreement_id: 'text' },
  {
    lasts: { company_id: 'text', content: 'jsonb', ends_at: 'timestamptz', end_reason: 'text' },
    indexes: [['dealer_id']],
  },
)
const claims = factTable(
  'claims',
  { dealer_id: 'text', sku: 'text', claim_id: 'text' },
  {
    /** minor units */
    sums: ['claimed', 'approved', 'paid'],
    lasts: {
      company_id: 'text',
      kind: 'text',
      status: 'text',
      currency: 'text',
      agreement_id: 'text',
      quantity: 'numeric',
      /** the ClaimSubmitted, from which it explains itself */
      content: 'jsonb',
      submitted_by: 'text',
      submitted_at: 'timestamptz',
      endorsed_by: 'text',
      decided_at: 'timestamptz',
      reason: 'text',
      documents: 'jsonb',
    },
    indexes: [['dealer_id'], ['status']],
  },
)
const notDue = factTable(
  'not_due',
  { dealer_id: 'text', sku: 'text', change_id: 'text' },
  { lasts: { content: 'jsonb' }, indexes: [['dealer_id']] },
)
const proofs = factTable(
  'proofs',
  { proof: 'text' },
  { lasts: { dealer_id: 'text', stream: 'text', claim_id: 'text', is_taken: 'boolean' }, indexes: [['dealer_id']] },
)

/** Agreements, claims on differences of price and their proofs, and the goods that they rest on. */
export const claimsModel: ReadModel = {
  name: 'claims',
  version: 1,
  events: [
    ...[...claimsPolicyEvents, ...differencesEvents, ...proofEvents].map(({ type }) => type),
    ...goodsEventTypes,
  ],
  tables: [goods, policies, agreements, claims, notDue, proofs],
  facts: (event) => claimFacts(event as RecordedEvent & ClaimsEvent), // the types it declares, checked when appended
}

type ClaimsEvent = ClaimsPolicyEvent | DifferencesEvent | ProofEvent | GoodsEvent

function claimFacts(event: RecordedEvent & ClaimsEvent): readonly Fact[] {
  switch (event.type) {
    case 'ClaimsPolicySet': {
      const { companyId, version, terms } = event.data
      const lasts = { effective_from: utc(terms.effectiveFrom), terms }
      return [{ table: 'policies', key: { company_id: companyId, version }, lasts }]
    }
    case 'AgreementMade': {
      const { companyId, dealerId: _dealer, sku: _sku, agreementId: _id, ...content } = event.data
      return [{ table: 'agreements', key: agreementKey(event.data), lasts: { company_id: companyId, content } }]
    }
    case 'AgreementEnded': {
      const { endsAt, reason } = event.data
      return [
        { table: 'agreements', key: agreementKey(event.data), lasts: { ends_at: utc(endsAt), end_reason: reason } },
      ]
    }
    case 'ProofTaken':
    case 'ProofReleased': {
      const { proof, dealerId, stream, claimId } = event.data
      const lasts = { dealer_id: dealerId, stream, claim_id: claimId, is_taken: event.type === 'ProofTaken' }
      return [{ table: 'proofs', key: { proof }, lasts }]
    }
    case 'ProtectionNotDue': {
      const { dealerId, sku, changeId, ...content } = event.data
      return [{ table: 'not_due', key: { dealer_id: dealerId, sku, change_id: changeId }, lasts: { content } }]
    }
    case 'ClaimSubmitted':
    case 'ClaimValidated':
    case 'ClaimEndorsed':
    case 'ClaimApproved':
    case 'ClaimPartlyApproved':
    case 'ClaimRejected':
    case 'ClaimWithdrawn':
    case 'ClaimPaid':
      return [lifeFact(event)]
    default:
      return goodsMovements(event).map(({ dealerId, sku, movement }) => ({
        table: 'goods',
        key: { dealer_id: dealerId, sku },
        lasts: { movement, happened_at: event.occurredAt },
      }))
  }
}

function lifeFact(event: RecordedEvent & Extract<DifferencesEvent, { data: { claimId: string } }>): Fact {
  const { dealerId, sku, claimId, companyId } = event.data
  const fact = (lasts: NonNullable<Fact['lasts']>, sums: NonNullable<Fact['sums']> = {}): Fact => ({
    table: 'claims',
    key: { dealer_id: dealerId, sku, claim_id: claimId },
    sums,
    lasts: { company_id: companyId, ...lasts },
  })
  const at = utc(event.occurredAt)
  switch (event.type) {
    case 'ClaimSubmitted': {
      const { basis, currency, amount, quantity, submittedBy } = event.data
      const agreementId = 'agreementId' in basis ? basis.agreementId : undefined
      const asked = { kind: basis.kind, currency, quantity, agreement_id: agreementId }
      const submitted = { submitted_by: submittedBy, submitted_at: at, content: event.data, status: 'submitted' }
      return fact({ ...asked, ...submitted }, { claimed: amount })
    }
    case 'ClaimValidated':
      return fact({ status: 'validated' })
    case 'ClaimEndorsed':
      return fact({ endorsed_by: event.data.endorsedBy })
    case 'ClaimApproved':
      return fact({ status: 'approved', decided_at: at }, { approved: event.data.amount })
    case 'ClaimPartlyApproved':
      return fact({ status: 'approved', decided_at: at, reason: event.data.reason }, { approved: event.data.amount })
    case 'ClaimRejected':
      return fact({ status: 'rejected', decided_at: at, reason: event.data.reason })
    case 'ClaimWithdrawn':
      return fact({ status: 'withdrawn', decided_at: at })
    case 'ClaimPaid':
      return fact({ status: 'paid', documents: event.data.documents }, { paid: event.data.amount })
  }
}

function agreementKey({ dealerId, sku, agreementId }: { dealerId: string; sku: string; agreementId: string }) {
  return { dealer_id: dealerId, sku, agreement_id: agreementId }
}

function utc(businessTime: string): string {
  return new Date(instantOf(businessTime)).toISOString()
}
