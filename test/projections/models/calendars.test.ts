import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { calendarsModel } from '../../../src/projections/models/calendars/model.ts'
import { calendarsQueries } from '../../../src/projections/models/calendars/queries.ts'
import {
  type HistoryEvent,
  historyId,
  openReadModels,
  type OpenReadModels,
  recordHistory,
} from '../../support/readModels.ts'
import { at } from '../../support/smallChannel.ts'

const [calendars, periods, rates, rateHistory] = calendarsQueries
const shanghai = (day: string): string => `${day}T00:00:00.000+08:00[Asia/Shanghai]`
const month = (periodId: string, start: string, end: string): HistoryEvent => ({
  stream: 'calendar-CN',
  type: 'PeriodOpened',
  at: at('2025-12-01T00:00'),
  data: {
    calendarId: 'CN',
    periodId,
    grain: 'month',
    start: shanghai(start),
    end: shanghai(end),
    startInstant: Date.parse(`${start}T00:00:00+08:00`),
    endInstant: Date.parse(`${end}T00:00:00+08:00`),
    graceDays: 5,
    breaches: [],
  },
})
const rate = (value: string, effective: string, recorded: string): HistoryEvent => ({
  stream: 'rates-USD/CNY',
  type: 'ExchangeRatePublished',
  at: at(recorded),
  data: {
    base: 'USD',
    quote: 'CNY',
    rate: value,
    kind: 'mid',
    effectiveAt: at(effective),
    source: 'Central bank',
    breaches: [],
  },
})
const small: readonly HistoryEvent[] = [
  {
    stream: 'calendar-CN',
    type: 'CalendarDefined',
    at: at('2025-12-01T00:00'),
    data: { calendarId: 'CN', name: { en: 'Months' }, kind: 'gregorian', zone: 'Asia/Shanghai' },
  },
  month('2026-01', '2026-01-01', '2026-02-01'),
  month('2026-02', '2026-02-01', '2026-03-01'),
  {
    stream: 'calendar-CN',
    type: 'PeriodClosed',
    at: at('2026-02-07T00:00'),
    data: { calendarId: 'CN', periodId: '2026-01', grain: 'month', breaches: [] },
  },
  rate('7.1234567891', '2026-01-01T00:00', '2025-12-31T00:00'),
  rate('7.2', '2026-03-01T00:00', '2026-02-01T00:00'),
  rate('7.15', '2026-02-01T00:00', '2026-02-10T00:00'),
]

let models: OpenReadModels
beforeAll(async () => {
  models = await openReadModels([calendarsModel], Date.UTC(2026, 1, 15))
  await models.fold(await recordHistory(small))
})
afterAll(() => models.close())

describe('calendars and rates', () => {
  test('a period is frozen as instants, open until the event that closed it', async () => {
    const rows = await models.list(periods, { calendarId: 'CN' })
    expect(rows.map(({ periodId, startsAt, status, closedBy }) => [periodId, startsAt, status, closedBy])).toEqual([
      ['2026-01', '2025-12-31T16:00:00.000Z', 'closed', historyId(4)],
      ['2026-02', '2026-01-31T16:00:00.000Z', 'open', null],
    ])
    expect((await models.list(periods, { on: '2026-01-31' })).map(({ periodId }) => periodId)).toEqual(['2026-01'])
    expect(await models.list(periods, { status: 'closed' }, { asOf: Date.UTC(2026, 1, 6) })).toEqual([])
    expect(await models.list(calendars)).toMatchObject([{ calendarId: 'CN', zone: 'Asia/Shanghai', openPeriods: 1 }])
  })

  test('a rate is in force from its instant on, with all its digits', async () => {
    const inForce = async (moment: object): Promise<unknown[]> =>
      (await models.list(rates, {}, moment)).map((row) => row['rate'])
    expect(await inForce({})).toEqual(['7.15'])
    expect(await inForce({ asOf: Date.UTC(2026, 0, 31) })).toEqual(['7.1234567891'])
    expect(await inForce({ asOf: Date.UTC(2026, 2, 1) })).toEqual(['7.2'])
    // the rate of February was published late: before that, January's was taken
    expect(await inForce({ asOf: Date.UTC(2026, 1, 15), knownAt: 6n })).toEqual(['7.1234567891'])
    const all = await models.list(rateHistory, { base: 'USD', quote: 'CNY' }, { asOf: Date.UTC(2026, 3, 1) })
    expect(all.map(({ rate: value, rateEventId }) => [value, rateEventId])).toEqual([
      ['7.1234567891', historyId(5)],
      ['7.15', historyId(7)],
      ['7.2', historyId(6)],
    ])
  })
})
