import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '../support/api.ts'
import { bike, dealer, fillChannel, order, price } from '../support/channelByApi.ts'

let api: TestApi
let length = 0
const logLength = async (): Promise<number> => (await api.store.readAll({ after: 0n, limit: 5000 })).events.length
beforeAll(async () => {
  api = await openTestApi()
  await fillChannel(api)
  length = await logLength()
})
afterAll(() => api.close())

const text = (value: unknown): string => JSON.stringify(value)
const long = 'x'.repeat(1_000_000)

/** One route per capability with a body that would be accepted. */
const samples: readonly (readonly [method: string, url: string, body: Record<string, unknown>, field: string])[] = [
  ['POST', '/v1/products', { ...bike, sku: 'NEW' }, 'category'],
  ['POST', '/v1/dealers', dealer('D3', 'Third Bikes'), 'legalName'],
  ['PUT', '/v1/price-lists/BASE/prices/BIKE', { ...price, newPrice: '90' }, 'newPrice'],
  ['POST', '/v1/orders', { ...order, dealerId: 'D1' }, 'lines'],
  ['POST', '/v1/stock/ACME/MAIN/BIKE/receipts', { lines: [{ quantity: '1' }] }, 'lines'],
  ['POST', '/v1/accounts/D1/payments', { companyId: 'ACME', dealerId: 'D1', currency: 'USD', amount: '100' }, 'amount'],
  ['POST', '/v1/principals', { role: 'sales', displayName: 'Ann' }, 'displayName'],
  ['POST', '/v1/webhooks', { url: 'https://example.test/x', eventTypes: ['OrderPlaced'] }, 'url'],
  [
    'POST',
    '/v1/corrections',
    { stream: 'order-O1', eventId: '00000000-0000-7000-8000-000000000001', reason: 'incorrect_data' },
    'reason',
  ],
]

describe.each(samples)('%s %s', (method, url, body, field) => {
  const { [field]: _left, ...without } = body
  const withText = (json: string): string => text(body).replace(text(body[field]), () => json)

  test.each<readonly [name: string, payload: unknown]>([
    ['no body', undefined],
    ['an array', []],
    ['a number', 7],
    ['null', null],
    ['a field that is missing', without],
    ['an unknown field', { ...body, unknownField: 1 }],
    ['another type', { ...body, [field]: 17 }],
    ['a boolean', { ...body, [field]: true }],
    ['a lone surrogate', withText('"\\ud800"')],
    ['NUL', withText('"a\\u0000b"')],
    ['a number without an end', withText('1e400')],
    ['a number beyond 2^53', withText('9007199254740993')],
    ['negative zero', withText('-0')],
    ['__proto__', text(body).replace('{', '{"__proto__":{"admin":true},')],
    ['constructor', text(body).replace('{', '{"constructor":{"prototype":{"admin":true}},')],
    ['JSON that is cut off', text(body).slice(0, -2)],
    ['JSON with a comment', `/* */${text(body)}`],
    ['a byte order mark in the middle', `{\ufeff}`],
    ['a text of a million characters', { ...body, [field]: long }],
    ['deep nesting', withText(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)],
  ])('refuses %s and writes nothing', async (_name, payload) => {
    const answer = await api.send('admin', method, url, { body: payload, revision: 0 })
    expect(answer.statusCode, `answered ${answer.body}`).toBeGreaterThanOrEqual(400)
    expect(answer.statusCode, `answered ${answer.body}`).toBeLessThan(500)
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(answer.json()).toMatchObject({
      status: answer.statusCode,
      type: `/problems/${answer.json().code}`,
      correlationId: expect.any(String),
    })
    expect(answer.body).not.toMatch(/node_modules|at \w+ \(|select /)
    expect(await logLength()).toBe(length)
  })
})

describe('money and quantities', () => {
  const amended = (field: string, value: unknown): object => ({ ...price, [field]: value })
  test.each([
    ['more digits than a price has', amended('newPrice', '1.1234567')],
    ['a JSON number', amended('newPrice', 1.5)],
    ['a negative price', amended('newPrice', '-1')],
    ['an exponent', amended('newPrice', '1e3')],
    ['a thousands separator', amended('newPrice', '1,000')],
    ['full-width digits', amended('newPrice', '１００')],
    ['an empty text', amended('newPrice', '')],
    ['a plus sign', amended('newPrice', '+1')],
    ['white space', amended('newPrice', ' 1')],
    ['an unknown currency', amended('currency', 'XXX')],
    ['a local time', amended('effectiveAt', '2026-01-01T00:00:00')],
    ['an offset that the zone does not have', amended('effectiveAt', '2026-01-01T00:00:00.000+05:00[Asia/Shanghai]')],
  ])('refuse %s, naming the field', async (_name, body) => {
    const answer = await api.send('admin', 'PUT', '/v1/price-lists/BASE/prices/BIKE', { body, revision: 0 })
    expect([answer.statusCode, answer.json().code], `answered ${answer.body}`).toEqual([400, 'request.invalid'])
    expect(answer.json().details.issues[0].path).toMatch(/^body\.(newPrice|currency|effectiveAt)/)
  })

  test('more digits than the list declares are refused by the decision', async () => {
    const body = { ...price, newPrice: '1.12345' }
    const answer = await api.send('admin', 'PUT', '/v1/price-lists/BASE/prices/BIKE', { body, revision: 0 })
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'pricing.over_precise'])
  })
})

