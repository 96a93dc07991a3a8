import { addDays, calendarDate, instantOf, startOfDay, type Instant } from '../kernel/businessTime.ts'
import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Refusal,
} from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { calendarCommands, type CalendarCommand } from './commands.ts'
import { calendarEvents, type CalendarEvent } from './events.ts'
import { fourFourFivePeriods, gregorianPeriods, type PeriodSpan } from './generatePeriods.ts'
import { periodById } from './periodOf.ts'
import { evolve, type CalendarState, type Period } from './state.ts'

type Known = Extract<CalendarState, { known: true }>

/** A calendar and its periods: opened with frozen instants, closed once, never changed after (domain.md §2.13). */
export const calendarAggregate: Aggregate<CalendarCommand, CalendarEvent, CalendarState> = {
  category: 'calendar',
  stateVersion: 1,
  initialState: { known: false },
  evolve,
  decide,
  events: calendarEvents,
  commands: calendarCommands,
}

/** The first instant after a period and its days of grace, in the calendar's zone. */
export function graceEnd(period: Pick<Period, 'endInstant' | 'graceDays'>, zone: string): Instant {
  const { endInstant, graceDays } = period
  return graceDays === 0 ? endInstant : startOfDay(addDays(calendarDate(endInstant, zone), graceDays), zone)
}

function decide(
  command: CalendarCommand,
  state: CalendarState,
  { at, recorded }: Circumstances,
): Decision<CalendarEvent> {
  const { calendarId } = command
  if (command.type === 'DefineCalendar') {
    const { name, kind, zone } = command
    if (!state.known) return [{ type: 'CalendarDefined', data: { calendarId, name, kind, zone } }]
    const same =
      state.kind === kind && state.zone === zone && state.name.en === name.en && state.name['zh-CN'] === name['zh-CN']
    return same ? [] : refuse('object.exists', { calendarId })
  }
  if (!state.known) return refuse('calendars.unknown', { calendarId })
  switch (command.type) {
    case 'OpenYear': {
      const { year, firstDay, weeks, graceDays } = command
      if (state.kind === 'table' || (state.kind === '445') !== (firstDay !== undefined))
        return refuse('calendars.kind', { calendarId, kind: state.kind })
      const spans =
        firstDay === undefined
          ? gregorianPeriods(year, state.zone)
          : fourFourFivePeriods(year, state.zone, firstDay, weeks)
      return open(spans, graceDays, state, recorded)
    }
    case 'OpenPeriod': {
      const { periodId, grain, start, end, graceDays } = command
      if (state.kind !== 'table') return refuse('calendars.kind', { calendarId, kind: state.kind })
      const span = { periodId, grain, start, end, startInstant: instantOf(start), endInstant: instantOf(end) }
      return open([span], graceDays, state, recorded)
    }
    case 'ClosePeriod': {
      const period = periodById(state, command.periodId)
      if (!period) return refuse('calendars.unknown_period', { calendarId, periodId: command.periodId })
      if (period.closedBy !== null) return []
      const { periodId, grain } = period
      const early = instantOf(at) < graceEnd(period, state.zone)
      const breaches = enforce([early && refuse('calendars.still_open', { calendarId, periodId })], recorded)
      return isRefusal(breaches)
        ? breaches
        : [{ type: 'PeriodClosed', data: { calendarId, periodId, grain, breaches } }]
    }
    default:
      return command satisfies never
  }
}

/** Opens what is not open yet; all or nothing. */
function open(
  spans: readonly PeriodSpan[],
  graceDays: number,
  state: Known,
  recorded: boolean,
): Decision<CalendarEvent> {
  const { calendarId } = state
  const events: CalendarEvent[] = []
  for (const span of spans) {
    const known = periodById(state, span.periodId)
    // instants frozen once stay: zone data that has changed since must not make a repeat look like another period
    if (known && known.grain === span.grain && known.graceDays === graceDays && sameDates(known, span)) continue
    if (known) return refuse('object.exists', { calendarId, periodId: span.periodId })
    const breaches = enforce([spanRule(span, state)], recorded)
    if (isRefusal(breaches)) return breaches
    events.push({ type: 'PeriodOpened', data: { calendarId, ...span, graceDays, breaches } })
  }
  return events
}

function sameDates(a: Pick<PeriodSpan, 'start' | 'end'>, b: Pick<PeriodSpan, 'start' | 'end'>): boolean {
  return a.start.slice(0, 10) === b.start.slice(0, 10) && a.end.slice(0, 10) === b.end.slice(0, 10)
}

/** Periods of one grain never overlap, so that a fact belongs to one of each. */
function spanRule({ periodId, grain, startInstant, endInstant }: PeriodSpan, state: Known): Refusal | false {
  const overlapping = state.periods.find(
    (other) => other.grain === grain && startInstant < other.endInstant && other.startInstant < endInstant,
  )
  const broken = endInstant <= startInstant || overlapping !== undefined
  return broken && refuse('calendars.overlap', { periodId, ...(overlapping && { overlaps: overlapping.periodId }) })
}
