import { describe, expect, it } from 'vitest'
import { InvalidCron, parseCron } from '../../../src/workers/jobs/cron.ts'

const at = (text: string): number => Date.parse(text)
const text = (instant: number): string => new Date(instant).toISOString().slice(0, 16)

function following(expression: string, zone: string, after: string, count: number): string[] {
  const cron = parseCron(expression, zone)
  const found: string[] = []
  for (let instant = cron.next(at(after)); found.length < count; instant = cron.next(instant)) found.push(text(instant))
  return found
}

describe('cron', () => {
  it('reads minutes, hours and days on the clocks of a zone', () => {
    expect(following('15 2 * * *', 'Asia/Shanghai', '2026-03-01T00:00:00Z', 2)).toEqual([
      '2026-03-01T18:15',
      '2026-03-02T18:15',
    ])
    expect(following('*/20 9-10 1 * *', 'UTC', '2026-03-01T09:10:00Z', 6)).toEqual([
      '2026-03-01T09:20',
      '2026-03-01T09:40',
      '2026-03-01T10:00',
      '2026-03-01T10:20',
      '2026-03-01T10:40',
      '2026-04-01T09:00',
    ])
    expect(following('0 8 * * 1-5', 'UTC', '2026-05-29T08:00:00Z', 2)).toEqual(['2026-06-01T08:00', '2026-06-02T08:00'])
    expect(following('0 0 * * 7', 'UTC', '2026-05-29T08:00:00Z', 1)).toEqual(['2026-05-31T00:00'])
  })

  it('takes either day when both are restricted', () => {
    expect(following('0 0 13 * 5', 'UTC', '2026-02-01T00:00:00Z', 4)).toEqual([
      '2026-02-06T00:00',
      '2026-02-13T00:00',
      '2026-02-20T00:00',
      '2026-02-27T00:00',
    ])
  })

  it('finds a day that comes every four years', () => {
    expect(following('0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', 2)).toEqual(['2028-02-29T00:00', '2032-02-29T00:00'])
  })

  it('runs once when a clock change skips or repeats the time', () => {
    // Chicago: 02:00 → 03:00 on 8 March 2026, 02:00 → 01:00 on 1 November 2026
    expect(following('30 2 * * *', 'America/Chicago', '2026-03-07T12:00:00Z', 2)).toEqual([
      '2026-03-08T08:30',
      '2026-03-09T07:30',
    ])
    expect(following('30 1 * * *', 'America/Chicago', '2026-10-31T12:00:00Z', 2)).toEqual([
      '2026-11-01T06:30',
      '2026-11-02T07:30',
    ])
    expect(following('0,30 2-3 8 3 *', 'America/Chicago', '2026-03-07T12:00:00Z', 3)).toEqual([
      '2026-03-08T08:00',
      '2026-03-08T08:30',
      '2027-03-08T08:00',
    ])
  })

  it('finds the slot that passed last: the next one after it lies ahead', () => {
    for (const [expression, zone] of [
      ['*/7 3-5 * * *', 'America/Chicago'],
      ['0 0 1 1 *', 'Asia/Shanghai'],
      ['59 23 * * 0', 'UTC'],
    ] as const) {
      const cron = parseCron(expression, zone)
      for (let now = at('2026-03-07T00:00:00Z'); now < at('2026-03-10T00:00:00Z'); now += 3_777_777) {
        const latest = cron.latest(now)
        expect(latest).toBeLessThanOrEqual(now)
        expect(cron.next(latest)).toBeGreaterThan(now)
        expect(cron.next(latest - 1)).toBe(latest)
      }
    }
  })

  it.each([
    '',
    '* * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * 31 2 *',
    '5-1 * * * *',
    '*/0 * * * *',
    'a * * * *',
    '@daily',
  ])('refuses %j', (expression) => expect(() => parseCron(expression, 'UTC')).toThrow(InvalidCron))

  it('refuses an unknown zone', () => expect(() => parseCron('* * * * *', 'Mars/Olympus')).toThrow(InvalidCron))
})
