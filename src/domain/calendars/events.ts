import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, identifier, localLabel, zone } from '../kernel/fields.ts'

export const calendarKind = z.enum(['gregorian', '445', 'table'])
export const periodGrain = z.enum(['month', 'quarter', 'year'])
export type PeriodGrain = z.infer<typeof periodGrain>
export const graceDays = z.int().min(0).max(366)
/** `2026-01`, `2026-Q1`, `2026`; in a 4-4-5 calendar the months are `2026-P01` */
export const periodId = identifier

export const calendarDefined = defineEvent(
  'CalendarDefined',
  z.strictObject({ calendarId: identifier, name: localLabel, kind: calendarKind, zone }),
)
/** A period [start, end), frozen as instants: a later change of zone data moves nothing (domain.md §2.13). */
export const periodOpened = defineEvent(
  'PeriodOpened',
  z.strictObject({
    calendarId: identifier,
    periodId,
    grain: periodGrain,
    start: businessTime,
    end: businessTime,
    /** milliseconds since 1970 */
    startInstant: z.int(),
    endInstant: z.int(),
    /** days after the end in which late data still counts into the period */
    graceDays,
    breaches,
  }),
)
/** Data recorded after this event is late: it falls to the next open period as an adjustment (domain.md §2.0). */
export const periodClosed = defineEvent(
  'PeriodClosed',
  z.strictObject({ calendarId: identifier, periodId, grain: periodGrain, breaches }),
)

export const calendarEvents = [calendarDefined, periodOpened, periodClosed] as const
export type CalendarEvent = EventOf<(typeof calendarEvents)[number]>
