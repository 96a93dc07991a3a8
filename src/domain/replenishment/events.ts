import { z } from 'zod'
import { month, watermark } from '../forecasting/events.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, identifier, label, quantityOrZero, signedQuantity, unit } from '../kernel/fields.ts'

/**
 * The events of `stockplanpolicy-<company>`, which says how stock is planned; of `stockplan-<party>`, where each month the levels are
 * published that follow from the forecasts of that month; and of `stockadvice-<party>/<sku>[/<location>]`, where it is said once that
 * a stock is low, too much or dead, and once that it no longer is.
 */

/** for one event, so that none grows without a limit */
export const planLinesAtOnce = 100

const serviceLevel = z.enum(['0.9', '0.95', '0.98'])
const protection = z.strictObject({
  /** from a proposal to goods that can be used */
  leadMonths: z.int().min(1).max(6),
  /** in which share of cases the reorder point lasts for the lead time */
  serviceLevel,
})
const horizons = {
  /** an order lasts for so long beside what the reorder point covers */
  reviewDays: z.int().min(1).max(92),
  /** more than the expected demand of so many days is too much */
  excessDays: z.int().min(30).max(3_650),
  /** without goods coming or going */
  deadDays: z.int().min(30).max(3_650),
}

export const stockPlanPolicySet = defineEvent(
  'StockPlanPolicySet',
  z.strictObject({
    companyId: identifier,
    /** of goods that dealers order */
    dealers: protection,
    /** of the places that dealers are served from */
    own: protection,
    ...horizons,
  }),
)

const planLine = z.strictObject({
  sku: identifier,
  unit,
  /** of a place that dealers are served from; a dealer's plan is for all its locations together */
  location: identifier.optional(),
  demandClass: z.enum(['few', 'short', 'smooth', 'erratic', 'intermittent', 'lumpy']),
  /** `quantile`: of the demand of the lead time; `none`: too few demands to tell one, so no levels */
  method: z.enum(['quantile', 'none']),
  /** what was not done as usual */
  notes: z.array(label).max(10),
  /** expected of a month, and until the next review */
  monthly: quantityOrZero,
  review: quantityOrZero,
  /** a position above it is too much */
  excessFrom: quantityOrZero,
  levels: z
    .strictObject({ safetyStock: quantityOrZero, reorderPoint: quantityOrZero, orderUpTo: quantityOrZero })
    .optional(),
})
export type PlanLine = z.infer<typeof planLine>

export const stockPlanned = defineEvent(
  'StockPlanned',
  z.strictObject({
    companyId: identifier,
    party: identifier,
    /** what was forecast: what a dealer orders, or what a place ships to all of them */
    basis: z.enum(['ordered', 'shipped']),
    /** the month whose forecasts it follows: the last whose demand was seen */
    seenMonth: month,
    /** 1 … `parts` */
    part: z.int().min(1),
    parts: z.int().min(1),
    modelVersion: z.int().min(1),
    watermark,
    ...protection.shape,
    ...horizons,
    /** none where nothing is asked for any more */
    lines: z.array(planLine).max(planLinesAtOnce),
  }),
)

const stock = { party: identifier, sku: identifier, location: identifier.optional() }
export const advice = z.enum(['out', 'low', 'excess', 'dead'])
export type Advice = z.infer<typeof advice>

export const stockAdviceGiven = defineEvent(
  'StockAdviceGiven',
  z.strictObject({
    ...stock,
    advice,
    seenMonth: month,
    onHand: signedQuantity,
    available: signedQuantity,
    position: signedQuantity,
    reorderPoint: quantityOrZero.optional(),
    excessFrom: quantityOrZero.optional(),
    /** when goods came or went last */
    goodsAt: businessTime.optional(),
  }),
)
export const stockAdviceWithdrawn = defineEvent('StockAdviceWithdrawn', z.strictObject({ ...stock, advice }))

export const stockPlanPolicyEvents = [stockPlanPolicySet] as const
export type StockPlanPolicyEvent = EventOf<(typeof stockPlanPolicyEvents)[number]>
export const stockPlanEvents = [stockPlanned] as const
export type StockPlanEvent = EventOf<(typeof stockPlanEvents)[number]>
export const stockAdviceEvents = [stockAdviceGiven, stockAdviceWithdrawn] as const
export type StockAdviceEvent = EventOf<(typeof stockAdviceEvents)[number]>
