/**
 * Business time: an RFC 9557 string with milliseconds, offset and zone, such as
 * `2026-01-15T08:30:00.000+08:00[Asia/Shanghai]`. It is ordered by its instant (milliseconds since 1970),
 * never by its text.
 */
export type BusinessTime = string
export type Instant = number

const pattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3})(Z|[+-]\d{2}:\d{2})\[([A-Za-z0-9_+\-/]{1,64})\]$/
const datePattern = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const minute = 60_000

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formatters.set(zone, formatter)
  }
  return formatter
}

export function isZone(zone: string): boolean {
  if (zone === 'UTC') return true
  try {
    formatterOf(zone)
    return true
  } catch {
    return false
  }
}

/** Offset of a zone from UTC at an instant, in milliseconds. */
export function offsetAt(instant: Instant, zone: string): number {
  if (zone === 'UTC') return 0
  const parts: Record<string, number> = {}
  for (const part of formatterOf(zone).formatToParts(instant)) parts[part.type] = Number(part.value)
  const { year = 0, month = 1, day = 1, hour = 0, minute: min = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, min, second) - Math.floor(instant / 1000) * 1000
}

/** The instant of a business time. Throws a RangeError on text that `isBusinessTime` rejects. */
export function instantOf(time: BusinessTime): Instant {
  const bracket = time.indexOf('[')
  const instant = Date.parse(bracket === -1 ? time : time.slice(0, bracket))
  if (Number.isNaN(instant)) throw new RangeError(`not a business time: ${time}`)
  return instant
}

export function zoneOf(time: BusinessTime): string {
  return time.slice(time.indexOf('[') + 1, -1)
}

/** Strict check: the format, a real calendar date, a known zone, and an offset that the zone really has at that instant. */
export function isBusinessTime(text: string): boolean {
  const match = pattern.exec(text)
  if (!match) return false
  const [, local = '', offset = '', zone = ''] = match
  const instant = Date.parse(local + offset)
  if (Number.isNaN(instant) || !isZone(zone)) return false
  return businessTime(instant, zone) === text
}

/** Writes an instant as business time in a zone. */
export function businessTime(instant: Instant, zone: string): BusinessTime {
  const offset = offsetAt(instant, zone)
  const local = new Date(instant + offset).toISOString().slice(0, -1)
  return `${local}${offset === 0 ? 'Z' : formatOffset(offset)}[${zone}]`
}

function formatOffset(offset: number): string {
  const minutes = Math.round(Math.abs(offset) / minute)
  const two = (n: number): string => n.toString().padStart(2, '0')
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

export function compareTimes(a: BusinessTime, b: BusinessTime): number {
  return instantOf(a) - instantOf(b)
}

/** A real calendar date, `YYYY-MM-DD`. */
export function isCalendarDate(text: string): boolean {
  return datePattern.test(text) && new Date(`${text}T00:00:00.000Z`).toISOString().startsWith(text)
}

/** The first instant of a calendar date in a zone. A local midnight that a clock change skips becomes the first instant after it. */
export function startOfDay(date: string, zone: string): Instant {
  const utc = Date.parse(`${date}T00:00:00.000Z`)
  if (Number.isNaN(utc)) throw new RangeError(`not a calendar date: ${date}`)
  const first = utc - offsetAt(utc, zone)
  const second = utc - offsetAt(first, zone)
  return second + offsetAt(second, zone) < utc ? Math.max(first, second) : second
}

/** The calendar date of an instant in a zone. */
export function calendarDate(instant: Instant, zone: string): string {
  return new Date(instant + offsetAt(instant, zone)).toISOString().slice(0, 10)
}

/** A calendar date `days` later (or earlier). */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) + days * 86_400_000).toISOString().slice(0, 10)
}
