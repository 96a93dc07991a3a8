import { z } from 'zod'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { code, currency, identifier, label, minorOrZero, personalText, sha256 } from '../kernel/fields.ts'

/** The events of `postings-<companyId>`: to which accounts a company posts, and what has left for its general ledger. */

const company = { companyId: identifier }
const position = z.string().regex(/^(0|[1-9]\d{0,19})$/)
const batchNo = z.int().min(1)

/** Roles are codes here, so that a later one needs no new version. */
export const accounts = z
  .array(z.strictObject({ role: code, account: identifier, name: label.optional() }))
  .min(1)
  .max(100)

/** Batches exported from now on go to these accounts; those before keep theirs. */
export const chartOfAccountsDefined = defineEvent(
  'ChartOfAccountsDefined',
  z.strictObject({ ...company, version: z.int().min(1), accounts }),
)

export const batch = {
  batchNo,
  chartVersion: z.int().min(1),
  /** positions of the log, (after, upTo]: batches follow each other without a gap */
  after: position,
  upTo: position,
  /** legs */
  count: z.int().min(1),
  totals: z
    .array(z.strictObject({ currency, debit: minorOrZero, credit: minorOrZero }))
    .min(1)
    .max(200),
  /** SHA-256 of the batch as CSV, hex */
  hash: sha256,
}

export const postingsExported = defineEvent('PostingsExported', z.strictObject({ ...company, ...batch }))

/** The general ledger has it: `reference` is what it calls the batch. */
export const postingsAcknowledged = defineEvent(
  'PostingsAcknowledged',
  z.strictObject({ ...company, batchNo, reference: label }),
)

/** It could not be taken; the batch stays as it is and is fetched again. */
export const postingsRejected = defineEvent(
  'PostingsRejected',
  z.strictObject({ ...company, batchNo, reason: code, note: personalText.optional() }),
  { personal: { note: 'actor' } },
)

export const postingsEvents = [
  chartOfAccountsDefined,
  postingsExported,
  postingsAcknowledged,
  postingsRejected,
] as const
export type PostingsEvent = EventOf<(typeof postingsEvents)[number]>
