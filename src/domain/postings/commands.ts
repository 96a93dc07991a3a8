import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { code, identifier, label, plainText } from '../kernel/fields.ts'
import { batch } from './events.ts'
import { postingRole } from './postingRole.ts'

const company = { companyId: identifier }
const ofBatch = { ...company, batchNo: z.int().min(1).max(10_000_000) }
const byCompany = ({ companyId }: { companyId: string }): string => companyId

/** Every role has its account; several may share one. */
export const defineChart = defineCommand(
  'DefineChartOfAccounts',
  z.strictObject({
    ...company,
    accounts: z
      .array(z.strictObject({ role: postingRole, account: identifier, name: label.optional() }))
      .min(1)
      .max(100)
      .refine((all) => new Set(all.map(({ role }) => role)).size === all.length, 'each role once'),
  }),
  byCompany,
)
/** `batch` is what `drawBatch` gives for the positions behind the last batch. */
export const exportPostings = defineCommand(
  'ExportPostings',
  z.strictObject({ ...company, batch: z.strictObject(batch).nullable() }),
  byCompany,
)
export const acknowledgePostings = defineCommand(
  'AcknowledgePostings',
  z.strictObject({ ...ofBatch, reference: label }),
  byCompany,
)
export const rejectPostings = defineCommand(
  'RejectPostings',
  z.strictObject({ ...ofBatch, reason: code, note: plainText.optional() }),
  byCompany,
)

export const postingsCommands = [defineChart, exportPostings, acknowledgePostings, rejectPostings] as const
export type PostingsCommand = CommandOf<(typeof postingsCommands)[number]>
