/** Months counted through, so that they can be subtracted. */
export function monthNumber(month: string): number {
  const [year = 0, of = 1] = month.split('-').map((part) => Number.parseInt(part, 10))
  return year * 12 + of - 1
}

export function monthName(number: number): string {
  return `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`
}
