import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, currency, identifier, label, minor, plainText } from '../kernel/fields.ts'
import { disputeReason, drawn, fingerprint, lineId, side } from './events.ts'

const chain = { companyId: identifier, dealerId: identifier, currency }
const statement = { ...chain, statementNo: z.int().min(1).max(100_000) }

/** The reconciliation stream's id. */
export const chainId = (c: { companyId: string; dealerId: string; currency: string }): string =>
  `${c.companyId}/${c.dealerId}/${c.currency}`

/**
 * For a period, which must be closed, or for any cut-off `until`. `restate` makes the next version of the newest statement.
 * `figures` are what `drawFigures` gives for the place that `nextStatement` names; null where it names none.
 */
export const publishStatement = defineCommand(
  'PublishStatement',
  z
    .strictObject({
      ...chain,
      calendarId: identifier.optional(),
      periodId: identifier.optional(),
      until: businessTime.optional(),
      restate: z.boolean().default(false),
      figures: z.strictObject({ statementNo: z.int().min(1), version: z.int().min(1), ...drawn }).nullable(),
    })
    .refine(
      (c) => (c.until === undefined) === (c.periodId !== undefined && c.calendarId !== undefined),
      'a period with its calendar, or a cut-off',
    ),
  chainId,
)
export const confirmLines = defineCommand(
  'ConfirmStatementLines',
  z.strictObject({
    ...statement,
    side,
    lines: z
      .array(z.strictObject({ lineId, effect: minor }))
      .min(1)
      .max(500)
      .refine((lines) => new Set(lines.map((line) => line.lineId)).size === lines.length, 'each line once'),
  }),
  chainId,
)
export const disputeLine = defineCommand(
  'DisputeStatementLine',
  z
    .strictObject({
      ...statement,
      disputeId: identifier,
      side,
      lineId: lineId.optional(),
      /** what the line adds to the debt, as it was seen */
      effect: minor.optional(),
      claimed: minor,
      reason: disputeReason,
      reference: label.optional(),
      evidence: fingerprint.optional(),
      note: plainText.optional(),
    })
    .refine((c) => (c.lineId === undefined) === (c.effect === undefined), 'a line with what it adds, or neither'),
  chainId,
)
export const settleDispute = defineCommand(
  'SettleStatementDispute',
  z
    .strictObject({
      ...statement,
      disputeId: identifier,
      side,
      outcome: z.enum(['accepted', 'rejected', 'withdrawn']),
      document: identifier.optional(),
      note: plainText.optional(),
    })
    .refine((c) => c.outcome !== 'accepted' || c.document !== undefined, 'what is accepted names its document'),
  chainId,
)
export const confirmStatement = defineCommand(
  'ConfirmStatement',
  z.strictObject({ ...statement, side, fingerprint }),
  chainId,
)

export const reconciliationCommands = [
  publishStatement,
  confirmLines,
  disputeLine,
  settleDispute,
  confirmStatement,
] as const
export type ReconciliationCommand = CommandOf<(typeof reconciliationCommands)[number]>
