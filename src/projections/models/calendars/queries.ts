import { z } from 'zod'
import { calendarKind, periodGrain } from '../../../domain/calendars/events.ts'
import { breaches } from '../../../domain/kernel/breach.ts'
import { calendarDate, localLabel } from '../../../domain/kernel/fields.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where } from '../sqlText.ts'
import { calendarsModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: calendarsModel, owner: 'shared', audience: 'everyone', kind: 'list' } as const

const calendars = defineQuery({
  ...base,
  name: 'calendars.list',
  summary: 'Calendars that programmes and statements name',
  path: '/v1/calendars',
  params: z.object({}),
  row: z.object({
    calendarId: z.string(),
    name: localLabel,
    kind: calendarKind,
    zone: z.string(),
    openPeriods: z.int(),
  }),
  order: [['calendarId', 'asc']],
  sql: (_params, from) =>
    `select c.calendar_id as "calendarId", c.name, c.kind, c.zone,
       (select count(*)::integer from ${from('periods')} p where p.calendar_id = c.calendar_id and p.starts_at is not null and p.closed_by is null) as "openPeriods"
     from ${from('calendars')} c where c.kind is not null`,
})

const periods = defineQuery({
  ...base,
  name: 'periods.list',
  summary: 'Periods with their frozen instants, open or closed',
  path: '/v1/periods',
  params: z.object({
    calendarId: id.optional(),
    grain: periodGrain.optional(),
    status: z.enum(['open', 'closed']).optional(),
    /** the periods that this day (UTC) lies in */
    on: calendarDate.optional(),
  }),
  row: z.object({
    calendarId: z.string(),
    periodId: z.string(),
    grain: periodGrain,
    /** [start, end) as business times of the calendar's zone, and as instants */
    start: z.string(),
    end: z.string(),
    startsAt: z.string(),
    endsAt: z.string(),
    graceDays: z.int(),
    status: z.enum(['open', 'closed']),
    openedAt: z.string(),
    closedAt: z.string().nullable(),
    closedBy: z.string().nullable(),
    breaches,
  }),
  order: [
    ['calendarId', 'asc'],
    ['startsAt', 'asc'],
    ['grain', 'asc'],
    ['periodId', 'asc'],
  ],
  sql: ({ calendarId, grain, status, on }, from, bind) =>
    `select calendar_id as "calendarId", period_id as "periodId", grain, start_text as start, end_text as "end", ${isoTime('starts_at')} as "startsAt",
       ${isoTime('ends_at')} as "endsAt", grace_days as "graceDays", case when closed_by is null then 'open' else 'closed' end as status,
       ${isoTime('opened_at')} as "openedAt", ${isoTime('closed_at')} as "closedAt", closed_by as "closedBy", breaches
     from ${from('periods', { calendar_id: calendarId })} p ${where(
       'starts_at is not null',
       grain !== undefined && `grain = ${bind(grain)}`,
       status !== undefined && `closed_by is ${status === 'open' ? '' : 'not '}null`,
       on !== undefined &&
         `${bind(on)}::timestamp at time zone 'UTC' >= starts_at and ${bind(on)}::timestamp at time zone 'UTC' < ends_at`,
     )}`,
})

const rate = {
  base: z.string(),
  quote: z.string(),
  kind: z.string(),
  /** units of the quote currency for one of the base currency */
  rate: z.string(),
  source: z.string(),
  effectiveAt: z.string(),
  publishedAt: z.string(),
  rateEventId: z.string(),
  breaches,
}
const columns = `base, quote, kind, rate, source, effective_at as "effectiveAt", ${isoTime('published_at')} as "publishedAt", rate_event as "rateEventId", breaches`
const pair = { base: id.optional(), quote: id.optional(), kind: id.optional() }

const rates = defineQuery({
  ...base,
  name: 'rates.list',
  summary: 'Exchange rates in force at the asked instant',
  path: '/v1/exchange-rates',
  params: z.object(pair),
  row: z.object(rate),
  order: [
    ['base', 'asc'],
    ['quote', 'asc'],
    ['kind', 'asc'],
  ],
  sql: (params, from) => `select ${columns} from ${from('rates', params)} r where rate is not null`,
})

const rateHistory = defineQuery({
  ...base,
  name: 'rates.history',
  summary: 'All rates of a pair up to the asked instant, by the instant they took effect',
  path: '/v1/exchange-rates/:base/:quote/history',
  params: z.object({ base: id, quote: id, kind: id.optional() }),
  row: z.object({ ...rate, effectiveInstant: z.string(), position: z.string() }),
  order: [
    ['effectiveInstant', 'asc'],
    ['position', 'asc'],
  ],
  sql: (params, from) =>
    `select ${columns}, ${isoTime('at')} as "effectiveInstant", position from ${from.facts('rates', params)} r`,
})

export const calendarsQueries = [calendars, periods, rates, rateHistory] as const
