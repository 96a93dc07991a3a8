import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listen as listenOn, type Server } from '../../../src/api/server.ts'
import { openTestApi, type StaffName, type TestApi } from '../../support/api.ts'
import { fillChannel, revisedBike } from '../../support/channelByApi.ts'
import { type Listener, listenToEvents, type Message } from '../../support/listenToEvents.ts'
import { until } from '../../support/until.ts'

interface Data {
  readonly position: string
  readonly type?: string
  readonly stream?: string
  readonly dealerId?: string
}

let api: TestApi
let server: Server
const listening: Listener<Data>[] = []
beforeEach(async () => {
  api = await openTestApi({ settings: { maxLiveClients: 3 } })
  server = await listenOn(api.app, { host: '127.0.0.1', port: 0 })
})
afterEach(async () => {
  for (const one of listening.splice(0)) one.stop()
  await server.close(500)
  await api.close()
})

async function listen(as: StaffName, headers: Record<string, string> = {}, query = ''): Promise<Listener<Data>> {
  const url = `${server.url}/v1/stream${query}`
  const listener = await listenToEvents<Data>(url, { authorization: `ApiKey ${as}.${as}`, ...headers })
  listening.push(listener)
  return listener
}

const types = (messages: readonly Message<Data>[]): (string | undefined)[] => messages.map(({ data }) => data?.type)

describe('the live stream', () => {
  test('tells what happens from now on, with positions as ids', async () => {
    const listener = await listen('admin', {}, '?after=0')
    await fillChannel(api)
    await until(() => listener.messages.length >= 8)
    expect(types(listener.messages).slice(0, 3)).toEqual(['ProductPublished', 'DealerRegistered', 'DealerRegistered'])
    expect(listener.messages.map(({ id }) => id)).toEqual(listener.messages.map(({ data }) => data?.position))
    expect(listener.messages[0]).toMatchObject({
      id: '1',
      event: 'ledger',
      data: { stream: 'product-BIKE', revision: 0 },
    })
    expect(JSON.stringify(listener.messages)).not.toContain('Contact of')
  })

  test('goes on after Last-Event-ID and misses nothing', async () => {
    const first = await listen('admin', {}, '?after=0')
    await fillChannel(api)
    await until(() => first.messages.length >= 8)
    first.stop()
    const second = await listen('admin', { 'last-event-id': first.messages[2]?.id ?? '' })
    await until(() => second.messages.length >= 5)
    expect(second.messages).toEqual(first.messages.slice(3))
  })

  test('says resync to who is further behind than the ring, or ahead of the log', async () => {
    await fillChannel(api)
    // the feed opens with its first client: what was before is not in its ring
    const behind = await listen('admin', { 'last-event-id': '2' })
    await until(() => behind.messages.length === 1)
    expect(behind.messages[0]).toMatchObject({ event: 'resync', id: '8' })
    const ahead = await listen('admin', { 'last-event-id': '9999' })
    await until(() => ahead.messages.length === 1)
    expect(ahead.messages[0]).toMatchObject({ event: 'resync' })
    await api.send('admin', 'PUT', '/v1/products/BIKE', { body: revisedBike, revision: 0 })
    await until(() => ahead.messages.length === 2 && behind.messages.length === 2)
    expect(types(behind.messages)).toEqual([undefined, 'ProductRevised'])
  })

  test('tells a dealer of its own objects only, and nobody but administrators of principals', async () => {
    const d1 = await listen('d1', {}, '?after=0')
    const sales = await listen('sales', {}, '?after=0')
    const admin = await listen('admin', {}, '?after=0')
    await fillChannel(api)
    await api.send('admin', 'POST', '/v1/principals', {
      body: { role: 'dealer', dealerId: 'D1', rights: [], displayName: 'Ann' },
    })
    await api.send('d2', 'POST', '/v1/orders/O2/cancellation', { body: { reason: 'wish' }, revision: 0 })
    await api.send('d1', 'POST', '/v1/orders/O1/cancellation', { body: { reason: 'wish' }, revision: 0 })
    const last = (messages: readonly Message<Data>[]): boolean =>
      messages.some(({ data }) => data?.stream === 'order-O1' && data.type === 'OrderCancelled')
    await until(() => last(d1.messages) && last(sales.messages) && last(admin.messages))
    expect([...new Set(d1.messages.map(({ data }) => data?.stream))]).toEqual(['dealer-D1', 'order-O1'])
    expect(types(sales.messages)).not.toContain('PrincipalRegistered')
    expect(types(admin.messages)).toContain('PrincipalRegistered')
    expect(types(sales.messages).filter((type) => type === 'OrderCancelled')).toHaveLength(2)
  })

  test('tells of the wanted types only', async () => {
    const listener = await listen('admin', {}, '?after=0&types=OrderPlaced,ProductPublished')
    await fillChannel(api)
    await until(() => listener.messages.length === 3)
    expect(types(listener.messages)).toEqual(['ProductPublished', 'OrderPlaced', 'OrderPlaced'])
  })

  test('has a bound on clients, and gives a place back when one leaves', async () => {
    const some = await Promise.all([listen('admin'), listen('admin'), listen('admin')])
    const refused = await fetch(`${server.url}/v1/stream`, { headers: { authorization: 'ApiKey admin.admin' } })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    some[0]?.stop()
    await until(async () => (await listen('admin')).status === 200)
  })

  test('ends when the app closes', async () => {
    const listener = await listen('admin')
    await server.close(10_000)
    await until(() => listener.ended())
  })

  test('refuses what is no position', async () => {
    const answer = await api.send('admin', 'GET', '/v1/stream', { headers: { 'last-event-id': 'x' } })
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.invalid'])
  })
})
