import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openedSchema } from '../../src/api/openedSchema.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { queries, readModels } from '../../src/projections/registry.ts'
import { openTestApi, testNow, type TestApi } from '../support/api.ts'
import { fillChannel, price, revisedBike } from '../support/channelByApi.ts'
import { openReadModels, type OpenReadModels } from '../support/readModels.ts'

let api: TestApi
let models: OpenReadModels

async function wholeLog(): Promise<readonly RecordedEvent[]> {
  return (await api.store.readAll({ after: 0n, limit: 5000 })).events
}

beforeAll(async () => {
  models = await openReadModels(readModels, testNow)
  api = await openTestApi({ readerOf: (model) => models.reader(model) })
  await fillChannel(api)
  await models.fold(await wholeLog())
}, 60_000)
afterAll(async () => {
  await api.close()
  await models.close()
})

describe('a list', () => {
  test('answers items with the model and the moment they rest on', async () => {
    const answer = await api.send('admin', 'GET', '/v1/products')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({
      items: [{ sku: 'BIKE', name: { en: 'Bike', 'zh-CN': '自行车' } }],
      next: null,
      model: { name: 'catalogue', version: expect.any(Number) },
      knownAt: expect.stringMatching(/^\d+$/),
    })
  })

  test('goes on where the page before ended, at its moment', async () => {
    const first = (await api.send('admin', 'GET', '/v1/dealers?limit=1')).json()
    expect(first.items.map(({ dealerId }: { dealerId: string }) => dealerId)).toEqual(['D1'])
    const second = (await api.send('admin', 'GET', `/v1/dealers?limit=1&cursor=${first.next}`)).json()
    expect(second.items.map(({ dealerId }: { dealerId: string }) => dealerId)).toEqual(['D2'])
    expect([second.next, second.knownAt]).toEqual([null, first.knownAt])
  })

  test.each([
    ['limit=0'],
    ['limit=501'],
    ['limit=x'],
    ['asOf=yesterday'],
    ['asOf=2026-02-30'],
    ['asOf=9999-12-31'],
    ['knownAt=soon'],
    ['knownAt=99999'],
    ['knownAt=9999999999999999999'],
    ['atLeast=-1'],
    ['unknown=1'],
    ['search=%00'],
    ['cursor=x'],
    ['cursor=' + Buffer.from('{"query":"dealers.list"}').toString('base64url')],
  ])('refuses ?%s', async (query) => {
    const answer = await api.send('admin', 'GET', `/v1/dealers?${query}`)
    expect(answer.statusCode, `answered ${answer.body}`).toBe(400)
    expect(answer.headers['content-type']).toContain('application/problem+json')
  })

  test.each([
    ['{"after":["\\u0000"]}'],
    ['{"knownAt":"9999999999999999999"}'],
    ['{"asOf":1e300}'],
    ['{"after":[{}]}'],
    ['{"after":[]}'],
  ])('refuses a cursor that was changed to %s', async (change) => {
    const { next } = (await api.send('admin', 'GET', '/v1/dealers?limit=1')).json()
    const [made = '', mac = ''] = String(next).split('.')
    const content = JSON.parse(Buffer.from(made, 'base64url').toString()) as object
    const changed = Buffer.from(JSON.stringify({ ...content, ...(JSON.parse(change) as object) })).toString('base64url')
    const forged = `${changed}.${mac}`
    const answer = await api.send('admin', 'GET', `/v1/dealers?limit=1&cursor=${forged}`)
    expect([answer.statusCode, answer.json().code], `answered ${answer.body}`).toEqual([400, 'request.cursor_invalid'])
  })
})

describe('a moment', () => {
  test.each([
    ['2025-12-31', 0],
    ['2026-01-01', 1],
    ['2026-01-01T00:00:00Z', 1],
    ['2026-01-01T07:59:59.999+08:00', 0],
    ['2026-01-01T08:00:00.000+08:00[Asia/Shanghai]', 1],
  ])('asOf=%s finds %i products', async (asOf, count) => {
    for (const written of [encodeURIComponent(asOf), asOf]) {
      const answer = await api.send('admin', 'GET', `/v1/products?asOf=${written}`)
      expect(answer.statusCode, `answered ${answer.body}`).toBe(200)
      expect(answer.json().items).toHaveLength(count)
    }
  })

  test('knownAt names a position or a time', async () => {
    expect((await api.send('admin', 'GET', '/v1/dealers?knownAt=2')).json().items).toHaveLength(1)
    expect((await api.send('admin', 'GET', '/v1/dealers?knownAt=2026-03-01')).json().items).toHaveLength(0)
    expect((await api.send('admin', 'GET', '/v1/dealers?knownAt=2026-04-02')).json().items).toHaveLength(2)
  })

  test('asOf is refused where only knownAt has a meaning', async () => {
    const answer = await api.send('admin', 'GET', '/v1/activity?asOf=2026-01-01')
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.as_of_refused'])
  })

  test('atLeast waits, and says when the read model has not come so far', async () => {
    const reached = await api.send('admin', 'GET', '/v1/dealers?atLeast=3')
    expect(reached.statusCode).toBe(200)
    // written, and not folded yet
    await api.send('admin', 'POST', '/v1/products', { body: { ...revisedBike, sku: 'LATE', companyId: 'ACME' } })
    const behind = await api.send('admin', 'GET', '/v1/dealers?atLeast=9')
    expect([behind.statusCode, behind.json().code, behind.headers['retry-after']]).toEqual([
      503,
      'projection.behind',
      '1',
    ])
    const never = await api.send('admin', 'GET', '/v1/dealers?atLeast=1000')
    expect([never.statusCode, never.json().code]).toEqual([400, 'request.at_least_invalid'])
  })
})

