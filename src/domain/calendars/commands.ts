import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, calendarDate, identifier, localLabel, zone } from '../kernel/fields.ts'
import { calendarKind, graceDays, periodGrain, periodId } from './events.ts'

const calendarId = ({ calendarId }: { calendarId: string }): string => calendarId

export const defineCalendar = defineCommand(
  'DefineCalendar',
  z.strictObject({ calendarId: identifier, name: localLabel, kind: calendarKind, zone }),
  calendarId,
)
/** Months, quarters and the year itself at once. A 4-4-5 year needs the date of its first day; `weeks` is 52 where not given. */
export const openYear = defineCommand(
  'OpenYear',
  z.strictObject({
    calendarId: identifier,
    year: z.int().min(1970).max(9998),
    graceDays,
    firstDay: calendarDate.optional(),
    weeks: z.union([z.literal(52), z.literal(53)]).optional(),
  }),
  calendarId,
)
/** One period of a calendar that is kept as a table. */
export const openPeriod = defineCommand(
  'OpenPeriod',
  z.strictObject({
    calendarId: identifier,
    periodId,
    grain: periodGrain,
    start: businessTime,
    end: businessTime,
    graceDays,
  }),
  calendarId,
)
export const closePeriod = defineCommand(
  'ClosePeriod',
  z.strictObject({ calendarId: identifier, periodId }),
  calendarId,
)

export const calendarCommands = [defineCalendar, openYear, openPeriod, closePeriod] as const
export type CalendarCommand = CommandOf<(typeof calendarCommands)[number]>
