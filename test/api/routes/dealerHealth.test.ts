import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conductAggregate } from '../../../src/domain/conduct/conduct.ts'
import { healthModelAggregate, healthTermsOf } from '../../../src/domain/health/healthModel.ts'
import { testHandler } from '../../support/commandHandling.ts'
import { openGrownApi, type GrownApi } from '../../support/grownApi.ts'
import { grownNow } from '../../support/grownChannel.ts'
import { htmlText } from '../../support/htmlText.ts'
import { readPdf } from '../../support/readPdf.ts'

let api: GrownApi
beforeAll(async () => {
  api = await openGrownApi()
}, 300_000)
afterAll(() => api.close())

interface Health {
  readonly index: string | null
  readonly rated: boolean
  readonly confidence: string
  readonly modelVersion: number
  readonly dimensions: readonly {
    readonly code: string
    readonly points: string | null
    readonly metrics: readonly { readonly metric: string; readonly points: string | null; readonly opens: string }[]
  }[]
  readonly matrix: { readonly dimensions: readonly unknown[] }
}
const quarter = 'from=2024-10-01&until=2025-01-01'

describe('the health of a dealer', () => {
  test('is told with all its dimensions, and every point opens into measures and events', async () => {
    const answer = await api.send('analyst', 'GET', `/v1/dealers/CN001/health?${quarter}`)
    expect(answer.statusCode, `answered ${answer.body}`).toBe(200)
    const health = answer.json<Health>()
    expect(health).toMatchObject({ rated: true, modelVersion: 2 })
    expect(health.dimensions.map(({ points }) => points === null)).toEqual([false, false, false, false, false])
    expect(health.matrix.dimensions).toHaveLength(12)
    for (const { metric, points, opens } of health.dimensions.flatMap(({ metrics }) => metrics)) {
      if (points === null) continue
      const opened = await api.send('analyst', 'GET', opens)
      expect(opened.statusCode, `${metric}: ${opened.body}`).toBe(200)
      const [first] = opened.json<{ values: { inputs: { facts: string | null }[] }[] }>().values
      const facts = first?.inputs.find((input) => input.facts !== null)?.facts
      expect((await api.send('analyst', 'GET', facts ?? '')).statusCode, `of ${metric}`).toBe(200)
    }
  })

  test('is its own: for another dealer it does not exist', async () => {
    expect((await api.send('d1', 'GET', `/v1/dealers/CN001/health?${quarter}`)).statusCode).toBe(200)
    for (const path of [`health?${quarter}`, 'diagnosis?month=2024-12'])
      expect((await api.send('d2', 'GET', `/v1/dealers/CN001/${path}`)).statusCode).toBe(404)
  })

  test('is on paper every month, the same bytes each time, in two languages and two formats', async () => {
    const paper = (language: string, format: string) =>
      api.send('d1', 'GET', `/v1/dealers/CN001/diagnosis?month=2024-12&language=${language}&format=${format}`)
    const html = await paper('en', 'html')
    expect(html.statusCode, `answered ${html.body}`).toBe(200)
    expect(html.body).toContain('<svg ')
    expect(html.body).not.toMatch(/NaN|undefined/)
    for (const text of [
      'Channel health index',
      'Value matrix',
      'median of at least five',
      'Rebates',
      'Advice',
      'SHA-256',
    ])
      expect(html.body).toContain(text)
    expect((await paper('en', 'html')).rawPayload.equals(html.rawPayload)).toBe(true)
    const pdf = await paper('en', 'pdf')
    expect((await paper('en', 'pdf')).rawPayload.equals(pdf.rawPayload)).toBe(true)
    expect(readPdf(pdf.rawPayload).pages.join('')).toContain('Monthly')
    const chinese = await paper('zh-CN', 'html')
    expect(htmlText(chinese.body)).toContain('渠道健康指数')
  })

  test('becomes an evaluation of everybody, page by page: first drafts, then once and finally', async () => {
    const run = async (body: object, key: string) => {
      const answer = await api.send('sales', 'POST', '/v1/health-evaluation-runs', { body, key })
      expect(answer.statusCode, `answered ${answer.body}`).toBe(200)
      return answer.json<{
        evaluated: number
        unchanged: number
        scored: number
        refused: unknown[]
        knownAt: string
        next: string | null
      }>()
    }
    const period = { companyId: 'KESTREL', calendarId: 'FISCAL', periodId: '2025-Q1', limit: 20 }
    const first = await run(period, 'draft-1')
    expect(first.evaluated).toBeGreaterThan(10)
    expect(first.next).not.toBeNull()
    const { knownAt } = first
    expect(await run({ ...period, knownAt }, 'draft-2')).toMatchObject({ evaluated: 0, unchanged: first.evaluated })
    const second = await run({ ...period, knownAt, after: first.next }, 'draft-3')
    expect(second.evaluated).toBeGreaterThan(0)

    const final = await run({ ...period, knownAt, isFinal: true }, 'final-1')
    expect(final).toMatchObject({ evaluated: first.evaluated, refused: [] })
    expect(final.scored).toBeGreaterThan(5)
    const { scores } = await testHandler(api.channel.store, { registry: api.channel.registry }).load(
      conductAggregate,
      'CN001',
    )
    expect(Object.keys(scores).some((key) => key.includes('channel-health 2 FISCAL 2025-Q1'))).toBe(true)
    expect(await run({ ...period, knownAt, isFinal: true }, 'final-2')).toMatchObject({ evaluated: 0 })
    const before = await run({ ...period, knownAt: String(BigInt(knownAt) / 2n), isFinal: true }, 'final-3')
    expect(before.refused.length).toBeGreaterThan(0)
    expect(before.evaluated).toBeLessThan(first.evaluated)
  })

  test('has a list of the months that are whole, and each report stays the same, whatever comes later', async () => {
    const list = async (who: 'd1' | 'sales') => {
      const answer = await api.send(who, 'GET', '/v1/dealers/CN001/diagnoses')
      expect(answer.statusCode, `answered ${answer.body}`).toBe(200)
      return answer.json<{ months: { month: string; knownAt: string; version: number; report: string }[] }>().months
    }
    // January is closed some days into February
    const months = await list('d1')
    expect(months.map(({ month, version }) => [month, version])).toEqual([
      ['2024-12', 1],
      ['2024-11', 1],
    ])
    expect(await list('sales')).toEqual(months)
    expect((await api.send('d2', 'GET', '/v1/dealers/CN001/diagnoses')).statusCode).toBe(404)
    const december = months[0]?.report ?? ''
    const before = await api.send('d1', 'GET', december)
    expect(before.statusCode, `answered ${before.body}`).toBe(200)
    const handler = testHandler(api.channel.store, { registry: api.channel.registry, now: () => grownNow })
    const newest = healthTermsOf(await handler.load(healthModelAggregate, 'KESTREL'))
    const terms = { ...newest?.terms, tiers: [{ tier: 'gold', from: '80' }] }
    const defined = await api.send('sales', 'PUT', '/v1/health-models/KESTREL', {
      body: { version: 3, terms },
      key: 'model-3',
    })
    expect(defined.statusCode, `answered ${defined.body}`).toBeLessThan(300)
    await api.project()
    expect(await list('d1')).toEqual(months)
    expect((await api.send('d1', 'GET', december)).rawPayload.equals(before.rawPayload)).toBe(true)
  })
})
