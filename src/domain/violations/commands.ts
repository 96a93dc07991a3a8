import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { code, identifier, plainText } from '../kernel/fields.ts'
import { violationDetected } from './events.ts'

const one = { dealerId: identifier, violationId: identifier }
const byDealer = ({ dealerId }: { dealerId: string }): string => dealerId
const note = { note: plainText.optional() }

/** `quietDays`: found again within so many days it is the same case. */
export const detectViolation = defineCommand(
  'DetectViolation',
  violationDetected.schema.extend({ quietDays: z.int().min(0).max(365) }),
  byDealer,
)
export const notifyViolation = defineCommand('NotifyViolation', z.strictObject({ ...one, ...note }), byDealer)
export const explainViolation = defineCommand(
  'ExplainViolation',
  z.strictObject({ ...one, explanation: plainText }),
  byDealer,
)
export const confirmViolation = defineCommand('ConfirmViolation', z.strictObject({ ...one, ...note }), byDealer)
export const dismissViolation = defineCommand(
  'DismissViolation',
  z.strictObject({ ...one, reason: code, ...note }),
  byDealer,
)
export const remedyViolation = defineCommand(
  'RemedyViolation',
  z.strictObject({ ...one, remedy: code, ...note }),
  byDealer,
)
export const closeViolation = defineCommand('CloseViolation', z.strictObject(one), byDealer)

export const violationCommands = [
  detectViolation,
  notifyViolation,
  explainViolation,
  confirmViolation,
  dismissViolation,
  remedyViolation,
  closeViolation,
] as const
export type ViolationCommand = CommandOf<(typeof violationCommands)[number]>
