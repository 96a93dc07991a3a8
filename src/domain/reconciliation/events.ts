import { z } from 'zod'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, currency, identifier, label, lineAmount, minor, personalText, sha256 } from '../kernel/fields.ts'

/** The events of `reconciliation-<companyId>/<dealerId>/<currency>`: one chain of statements (对账单), each opening where the one before closed. */

const chain = { companyId: identifier, dealerId: identifier, currency }
const statementNo = z.int().min(1)
const version = z.int().min(1)
const statement = { ...chain, statementNo }
const position = z.string().regex(/^(0|[1-9]\d{0,19})$/)
export const fingerprint = sha256
export const side = z.enum(['dealer', 'manufacturer'])
export type Side = z.infer<typeof side>

/** Orders, deliveries and goods that came back are there to be compared; what the others add to the debt adds up to the balance. */
export const entryKind = z.enum([
  'order',
  'delivery',
  'goods_return',
  'invoice',
  'debit_note',
  'invoice_cancelled',
  'payment',
  'payment_reversed',
  'credit_note',
  'offset',
])
export type EntryKind = z.infer<typeof entryKind>

/** The event behind the line; `/withdrawn` where an earlier statement held it and it was declared in error since. */
export const lineId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(\/withdrawn)?$/, 'the id of a line')

/** What a statement covers and what it comes to; its lines follow from the log and are held by the fingerprint. */
export const drawn = {
  /** business time, [from, until) */
  from: businessTime,
  until: businessTime,
  /** position of the log up to which the statement before, and this one, knew the log */
  prior: position,
  watermark: position,
  /** what the dealer owes, minor units; negative when it is owed */
  opening: minor,
  closing: minor,
  lineCount: z.int().min(0),
  /** per kind that occurs; `value` is what orders and deliveries are worth with tax and freight, `effect` minor units */
  totals: z
    .array(z.strictObject({ kind: entryKind, count: z.int().min(1), value: lineAmount.optional(), effect: minor }))
    .max(entryKind.options.length),
  /** over the canonical text (`statementText`) */
  fingerprint,
}

/** A version above 1 takes the place of the one before: same opening, same bounds, what became known since. */
export const statementPublished = defineEvent(
  'StatementPublished',
  z.strictObject({
    ...statement,
    version,
    calendarId: identifier.optional(),
    periodId: identifier.optional(),
    ...drawn,
  }),
)

export const statementLinesConfirmed = defineEvent(
  'StatementLinesConfirmed',
  z.strictObject({
    ...statement,
    version,
    side,
    /** with what each adds to the debt, as it was seen */
    lines: z
      .array(z.strictObject({ lineId, effect: minor }))
      .min(1)
      .max(500),
  }),
)

export const disputeReason = z.enum([
  'amount',
  'missing',
  'not_ours',
  'duplicate',
  'date',
  'price',
  'quantity',
  'other',
])

/** Without `lineId` something is missing from the statement. `claimed` is what the side says it should add to the debt. */
export const statementLineDisputed = defineEvent(
  'StatementLineDisputed',
  z.strictObject({
    ...statement,
    version,
    disputeId: identifier,
    side,
    lineId: lineId.optional(),
    effect: minor.optional(),
    claimed: minor,
    reason: disputeReason,
    reference: label.optional(),
    /** SHA-256 of a document that is kept elsewhere, hex */
    evidence: fingerprint.optional(),
    note: personalText.optional(),
  }),
  { personal: { note: 'actor' } },
)

/** `withdrawn` by the side that raised it; else the manufacturer's answer, an accepted one with the document that corrects the account. */
export const statementDisputeSettled = defineEvent(
  'StatementDisputeSettled',
  z.strictObject({
    ...statement,
    disputeId: identifier,
    outcome: z.enum(['accepted', 'rejected', 'withdrawn']),
    document: identifier.optional(),
    note: personalText.optional(),
  }),
  { personal: { note: 'actor' } },
)

/** A side stands by the whole of a version, which it names by its fingerprint. */
export const statementConfirmed = defineEvent(
  'StatementConfirmed',
  z.strictObject({ ...statement, version, side, fingerprint }),
)

export const reconciliationEvents = [
  statementPublished,
  statementLinesConfirmed,
  statementLineDisputed,
  statementDisputeSettled,
  statementConfirmed,
] as const
export type ReconciliationEvent = EventOf<(typeof reconciliationEvents)[number]>
