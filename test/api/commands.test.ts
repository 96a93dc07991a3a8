import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '../support/api.ts'
import { bike, fillChannel, price, revisedBike as revised } from '../support/channelByApi.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
beforeEach(() => api.reset())
afterAll(() => api.close())

const logLength = async (): Promise<number> => (await api.store.readAll({ after: 0n, limit: 5000 })).events.length

describe('a command', () => {
  test('that creates answers 201 with id, revision, position and what it wrote', async () => {
    const answer = await api.send('admin', 'POST', '/v1/products', { body: bike })
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toEqual({
      id: 'BIKE',
      stream: 'product-BIKE',
      revision: 0,
      position: '1',
      events: [{ id: expect.any(String), type: 'ProductPublished', revision: 0 }],
    })
    expect(answer.headers).toMatchObject({
      etag: '"0"',
      'channel-ledger-position': '1',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
  })

  test('carries who gave it, its correlation id and its origin into the event', async () => {
    await api.send('sales', 'POST', '/v1/products', {
      body: bike,
      key: 'k1',
      headers: { 'x-correlation-id': 'trace-1' },
    })
    const [event] = await api.store.readStream('product-BIKE')
    expect(event).toMatchObject({
      actor: 'sales',
      correlationId: 'trace-1',
      occurredAt: '2026-04-01T12:00:00.000Z[UTC]',
      source: { kind: 'command' },
    })
    expect(event?.source.requestHash).toMatch(/^[0-9a-f]{64}$/)
  })

  test('may not say that it is an import', async () => {
    const answer = await api.send('admin', 'POST', '/v1/products', { body: { ...bike, source: { kind: 'import' } } })
    expect(answer.statusCode).toBe(400)
    expect(await logLength()).toBe(0)
  })

  test('gets its object an id from the key where the body has none', async () => {
    const place = { displayName: 'Ann', role: 'sales' }
    const first = await api.send('admin', 'POST', '/v1/principals', { body: place, key: 'ann' })
    const again = await api.send('admin', 'POST', '/v1/principals', { body: place, key: 'ann' })
    expect(first.statusCode).toBe(201)
    expect(again.json()).toEqual(first.json())
    expect(first.json().id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('is refused while the disk is full, and reads go on', async () => {
    const full = await openTestApi({ isReadOnly: () => true, store: api.store })
    const answer = await full.send('admin', 'POST', '/v1/products', { body: bike })
    expect(answer.statusCode).toBe(507)
    expect(answer.json()).toMatchObject({ code: 'ledger.disk_full' })
    expect((await full.send('admin', 'GET', '/v1/events')).statusCode).toBe(200)
    await full.app.close()
  })
})

describe('an Idempotency-Key', () => {
  test('is required', async () => {
    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/products',
      headers: { authorization: 'ApiKey admin.admin' },
      payload: bike,
    })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'idempotency.key_missing' })
  })

  test.each([['with space'], ['x'.repeat(201)], ['中文']])('%s is not one', async (key) => {
    const answer = await api.send('admin', 'POST', '/v1/products', {
      body: bike,
      key: Buffer.from(key).toString('latin1'),
    })
    expect(answer.statusCode).toBe(400)
    expect(answer.json().details.issues[0].path).toBe('headers.idempotency-key')
  })

  test('gives the identical answer again, whatever was written in between, and one effect', async () => {
    const first = await api.send('admin', 'POST', '/v1/products', { body: bike, key: 'same' })
    await api.send('admin', 'PUT', '/v1/products/BIKE', { body: revised, revision: 0 })
    const again = await api.send('admin', 'POST', '/v1/products', { body: bike, key: 'same' })
    expect([again.statusCode, again.body]).toEqual([first.statusCode, first.body])
    expect(again.headers['etag']).toBe(first.headers['etag'])
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(first.headers['idempotency-replayed']).toBeUndefined()
    expect(await logLength()).toBe(2)
  })

  test('gives it in another process too, and the order of the keys in the body does not matter', async () => {
    const first = await api.send('admin', 'POST', '/v1/products', { body: bike, key: 'same' })
    const other = await openTestApi({ store: api.store })
    const again = await other.send('admin', 'POST', '/v1/products', {
      body: Object.fromEntries(Object.entries(bike).toReversed()),
      key: 'same',
    })
    expect([again.statusCode, again.body]).toEqual([first.statusCode, first.body])
    await other.app.close()
  })

  test('with another request is refused', async () => {
    await api.send('admin', 'POST', '/v1/products', { body: bike, key: 'same' })
    const answer = await api.send('admin', 'POST', '/v1/products', {
      body: { ...bike, category: 'Cycles' },
      key: 'same',
    })
    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toMatchObject({ code: 'idempotency.key_reused' })
  })

  test('is the own of each principal: another one never gets the first one’s answer', async () => {
    await api.send('admin', 'POST', '/v1/products', { body: bike, key: 'same' })
    const answer = await api.send('sales', 'POST', '/v1/products', { body: { ...bike, sku: 'HELMET' }, key: 'same' })
    expect(answer.statusCode).toBe(201)
    expect(answer.json().id).toBe('HELMET')
  })

  test('that is at work is refused until it is done', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => api.send('admin', 'POST', '/v1/products', { body: bike, key: 'same' })),
    )
    const codes = answers.map(({ statusCode }) => statusCode)
    expect(codes).toContain(201)
    for (const answer of answers.filter(({ statusCode }) => statusCode !== 201)) {
      expect(answer.statusCode).toBe(409)
      expect(answer.headers['retry-after']).toBe('1')
    }
    expect(await logLength()).toBe(1)
  })
})