describe('a dealer’s staff', () => {
  test('see their own objects and nobody else’s', async () => {
    const ids = async (as: 'd1' | 'd2' | 'sales'): Promise<string[]> =>
      (await api.send(as, 'GET', '/v1/orders'))
        .json()
        .items.map(({ orderId }: { orderId: string }) => orderId)
        .toSorted()
    expect(await ids('d1')).toEqual(['O1'])
    expect(await ids('d2')).toEqual(['O2'])
    expect(await ids('sales')).toEqual(['O1', 'O2'])
  })

  test.each([
    ['/v1/orders/O2', '/v1/orders/O9'],
    ['/v1/dealers/D2', '/v1/dealers/D9'],
    ['/v1/orders/O2/revision', '/v1/orders/O9/revision'],
    ['/v1/dealers/D2/revision', '/v1/dealers/D9/revision'],
    ['/v1/orders?dealerId=D2', '/v1/orders?dealerId=D9'],
    ['/v1/activity?dealerId=D2', '/v1/activity?dealerId=D9'],
  ])('get for %s what they get for %s', async (foreign, missing) => {
    const [theirs, none] = [await api.send('d1', 'GET', foreign), await api.send('d1', 'GET', missing)]
    expect([theirs.statusCode, none.statusCode]).toEqual([404, 404])
    expect(sameProblem(theirs.json())).toEqual(sameProblem(none.json()))
  })

  test.each([
    ['POST', '/v1/orders/ID/cancellation', { reason: 'wish' }, 'O2', 'O9'],
    ['POST', '/v1/orders/ID/amendments', { reason: 'wish', lines: [{ lineNo: 1, quantity: '1' }] }, 'O2', 'O9'],
    [
      'PUT',
      '/v1/dealers/ID/contact',
      { contact: { personId: 'p', name: 'x' }, effectiveAt: '2026-04-01T00:00:00.000Z[UTC]' },
      'D2',
      'D9',
    ],
  ])('%s %s of another dealer’s object as of a missing one', async (method, url, body, foreign, missing) => {
    const before = (await wholeLog()).length
    const answers = await Promise.all(
      [foreign, missing].map((id) => api.send('d1', method, url.replace('ID', id), { body, revision: 0 })),
    )
    const [theirs, none] = answers.map((answer) => [answer.statusCode, sameProblem(answer.json())])
    expect(JSON.stringify(theirs).replaceAll(foreign, 'ID')).toBe(JSON.stringify(none).replaceAll(missing, 'ID'))
    expect(answers[0]?.statusCode).toBe(404)
    expect((await wholeLog()).length).toBe(before)
  })

  test('order for themselves, from their company, and not from a rival’s shelf', async () => {
    const order = { companyId: 'ACME', currency: 'USD', lines: [{ lineNo: 1, sku: 'BIKE', unit: 'EA', quantity: '1' }] }
    const shipFrom = { party: 'ACME', location: 'MAIN' }
    const forOther = await api.send('d1', 'POST', '/v1/orders', { body: { ...order, shipFrom, dealerId: 'D2' } })
    expect(forOther.statusCode).toBe(404)
    const fromRival = await api.send('d1', 'POST', '/v1/orders', {
      body: { ...order, shipFrom: { party: 'D2', location: 'MAIN' } },
    })
    expect([fromRival.statusCode, fromRival.json().code]).toEqual([404, 'object.not_found'])
  })
})

describe('one object', () => {
  test('comes with the revision as ETag, and with personal fields opened', async () => {
    const answer = await api.send('d1', 'GET', '/v1/dealers/D1')
    expect(answer.headers['etag']).toBe('"0"')
    expect(answer.json().item.contact).toEqual({ personId: 'person-D1', name: 'Contact of D1' })
  })

  test('of an erased person says so', async () => {
    await api.ports.keyring.destroy('person-D2')
    const answer = await api.send('admin', 'GET', '/v1/dealers/D2')
    expect(answer.json().item.contact.name).toEqual({ erased: true })
  })

  test('has the ETag of what was shown, not of what the read model has not seen', async () => {
    await api.send('admin', 'PUT', '/v1/products/BIKE', { body: revisedBike, revision: 0 })
    const behind = await api.send('admin', 'GET', '/v1/products/BIKE')
    expect([behind.json().item.category, behind.headers['etag']]).toEqual(['Bikes', '"0"'])
    await models.fold(await wholeLog())
    const seen = await api.send('admin', 'GET', '/v1/products/BIKE')
    expect([seen.json().item.category, seen.headers['etag']]).toEqual(['Cycles', '"1"'])
    const past = await api.send('admin', 'GET', '/v1/products/BIKE?knownAt=1')
    expect([past.json().item.category, past.headers['etag']]).toEqual(['Bikes', undefined])
  })

  test('that is missing is 404', async () => {
    const answer = await api.send('admin', 'GET', '/v1/products/NONE')
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'object.not_found'])
  })
})

test('every list without path parameters answers what its schema says, to everybody who may ask', async () => {
  expect(price.newPrice).toBe('100')
  let answered = 0
  for (const query of queries.filter(({ kind, path }) => kind === 'list' && !path.includes(':'))) {
    const required = Object.entries(query.params.shape).filter(
      ([, field]) => !(field as z.ZodType).safeParse(undefined).success,
    )
    if (required.length > 0) continue
    const answer = await api.send('admin', 'GET', query.path)
    expect(answer.statusCode, `${query.path} ${answer.body}`).toBe(200)
    z.array(openedSchema(query.row)).parse(answer.json().items)
    answered += 1
  }
  expect(answered).toBeGreaterThan(10)
})

function sameProblem({ correlationId: _id, ...rest }: Record<string, unknown>): object {
  return rest
}
