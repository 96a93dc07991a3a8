import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import {
  businessTime,
  code,
  currency,
  identifier,
  lineAmount,
  minorOrZero,
  positiveMinor,
  sha256,
} from '../kernel/fields.ts'
import { activityTerms, expense, fundTerms } from './events.ts'

const fund = { fundId: identifier }
const byFund = ({ fundId }: { fundId: string }): string => fundId

/** A budget, or with `accrual` a share of sales: then the budget begins at nothing. */
export const budgetFund = defineCommand(
  'BudgetFund',
  z
    .strictObject({
      ...fund,
      companyId: identifier,
      dealerId: identifier,
      currency,
      ...fundTerms,
      budget: minorOrZero.default('0'),
    })
    .refine((c) => (c.accrual === undefined) === (c.budget !== '0'), {
      path: ['budget'],
      message: 'a budget, or a rate at which sales add to it',
    }),
  byFund,
)
export const reviseFundBudget = defineCommand(
  'ReviseFundBudget',
  z.strictObject({ ...fund, budget: minorOrZero, reason: code }),
  byFund,
)
/** `base` is what was invoiced in the period, net of returns, up to the watermark. */
export const accrueFund = defineCommand(
  'AccrueFund',
  z.strictObject({
    ...fund,
    periodId: identifier,
    base: lineAmount,
    cutOff: businessTime,
    watermark: z.string().regex(/^(0|[1-9]\d{0,19})$/),
  }),
  byFund,
)

const activity = { ...fund, activityId: identifier }
export const requestActivity = defineCommand(
  'RequestActivity',
  z.strictObject({ ...activity, ...activityTerms }),
  byFund,
)
/** All that was asked for when no amount is named. */
export const commitActivity = defineCommand(
  'CommitActivity',
  z.strictObject({ ...activity, amount: positiveMinor.optional() }),
  byFund,
)
export const declineActivity = defineCommand('DeclineActivity', z.strictObject({ ...activity, reason: code }), byFund)
/** Frees what no claim of the activity needs. */
export const releaseCommitment = defineCommand('ReleaseCommitment', z.strictObject(activity), byFund)
/** Releases what was not claimed in time; after the fund's end drops what was never committed. */
export const sweepFund = defineCommand('SweepFund', z.strictObject(fund), byFund)

const claim = { ...activity, claimId: identifier }
export const submitFundClaim = defineCommand(
  'SubmitFundClaim',
  z
    .strictObject({ ...claim, expenses: z.array(expense).min(1).max(50) })
    .refine((c) => new Set(c.expenses.map(({ lineNo }) => lineNo)).size === c.expenses.length, {
      path: ['expenses'],
      message: 'line numbers are used once',
    }),
  byFund,
)
export const validateFundClaim = defineCommand('ValidateFundClaim', z.strictObject(claim), byFund)
/** All of it when no amount is named; paid at once unless it is to be paid in parts. */
export const approveFundClaim = defineCommand(
  'ApproveFundClaim',
  z.strictObject({
    ...claim,
    amount: positiveMinor.optional(),
    reason: code.optional(),
    payLater: z.boolean().default(false),
  }),
  byFund,
)
export const rejectFundClaim = defineCommand(
  'RejectFundClaim',
  z.strictObject({ ...claim, reason: code, proof: sha256.optional() }),
  byFund,
)
export const withdrawFundClaim = defineCommand('WithdrawFundClaim', z.strictObject(claim), byFund)
/** The next payment of an approved claim: `paymentNo` is its number, the rest when no amount is named. */
export const releasePayment = defineCommand(
  'ReleasePayment',
  z.strictObject({ ...claim, paymentNo: z.int().min(1).max(1_000), amount: positiveMinor.optional() }),
  byFund,
)
export const recordFundPayment = defineCommand(
  'RecordFundPayment',
  z.strictObject({ ...claim, paymentNo: z.int().min(1).max(1_000), creditNoteId: identifier }),
  byFund,
)

export const fundCommands = [
  budgetFund,
  reviseFundBudget,
  accrueFund,
  requestActivity,
  commitActivity,
  declineActivity,
  releaseCommitment,
  sweepFund,
  submitFundClaim,
  validateFundClaim,
  approveFundClaim,
  rejectFundClaim,
  withdrawFundClaim,
  releasePayment,
  recordFundPayment,
] as const
export type FundCommand = CommandOf<(typeof fundCommands)[number]>
export type FundCommandOf<Name extends FundCommand['type']> = Extract<FundCommand, { type: Name }>
