import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '../support/api.ts'
import { fillChannel } from '../support/channelByApi.ts'

// API5:2023 Broken function level authorization. Every route × role: test/access/matrix.test.ts. Here: the ways around it.

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
  await fillChannel(api)
  const payment = { paymentId: 'P1', companyId: 'ACME', dealerId: 'D1', currency: 'USD', amount: '100' }
  await api.send('finance', 'POST', '/v1/accounts/D1/payments', { body: payment })
})
afterAll(() => api.close())

describe('a correction', () => {
  const correct = async (as: 'sales' | 'finance' | 'admin', stream: string) => {
    const event = (await api.store.readStream(stream)).at(-1)
    return api.send(as, 'POST', '/v1/corrections', { body: { stream, eventId: event?.id, reason: 'incorrect_data' } })
  }

  test.each([
    ['sales', 'account-D1'],
    ['finance', 'price-BASE/BIKE'],
    ['finance', 'stock-ACME/MAIN/BIKE'],
    ['finance', 'product-BIKE'],
  ] as const)('by %s of %s, which it may not command, is refused', async (as, stream) => {
    const before = await api.store.head()
    const answer = await correct(as, stream)
    expect([answer.statusCode, answer.json().code], `answered ${answer.body}`).toEqual([403, 'auth.forbidden'])
    expect(await api.store.head()).toBe(before)
  })

  test.each([
    ['finance', 'account-D1'],
    ['sales', 'stock-ACME/MAIN/BIKE'],
  ] as const)('by %s of %s, which it may command, is taken', async (as, stream) => {
    const answer = await correct(as, stream)
    expect(answer.statusCode, `answered ${answer.body}`).toBe(201)
  })

  test('takes nobody’s key or role back', async () => {
    await api.send('admin', 'POST', '/v1/principals', { body: { principalId: 'p1', role: 'sales', displayName: 'x' } })
    const answer = await correct('admin', 'principal-p1')
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'correction.not_correctable'])
  })
})

describe('another method', () => {
  test.each(['x-http-method-override', 'x-http-method', 'x-method-override'])(
    'in %s changes nothing',
    async (header) => {
      const answer = await api.send('admin', 'GET', '/v1/webhooks/W1/revision', { headers: { [header]: 'DELETE' } })
      expect(answer.statusCode).toBe(404)
    },
  )

  test.each(['OPTIONS', 'TRACE', 'PATCH', 'PURGE'])('%s is no route', async (method) => {
    expect((await api.send('d1', method, '/v1/products')).statusCode).toBe(404)
  })

  test.each([
    '/V1/products',
    '/v1/products/',
    '//v1/products',
    '/v1/./products',
    '/v1/%70roducts;x=1',
    '/v1/orders/../products',
  ])('a spelling of the address like %s opens nothing to who may not', async (url) => {
    const answer = await api.send('clerk', 'POST', url, { body: {} })
    expect([403, 404], `answered ${answer.statusCode}`).toContain(answer.statusCode)
  })
})

describe('a header of a proxy', () => {
  test.each(['x-forwarded-user', 'x-remote-user', 'x-user-id', 'x-role', 'x-original-url', 'x-forwarded-for'])(
    '%s makes nobody somebody else',
    async (header) => {
      const answer = await api.send('clerk', 'GET', '/v1/me', { headers: { [header]: 'admin' } })
      expect(answer.json()).toMatchObject({ id: 'clerk', role: 'dealer' })
    },
  )
})
