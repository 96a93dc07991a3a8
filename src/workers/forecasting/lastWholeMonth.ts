import { calendarDate, instantOf, zoneOf } from '../../domain/kernel/businessTime.ts'
import { monthName, monthNumber } from './monthNumbers.ts'

/** a month is over everywhere a day after it is over here */
const grace = 24 * 3_600_000

/** The last month whose orders are all there. */
export function lastWholeMonth(at: string): string {
  const today = calendarDate(instantOf(at) - grace, zoneOf(at))
  return monthName(monthNumber(today.slice(0, 7)) - 1)
}
