import { z } from 'zod'
import { violationKind } from '../detection/rules.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, code, identifier, lineAmount, personalText, region, uuid } from '../kernel/fields.ts'

/**
 * The cases of `violations-<dealer>`: what was found, what the dealer said, what was decided (domain.md §2.3). What a company
 * itself did stands in the stream of its own id.
 */

/** `dealerId`: whose conduct it is; the company's id where that is its own */
const of = { companyId: identifier, dealerId: identifier, violationId: identifier }
const subject = { ...of, kind: violationKind, sku: identifier.optional() }
/** What was compared: figures, codes and times. Nothing personal, and nothing of another dealer in a dealer's own case. */
export const figures = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/),
  z
    .string()
    .max(200)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u),
)
export const evidence = z
  .array(z.strictObject({ eventId: uuid, role: code }))
  .min(1)
  .max(100)

/** Its business time is that of the fact that showed it. */
export const violationDetected = defineEvent(
  'ViolationDetected',
  z.strictObject({
    ...subject,
    /** where goods were found that should be elsewhere */
    region: region.optional(),
    policyVersion: z.int().min(1),
    from: businessTime,
    to: businessTime,
    /** how far beyond the rule, comparable within a kind alone */
    score: lineAmount,
    figures,
    evidence,
    /** what a dealer sold for stands behind it: it is shown apart, and counts in nothing that pays, gates, rates or allocates (domain.md §2.7) */
    derivesFromResale: z.boolean(),
    /** of the policy that judged it */
    repeatWithinDays: z.int().min(1).max(3_660),
    explainWithinDays: z.int().min(0).max(365),
  }),
)

/** Somebody has looked at it and put it to the dealer. */
export const violationNotified = defineEvent(
  'ViolationNotified',
  z.strictObject({ ...subject, notifiedBy: identifier, explainUntil: businessTime, note: personalText.optional() }),
  { personal: { note: 'actor' } },
)
export const violationExplained = defineEvent(
  'ViolationExplained',
  z.strictObject({ ...subject, explanation: personalText }),
  { personal: { explanation: 'actor' } },
)
/** By another person than who put it to the dealer. */
export const violationConfirmed = defineEvent(
  'ViolationConfirmed',
  z.strictObject({
    ...subject,
    confirmedBy: identifier,
    /** confirmed ones of the kind within the window before: 0 for the first */
    repeats: z.int().min(0),
    derivesFromResale: z.boolean(),
    /** may it count where conduct pays, gates, rates or allocates? Not when it derives from a resale price, unless the company's rules allow that now */
    counts: z.boolean(),
    note: personalText.optional(),
  }),
  { personal: { note: 'actor' } },
)
export const violationDismissed = defineEvent(
  'ViolationDismissed',
  z.strictObject({ ...subject, dismissedBy: identifier, reason: code, note: personalText.optional() }),
  { personal: { note: 'actor' } },
)
export const violationRemedied = defineEvent(
  'ViolationRemedied',
  z.strictObject({ ...subject, remedy: code, note: personalText.optional() }),
  { personal: { note: 'actor' } },
)
export const violationClosed = defineEvent('ViolationClosed', z.strictObject(subject))

export const violationEvents = [
  violationDetected,
  violationNotified,
  violationExplained,
  violationConfirmed,
  violationDismissed,
  violationRemedied,
  violationClosed,
] as const
export type ViolationEvent = EventOf<(typeof violationEvents)[number]>
