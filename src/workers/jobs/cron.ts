import { addDays, calendarDate, isZone, offsetAt, type Instant } from '../../domain/kernel/businessTime.ts'

/** The instants of a cron expression. */
export interface Cron {
  /** the first one after an instant */
  next(after: Instant): Instant
  /** the last one at or before an instant */
  latest(at: Instant): Instant
}

export class InvalidCron extends Error {
  override readonly name = 'InvalidCron'
}

const minute = 60_000
const day = 1_440 * minute
/** 29 February on one day of the week comes within 28 years, or 40 across a year like 2100. */
const horizonDays = 41 * 366

/**
 * Five fields (minute, hour, day of month, month, day of week; 0 and 7 are Sunday) of `*`, numbers, ranges, lists and steps,
 * read on the wall clocks of a zone; when both days are restricted either will do. A time that a clock change skips counts
 * with the offset before the change; one that occurs twice counts once, so what must run evenly through the night is given
 * as an interval. Throws `InvalidCron`, also when there is no such day.
 */
export function parseCron(expression: string, zone: string): Cron {
  if (!isZone(zone)) throw new InvalidCron(`not a time zone: ${zone}`)
  const fields = expression.trim().split(/\s+/)
  const [minuteField = '', hourField = '', dayField = '', monthField = '', weekdayField = ''] = fields
  if (fields.length !== 5) throw new InvalidCron(`not five fields: ${expression}`)
  const hours = parseField(hourField, 0, 23)
  const minutes = parseField(minuteField, 0, 59)
  const days = parseField(dayField, 1, 31)
  const months = parseField(monthField, 1, 12)
  const weekdays = parseField(weekdayField, 0, 7).map((weekday) => weekday % 7)
  const times = hours.flatMap((hour) => minutes.map((at) => hour * 60 + at))
  const either = !dayField.startsWith('*') && !weekdayField.startsWith('*')

  function matches(date: string): boolean {
    const [, month = 0, dayOfMonth = 0] = date.split('-').map(Number)
    if (!months.includes(month)) return false
    const ofMonth = days.includes(dayOfMonth)
    const ofWeek = weekdays.includes(new Date(`${date}T00:00:00.000Z`).getUTCDay())
    return either ? ofMonth || ofWeek : ofMonth && ofWeek
  }

  /** Goes from day to day; a clock change can put a time on the neighbouring day, hence the days on both sides. */
  function search(from: Instant, step: 1 | -1, wanted: (instant: Instant) => boolean): Instant {
    let date = addDays(calendarDate(from, zone), -step)
    for (let walked = 0; walked <= horizonDays; walked += 1, date = addDays(date, step)) {
      if (!matches(date)) continue
      const found = step === 1 ? instantsOf(date).find(wanted) : instantsOf(date).findLast(wanted)
      if (found !== undefined) return found
    }
    throw new InvalidCron(`no such day: ${expression}`)
  }

  /** The instants of a day, ascending. Only around a clock change is the offset looked up for each of them. */
  function instantsOf(date: string): readonly Instant[] {
    const midnight = Date.parse(`${date}T00:00:00.000Z`)
    const offset = offsetAt(midnight - day, zone)
    return offset === offsetAt(midnight + 2 * day, zone)
      ? times.map((time) => midnight + time * minute - offset)
      : times.map((time) => instantAt(midnight + time * minute, zone)).sort((a, b) => a - b)
  }

  const cron: Cron = {
    next: (after) => search(after, 1, (instant) => instant > after),
    latest: (at) => search(at, -1, (instant) => instant <= at),
  }
  cron.next(0)
  return cron
}

function parseField(field: string, low: number, high: number): readonly number[] {
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part)
    if (!match) throw new InvalidCron(`not a cron field: ${field}`)
    const [, first, last, step] = match
    const from = first === undefined ? low : Number(first)
    // `5/10` means from 5 on; `5` alone only 5
    const to = last !== undefined ? Number(last) : first === undefined || step !== undefined ? high : from
    if (from < low || to > high || from > to || step === '0') throw new InvalidCron(`out of range: ${field}`)
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value)
  }
  return [...values].sort((a, b) => a - b)
}

/** The instant at which clocks of a zone show a wall time (given as if it were UTC); a skipped one with the offset before the change. */
function instantAt(wall: number, zone: string): Instant {
  const first = wall - offsetAt(wall, zone)
  const second = wall - offsetAt(first, zone)
  return second + offsetAt(second, zone) === wall ? second : Math.max(first, second)
}
