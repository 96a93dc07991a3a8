import type { Happened } from '../kernel/event.ts'
import type { CalendarEvent, PeriodGrain } from './events.ts'

export interface Period {
  readonly periodId: string
  readonly grain: PeriodGrain
  /** business times; [start, end) */
  readonly start: string
  readonly end: string
  readonly startInstant: number
  readonly endInstant: number
  readonly graceDays: number
  /** the event that closed it: what is recorded after it is late */
  readonly closedBy: string | null
}

export type CalendarState =
  | { readonly known: false }
  | {
      readonly known: true
      readonly calendarId: string
      readonly kind: 'gregorian' | '445' | 'table'
      readonly zone: string
      readonly name: { readonly en?: string | undefined; readonly 'zh-CN'?: string | undefined }
      /** of all grains, by start */
      readonly periods: readonly Period[]
    }

export function evolve(state: CalendarState, event: Happened<CalendarEvent>): CalendarState {
  if (event.type === 'CalendarDefined') return { known: true, ...event.data, periods: [] }
  if (!state.known) return state
  switch (event.type) {
    case 'PeriodOpened': {
      const { calendarId: _calendar, breaches: _breaches, ...period } = event.data
      const after = state.periods.findIndex((other) => other.startInstant > period.startInstant)
      const at = after === -1 ? state.periods.length : after
      return { ...state, periods: state.periods.toSpliced(at, 0, { ...period, closedBy: null }) }
    }
    case 'PeriodClosed': {
      const { periodId } = event.data
      const close = (period: Period): Period =>
        period.periodId === periodId ? { ...period, closedBy: event.id } : period
      return { ...state, periods: state.periods.map(close) }
    }
    default:
      return event satisfies never
  }
}
