import { z } from 'zod'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, calendarDate, code, identifier, price, share, sha256 } from '../kernel/fields.ts'
import { dealerClass, healthTerms } from './model.ts'

/** How a company tells the health of its dealers, `healthmodel-<company>`, and what it found, `health-<dealer>`. */

/** Versions are numbered from 1 and never change; what was evaluated by one stays so. */
export const healthModelDefined = defineEvent(
  'HealthModelDefined',
  z.strictObject({ companyId: identifier, version: z.int().min(1), terms: healthTerms }),
  // version 2 knows when everybody is evaluated by itself; what version 1 said holds as it stands
  { version: 2, upcasts: { 1: (data) => data } },
)
export const healthModelEvents = [healthModelDefined] as const
export type HealthModelEvent = EventOf<(typeof healthModelEvents)[number]>

/** The position of the log that figures rest on. */
export const watermark = z.string().regex(/^(0|[1-9]\d{0,19})$/, 'a position of the log')
const judged = z.strictObject({
  code,
  /** absent where nothing is known */
  points: price.optional(),
  confidence: share,
})
/** What an evaluation says of a dealer. */
export const evaluated = {
  companyId: identifier,
  dealerId: identifier,
  calendarId: identifier,
  periodId: identifier,
  modelVersion: z.int().min(1),
  /** days, [from, until) */
  from: calendarDate,
  until: calendarDate,
  /** a draft may be told again; a final one stands, and gates and proposals look at it */
  isFinal: z.boolean(),
  watermark,
  asOf: businessTime,
  /** absent when the dealer is not rated */
  index: price.optional(),
  confidence: share,
  dimensions: z.array(judged).min(1).max(12),
  matrix: z.array(judged).min(1).max(24),
  dealerClass: dealerClass.optional(),
  /** SHA-256 over everything that the index was told from, as canonical JSON */
  explanationHash: sha256,
  /** what the index would make of the tier; a person decides */
  proposedTier: z.strictObject({ from: code.optional(), to: code }).optional(),
}
export const dealerEvaluated = defineEvent('DealerEvaluated', z.strictObject(evaluated))
export const healthEvents = [dealerEvaluated] as const
export type HealthEvent = EventOf<(typeof healthEvents)[number]>
