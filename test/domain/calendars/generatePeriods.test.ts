import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PeriodGrain } from '../../../src/domain/calendars/events.ts'
import {
  fourFourFivePeriods,
  gregorianPeriods,
  type PeriodSpan,
} from '../../../src/domain/calendars/generatePeriods.ts'
import { addDays, calendarDate, instantOf, isBusinessTime } from '../../../src/domain/kernel/businessTime.ts'

const zone = fc.constantFrom('Asia/Shanghai', 'America/New_York', 'Europe/Berlin', 'UTC', 'America/Sao_Paulo')
const year = fc.integer({ min: 1990, max: 2060 })
const grains: readonly PeriodGrain[] = ['month', 'quarter', 'year']
const of = (spans: readonly PeriodSpan[], grain: PeriodGrain): PeriodSpan[] =>
  spans.filter((span) => span.grain === grain)
const firstDay = fc.tuple(year, fc.integer({ min: 0, max: 60 })).map(([one, days]) => addDays(`${one}-01-01`, days))

function expectWhole(spans: readonly PeriodSpan[]): void {
  const [whole] = of(spans, 'year')
  for (const grain of grains) {
    const parts = of(spans, grain)
    expect(parts.length).toBeGreaterThan(0)
    expect(parts.at(-1)?.endInstant).toBe(whole?.endInstant)
    parts.forEach((part, index) => {
      expect(part.startInstant).toBeLessThan(part.endInstant)
      expect(part.startInstant).toBe(index === 0 ? whole?.startInstant : parts[index - 1]?.endInstant)
      expect([isBusinessTime(part.start), instantOf(part.start)]).toEqual([true, part.startInstant])
      expect([isBusinessTime(part.end), instantOf(part.end)]).toEqual([true, part.endInstant])
    })
  }
  expect(of(spans, 'quarter').map(({ startInstant }) => startInstant)).toEqual(
    of(spans, 'month')
      .filter((_, index) => index % 3 === 0)
      .map(({ startInstant }) => startInstant),
  )
}

describe('the periods of a Gregorian year', () => {
  it('are 12 months, 4 quarters and the year', () => {
    const ids = gregorianPeriods(2026, 'UTC').map(({ periodId }) => periodId)
    expect(ids).toEqual([
      '2026',
      '2026-Q1',
      '2026-Q2',
      '2026-Q3',
      '2026-Q4',
      ...Array.from({ length: 12 }, (_, month) => `2026-${`${month + 1}`.padStart(2, '0')}`),
    ])
  })

  it('have no gap and no overlap, in any zone, over every clock change', () => {
    fc.assert(
      fc.property(year, zone, (one, where) => {
        const spans = gregorianPeriods(one, where)
        expectWhole(spans)
        // the next year goes on where this one ends
        expect(of(gregorianPeriods(one + 1, where), 'year')[0]?.startInstant).toBe(of(spans, 'year')[0]?.endInstant)
        for (const month of of(spans, 'month')) {
          expect(calendarDate(month.startInstant, where).slice(0, 7)).toBe(month.periodId)
          expect(calendarDate(month.endInstant - 1, where).slice(0, 7)).toBe(month.periodId)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are frozen at the local midnight of both seasons', () => {
    const march = gregorianPeriods(2026, 'America/New_York').find(({ periodId }) => periodId === '2026-03')
    expect([march?.start, march?.end]).toEqual([
      '2026-03-01T00:00:00.000-05:00[America/New_York]',
      '2026-04-01T00:00:00.000-04:00[America/New_York]',
    ])
    expect(((march?.endInstant ?? 0) - (march?.startInstant ?? 0)) / 3_600_000).toBe(31 * 24 - 1)
  })
})

describe('the periods of a 4-4-5 year', () => {
  it('are quarters of 13 weeks with months of 4, 4 and 5, counted in local days', () => {
    fc.assert(
      fc.property(firstDay, zone, (first, where) => {
        const spans = fourFourFivePeriods(2026, where, first)
        expectWhole(spans)
        const days = (span: PeriodSpan): number =>
          (Date.parse(calendarDate(span.endInstant, where)) - Date.parse(calendarDate(span.startInstant, where))) /
          86_400_000
        expect(of(spans, 'quarter').map(days)).toEqual([91, 91, 91, 91])
        expect(of(spans, 'month').map((month) => days(month) / 7)).toEqual([4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5])
        expect(calendarDate(spans[0]?.startInstant ?? 0, where)).toBe(first)
      }),
      { numRuns: 60 },
    )
  })

  it('have their 53rd week in the last month', () => {
    const spans = fourFourFivePeriods(2026, 'UTC', '2026-01-04', 53)
    expectWhole(spans)
    expect(spans[0]?.end).toBe('2027-01-10T00:00:00.000Z[UTC]')
    expect(of(spans, 'month').at(-1)).toMatchObject({ periodId: '2026-P12', start: '2026-11-29T00:00:00.000Z[UTC]' })
  })
})
