import { z } from 'zod'
import { periodGrain } from '../calendars/events.ts'
import { proofs } from '../claims/proof.ts'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import {
  businessTime,
  code,
  currency,
  identifier,
  label,
  lineAmount,
  localLabel,
  minorOrZero,
  positiveMinor,
  price,
  rate,
  sha256,
} from '../kernel/fields.ts'
import { roundingMode } from '../receivables/events.ts'

/**
 * The events of `fund-<id>`: money that a manufacturer sets aside for one dealer's marketing. budget ≥ committed ≥ approved
 * ≥ paid (domain.md §2.1). Amounts are minor units of the fund's currency.
 */

const key = { fundId: identifier, companyId: identifier, dealerId: identifier, currency }

/** A share of what was invoiced to the dealer in a period, net of returns, adds to the budget. */
const accrualTerms = z.strictObject({ rate, calendarId: identifier, grain: periodGrain, rounding: roundingMode })

export const fundTerms = {
  name: localLabel,
  /** funds that belong together, such as those of a campaign */
  programme: identifier.optional(),
  from: businessTime,
  /** exclusive: nothing is committed from then on, and what is not spoken for expires */
  until: businessTime,
  /** an activity is claimed at most so many days after its end */
  claimWithinDays: z.int().min(0).max(3_660),
  /** above it two people approve a claim */
  secondApprovalAbove: price.optional(),
  /** a co-op fund: its budget is what sales add to it */
  accrual: accrualTerms.optional(),
}

export const fundBudgeted = defineEvent(
  'FundBudgeted',
  z.strictObject({ ...key, ...fundTerms, budget: minorOrZero, breaches }),
)
export const fundBudgetRevised = defineEvent(
  'FundBudgetRevised',
  z.strictObject({ ...key, budget: minorOrZero, before: minorOrZero, reason: code }),
)

const upTo = { cutOff: businessTime, watermark: z.string().regex(/^(0|[1-9]\d{0,19})$/) }

/** Co-op: what a closed period adds, once. `budget` is the whole then. */
export const fundAccrued = defineEvent(
  'FundAccrued',
  z.strictObject({
    ...key,
    ...upTo,
    periodId: identifier,
    /** net value invoiced, less what came back */
    base: lineAmount,
    rate,
    /** rate × base, before rounding; negative where more came back than was sold */
    exact: lineAmount,
    rounding: roundingMode,
    amount: minorOrZero,
    budget: minorOrZero,
  }),
)

const activity = { ...key, activityId: identifier }
export const activityTerms = {
  name: label,
  kind: code,
  /** the activity takes place in `[from, until)` */
  from: businessTime,
  until: businessTime,
  amount: positiveMinor,
}
export const fundActivityRequested = defineEvent(
  'FundActivityRequested',
  z.strictObject({ ...activity, ...activityTerms, requestedBy: identifier, breaches }),
)
/** Approved: so much of the budget is set aside for it. */
export const fundCommitted = defineEvent(
  'FundCommitted',
  z.strictObject({ ...activity, amount: positiveMinor, requested: positiveMinor }),
)
export const fundActivityDeclined = defineEvent('FundActivityDeclined', z.strictObject({ ...activity, reason: code }))
/** What of a commitment is not needed, or was not claimed in time, is free again. */
export const fundReleased = defineEvent(
  'FundReleased',
  z.strictObject({ ...activity, amount: positiveMinor, reason: z.enum(['not-needed', 'not-claimed']) }),
)
/** The fund is over: what was not committed is gone. */
export const fundExpired = defineEvent('FundExpired', z.strictObject({ ...key, amount: minorOrZero }))

const claim = { ...activity, claimId: identifier }
export const expense = z.strictObject({
  lineNo: z.int().min(1).max(9999),
  what: label,
  /** when the money was spent */
  spentAt: businessTime,
  amount: positiveMinor,
  proofs: proofs.min(1),
})
export const fundClaimSubmitted = defineEvent(
  'FundClaimSubmitted',
  z.strictObject({
    ...claim,
    expenses: z.array(expense).min(1).max(50),
    amount: positiveMinor,
    submittedBy: identifier,
    breaches,
  }),
)
export const fundClaimValidated = defineEvent(
  'FundClaimValidated',
  z.strictObject({ ...claim, proofs: z.array(sha256).max(2_500) }),
)
export const fundClaimEndorsed = defineEvent(
  'FundClaimEndorsed',
  z.strictObject({ ...claim, amount: positiveMinor, endorsedBy: identifier }),
)
export const fundClaimApproved = defineEvent(
  'FundClaimApproved',
  z.strictObject({ ...claim, claimed: positiveMinor, amount: positiveMinor, reason: code.optional() }),
)
export const fundClaimRejected = defineEvent(
  'FundClaimRejected',
  z.strictObject({ ...claim, reason: code, proof: sha256.optional() }),
)
export const fundClaimWithdrawn = defineEvent('FundClaimWithdrawn', z.strictObject(claim))
/** A part of what was approved is to be paid now. */
export const fundPaymentReleased = defineEvent(
  'FundPaymentReleased',
  z.strictObject({ ...claim, paymentNo: z.int().min(1), amount: positiveMinor }),
)
export const fundClaimPaid = defineEvent(
  'FundClaimPaid',
  z.strictObject({ ...claim, paymentNo: z.int().min(1), amount: positiveMinor, creditNoteId: identifier }),
)

export const fundEvents = [
  fundBudgeted,
  fundBudgetRevised,
  fundAccrued,
  fundActivityRequested,
  fundCommitted,
  fundActivityDeclined,
  fundReleased,
  fundExpired,
  fundClaimSubmitted,
  fundClaimValidated,
  fundClaimEndorsed,
  fundClaimApproved,
  fundClaimRejected,
  fundClaimWithdrawn,
  fundPaymentReleased,
  fundClaimPaid,
] as const
export type FundEvent = EventOf<(typeof fundEvents)[number]>
export type SubmittedFundClaim = Extract<FundEvent, { type: 'FundClaimSubmitted' }>['data']
