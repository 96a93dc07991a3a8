import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accountsModel } from '../../../src/projections/models/accounts/model.ts'
import { alertsModel } from '../../../src/projections/models/alerts/model.ts'
import { inventoryModel } from '../../../src/projections/models/inventory/model.ts'
import { ordersModel } from '../../../src/projections/models/orders/model.ts'
import { type AlertsApi, openAlertsApi } from '../../support/alertsApi.ts'
import type { StaffName } from '../../support/api.ts'
import { order, price, priceList } from '../../support/channelByApi.ts'
import { type Listener, listenToEvents } from '../../support/listenToEvents.ts'
import { until } from '../../support/until.ts'

interface Answer {
  readonly asOf: string
  readonly day: string
  readonly figures: readonly {
    readonly figure: string
    readonly values: readonly { readonly of: string | null; readonly value: string }[]
    readonly position: string
  }[]
}

let world: AlertsApi
let asked = 0
const listening: Listener<Answer>[] = []
beforeEach(async () => {
  asked = 0
  world = await openAlertsApi([accountsModel, alertsModel, inventoryModel, ordersModel], {
    around: (reader) => ({
      ...reader,
      ask: (moment, question) => {
        asked += 1
        return reader.ask(moment, question)
      },
    }),
  })
  const { api } = world
  await api.send('admin', 'POST', '/v1/price-lists', { body: priceList })
  const first = { 'if-none-match': '*' }
  await api.send('admin', 'PUT', '/v1/price-lists/BASE/prices/BIKE', { body: price, headers: first })
})
afterEach(async () => {
  for (const one of listening.splice(0)) one.stop()
  await world.close()
})

const figuresOf = (answer: Answer): Record<string, string> =>
  Object.fromEntries(
    answer.figures.flatMap(({ figure, values }) =>
      values.map(({ of, value }) => [[figure, of].join(' ').trim(), value]),
    ),
  )
async function figures(as: StaffName): Promise<Record<string, string>> {
  const answer = await world.api.send(as, 'GET', '/v1/figures')
  expect(answer.statusCode, `answered ${answer.body}`).toBe(200)
  return figuresOf(answer.json<Answer>())
}

describe('the figures', () => {
  test('are of the whole channel for the manufacturer, and to a dealer of its own', async () => {
    for (const [as, orderId] of [
      ['d1', 'O1'],
      ['d1', 'O3'],
      ['d2', 'O2'],
    ] as const)
      expect((await world.api.send(as, 'POST', '/v1/orders', { body: { ...order, orderId } })).statusCode).toBe(201)
    await world.stock('D1', '0')
    await world.project()
    expect(await figures('finance')).toEqual({
      orders_today: '3',
      open_orders: '3',
      shipped_today: '0',
      low_stock: '1',
      'open_alerts low_stock': '1',
    })
    expect(await figures('d2')).toEqual({ orders_today: '1', open_orders: '1', shipped_today: '0', low_stock: '0' })
    const supplier = await world.api.send('supplier', 'GET', '/v1/figures')
    expect(supplier.statusCode).toBe(403)
  })

  test('name the position that each rests on, and are computed once however many ask', async () => {
    const head = await world.project()
    const before = asked
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await world.api.send('admin', 'GET', '/v1/figures')).json<Answer>()),
    )
    expect(asked - before).toBe(7)
    for (const { figures, day, asOf } of answers) {
      expect(figures.slice(0, 7).map(({ position }) => position)).toEqual(Array(7).fill(head.toString()))
      expect([day, asOf]).toEqual(['2026-04-01', '2026-04-01T12:00:00.000Z'])
    }
  })

  test('come over the stream, all of them first, then what changed', async () => {
    await world.project()
    const url = `${world.server.url}/v1/figures/stream?zone=Asia/Shanghai`
    const listener = await listenToEvents<Answer>(url, { authorization: 'ApiKey d1.d1' })
    listening.push(listener)
    await until(() => listener.messages.length === 1)
    expect(figuresOf(listener.messages[0]?.data as Answer)).toMatchObject({ orders_today: '0', low_stock: '0' })
    await world.stock('D1', '0')
    await world.project()
    world.clock.now += 10_000
    await until(() => listener.messages.length === 2)
    expect(figuresOf(listener.messages[1]?.data as Answer)).toEqual({ low_stock: '1', 'open_alerts low_stock': '1' })
  })
})
