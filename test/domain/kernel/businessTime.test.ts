import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  businessTime,
  calendarDate,
  compareTimes,
  instantOf,
  isBusinessTime,
  isCalendarDate,
  isZone,
  startOfDay,
  zoneOf,
} from '../../../src/domain/kernel/businessTime.ts'

const zones = [
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'Europe/Berlin',
  'Asia/Kolkata',
  'America/Sao_Paulo',
  'Asia/Amman',
  'Australia/Lord_Howe',
  'Pacific/Apia',
]
const zone = fc.constantFrom(...zones)
const instant = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) })

it.each([
  ['0000-12-31T23:59:59.999Z[UTC]', false],
  ['0001-01-01T00:00:00.000Z[UTC]', true],
  ['0001-01-01T08:00:00.000+08:06[Asia/Shanghai]', false],
  ['9999-12-31T23:59:59.999Z[UTC]', true],
  ['9999-12-31T23:59:59.999-05:00[America/New_York]', false],
])('%s, at the edges of what can be kept', (text, isTaken) => expect(isBusinessTime(text)).toBe(isTaken))

describe('business time', () => {
  it('is written with milliseconds, offset and zone', () => {
    expect(businessTime(Date.UTC(2026, 0, 15, 0, 30), 'Asia/Shanghai')).toBe(
      '2026-01-15T08:30:00.000+08:00[Asia/Shanghai]',
    )
    expect(businessTime(Date.UTC(2026, 6, 1, 4), 'America/New_York')).toBe(
      '2026-07-01T00:00:00.000-04:00[America/New_York]',
    )
    expect(businessTime(0, 'UTC')).toBe('1970-01-01T00:00:00.000Z[UTC]')
  })

  it.each([
    ['no zone', '2026-01-15T08:30:00.000+08:00'],
    ['no milliseconds', '2026-01-15T08:30:00+08:00[Asia/Shanghai]'],
    ['no such day', '2026-02-30T08:30:00.000+08:00[Asia/Shanghai]'],
    ['no such hour', '2026-01-15T24:00:00.000+08:00[Asia/Shanghai]'],
    ['no such zone', '2026-01-15T08:30:00.000+08:00[Asia/Atlantis]'],
    ['an offset for a zone', '2026-01-15T08:30:00.000+08:00[+0800]'],
    ['an offset that the zone does not have', '2026-01-15T08:30:00.000+09:00[Asia/Shanghai]'],
    ['the offset of the other season', '2026-07-01T00:00:00.000-05:00[America/New_York]'],
    ['an hour that a clock change skips', '2026-03-08T02:30:00.000-05:00[America/New_York]'],
    ['a second spelling of zero', '2026-01-15T08:30:00.000+00:00[UTC]'],
    ['something after it', '2026-01-15T08:30:00.000Z[UTC] '],
  ])('is refused with %s', (_, text) => expect(isBusinessTime(text)).toBe(false))

  it('tells the two 01:30 of a night apart by their offset', () => {
    const [first, second] = [
      '2026-11-01T01:30:00.000-04:00[America/New_York]',
      '2026-11-01T01:30:00.000-05:00[America/New_York]',
    ]
    expect([isBusinessTime(first), isBusinessTime(second)]).toEqual([true, true])
    expect(compareTimes(second, first)).toBe(3_600_000)
  })

  it('keeps its instant and its zone, in every zone', () => {
    fc.assert(
      fc.property(instant, zone, (at, where) => {
        const text = businessTime(at, where)
        expect(instantOf(text)).toBe(at)
        expect(zoneOf(text)).toBe(where)
      }),
    )
  })

  it('is accepted as it was written, where offsets are whole minutes', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2100, 0, 1) }), zone, (at, where) => {
        expect(isBusinessTime(businessTime(at, where))).toBe(true)
      }),
    )
  })

  it('is ordered by instant, not by text', () => {
    const [shanghai, berlin] = [
      '2026-01-15T08:30:00.000+08:00[Asia/Shanghai]',
      '2026-01-15T02:00:00.000+01:00[Europe/Berlin]',
    ]
    expect(shanghai > berlin).toBe(true)
    expect(compareTimes(shanghai, berlin)).toBeLessThan(0)
  })
})

describe('zones', () => {
  it('are IANA names', () => {
    expect(['UTC', 'Europe/Berlin', 'Asia/Kolkata'].every(isZone)).toBe(true)
    expect(['', '+08:00', '+0800', 'Mars/Base', 'Europe'].some(isZone)).toBe(false)
  })
})

describe('calendar dates', () => {
  it('are real ones', () => {
    expect(['2024-02-29', '2026-12-31'].every(isCalendarDate)).toBe(true)
    expect(['2026-02-29', '2026-13-01', '2026-00-10', '26-01-01', '2026-1-1', ''].some(isCalendarDate)).toBe(false)
  })

  it('begin at the first instant that bears their date', () => {
    const days = Array.from({ length: 366 }, (_, day) => addDays('2021-01-01', day))
    for (const where of zones)
      for (const date of days) {
        const start = startOfDay(date, where)
        expect(calendarDate(start - 1, where) < date, `${where} before ${date}`).toBe(true)
        expect(calendarDate(start, where) >= date, `${where} at ${date}`).toBe(true)
      }
  })

  it.each([
    ['skipped', '2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['repeated', '2021-10-29', 'Asia/Amman', '2021-10-28T21:00:00.000Z'],
    ['repeated', '2022-11-06', 'America/Havana', '2022-11-06T04:00:00.000Z'],
    ['skipped with its whole day', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['skipped from within the evening before', '1919-03-31', 'America/Toronto', '1919-03-31T04:30:00.000Z'],
  ])('whose midnight is %s: %s in %s', (_, date, where, expected) => {
    expect(new Date(startOfDay(date, where)).toISOString()).toBe(expected)
  })

  it('count days across clock changes and leap years', () => {
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01')
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28')
    expect(
      (startOfDay('2026-03-09', 'America/New_York') - startOfDay('2026-03-08', 'America/New_York')) / 3_600_000,
    ).toBe(23)
  })
})
