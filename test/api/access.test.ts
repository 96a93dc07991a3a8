import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mayCall } from '../../src/api/access.ts'
import { openTestApi, staff, type StaffName, type TestApi } from '../support/api.ts'

/** Routes for everybody, each on purpose. */
const openRoutes = [
  '/',
  '/docs',
  '/healthz',
  '/live',
  '/openapi.json',
  '/problems',
  '/problems/:code',
  '/readyz',
  '/v1/about',
  '/v1/demo/principals',
  '/v1/demo/sign-in',
]

let api: TestApi
beforeAll(async () => {
  api = await openTestApi({
    demonstration: () => ({ done: 0, total: 0, principals: [] }),
    settings: { maxLiveClients: 0 },
  })
})
afterAll(() => api.close())

const address = (url: string): string =>
  url.replace(':model', 'orders').replace(':currency', 'USD').replace(/:\w+/g, '7')

describe('who may call what', () => {
  test('only the routes of the list are open', () => {
    const open = api.app.accessTable.filter(({ access }) => !access).map(({ url }) => url)
    expect([...new Set(open)].toSorted()).toEqual(openRoutes)
  })

  test('nobody without a key gets in', async () => {
    const closed = api.app.accessTable.filter(({ access }) => access)
    expect(closed.length).toBeGreaterThan(150)
    for (const { method, url } of closed) {
      const answer = await api.send(undefined, method, address(url))
      expect(answer.statusCode, `${method} ${url}`).toBe(401)
      expect(answer.headers['content-type'], `at ${url}`).toContain('problem+json')
    }
  })

  test.each(Object.keys(staff) as StaffName[])(
    '%s is refused where its role or right does not reach, and only there',
    async (name) => {
      const closed = api.app.accessTable.flatMap(({ method, url, access }) => (access ? [{ method, url, access }] : []))
      const [admitted, refused] = [true, false].map((may) =>
        closed.filter(({ access }) => mayCall({ id: name, rights: [], ...staff[name] }, access) === may),
      )
      for (const { method, url } of admitted ?? []) {
        const answer = await api.send(name, method, address(url))
        expect([401, 403], `${name} ${method} ${url} ${answer.body}`).not.toContain(answer.statusCode)
      }
      for (const { method, url } of refused ?? []) {
        expect((await api.send(name, method, address(url))).statusCode, `${name} ${method} ${url}`).toBe(403)
      }
      expect(admitted?.length, 'something is allowed').toBeGreaterThan(0)
      // administrators may everything: the list of roles of every route begins with them
      expect(refused?.length === 0, 'something is refused').toBe(name === 'admin')
    },
  )

  test('the roles stand for what they say', () => {
    const of = (name: StaffName, url: string, method = 'POST'): boolean => {
      const entry = api.app.accessTable.find((one) => one.url === url && one.method === method)
      return entry?.access !== undefined && mayCall({ id: name, rights: [], ...staff[name] }, entry.access)
    }
    const allowed = (url: string, method?: string): string[] =>
      (Object.keys(staff) as StaffName[]).filter((name) => of(name, url, method))
    expect(allowed('/v1/products')).toEqual(['admin', 'sales'])
    expect(allowed('/v1/orders')).toEqual(['admin', 'sales', 'd1', 'd2'])
    expect(allowed('/v1/orders/:orderId/shipments')).toEqual(['admin', 'sales'])
    expect(allowed('/v1/accounts/:accountId/payments')).toEqual(['admin', 'finance'])
    expect(allowed('/v1/stock/:party/:location/:sku/supplies')).toEqual(['admin', 'sales', 'supplier', 'd1', 'd2'])
    expect(allowed('/v1/stock/:party/:location/:sku/counts')).toEqual(['admin', 'sales', 'd1', 'd2'])
    expect(allowed('/v1/principals')).toEqual(['admin', 'd1', 'd2'])
    expect(allowed('/v1/orders', 'GET')).toEqual([
      'admin',
      'sales',
      'finance',
      'analyst',
      'auditor',
      'd1',
      'd2',
      'clerk',
    ])
    expect(allowed('/v1/principals', 'GET')).toEqual(['admin', 'auditor', 'd1', 'd2'])
    expect(allowed('/v1/events', 'GET')).toEqual(['admin', 'auditor'])
  })
})

describe('what is sent instead of a key', () => {
  test.each([
    ['Bearer x'],
    ['ApiKey admin'],
    ['ApiKey admin.wrong'],
    ['ApiKey nobody.nobody'],
    ['ApiKey .'],
    ['Basic YTpi'],
    ['admin.admin'],
    ['ApiKey admin.admin extra'],
    ['Bearer demo.e30.x'],
  ])('%s does not get in', async (authorization) => {
    const answer = await api.send(undefined, 'GET', '/v1/me', { headers: { authorization } })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBeDefined()
    expect(answer.json()).toMatchObject({ code: 'auth.invalid', status: 401 })
  })

  test('an address that keeps guessing is not even looked at for a while', async () => {
    const guessing = await openTestApi()
    try {
      for (let n = 0; n < 60; n++)
        await guessing.send(undefined, 'GET', '/v1/me', { headers: { authorization: `ApiKey admin.${n}` } })
      const answer = await guessing.send('admin', 'GET', '/v1/me')
      expect(answer.statusCode).toBe(429)
      expect(answer.headers['retry-after']).toBe('60')
    } finally {
      await guessing.close()
    }
  })
})
