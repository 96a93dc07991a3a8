import { monthName, monthNumber } from '../workers/forecasting/monthNumbers.ts'

/** The first day of a month so many months on. */
export function firstOfMonth(day: string, months: number): string {
  return `${monthName(monthNumber(day) + months)}-01`
}
