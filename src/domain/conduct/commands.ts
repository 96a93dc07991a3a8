import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { code, identifier, label, localLabel, plainText, price } from '../kernel/fields.ts'
import { documentHash, enforcement } from './events.ts'

const ofDealer = { companyId: identifier, dealerId: identifier }
const byDealer = ({ dealerId }: { dealerId: string }): string => dealerId
const byCompany = ({ companyId }: { companyId: string }): string => companyId
const evaluation = { evaluation: code, version: z.int().min(1) }

/** A document proves one thing: its hash is used once per dealer. */
export const recordEvidence = defineCommand(
  'RecordEvidence',
  z.strictObject({
    ...ofDealer,
    evidenceId: identifier,
    kind: code,
    documentHash: documentHash.optional(),
    note: plainText.optional(),
  }),
  byDealer,
)
export const withdrawEvidence = defineCommand(
  'WithdrawEvidence',
  z.strictObject({ dealerId: identifier, evidenceId: identifier, reason: plainText.optional() }),
  byDealer,
)
/** By a kind that is defined; again for the same period where it changes. */
export const recordEvaluation = defineCommand(
  'RecordEvaluation',
  z.strictObject({
    ...ofDealer,
    ...evaluation,
    calendarId: identifier,
    periodId: identifier,
    score: price,
    note: plainText.optional(),
  }),
  byDealer,
)
export const conductCommands = [recordEvidence, withdrawEvidence, recordEvaluation] as const
export type ConductCommand = CommandOf<(typeof conductCommands)[number]>

/** Versions are numbered from 1; a version never changes. */
export const defineEvaluation = defineCommand(
  'DefineEvaluation',
  z.strictObject({ companyId: identifier, ...evaluation, name: localLabel, fromResalePrice: z.boolean() }),
  byCompany,
)
export const setResalePricePolicy = defineCommand(
  'SetResalePricePolicy',
  z.strictObject({ companyId: identifier, resalePriceEnforcement: enforcement, restsOn: label }),
  byCompany,
)
export const conductRulesCommands = [defineEvaluation, setResalePricePolicy] as const
export type ConductRulesCommand = CommandOf<(typeof conductRulesCommands)[number]>
