import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import {
  businessTime,
  code,
  currency,
  identifier,
  minorOrZero,
  positiveMinor,
  price,
  quantity,
  quantityOrZero,
  sha256,
  share,
  unit,
  uuid,
} from '../kernel/fields.ts'
import { roundingMode } from '../receivables/events.ts'
import { proofs } from './proof.ts'
import { take } from './take.ts'

/** The events of `differences-<dealer>/<sku>`: who is paid which difference of price on which units (domain.md §2.1). */

const key = { companyId: identifier, dealerId: identifier, sku: identifier }

/**
 * The price that a sale is compared with: `layers`, what its units cost, first in, first out; `list-at-start`, the dealer's
 * list price when the agreement begins; `list-at-sale`, that of the day of the sale.
 */
export const comparedPrice = z.enum(['layers', 'list-at-start', 'list-at-sale'])

/**
 * `ship-and-debit`: claimed on proven sales to the customer inside the window. `special-price`: claimed on goods that were
 * shipped inside it, for a customer's project; compared with what they cost.
 */
export const agreementTerms = {
  agreementId: identifier,
  kind: z.enum(['ship-and-debit', 'special-price']),
  endCustomer: identifier,
  contractPrice: price,
  currency,
  unit,
  /** the most that is claimed, all claims together */
  quantity,
  from: businessTime,
  /** exclusive */
  until: businessTime,
  compared: comparedPrice,
}

export const agreementMade = defineEvent(
  'AgreementMade',
  z.strictObject({ ...key, ...agreementTerms, /** with `list-at-start` */ startPrice: price.optional(), breaches }),
)
/** Sales and shipments at or after `endsAt` are not covered. */
export const agreementEnded = defineEvent(
  'AgreementEnded',
  z.strictObject({ ...key, agreementId: identifier, endsAt: businessTime, reason: code }),
)

export const sale = z.strictObject({
  lineNo: z.int().min(1).max(9999),
  soldAt: businessTime,
  endCustomer: identifier,
  quantity,
  /** the dealer's invoice, and the documents that prove it */
  document: identifier.optional(),
  proofs: proofs.min(1),
})

const basis = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('price-protection'),
    listId: identifier,
    /** the PriceChanged */
    changeId: uuid,
    effectiveAt: businessTime,
    method: z.enum(['layers', 'list']),
    oldPrice: price,
    newPrice: price,
  }),
  z.strictObject({
    kind: z.enum(['ship-and-debit', 'special-price']),
    agreementId: identifier,
    contractPrice: price,
    compared: comparedPrice,
  }),
  z.strictObject({
    kind: z.literal('stock-rotation'),
    periodId: identifier,
    share,
    /** bought in the period, and rotated of it before */
    bought: quantityOrZero,
    rotated: quantityOrZero,
  }),
])
export type ClaimBasis = z.infer<typeof basis>

const claim = { ...key, claimId: identifier }

/** What was asked, and what the rules give for it. The units that it takes are its own until it is rejected or withdrawn. */
export const claimSubmitted = defineEvent(
  'ClaimSubmitted',
  z.strictObject({
    ...claim,
    currency,
    unit,
    policyVersion: z.int().min(1),
    rounding: roundingMode,
    /** above it two people approve, in the currency */
    secondApprovalAbove: price.optional(),
    basis,
    sales: z.array(sale).max(50),
    quantity,
    /** of the claim as a whole; those of its sales stand with them */
    proofs,
    takes: z.array(take).min(1).max(2_000),
    /** units that this would have been paid on, had these claims not been */
    passedOver: z.array(z.strictObject({ claimId: identifier, quantity })).max(100),
    /** position of the log up to which the goods were looked at */
    watermark: z.string().regex(/^(0|[1-9]\d{0,19})$/),
    amount: minorOrZero,
    /** `return`: the goods come back and are credited then */
    outlet: z.enum(['credit-note', 'return']),
    submittedBy: identifier,
    breaches,
  }),
)
/** Its proofs stand for no other claim: somebody may decide. */
export const claimValidated = defineEvent(
  'ClaimValidated',
  z.strictObject({ ...claim, proofs: z.array(sha256).max(2_500) }),
)
/** The first of two people has approved it. */
export const claimEndorsed = defineEvent(
  'ClaimEndorsed',
  z.strictObject({ ...claim, amount: positiveMinor, endorsedBy: identifier }),
)
const decided = { ...claim, currency, outlet: z.enum(['credit-note', 'return']) }
export const claimApproved = defineEvent('ClaimApproved', z.strictObject({ ...decided, amount: positiveMinor }))
export const claimPartlyApproved = defineEvent(
  'ClaimPartlyApproved',
  z.strictObject({ ...decided, claimed: positiveMinor, amount: positiveMinor, reason: code }),
)
export const claimRejected = defineEvent(
  'ClaimRejected',
  z.strictObject({ ...claim, reason: code, /** the proof that stands for another claim */ proof: sha256.optional() }),
)
export const claimWithdrawn = defineEvent('ClaimWithdrawn', z.strictObject(claim))
/** The credit notes that pay it, or the returns that were authorised. */
export const claimPaid = defineEvent(
  'ClaimPaid',
  z.strictObject({ ...decided, amount: positiveMinor, documents: z.array(identifier).min(1).max(2_000) }),
)

/** The dealer's list price rose: nothing is charged for what it had. */
export const protectionNotDue = defineEvent(
  'ProtectionNotDue',
  z.strictObject({
    ...key,
    listId: identifier,
    changeId: uuid,
    effectiveAt: businessTime,
    currency,
    unit,
    oldPrice: price,
    newPrice: price,
    quantity,
    reason: z.literal('price-increase'),
  }),
)

export const differencesEvents = [
  agreementMade,
  agreementEnded,
  claimSubmitted,
  claimValidated,
  claimEndorsed,
  claimApproved,
  claimPartlyApproved,
  claimRejected,
  claimWithdrawn,
  claimPaid,
  protectionNotDue,
] as const
export type DifferencesEvent = EventOf<(typeof differencesEvents)[number]>
export type SubmittedClaim = Extract<DifferencesEvent, { type: 'ClaimSubmitted' }>['data']
