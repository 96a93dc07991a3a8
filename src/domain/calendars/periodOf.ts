import type { Instant } from '../kernel/businessTime.ts'
import { refuse, type Refusal } from '../kernel/decider.ts'
import type { PeriodGrain } from './events.ts'
import type { CalendarState, Period } from './state.ts'

/** The period of a grain that an instant lies in, closed or not; undefined where none was opened. */
export function periodOf(state: CalendarState, instant: Instant, grain: PeriodGrain): Period | undefined {
  if (!state.known) return undefined
  return state.periods.find(
    (period) => period.grain === grain && period.startInstant <= instant && instant < period.endInstant,
  )
}

export function periodById(state: CalendarState, periodId: string): Period | undefined {
  return state.known ? state.periods.find((period) => period.periodId === periodId) : undefined
}

/** The days of a period, [from, until), by its own dates. */
export function daysOf({ start, end }: Pick<Period, 'start' | 'end'>): {
  readonly from: string
  readonly until: string
} {
  return { from: start.slice(0, 10), until: end.slice(0, 10) }
}

/**
 * Where a fact of an instant counts when it is recorded now: in its own period while that is not closed, else as an
 * adjustment (`late`) in the next one of the grain that is open (domain.md §2.0). Late is a matter of the close event,
 * never of the clock. Refuses with `calendars.unknown_period` or, when no later period is open, `period.closed`.
 */
export function postingPeriod(
  state: CalendarState,
  instant: Instant,
  grain: PeriodGrain,
): { period: Period; late: boolean } | Refusal {
  const own = periodOf(state, instant, grain)
  if (!own || !state.known) return refuse('calendars.unknown_period', { grain })
  if (own.closedBy === null) return { period: own, late: false }
  const next = nextOpenPeriod(state, own)
  return next ? { period: next, late: true } : refuse('period.closed', { periodId: own.periodId })
}

/** The first open period of the grain behind one that is closed: where what came late is posted. */
export function nextOpenPeriod(state: CalendarState, { grain, endInstant }: Period): Period | undefined {
  if (!state.known) return undefined
  return state.periods.find((one) => one.grain === grain && one.closedBy === null && one.startInstant >= endInstant)
}
