import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import {
  businessTime,
  code,
  currency,
  identifier,
  positiveMinor,
  quantity,
  sha256,
  unit,
  uuid,
} from '../kernel/fields.ts'
import { agreementTerms, sale } from './events.ts'
import { goodsKnown } from './layer.ts'
import { proofs } from './proof.ts'

const key = { dealerId: identifier, sku: identifier }
const company = { companyId: identifier }

/** Id of the stream that decides; identifiers may hold a slash, which is written as `~`. */
export function differencesId({ dealerId, sku }: { readonly dealerId: string; readonly sku: string }): string {
  return [dealerId, sku].map((part) => part.replaceAll('/', '~')).join('/')
}

export const makeAgreement = defineCommand(
  'MakeAgreement',
  z.strictObject({ ...company, ...key, ...agreementTerms }),
  differencesId,
)
export const endAgreement = defineCommand(
  'EndAgreement',
  z.strictObject({ ...key, agreementId: identifier, endsAt: businessTime, reason: code }),
  differencesId,
)

const claim = { ...key, claimId: identifier }

/**
 * `claimId` is the claimant's own key of the claim. `goods` is what the ledger knows of the dealer's stock: as of each sale,
 * and as of the claim. A ship and debit names its agreement and sales, a special price its agreement and a quantity, a
 * rotation the period whose purchases it rests on, quantity, unit and currency.
 */
export const submitClaim = defineCommand(
  'SubmitClaim',
  z
    .strictObject({
      ...company,
      ...claim,
      kind: z.enum(['ship-and-debit', 'special-price', 'stock-rotation']),
      agreementId: identifier.optional(),
      sales: z.array(sale).max(50).default([]),
      periodId: identifier.optional(),
      quantity: quantity.optional(),
      unit: unit.optional(),
      currency: currency.optional(),
      proofs: proofs.default([]),
      goods: goodsKnown,
    })
    .refine((c) => (c.kind === 'stock-rotation') === (c.agreementId === undefined), {
      path: ['agreementId'],
      message: 'an agreement for ship and debit and for a special price, and for nothing else',
    })
    .refine((c) => (c.kind === 'ship-and-debit') === c.sales.length > 0, {
      path: ['sales'],
      message: 'sales for ship and debit, and for nothing else',
    })
    .refine((c) => (c.kind === 'ship-and-debit') === (c.quantity === undefined), {
      path: ['quantity'],
      message: 'a quantity, but for ship and debit, whose sales have theirs',
    })
    .refine((c) => (c.kind === 'stock-rotation') === (c.periodId !== undefined && !!c.unit && !!c.currency), {
      path: ['periodId'],
      message: 'period, unit and currency for a rotation, and for nothing else',
    })
    .refine((c) => new Set(c.sales.map(({ lineNo }) => lineNo)).size === c.sales.length, {
      path: ['sales'],
      message: 'line numbers are used once',
    }),
  differencesId,
)
/** Of a change of a list price: what the dealer's stock lost by it. Nothing when it was not the dealer's price that fell. */
export const proposeProtection = defineCommand(
  'ProposeProtection',
  z.strictObject({ ...company, ...key, listId: identifier, changeId: uuid, goods: goodsKnown }),
  differencesId,
)
/** The proofs have been taken for it. */
export const validateClaim = defineCommand('ValidateClaim', z.strictObject(claim), differencesId)
/** All of it when no amount is named. */
export const approveClaim = defineCommand(
  'ApproveClaim',
  z.strictObject({ ...claim, amount: positiveMinor.optional(), reason: code.optional() }),
  differencesId,
)
export const rejectClaim = defineCommand(
  'RejectClaim',
  z.strictObject({ ...claim, reason: code, proof: sha256.optional() }),
  differencesId,
)
/** Until it is decided. */
export const withdrawClaim = defineCommand('WithdrawClaim', z.strictObject(claim), differencesId)
export const recordClaimPayment = defineCommand(
  'RecordClaimPayment',
  z.strictObject({ ...claim, documents: z.array(identifier).min(1).max(2_000) }),
  differencesId,
)

export const differencesCommands = [
  makeAgreement,
  endAgreement,
  submitClaim,
  proposeProtection,
  validateClaim,
  approveClaim,
  rejectClaim,
  withdrawClaim,
  recordClaimPayment,
] as const
export type DifferencesCommand = CommandOf<(typeof differencesCommands)[number]>
export type DifferencesCommandOf<Name extends DifferencesCommand['type']> = Extract<DifferencesCommand, { type: Name }>
