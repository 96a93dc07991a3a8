import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import {
  calendarDate,
  code,
  currency,
  identifier,
  price,
  quantityOrZero,
  signedQuantity,
  unit,
} from '../kernel/fields.ts'

/** What names a report: where it comes from, its kind of document, its number and its revision (domain.md §2.12). */
export const reportKey = {
  dealerId: identifier,
  source: code,
  documentType: code,
  number: identifier,
}
export const revision = z.int().min(0).max(999)
export const reportLimit = 2000

/** A quantity sold to consumers, at an outlet or, without one, by the dealer itself; below zero: brought back by consumers. */
export const soldLine = z.strictObject({
  lineNo: z.int().min(1).max(99_999),
  outletId: identifier.optional(),
  sku: identifier,
  unit,
  quantity: signedQuantity.refine((text) => /[1-9]/.test(text), 'not zero'),
  day: calendarDate,
})
/** What an outlet has on its shelves at the end of a day: an assertion, which moves no stock of the dealer. */
export const shelfLine = z.strictObject({
  outletId: identifier,
  sku: identifier,
  unit,
  onHand: quantityOrZero,
  day: calendarDate,
})
/** What consumers paid stays in the log: no read model, basis or gate looks at it (domain.md §2.7). */
export const pricedLine = soldLine.extend({ price: z.strictObject({ unitPrice: price, currency }).optional() })

/** The days that a report covers, both included: those without a line had no sale. */
export const covered = { from: calendarDate, to: calendarDate }
export const lines = <T extends z.ZodType>(line: T) => z.array(line).max(reportLimit)

/**
 * What outlets, or a dealer without outlets, sold to consumers. A fact about the outlet: it moves no stock of the dealer. A revision
 * is the whole report again: what it replaces is withdrawn by an event of its own.
 */
export const sellOutReported = defineEvent(
  'SellOutReported',
  z.strictObject({
    companyId: identifier,
    ...reportKey,
    revision,
    ...covered,
    lines: lines(pricedLine),
    shelf: lines(shelfLine),
    breaches,
  }),
)
/** The revision counts no more; its lines once more, for whoever added them up. */
export const sellOutWithdrawn = defineEvent(
  'SellOutWithdrawn',
  z.strictObject({
    companyId: identifier,
    ...reportKey,
    revision,
    replacedBy: revision.optional(),
    reason: code,
    lines: lines(soldLine),
    shelf: lines(shelfLine),
  }),
)

export const sellOutEvents = [sellOutReported, sellOutWithdrawn] as const
export type SellOutEvent = EventOf<(typeof sellOutEvents)[number]>
export type SoldLine = z.infer<typeof soldLine>
export type ShelfLine = z.infer<typeof shelfLine>
