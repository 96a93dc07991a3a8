import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlertDigest } from '../../../src/domain/alerts/alertDigest.ts'
import { alertsModel } from '../../../src/projections/models/alerts/model.ts'
import { type AlertsApi, openAlertsApi } from '../../support/alertsApi.ts'
import { openTestApi, testNow, type StaffName } from '../../support/api.ts'
import { htmlText, withoutBlanks } from '../../support/htmlText.ts'
import { readPdf } from '../../support/readPdf.ts'

const day = 86_400_000
let world: AlertsApi
beforeEach(async () => {
  world = await openAlertsApi([alertsModel])
})
afterEach(() => world.close())

async function digest(as: StaffName, query: string): Promise<AlertDigest> {
  const answer = await world.api.send(as, 'GET', `/v1/alert-digests?${query}`)
  expect(answer.statusCode, `answered ${answer.body}`).toBe(200)
  return answer.json<AlertDigest>()
}
const lines = ({ alerts }: AlertDigest): unknown[] =>
  alerts.map(({ dealerId, code, isNew, endedAt, acknowledgedBy }) => [
    dealerId,
    code,
    isNew ? 'new' : 'before',
    endedAt === null ? 'open' : 'ended',
    acknowledgedBy,
  ])
const sums = ({ counts }: AlertDigest): unknown[] =>
  counts.map(({ severity, raised, ended, acknowledged, open }) => [severity, raised, ended, acknowledged, open])
const acknowledge = async (as: StaffName, alertId: string | undefined): Promise<void> =>
  expect((await world.api.send(as, 'POST', `/v1/alerts/${alertId}/acknowledgement`)).statusCode).toBe(200) as never

/** On April 1 both dealers run low; on the 2nd D1 runs out and is acknowledged by both sides; on the 3rd D1 has goods again. */
async function threeDays(): Promise<void> {
  await world.stock('D1', '1')
  await world.stock('D2', '1')
  world.clock.now = testNow + day
  const out = await world.stock('D1', '0')
  await world.project()
  await acknowledge('sales', out)
  await acknowledge('d1', out)
  world.clock.now = testNow + 2 * day
  await world.stock('D1', '9')
  world.clock.now = testNow + 20 * day
  await world.project()
}

describe('a digest', () => {
  test('says what was raised, what was acknowledged and what is open, as it was known at the end of the day', async () => {
    await threeDays()
    const first = await digest('sales', 'date=2026-04-01')
    expect(lines(first)).toEqual([
      ['D1', 'low', 'new', 'open', null],
      ['D2', 'low', 'new', 'open', null],
    ])
    expect(sums(first)).toEqual([['warning', 2, 0, 0, 2]])
    const second = await digest('sales', 'date=2026-04-02')
    expect(lines(second)).toEqual([
      ['D1', 'out', 'new', 'open', 'sales'],
      ['D2', 'low', 'before', 'open', null],
    ])
    expect(sums(second)).toEqual([
      ['critical', 1, 0, 1, 1],
      ['warning', 0, 1, 0, 1],
    ])
    const third = await digest('sales', 'date=2026-04-03')
    expect(sums(third)).toEqual([
      ['critical', 0, 1, 0, 0],
      ['warning', 0, 0, 0, 1],
    ])
  })

  test('is of the asking dealer and its own handling; another role hears of what its rules say', async () => {
    await threeDays()
    expect(lines(await digest('d1', 'date=2026-04-02'))).toEqual([['D1', 'out', 'new', 'open', 'd1']])
    expect(lines(await digest('d2', 'date=2026-04-02'))).toEqual([['D2', 'low', 'before', 'open', null]])
    // finance is not told of stock, those who watch over the whole have a weekly digest
    expect(lines(await digest('finance', 'date=2026-04-02'))).toEqual([])
    expect(lines(await digest('analyst', 'date=2026-04-02'))).toEqual([])
    const week = await digest('analyst', 'period=week&date=2026-04-02')
    expect([week.from, week.to]).toEqual(['2026-03-30', '2026-04-05'])
    expect(lines(week)).toHaveLength(3)
  })

  test('follows the rules as they were at its end', async () => {
    await threeDays()
    const rules = [{ kind: 'low_stock', from: 'info', live: false, digest: 'daily' }]
    await world.api.send('admin', 'PUT', '/v1/alert-rules/ACME/finance', { body: { rules } })
    await world.project()
    expect(lines(await digest('finance', 'date=2026-04-02'))).toEqual([])
    world.clock.now += 5 * day
    expect(lines(await digest('finance', 'date=2026-04-21'))).toEqual([['D2', 'low', 'before', 'open', null]])
  })

  test('is not there before the day is over, and its day is that of the zone', async () => {
    await world.stock('D1', '1')
    const head = await world.project()
    const open = await world.api.send('sales', 'GET', '/v1/alert-digests?date=2026-04-01')
    expect([open.statusCode, open.json().code]).toEqual([422, 'alerts.digest_open'])
    world.clock.now += day
    expect((await digest('sales', 'date=2026-04-01&zone=Pacific/Auckland')).knownAt).toBe('0')
    expect((await digest('sales', 'date=2026-04-02&zone=Pacific/Auckland')).knownAt).toBe(head.toString())
  })

  test('is the same bytes on paper whatever comes later, HTML and PDF alike in both languages', async () => {
    await threeDays()
    for (const [language, title] of [
      ['en', 'Alerts of the day'],
      ['zh-CN', '提醒日报'],
    ] as const) {
      const url = (format: string): string => `/v1/alert-digests?date=2026-04-02&format=${format}&language=${language}`
      const html = await world.api.send('sales', 'GET', url('html'))
      expect(html.statusCode, `answered ${html.body}`).toBe(200)
      expect(html.body).toContain(title)
      const pdf = await world.api.send('sales', 'GET', url('pdf'))
      expect(withoutBlanks(readPdf(pdf.rawPayload).pages.join(''))).toBe(htmlText(html.body))
    }
    const url = '/v1/alert-digests?date=2026-04-02&format=pdf'
    const before = await world.api.send('sales', 'GET', url)
    await world.stock('D2', '9')
    await world.project()
    // by a process that has never seen it
    const another = await openTestApi({ store: world.api.store, readerOf: world.readerOf, now: () => world.clock.now })
    const after = await another.send('sales', 'GET', url)
    expect(after.rawPayload.equals(before.rawPayload)).toBe(true)
    expect(after.headers['etag']).toBe(before.headers['etag'])
    await another.app.close()
  })
})