describe('requests that come to no command', () => {
  test.each([
    ['an address that does not exist', 'GET', '/v1/nothing', 404, 'request.route_not_found'],
    ['an address that cannot be decoded', 'GET', '/v1/products/%E0%A4%A', 400, 'request.invalid'],
    ['NUL in the address', 'GET', '/v1/products/%00', 400, 'request.invalid'],
    ['a parameter that is too long', 'GET', `/v1/products/${'x'.repeat(400)}`, 400, 'request.invalid'],
    ['an identifier with a space', 'GET', '/v1/products/a%20b/revision', 400, 'request.invalid'],
  ])('%s', async (_name, method, url, status, code) => {
    const answer = await api.send('admin', method, url)
    expect([answer.statusCode, answer.json().code], `answered ${answer.body}`).toEqual([status, code])
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
  })

  test.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x'])('a body of type %s', async (type) => {
    const body = text({ ...bike, sku: 'NEW' })
    const answer = await api.send('admin', 'POST', '/v1/products', { body, headers: { 'content-type': type } })
    expect([answer.statusCode, answer.json().code]).toEqual([415, 'request.media_type'])
  })

  test('a body beyond a megabyte', async () => {
    const answer = await api.send('admin', 'POST', '/v1/products', { body: `"${'x'.repeat(1_100_000)}"` })
    expect([answer.statusCode, answer.json().code]).toEqual([413, 'request.too_large'])
  })

  test('titles come in the caller’s language', async () => {
    const zh = await api.send('admin', 'GET', '/v1/nothing', {
      headers: { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' },
    })
    expect([zh.json().title, zh.headers['content-language']]).toEqual(['地址不存在', 'zh-CN'])
    // after the headers of a command were checked too
    const later = await api.send('admin', 'PUT', '/v1/products/NONE', {
      body: {},
      revision: 0,
      headers: { 'accept-language': 'zh' },
    })
    expect(later.headers['content-language']).toBe('zh-CN')
  })

  test('a correlation id is taken over when it looks like one', async () => {
    const given = await api.send('admin', 'GET', '/v1/me', { headers: { 'x-correlation-id': 'order-17:retry.2' } })
    expect(given.headers['x-correlation-id']).toBe('order-17:retry.2')
    const odd = await api.send('admin', 'GET', '/v1/me', { headers: { 'x-correlation-id': 'a b {"x":1}' } })
    expect(odd.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/)
  })
})