describe('a change', () => {
  beforeEach(async () => {
    await api.send('admin', 'POST', '/v1/products', { body: bike })
  })

  test('without If-Match is 428, with a stale one 412 and nothing is written', async () => {
    const missing = await api.send('admin', 'PUT', '/v1/products/BIKE', { body: revised })
    expect([missing.statusCode, missing.json().code]).toEqual([428, 'revision.required'])
    const stale = await api.send('admin', 'PUT', '/v1/products/BIKE', { body: revised, revision: 4 })
    expect([stale.statusCode, stale.json().code, stale.json().details]).toEqual([
      412,
      'revision.conflict',
      { actualRevision: 0 },
    ])
    expect(await logLength()).toBe(1)
  })

  test.each([['7'], ['W/"0"'], ['*'], ['"0", "1"'], ['"-1"'], ['""']])(
    'with If-Match %s is not understood',
    async (etag) => {
      const answer = await api.send('admin', 'PUT', '/v1/products/BIKE', {
        body: revised,
        headers: { 'if-match': etag },
      })
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.invalid'])
    },
  )

  test('names the revision that GET …/revision gives', async () => {
    const { headers } = await api.send('admin', 'GET', '/v1/products/BIKE/revision')
    const answer = await api.send('admin', 'PUT', '/v1/products/BIKE', {
      body: revised,
      headers: { 'if-match': String(headers['etag']) },
    })
    expect([answer.statusCode, answer.headers['etag']]).toEqual([200, '"1"'])
  })

  test('of what does not exist is 404', async () => {
    const answer = await api.send('admin', 'PUT', '/v1/products/NONE', { body: revised, revision: 0 })
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'catalogue.unknown_sku'])
    expect((await api.send('admin', 'GET', '/v1/products/NONE/revision')).statusCode).toBe(404)
  })

  test('without fields needs no body', async () => {
    const body = { url: 'https://example.test/hook', eventTypes: ['OrderPlaced'] }
    const { id } = (await api.send('admin', 'POST', '/v1/webhooks', { body })).json()
    await api.send('admin', 'POST', `/v1/webhooks/${id}/disabling`, { body: { reason: 'pause' }, revision: 0 })
    const answer = await api.send('admin', 'POST', `/v1/webhooks/${id}/enabling`, { revision: 1 })
    expect([answer.statusCode, answer.body]).toEqual([200, answer.body])
    expect((await api.send('admin', 'DELETE', `/v1/webhooks/${id}`, { revision: 2 })).json().events).toHaveLength(1)
  })
})

describe('what is not there yet', () => {
  test('is made by a change that says so', async () => {
    await fillChannel(api)
    const none = { headers: { 'if-none-match': '*' } }
    const again = await api.send('admin', 'PUT', '/v1/price-lists/BASE/prices/BIKE', { body: price, ...none })
    expect([again.statusCode, again.json().code]).toEqual([412, 'revision.conflict'])
    const missing = await api.send('admin', 'PUT', '/v1/products/NONE', { body: revised, ...none })
    expect([missing.statusCode, missing.json().code]).toEqual([404, 'catalogue.unknown_sku'])
  })
})

describe('a record', () => {
  const count = { countId: 'C1', lines: [{ counted: '5' }] }
  beforeEach(async () => {
    await api.send('admin', 'POST', '/v1/products', { body: bike })
  })

  test('may say when it happened, but not in the future', async () => {
    const url = '/v1/stock/ACME/MAIN/BIKE/counts'
    const future = await api.send('admin', 'POST', url, {
      body: { ...count, occurredAt: '2026-04-01T12:00:00.001Z[UTC]' },
    })
    expect([future.statusCode, future.json().details.issues[0].path]).toEqual([400, 'body.occurredAt'])
    const past = await api.send('admin', 'POST', url, {
      body: { ...count, occurredAt: '2026-03-01T09:00:00.000+08:00[Asia/Shanghai]' },
    })
    expect([past.statusCode, past.body]).toEqual([200, past.body])
    const [event] = await api.store.readStream(past.json().stream)
    expect(event?.occurredAt).toBe('2026-03-01T09:00:00.000+08:00[Asia/Shanghai]')
  })

  test('takes identifiers with slashes and other scripts in its path', async () => {
    const answer = await api.send(
      'admin',
      'POST',
      `/v1/stock/${encodeURIComponent('A/B')}/${encodeURIComponent('上海')}/BIKE/counts`,
      { body: count },
    )
    expect([answer.statusCode, answer.json().stream]).toEqual([200, 'stock-A~B/上海/BIKE'])
  })
})
