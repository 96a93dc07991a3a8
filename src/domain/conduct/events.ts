import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, code, identifier, label, localLabel, personalText, price, sha256 } from '../kernel/fields.ts'

/** What a dealer does besides trading, and by which rules it is judged: `conduct-<dealer>` and `conductrules-<company>` (domain.md §2.1, §2.7). */

const ofDealer = { companyId: identifier, dealerId: identifier }
/** SHA-256 of a document, hex */
export const documentHash = sha256

/** Something that a process rebate may pay for: a report in time, a display, a training. Its business time is when it was done. */
export const evidenceRecorded = defineEvent(
  'EvidenceRecorded',
  z.strictObject({
    ...ofDealer,
    evidenceId: identifier,
    kind: code,
    documentHash: documentHash.optional(),
    note: personalText.optional(),
    breaches,
  }),
  { personal: { note: 'actor' } },
)

/** It counts no more; `recordedAt` is the business time of the evidence. */
export const evidenceWithdrawn = defineEvent(
  'EvidenceWithdrawn',
  z.strictObject({
    ...ofDealer,
    evidenceId: identifier,
    kind: code,
    recordedAt: businessTime,
    reason: personalText.optional(),
  }),
  { personal: { reason: 'actor' } },
)

const evaluation = { evaluation: code, version: z.int().min(1) }

/** The dealer's score for a period; the newest one counts. */
export const evaluationRecorded = defineEvent(
  'EvaluationRecorded',
  z.strictObject({
    ...ofDealer,
    ...evaluation,
    calendarId: identifier,
    periodId: identifier,
    score: price,
    note: personalText.optional(),
    breaches,
  }),
  { personal: { note: 'actor' } },
)

export const conductEvents = [evidenceRecorded, evidenceWithdrawn, evaluationRecorded] as const
export type ConductEvent = EventOf<(typeof conductEvents)[number]>

/** A kind of evaluation, and whether its score derives from what dealers sell for. */
export const evaluationDefined = defineEvent(
  'EvaluationDefined',
  z.strictObject({ companyId: identifier, ...evaluation, name: localLabel, fromResalePrice: z.boolean() }),
)

export const enforcement = z.enum(['off', 'on'])

/** May figures that derive from resale prices be kept, and stand in terms? Off until somebody has said, and why, that the law allows it. */
export const resalePricePolicySet = defineEvent(
  'ResalePricePolicySet',
  z.strictObject({
    companyId: identifier,
    resalePriceEnforcement: enforcement,
    /** the opinion, or the jurisdiction, that it rests on */
    restsOn: label,
  }),
)

export const conductRulesEvents = [evaluationDefined, resalePricePolicySet] as const
export type ConductRulesEvent = EventOf<(typeof conductRulesEvents)[number]>
