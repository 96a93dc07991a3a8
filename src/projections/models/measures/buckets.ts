import { addDays } from '../../../domain/kernel/businessTime.ts'
import type { Window } from '../../../domain/metrics/formula.ts'

export const timeGrains = ['day', 'week', 'month', 'quarter', 'year'] as const
export type TimeGrain = (typeof timeGrains)[number]

/** Days [start, stop) with a name, such as `2026-03` or `2026-Q1`; `all` is the whole window. */
export interface Bucket {
  readonly name: string
  readonly start: string
  readonly stop: string
}

export const mostBuckets = 120

/** The window cut at the borders of a calendar grain; the first and last may be shorter. Weeks begin on Monday. */
export function bucketsOf(from: string, until: string, grain: TimeGrain | undefined): readonly Bucket[] {
  if (grain === undefined) return [{ name: 'all', start: from, stop: until }]
  const buckets: Bucket[] = []
  for (let start = from; start < until && buckets.length <= mostBuckets;) {
    const next = nextBorder(start, grain)
    const stop = next < until ? next : until
    buckets.push({ name: nameOf(start, grain), start, stop })
    start = stop
  }
  return buckets
}

/** Whole months are compared with as many whole months; other windows with as many days. */
export function windowOf({ start, stop }: Bucket, window: Window): { readonly start: string; readonly stop: string } {
  switch (window) {
    case 'asked':
      return { start, stop }
    case 'yearBefore':
      return { start: addMonths(start, -12), stop: addMonths(stop, -12) }
    case 'before': {
      const isWholeMonths = start.endsWith('-01') && stop.endsWith('-01')
      if (isWholeMonths) return { start: addMonths(start, monthOf(start) - monthOf(stop)), stop: start }
      return { start: addDays(start, (Date.parse(start) - Date.parse(stop)) / 86_400_000), stop: start }
    }
  }
}

const monthOf = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1

/** The same day of another month, or its last one. */
function addMonths(day: string, months: number): string {
  const month = monthOf(day) + months
  const first = `${Math.floor(month / 12)
    .toString()
    .padStart(4, '0')}-${((month % 12) + 1).toString().padStart(2, '0')}-01`
  const moved = addDays(first, Number(day.slice(8)) - 1)
  return moved.slice(0, 7) === first.slice(0, 7) ? moved : addDays(addMonths(first, 1), -1)
}

function nextBorder(day: string, grain: TimeGrain): string {
  switch (grain) {
    case 'day':
      return addDays(day, 1)
    case 'week':
      return addDays(day, 7 - ((new Date(`${day}T00:00:00.000Z`).getUTCDay() + 6) % 7))
    case 'month':
      return addMonths(`${day.slice(0, 7)}-01`, 1)
    case 'quarter':
      return addMonths(`${day.slice(0, 7)}-01`, 3 - (monthOf(day) % 3))
    case 'year':
      return addMonths(`${day.slice(0, 4)}-01-01`, 12)
  }
}

function nameOf(day: string, grain: TimeGrain): string {
  switch (grain) {
    case 'day':
    case 'week':
      return day
    case 'month':
      return day.slice(0, 7)
    case 'quarter':
      return `${day.slice(0, 4)}-Q${Math.floor((monthOf(day) % 12) / 3) + 1}`
    case 'year':
      return day.slice(0, 4)
  }
}
