import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryStore } from '../../../src/ledger/memory/memoryStore.ts'
import { measuresModel } from '../../../src/projections/models/measures/model.ts'
import { recordQuarter } from '../../projections/models/measures/quarter.ts'
import { openTestApi, type StaffName, type TestApi } from '../../support/api.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'

let models: OpenReadModels
let api: TestApi
beforeAll(async () => {
  const now = Date.UTC(2026, 3, 1, 12)
  models = await openReadModels([measuresModel], now)
  const log = await recordQuarter()
  await models.fold(log)
  const store = { ...openMemoryStore({ clock: () => now }), head: async () => BigInt(log.length) }
  api = await openTestApi({ store, readerOf: (model) => models.reader(model) })
})
afterAll(async () => {
  await api.close()
  await models.close()
})

interface Value {
  readonly group: Readonly<Record<string, string>>
  readonly metric: string
  readonly currency: string | null
  readonly value: string | null
}
interface Body {
  readonly items: readonly Value[]
  readonly next: string | null
  readonly code: string
}
const quarter = 'from=2026-01-01&until=2026-04-01'
async function get<T = Body>(as: StaffName, url: string, status = 200): Promise<T> {
  const answer = await api.send(as, 'GET', url)
  expect(answer.statusCode, `answered ${answer.body}`).toBe(status)
  return answer.json<T>()
}

