import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type StaffName, type TestApi } from '../support/api.ts'
import { fillChannel, order } from '../support/channelByApi.ts'

// API1:2023 Broken object level authorization. Every route × object: test/access/matrix.test.ts; every question with and
// without the rivals: test/access/rivals.test.ts. Here: ids of others mixed into what is one's own.

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
  await fillChannel(api)
})
afterAll(() => api.close())

const post = async (as: StaffName, url: string, body: object, key?: string) =>
  api.send(as, 'POST', url, { body, ...(key !== undefined && { key }) })

describe('a dealer’s own command that names another dealer', () => {
  const hook = { url: 'https://example.test/hook', eventTypes: ['OrderPlaced'] }
  const colleague = { role: 'dealer', rights: [], displayName: 'x' }
  test.each([
    ['an order for it', '/v1/orders', { ...order, dealerId: 'ID' }],
    ['an order from its shelf', '/v1/orders', { ...order, shipFrom: { party: 'ID', location: 'MAIN' } }],
    ['a draft for it', '/v1/order-drafts', { ...order, dealerId: 'ID' }],
    ['a webhook on its events', '/v1/webhooks', { ...hook, dealerId: 'ID' }],
    ['a colleague there', '/v1/principals', { ...colleague, dealerId: 'ID' }],
    [
      'a transfer out of its stock',
      '/v1/transfers',
      {
        companyId: 'ACME',
        from: { party: 'ID', location: 'MAIN' },
        to: { party: 'D1', location: 'MAIN' },
        reason: 'wish',
        lines: [{ lineNo: 1, sku: 'BIKE', quantity: '1' }],
      },
    ],
  ])('%s is answered as for one that does not exist', async (_name, url, body) => {
    const naming = async (id: string) => {
      const named = JSON.parse(JSON.stringify(body).replaceAll('"ID"', `"${id}"`)) as object
      const answer = await post('d1', url, named)
      const { correlationId: _id, ...problem } = answer.json<Record<string, unknown>>()
      return [answer.statusCode, JSON.stringify(problem).replaceAll(id, 'ID')]
    }
    const before = await api.store.head()
    const foreign = await naming('D2')
    expect(foreign).toEqual(await naming('D9'))
    expect(foreign[0]).toBe(404)
    expect(await api.store.head()).toBe(before)
  })
})

describe('an idempotency key', () => {
  test('is its principal’s: nobody else is answered with what it made, not even a colleague', async () => {
    const body = { url: 'https://example.test/hook', eventTypes: ['OrderPlaced'] }
    const first = await post('d1', '/v1/webhooks', body, 'shared-key')
    expect(first.statusCode).toBe(201)
    for (const other of ['d2', 'admin'] as const) {
      const answer = await post(other, '/v1/webhooks', body, 'shared-key')
      expect([answer.statusCode, answer.headers['idempotency-replayed']], `at ${other}`).toEqual([201, undefined])
      expect(answer.json().id, `at ${other}`).not.toBe(first.json().id)
      expect(answer.json().secret, `at ${other}`).not.toBe(first.json().secret)
    }
    const denied = await post('clerk', '/v1/webhooks', body, 'shared-key')
    expect([denied.statusCode, denied.body.includes(String(first.json().id))]).toEqual([403, false])
  })

  test('is its route’s', async () => {
    const made = await post('d1', '/v1/order-drafts', order, 'one-key')
    const placed = await post('d1', '/v1/orders', order, 'one-key')
    expect([made.statusCode, placed.statusCode]).toEqual([201, 201])
    expect(placed.json().id).not.toBe(made.json().id)
  })
})
