import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '../support/api.ts'
import { fillChannel, order } from '../support/channelByApi.ts'

// API6:2023 Unrestricted access to sensitive business flows: whoever profits from a step is not who takes it, and taking it
// twice has one effect.

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
  await fillChannel(api)
})
afterAll(() => api.close())

describe('a dealer', () => {
  test.each([
    ['confirm its own order', 'POST', '/v1/orders/O1/confirmations'],
    ['release its own hold', 'POST', '/v1/orders/O1/hold-releases'],
    ['approve a price for itself', 'POST', '/v1/orders/O1/price-overrides'],
    ['authorise its own return', 'POST', '/v1/orders/O1/returns'],
    ['raise its own credit limit', 'PUT', '/v1/accounts/D1/limits/D1'],
    ['let its order pass the limit', 'POST', '/v1/accounts/D1/overrides'],
    ['book its own payment', 'POST', '/v1/accounts/D1/payments'],
    ['write itself a credit note', 'POST', '/v1/accounts/D1/credit-notes'],
    ['approve its own rebate', 'POST', '/v1/settlements/P/D1/USD/2026-Q1/approvals'],
    ['enrol itself', 'POST', '/v1/programmes/P/members'],
    ['give itself a tier', 'PUT', '/v1/dealers/D1/tier'],
    ['choose its own terms', 'PUT', '/v1/dealers/D1/terms'],
    ['reinstate itself', 'POST', '/v1/dealers/D1/reinstatement'],
  ])('does not %s', async (_name, method, url) => {
    expect((await api.send('d1', method, url, { body: {}, revision: 0 })).statusCode).toBe(403)
  })

  test('does not say what it pays: a price that it expects and the list does not have stops the order', async () => {
    const lines = [{ ...order.lines[0], expectedUnitPrice: '1' }]
    const answer = await api.send('d1', 'POST', '/v1/orders', { body: { ...order, lines } })
    expect(answer.statusCode, `answered ${answer.body}`).toBe(409)
  })
})

describe('a flow', () => {
  test('repeated at once by an impatient caller has one effect', async () => {
    const before = await api.store.head()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api.send('d1', 'POST', '/v1/orders', { body: order, key: 'impatient' })),
    )
    // made, made before, being made by another of them, or turned away
    for (const { statusCode, body } of answers) expect([201, 409, 503], `at ${body}`).toContain(statusCode)
    expect(new Set(answers.filter(({ statusCode }) => statusCode === 201).map(({ body }) => body)).size).toBe(1)
    expect((await api.store.head()) - before).toBe(1n)
  })

  test('is not dated into the future', async () => {
    const body = { lines: [{ quantity: '1' }], occurredAt: '2027-01-01T00:00:00.000Z[UTC]' }
    const answer = await api.send('sales', 'POST', '/v1/stock/ACME/MAIN/BIKE/receipts', { body })
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.invalid'])
  })
})