describe('the API of metrics', () => {
  test('shows the registry: what each metric is, in both languages, and what feeds it', async () => {
    const { items } = await get<{ items: { code: string; definition: object; events: string[]; grain: string[] }[] }>(
      'analyst',
      '/v1/metrics?area=sales',
    )
    expect(items.find(({ code }) => code === 'net-sales')).toMatchObject({
      name: { en: 'Net sales', 'zh-CN': '净销售额' },
      definition: {
        en: '[invoiced, amount] − [credited for returns and corrections, amount]',
        'zh-CN': '[开票·金额] − [退货与更正贷记·金额]',
      },
      unit: 'money',
      perCurrency: true,
      grain: ['dealer', 'product'],
      events: ['CreditNoteIssued', 'InvoiceCancelled', 'InvoiceIssued'],
    })
  })

  test('answers named metrics by dealer and month', async () => {
    const { items } = await get('analyst', `/v1/metrics/values?metric=net-sales,orders&by=dealer,month&${quarter}`)
    const of = (dealer: string, month: string, metric: string) =>
      items.find((item) => item.group['dealer'] === dealer && item.group['month'] === month && item.metric === metric)
    expect(of('D1', '2026-01', 'net-sales')).toEqual({
      group: { dealer: 'D1', month: '2026-01' },
      metric: 'net-sales',
      currency: 'EUR',
      unit: null,
      value: '1080',
    })
    expect(of('D2', '2026-03', 'orders')?.value).toBe('2')
    expect(of('D2', '2026-01', 'orders')?.value).toBe('0')
  })

  test('answers every metric that fits what is asked by', async () => {
    const whole = await get('admin', `/v1/metrics/values?${quarter}`)
    expect(new Set(whole.items.map(({ metric }) => metric)).size).toBeGreaterThan(300)
    const byProduct = await get('admin', `/v1/metrics/values?by=product&${quarter}&limit=500`)
    expect(byProduct.items.some(({ metric }) => metric === 'orders')).toBe(false)
    expect(byProduct.items.some(({ metric }) => metric === 'net-sales')).toBe(true)
  })

  test('pages through groups at the moment of the first page', async () => {
    const url = `/v1/metrics/values?metric=net-sales&by=dealer,product&limit=1&${quarter}`
    const found: Value[] = []
    let next: string | null = null
    do {
      const page: Body = await get('analyst', next === null ? url : `${url}&cursor=${encodeURIComponent(next)}`)
      found.push(...page.items)
      next = page.next
    } while (next !== null)
    const { items } = await get('analyst', url.replace('limit=1', 'limit=100'))
    expect(found).toEqual(items)
    expect(found.length).toBe(4)
    const { next: cursor } = await get('analyst', url)
    const other = url.replace('net-sales', 'gross-sales')
    expect((await get('analyst', `${other}&cursor=${encodeURIComponent(cursor!)}`, 400)).code).toBe(
      'request.cursor_invalid',
    )
  })

  test('a dealer sees its own figures only, and none of the manufacturer', async () => {
    const { items } = await get('clerk', `/v1/metrics/values?metric=net-sales&by=dealer&${quarter}`)
    expect(items).toMatchObject([{ group: { dealer: 'D1' }, value: '1340' }]) // 1080 + 280 − 20
    await get('clerk', `/v1/metrics/values?metric=net-sales&dealerId=D2&${quarter}`, 404)
    expect((await get('clerk', `/v1/metrics/values?metric=gross-margin&${quarter}`, 404)).code).toBe('metrics.unknown')
    await get('clerk', `/v1/metrics/facts?measure=cost`, 404)
    await get('clerk', `/v1/metrics/episodes?episode=batch`, 404)
    const registry = await get<{ items: { code: string }[] }>('clerk', '/v1/metrics')
    expect(registry.items.map(({ code }) => code)).not.toContain('own-stock')
    const all = await get('clerk', `/v1/metrics/values?${quarter}`)
    expect(all.items.length).toBeGreaterThan(200)
  })

  test('opens a figure into what it was computed from, and that into its facts', async () => {
    const { values } = await get<{
      values: { value: string; inputs: { name: { en: string }; value: string; facts: string }[] }[]
    }>('d1', `/v1/metrics/explanation?metric=net-sales&${quarter}`)
    expect(values).toMatchObject([
      {
        value: '1340',
        inputs: [
          { name: { en: '[invoiced, amount]' }, value: '1360' },
          { name: { en: '[credited for returns and corrections, amount]' }, value: '20' },
        ],
      },
    ])
    const { items } = await get<{ items: { amount: string; eventId: string }[] }>('d1', values[0]!.inputs[0]!.facts)
    expect(items.map(({ amount }) => amount)).toEqual(['900', '180', '100', '180'])
    const cycle = await get<{ values: { inputs: { facts: string }[] }[] }>(
      'analyst',
      `/v1/metrics/explanation?metric=order-cycle-hours&${quarter}`,
    )
    const opened = await get<{ items: { id: string }[] }>('analyst', cycle.values[0]!.inputs[0]!.facts)
    expect(opened.items.map(({ id }) => id)).toContain('O1')
  })

  test('converts to a reporting currency, and says so when it cannot', async () => {
    const { items } = await get('finance', `/v1/metrics/values?metric=net-sales&in=USD&${quarter}`)
    expect(items).toMatchObject([{ currency: 'USD', value: '2162.5' }])
    expect((await get('finance', `/v1/metrics/values?metric=net-sales&in=CNY&${quarter}`, 422)).code).toBe(
      'metrics.rate_missing',
    )
  })

  test.each([
    ['metric=nonsense', 404, 'metrics.unknown'],
    ['metric=orders&by=product', 422, 'metrics.grain'],
    ['metric=orders&sku=P1', 422, 'metrics.grain'],
    ['by=moon', 400, 'request.invalid'],
    ['by=month,year', 400, 'request.invalid'],
    ['by=dealer,dealer', 400, 'request.invalid'],
  ])('refuses %s', async (query, status, code) => {
    expect((await get('analyst', `/v1/metrics/values?${query}&${quarter}`, status)).code).toBe(code)
  })

  test('refuses a window that ends before it begins, and one of too many days', async () => {
    await get('analyst', '/v1/metrics/values?from=2026-04-01&until=2026-01-01', 400)
    await get('analyst', '/v1/metrics/values?by=day&from=2020-01-01&until=2026-01-01', 400)
  })
})
