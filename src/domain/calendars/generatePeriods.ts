import { addDays, businessTime, startOfDay } from '../kernel/businessTime.ts'
import type { PeriodGrain } from './events.ts'

export interface PeriodSpan {
  readonly periodId: string
  readonly grain: PeriodGrain
  /** business times in the calendar's zone; [start, end) */
  readonly start: string
  readonly end: string
  readonly startInstant: number
  readonly endInstant: number
}

/** Months, quarters and the year of a Gregorian year in a zone: 17 spans, each grain without gap or overlap. */
export function gregorianPeriods(year: number, zone: string): PeriodSpan[] {
  const firsts = Array.from(
    { length: 13 },
    (_, month) => `${year + Math.floor(month / 12)}-${two((month % 12) + 1)}-01`,
  )
  return yearOf(firsts, zone, (month) => `${year}-${two(month)}`, year)
}

/**
 * A 4-4-5 year: quarters of 13 weeks, months of 4, 4 and 5. `firstDay` is the date of its first day; a year of 53 weeks
 * has a sixth week in its last month.
 */
export function fourFourFivePeriods(year: number, zone: string, firstDay: string, weeks: 52 | 53 = 52): PeriodSpan[] {
  const lengths = [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, weeks === 53 ? 6 : 5]
  const weeksBefore = (month: number): number => lengths.slice(0, month).reduce((sum, length) => sum + length, 0)
  const firsts = Array.from({ length: 13 }, (_, month) => addDays(firstDay, 7 * weeksBefore(month)))
  return yearOf(firsts, zone, (month) => `${year}-P${two(month)}`, year)
}

/** `firsts`: the first dates of the twelve months, and of the month after them. */
function yearOf(
  firsts: readonly string[],
  zone: string,
  monthId: (month: number) => string,
  year: number,
): PeriodSpan[] {
  const bounds = firsts.map((date) => startOfDay(date, zone))
  const span = (periodId: string, grain: PeriodGrain, from: number, to: number): PeriodSpan => {
    const [startInstant = NaN, endInstant = NaN] = [bounds[from], bounds[to]]
    return {
      periodId,
      grain,
      start: businessTime(startInstant, zone),
      end: businessTime(endInstant, zone),
      startInstant,
      endInstant,
    }
  }
  return [
    span(`${year}`, 'year', 0, 12),
    ...[0, 1, 2, 3].map((quarter) => span(`${year}-Q${quarter + 1}`, 'quarter', 3 * quarter, 3 * quarter + 3)),
    ...Array.from({ length: 12 }, (_, month) => span(monthId(month + 1), 'month', month, month + 1)),
  ]
}

function two(n: number): string {
  return n.toString().padStart(2, '0')
}
