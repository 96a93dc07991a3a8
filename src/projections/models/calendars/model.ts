import { type CalendarEvent, calendarEvents } from '../../../domain/calendars/events.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import { type RatesEvent, ratesEvents } from '../../../domain/rates/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

const calendars = factTable(
  'calendars',
  { calendar_id: 'text' },
  { lasts: { name: 'jsonb', kind: 'text', zone: 'text' } },
)
const periods = factTable(
  'periods',
  { calendar_id: 'text', period_id: 'text' },
  {
    lasts: {
      grain: 'text',
      starts_at: 'timestamptz',
      ends_at: 'timestamptz',
      /** in the calendar's zone */
      start_text: 'text',
      end_text: 'text',
      grace_days: 'integer',
      opened_at: 'timestamptz',
      closed_at: 'timestamptz',
      /** the event that closed it: what is recorded after it is late */
      closed_by: 'text',
      breaches: 'jsonb',
    },
  },
)
/** The rate itself is text: it may have ten digits after the point. */
const rates = factTable(
  'rates',
  { base: 'text', quote: 'text', kind: 'text' },
  {
    lasts: {
      rate: 'text',
      source: 'text',
      effective_at: 'text',
      published_at: 'timestamptz',
      rate_event: 'text',
      breaches: 'jsonb',
    },
    time: 'versioned',
  },
)

/** Calendars with their periods, and published exchange rates, effective-dated. */
export const calendarsModel: ReadModel = {
  name: 'calendars',
  version: 2,
  events: [...calendarEvents, ...ratesEvents].map(({ type }) => type),
  tables: [calendars, periods, rates],
  facts: (event) => [calendarFact(event as RecordedEvent & (CalendarEvent | RatesEvent))], // the types it declares, checked when appended
}

function calendarFact(event: RecordedEvent & (CalendarEvent | RatesEvent)): Fact {
  switch (event.type) {
    case 'CalendarDefined': {
      const { calendarId, name, kind, zone } = event.data
      return { table: 'calendars', key: { calendar_id: calendarId }, lasts: { name, kind, zone } }
    }
    case 'PeriodOpened': {
      const { grain, start, end, startInstant, endInstant, graceDays, breaches } = event.data
      return period(event.data, {
        grain,
        starts_at: new Date(startInstant).toISOString(),
        ends_at: new Date(endInstant).toISOString(),
        start_text: start,
        end_text: end,
        grace_days: graceDays,
        opened_at: utc(event),
        breaches,
      })
    }
    case 'PeriodClosed':
      return period(event.data, { closed_at: utc(event), closed_by: event.id })
    case 'ExchangeRatePublished': {
      const { base, quote, kind, rate, source, effectiveAt, breaches } = event.data
      const lasts = {
        rate,
        source,
        effective_at: effectiveAt,
        published_at: utc(event),
        rate_event: event.id,
        breaches,
      }
      return { table: 'rates', key: { base, quote, kind }, at: instantOf(effectiveAt), lasts }
    }
    default:
      return event satisfies never
  }
}

function period(
  { calendarId, periodId }: { calendarId: string; periodId: string },
  lasts: NonNullable<Fact['lasts']>,
): Fact {
  return { table: 'periods', key: { calendar_id: calendarId, period_id: periodId }, lasts }
}

function utc({ occurredAt }: RecordedEvent): string {
  return new Date(instantOf(occurredAt)).toISOString()
}
