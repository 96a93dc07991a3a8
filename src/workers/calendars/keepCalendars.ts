import { calendarAggregate, graceEnd } from '../../domain/calendars/decide.ts'
import type { CalendarCommand } from '../../domain/calendars/commands.ts'
import { addDays, calendarDate, instantOf } from '../../domain/kernel/businessTime.ts'
import type { CalendarState } from '../../domain/calendars/state.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { policyOf } from '../ports.ts'
import { processCommand, StepRefused } from '../processCommand.ts'

type Known = Extract<CalendarState, { known: true }>
const atOnce = 1_000
/** the last year whose periods can be written */
const lastYear = 9_998

/**
 * Opens the next year of every calendar ahead of time, and closes periods when their end and grace have passed, the
 * earliest first. A calendar kept as a table is opened by people; one that has never been opened stays as it is.
 */
export async function keepCalendars(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  const { handler, progress } = context
  const { openAhead } = policyOf(context)
  const now = instantOf(at)
  for (const { subject: calendarId } of await progress.due('calendar', Number.MAX_SAFE_INTEGER, atOnce)) {
    if (signal?.aborted) return
    const calendar = await handler.load(calendarAggregate, calendarId)
    if (!calendar.known) continue
    const opening = nextYear(calendar, now + openAhead)
    if (opening) await execute(context, opening, `open/${opening.year}`, at)
    const due = calendar.periods.filter(
      (period) => period.closedBy === null && period.endInstant <= now && graceEnd(period, calendar.zone) <= now,
    )
    // months before the quarter and the year that they end with
    for (const { periodId } of due.toSorted((a, b) => a.endInstant - b.endInstant || b.startInstant - a.startInstant))
      await execute(context, { type: 'ClosePeriod', calendarId, periodId }, `close/${periodId}`, at)
  }
}

/** The year after the last one, when less than the wanted time lies open. */
function nextYear(calendar: Known, until: number): Extract<CalendarCommand, { type: 'OpenYear' }> | undefined {
  const { calendarId, kind, zone } = calendar
  const last = calendar.periods.findLast((period) => period.grain === 'year')
  if (kind === 'table' || last === undefined || last.endInstant > until) return undefined
  const year = Number(last.periodId) + 1
  if (!Number.isInteger(year) || year > lastYear) return undefined
  const { graceDays } = last
  if (kind === 'gregorian') return { type: 'OpenYear', calendarId, year, graceDays }
  const firstDay = calendarDate(last.endInstant, zone)
  return { type: 'OpenYear', calendarId, year, graceDays, firstDay, weeks: weeksOf(year, firstDay, calendar) }
}

/** A 4-4-5 year starts near the date that the calendar's first year started on: with a 53rd week when 52 would drift by more than half a week. */
function weeksOf(year: number, firstDay: string, { periods, zone }: Known): 52 | 53 {
  const first = periods.find((period) => period.grain === 'year')
  if (first === undefined) return 52
  const dayOf = (date: string): number => Date.parse(`${date}T00:00:00.000Z`) / 86_400_000
  const years = year + 1 - Number(first.periodId)
  const ideal = dayOf(calendarDate(first.startInstant, zone)) + Math.round(years * 365.2425)
  return ideal - dayOf(addDays(firstDay, 52 * 7)) > 3 ? 53 : 52
}

async function execute(context: WorkContext, command: CalendarCommand, step: string, at: string): Promise<void> {
  const { calendarId } = command
  const key = `${calendarId}/${step}`
  const outcome = await processCommand(
    context.handler,
    calendarAggregate,
    command,
    key,
    scheduleMeta('calendars', at, key),
  )
  if (!outcome.ok && outcome.refusal.refused !== 'object.exists') throw new StepRefused(key, outcome.refusal)
}
