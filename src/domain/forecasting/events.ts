import { z } from 'zod'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { identifier, label, quantityOrZero, share, unit } from '../kernel/fields.ts'

/**
 * The events of `forecastpolicy-<company>`, which says whose demand is forecast, and of `forecast-<dealer>`, where each month is
 * published with the position of the log that it rests on (domain.md §2.11). A month is published once: what became known later
 * is in the next one. And of `demand-<dealer>`, where each month that is over is held against what was published before it.
 */

export const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month as YYYY-MM')
/** a position of the log */
export const watermark = z.string().regex(/^(0|[1-9]\d{0,19})$/)
/** for one event, so that none grows without a limit */
export const linesAtOnce = 100

const policy = {
  companyId: identifier,
  /** whose demand; everybody's when absent, nobody's when empty */
  dealers: z.array(identifier).max(1_000).optional(),
  /** months ahead */
  horizon: z.int().min(1).max(12),
  /** of history, before a product is forecast for a dealer */
  leastMonths: z.int().min(1).max(36),
}
export const forecastPolicySet = defineEvent('ForecastPolicySet', z.strictObject(policy))

const expected = z.strictObject({
  month,
  quantity: quantityOrZero,
  /** a central 95 % interval */
  low: quantityOrZero,
  high: quantityOrZero,
  /** the same month a year ago, or the last one: what a forecast has to be better than */
  naive: quantityOrZero,
  /** of the first month ahead (`UsualRange`): where 99 of 100 lie, and how fast those beyond grow rare */
  usual: z.strictObject({ low: quantityOrZero, high: quantityOrZero, tail: share }).optional(),
})
const line = z.strictObject({
  sku: identifier,
  unit,
  demandClass: z.enum(['few', 'short', 'smooth', 'erratic', 'intermittent', 'lumpy']),
  /** what was not done as usual */
  notes: z.array(label).max(10),
  ahead: z.array(expected).min(1).max(12),
})
export type ForecastLine = z.infer<typeof line>

export const forecastPublished = defineEvent(
  'ForecastPublished',
  z.strictObject({
    companyId: identifier,
    dealerId: identifier,
    /** the last month whose demand was seen */
    seenMonth: month,
    /** 1 … `parts` */
    part: z.int().min(1),
    parts: z.int().min(1),
    modelVersion: z.int().min(1),
    watermark,
    lines: z.array(line).min(1).max(linesAtOnce),
  }),
  // without `usual`, a month was never judged
  { version: 2, upcasts: { 1: (data) => data } },
)

const finding = z.strictObject({
  sku: identifier,
  unit,
  actual: quantityOrZero,
  expected: quantityOrZero,
  low: quantityOrZero,
  high: quantityOrZero,
  /** as rare as one month in so many, by the forecast */
  oneIn: z.int().min(1).max(1_000_000_000),
  /** rare enough for one of all the series that were looked at together */
  stands: z.boolean(),
})
export type Finding = z.infer<typeof finding>
/** what is rarest first; where more lie outside, `outside` says how many */
export const findingsAtOnce = 100

export const demandJudged = defineEvent(
  'DemandJudged',
  z.strictObject({
    companyId: identifier,
    dealerId: identifier,
    month,
    watermark,
    /** of this dealer that were looked at (those of all dealers of the company in one month, together), and of these outside the usual */
    series: z.int().min(1),
    outside: z.int().min(0),
    findings: z.array(finding).max(findingsAtOnce),
  }),
)

export const forecastPolicyEvents = [forecastPolicySet] as const
export type ForecastPolicyEvent = EventOf<(typeof forecastPolicyEvents)[number]>
export const forecastEvents = [forecastPublished] as const
export type ForecastEvent = EventOf<(typeof forecastEvents)[number]>
export const demandEvents = [demandJudged] as const
export type DemandEvent = EventOf<(typeof demandEvents)[number]>
