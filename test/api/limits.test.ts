import { describe, expect, test } from 'vitest'
import { openTestApi } from '../support/api.ts'
import { bike } from '../support/channelByApi.ts'

describe('limits', () => {
  test('a key that asks too often is told when to come back; other keys, other routes and probes go on', async () => {
    const api = await openTestApi({ settings: { rateLimitPerMinute: 3 } })
    const codes: number[] = []
    for (let n = 0; n < 4; n++) codes.push((await api.send('admin', 'GET', '/v1/me')).statusCode)
    expect(codes).toEqual([200, 200, 200, 429])
    const refused = await api.send('admin', 'GET', '/v1/me')
    expect(refused.json()).toMatchObject({ code: 'request.rate_limited', status: 429 })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await api.send('sales', 'GET', '/v1/me')).statusCode).toBe(200)
    expect((await api.send('admin', 'GET', '/v1/events')).statusCode).toBe(200)
    for (let n = 0; n < 5; n++) expect((await api.send(undefined, 'GET', '/healthz')).statusCode).toBe(200)
    await api.close()
  })

  test('keys that are wrong are counted too', async () => {
    const api = await openTestApi({ settings: { rateLimitPerMinute: 2 } })
    const wrong = { headers: { authorization: 'ApiKey admin.wrong' } }
    const codes: number[] = []
    for (let n = 0; n < 3; n++) codes.push((await api.send(undefined, 'GET', '/v1/me', wrong)).statusCode)
    expect(codes).toEqual([401, 401, 429])
    await api.close()
  })

  test('more requests at once than the process holds are turned away, and the next ones are let in', async () => {
    const api = await openTestApi({ settings: { maxConcurrentRequests: 2 } })
    const answers = await Promise.all(
      ['A', 'B', 'C', 'D'].map((sku) => api.send('admin', 'POST', '/v1/products', { body: { ...bike, sku } })),
    )
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([201, 201, 503, 503])
    expect(answers.find(({ statusCode }) => statusCode === 503)?.headers['retry-after']).toBe('1')
    for (let n = 0; n < 5; n++) expect((await api.send('admin', 'GET', '/v1/me')).statusCode).toBe(200)
    await api.close()
  })

  test('a line of the log holds no key, no body and no query value', async () => {
    const lines: string[] = []
    const api = await openTestApi({ settings: { logLevel: 'trace', logTo: { write: (line) => lines.push(line) } } })
    await api.send('admin', 'POST', '/v1/principals', {
      body: { role: 'sales', displayName: 'Secret Name' },
      headers: { 'x-correlation-id': 'c-1' },
    })
    await api.send('admin', 'GET', '/v1/events?stream=order-hidden')
    await api.send(undefined, 'GET', '/v1/me', { headers: { authorization: 'ApiKey admin.topsecret' } })
    const requests = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request')
    expect(requests).toMatchObject([
      { reqId: 'c-1', method: 'POST', route: '/v1/principals', status: 201, principal: 'admin' },
      { method: 'GET', route: '/v1/events', status: 200 },
      { method: 'GET', route: '/v1/me', status: 401 },
    ])
    expect(lines.join('')).not.toMatch(/Secret Name|hidden|topsecret|admin\.admin/)
    await api.close()
  })
})
