import { describe, expect, it } from 'vitest'
import type { CalendarCommand } from '../../../src/domain/calendars/commands.ts'
import { calendarAggregate } from '../../../src/domain/calendars/decide.ts'
import type { CalendarEvent } from '../../../src/domain/calendars/events.ts'
import { gregorianPeriods } from '../../../src/domain/calendars/generatePeriods.ts'
import { periodOf, postingPeriod } from '../../../src/domain/calendars/periodOf.ts'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { eventId, given } from '../../support/decider.ts'

const zone = 'Asia/Shanghai'
const local = (date: string): string => `${date}T00:00:00.000+08:00[Asia/Shanghai]`
const defined = (kind: 'gregorian' | '445' | 'table'): CalendarEvent => ({
  type: 'CalendarDefined',
  data: { calendarId: 'fiscal', name: { en: 'Fiscal' }, kind, zone },
})
const openYear = { type: 'OpenYear', calendarId: 'fiscal', year: 2026, graceDays: 5 } as const
const opened: readonly CalendarEvent[] = gregorianPeriods(2026, zone).map((span) => ({
  type: 'PeriodOpened',
  data: { calendarId: 'fiscal', ...span, graceDays: 5, breaches: [] },
}))
const calendar = [defined('gregorian'), ...opened]
const close = (periodId: string): CalendarCommand => ({ type: 'ClosePeriod', calendarId: 'fiscal', periodId })
const closed = (periodId: string): CalendarEvent => ({
  type: 'PeriodClosed',
  data: { calendarId: 'fiscal', periodId, grain: 'month', breaches: [] },
})
const openPeriod = (periodId: string, start: string, end: string): CalendarCommand => ({
  type: 'OpenPeriod',
  calendarId: 'fiscal',
  periodId,
  grain: 'month',
  start: local(start),
  end: local(end),
  graceDays: 0,
})

describe('a calendar', () => {
  it('is defined once', () => {
    const define = {
      type: 'DefineCalendar',
      calendarId: 'fiscal',
      name: { en: 'Fiscal' },
      kind: 'gregorian',
      zone,
    } as const
    given(calendarAggregate)
      .when(define)
      .then([defined('gregorian')])
    given(calendarAggregate, calendar).when(define).thenNothing()
    given(calendarAggregate, calendar)
      .when({ ...define, zone: 'UTC' })
      .thenRefused('object.exists')
    given(calendarAggregate).when(openYear).thenRefused('calendars.unknown')
  })

  it('opens a whole year at once, its instants frozen', () => {
    given(calendarAggregate, [defined('gregorian')])
      .when(openYear)
      .then(opened)
    given(calendarAggregate, calendar.slice(0, 10)).when(openYear).then(opened.slice(9))
    given(calendarAggregate, calendar)
      .when({ ...openYear, graceDays: 6 })
      .thenRefused('object.exists')
  })

  it('takes a first day where its kind has one, and no generated year where it is a table', () => {
    given(calendarAggregate, [defined('gregorian')])
      .when({ ...openYear, firstDay: '2026-01-04' })
      .thenRefused('calendars.kind')
    given(calendarAggregate, [defined('445')])
      .when(openYear)
      .thenRefused('calendars.kind')
    given(calendarAggregate, [defined('table')])
      .when(openYear)
      .thenRefused('calendars.kind')
    given(calendarAggregate, [defined('gregorian')])
      .when(openPeriod('x', '2026-01-01', '2026-02-01'))
      .thenRefused('calendars.kind')
    expect(
      given(calendarAggregate, [defined('445')])
        .when({ ...openYear, firstDay: '2026-01-04' })
        .events(),
    ).toHaveLength(17)
  })

  it('has no overlapping periods of one grain', () => {
    const events = given(calendarAggregate, [defined('table')])
      .when(openPeriod('one', '2026-01-01', '2026-02-10'))
      .events()
    const { when } = given(calendarAggregate, [defined('table'), ...events])
    when(openPeriod('two', '2026-02-09', '2026-03-01')).thenRefused('calendars.overlap')
    when(openPeriod('two', '2026-03-01', '2026-03-01')).thenRefused('calendars.overlap')
    expect(when(openPeriod('two', '2026-02-10', '2026-03-01')).events()).toHaveLength(1)
    given(calendarAggregate, [
      defined('445'),
      ...given(calendarAggregate, [defined('445')])
        .when({ ...openYear, firstDay: '2026-01-04' })
        .events(),
    ])
      .when({ ...openYear, year: 2027, firstDay: '2027-01-02' })
      .thenRefused('calendars.overlap')
  })

  it('closes a period once, when its days of grace are over', () => {
    const { when } = given(calendarAggregate, calendar)
    when(close('2026-01'), { at: '2026-02-05T23:59:59.999+08:00[Asia/Shanghai]' }).thenRefused('calendars.still_open')
    when(close('2026-01'), { at: local('2026-02-06') }).then([closed('2026-01')])
    when(close('2025-12'), { at: local('2026-02-06') }).thenRefused('calendars.unknown_period')
    given(calendarAggregate, [...calendar, closed('2026-01')])
      .when(close('2026-01'))
      .thenNothing()
    const [event] = when(close('2026-01'), { at: local('2026-01-10'), recorded: true }).events()
    expect(event?.data).toMatchObject({ breaches: [{ code: 'calendars.still_open' }] })
  })
})

describe('the period of a fact', () => {
  const state = given(calendarAggregate, [...calendar, closed('2026-01'), closed('2026-02')]).state()
  const at = (time: string): number => instantOf(time)

  it('holds its instant: the start is inside, the end is not', () => {
    expect(periodOf(state, at(local('2026-02-01')), 'month')?.periodId).toBe('2026-02')
    expect(periodOf(state, at(local('2026-02-01')) - 1, 'month')?.periodId).toBe('2026-01')
    expect(periodOf(state, at(local('2026-02-01')), 'quarter')?.periodId).toBe('2026-Q1')
    expect(periodOf(state, at(local('2027-01-01')), 'year')).toBeUndefined()
    expect(periodOf(state, at('2026-01-31T16:00:00.000Z[UTC]'), 'month')?.periodId).toBe('2026-02')
  })

  it('names the event that closed it: what is recorded after that is late', () => {
    expect(periodOf(state, at(local('2026-01-15')), 'month')?.closedBy).toBe(eventId(calendar.length))
    expect(periodOf(state, at(local('2026-03-15')), 'month')?.closedBy).toBeNull()
  })

  it('is the next open one, as an adjustment, when its own is closed', () => {
    expect(postingPeriod(state, at(local('2026-03-15')), 'month')).toMatchObject({
      period: { periodId: '2026-03' },
      late: false,
    })
    expect(postingPeriod(state, at(local('2026-01-15')), 'month')).toMatchObject({
      period: { periodId: '2026-03' },
      late: true,
    })
    expect(postingPeriod(state, at(local('2026-01-15')), 'quarter')).toMatchObject({
      period: { periodId: '2026-Q1' },
      late: false,
    })
    expect(postingPeriod(state, at(local('2030-01-15')), 'month')).toMatchObject({
      refused: 'calendars.unknown_period',
    })
    const all = given(calendarAggregate, [
      ...calendar,
      ...opened.map((event) => closed(event.type === 'PeriodOpened' ? event.data.periodId : '')),
    ]).state()
    expect(postingPeriod(all, at(local('2026-01-15')), 'month')).toMatchObject({ refused: 'period.closed' })
  })
})
