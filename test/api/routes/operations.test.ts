import { Script } from 'node:vm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { errors } from '../../../src/domain/kernel/errors.ts'
import type { ModelStatus } from '../../../src/projections/engine/status.ts'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { fillChannel } from '../../support/channelByApi.ts'

const orders: ModelStatus = {
  model: 'orders',
  version: 2,
  generation: '1',
  state: 'active',
  position: 7n,
  eventsBehind: 0,
  secondsBehind: 0,
  secondsSinceProgress: 1,
  parkedEvents: 1,
  waitingFor: undefined,
  difference: undefined,
}
let status: () => Promise<ModelStatus[]>
let draining = false
let api: TestApi
beforeAll(async () => {
  api = await openTestApi({
    isDraining: () => draining,
    demonstration: () => ({
      done: 3,
      total: 9,
      principals: [{ id: 'd1', name: '<b>张伟</b>', role: 'dealer', dealerId: 'D1', rights: [] }],
    }),
    projections: {
      status: () => status(),
      parked: async (limit) =>
        [
          {
            model: 'orders',
            stream: 'order-1',
            position: 4n,
            eventId: 'e',
            eventType: 'OrderPlaced',
            error: 'bad',
            parkedAt: '2026-01-01T00:00:00.000Z',
            attempts: 1,
          },
        ].slice(0, limit),
      retry: async (model, stream) => {
        if (stream === 'order-bad') throw new Error('still bad: secret details')
        return model.name === 'orders' ? 2 : 0
      },
      skip: async (_model, position, by) => position === 4n && by === 'admin',
    },
  })
  await fillChannel(api)
})
beforeEach(() => {
  status = async () => [orders]
  draining = false
})
afterAll(() => api.close())

describe('the log', () => {
  test('is paged by position to its end', async () => {
    const found: string[] = []
    for (let after = '0'; ;) {
      const page = (await api.send('auditor', 'GET', `/v1/events?after=${after}&limit=3`)).json()
      found.push(...page.items.map(({ position }: { position: string }) => position))
      if (page.next === null) break
      after = page.next
    }
    expect(found).toEqual(['1', '2', '3', '4', '5', '6', '7', '8'])
  })

  test('shows a stream by revision, types when asked, and personal fields opened', async () => {
    const page = (await api.send('auditor', 'GET', '/v1/events?stream=dealer-D1')).json()
    expect(page).toMatchObject({
      next: null,
      items: [
        {
          stream: 'dealer-D1',
          revision: 0,
          type: 'DealerRegistered',
          actor: 'admin',
          data: { contact: { name: 'Contact of D1' } },
        },
      ],
    })
    expect(page.items[0]).not.toHaveProperty('raw')
    const placed = (await api.send('admin', 'GET', '/v1/events?types=OrderPlaced')).json()
    expect(placed.items.map(({ stream }: { stream: string }) => stream)).toEqual(['order-O1', 'order-O2'])
    expect((await api.send('admin', 'GET', '/v1/events?stream=order-O1&from=1')).json()).toEqual({
      items: [],
      next: null,
    })
  })
})

describe('a correction', () => {
  test('declares an event in error, once, and is answered as a command is', async () => {
    const opened = await api.store.readStream('stock-ACME/MAIN/BIKE')
    const body = { stream: 'stock-ACME/MAIN/BIKE', eventId: opened[0]?.id, reason: 'incorrect_data' }
    expect((await api.send('d1', 'POST', '/v1/corrections', { body })).statusCode).toBe(403)
    const made = await api.send('admin', 'POST', '/v1/corrections', { body, key: 'oops' })
    expect([made.statusCode, made.json().events[0].type], `answered ${made.body}`).toEqual([201, 'ErrorDeclared'])
    const again = await api.send('admin', 'POST', '/v1/corrections', { body, key: 'oops' })
    expect([again.statusCode, again.body, again.headers['idempotency-replayed']]).toEqual([201, made.body, 'true'])
    const other = await api.send('admin', 'POST', '/v1/corrections', { body })
    expect([other.statusCode, other.json().code]).toEqual([409, 'correction.already_declared'])
  })

  test.each([
    ['no-such-stream', 404, 'object.not_found'],
    ['order-none', 404, 'object.not_found'],
    ['order-O1', 404, 'correction.unknown_event'],
  ])('of an event that %s does not hold is refused', async (stream, code, problem) => {
    const body = { stream, eventId: '00000000-0000-7000-8000-000000000001', reason: 'did_not_occur' }
    const answer = await api.send('admin', 'POST', '/v1/corrections', { body })
    expect([answer.statusCode, answer.json().code]).toEqual([code, problem])
  })
})

describe('the read models', () => {
  test('show where they are, and what is parked', async () => {
    expect((await api.send('analyst', 'GET', '/v1/projections')).json().items).toEqual([
      {
        model: 'orders',
        version: 2,
        state: 'active',
        position: '7',
        eventsBehind: 0,
        secondsBehind: 0,
        secondsSinceProgress: 1,
        parkedEvents: 1,
        waitingFor: null,
      },
    ])
    expect((await api.send('auditor', 'GET', '/v1/projections/parked')).json().items).toMatchObject([
      { position: '4', stream: 'order-1' },
    ])
  })

  test('take parked events up again, or give one up, on an administrator’s word', async () => {
    expect((await api.send('admin', 'POST', '/v1/projections/orders/parked-streams/order-1/retry')).json()).toEqual({
      applied: 2,
    })
    const bad = await api.send('admin', 'POST', '/v1/projections/orders/parked-streams/order-bad/retry')
    expect([bad.statusCode, bad.json().code]).toEqual([409, 'projection.still_parked'])
    expect(bad.body).not.toContain('secret')
    expect((await api.send('admin', 'POST', '/v1/projections/orders/parked/4/skip')).json()).toEqual({ skipped: true })
    expect((await api.send('admin', 'POST', '/v1/projections/orders/parked/5/skip')).statusCode).toBe(404)
    expect((await api.send('admin', 'POST', '/v1/projections/nothing/parked/4/skip')).statusCode).toBe(400)
    expect((await api.send('auditor', 'POST', '/v1/projections/orders/parked/4/skip')).statusCode).toBe(403)
  })
})

describe('health', () => {
  test('ready means: the ledger and the database answer, and the read models keep up', async () => {
    const ready = async (): Promise<unknown[]> => {
      const answer = await api.send(undefined, 'GET', '/readyz')
      return [answer.statusCode, ...answer.json().reasons]
    }
    expect(await ready()).toEqual([200])
    status = async () => [
      { ...orders, secondsBehind: 61 },
      { ...orders, model: 'sales', state: 'filling' },
    ]
    expect(await ready()).toEqual([503, 'behind:orders', 'missing:sales'])
    status = async () => Promise.reject(new Error('away'))
    expect(await ready()).toEqual([503, 'database'])
    draining = true
    expect(await ready()).toEqual([503, 'draining'])
    expect((await api.send(undefined, 'GET', '/healthz')).json()).toEqual({ status: 'ok' })
  })
})

describe('a code of a problem', () => {
  test('is explained, in both languages', async () => {
    const answer = await api.send(undefined, 'GET', '/problems/revision.conflict', {
      headers: { 'accept-language': 'zh' },
    })
    expect(answer.json()).toEqual({
      type: '/problems/revision.conflict',
      code: 'revision.conflict',
      status: 412,
      title: '对象已被修改',
      titles: { en: errors['revision.conflict'].en, 'zh-CN': '对象已被修改' },
    })
    for (const code of ['nothing', 'constructor', '__proto__'])
      expect((await api.send(undefined, 'GET', `/problems/${code}`)).statusCode).toBe(404)
    expect((await api.send(undefined, 'GET', '/problems')).json().items).toHaveLength(Object.keys(errors).length)
  })
})

describe('the pages', () => {
  test.each(['/', '/docs', '/live'])('%s speaks two languages and lets nothing in from elsewhere', async (url) => {
    const page = await api.send(undefined, 'GET', url)
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.body).toContain('<html lang="en">')
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^;]+; script-src 'sha256-[^;]+; connect-src 'self'/,
    )
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//)
    expect((await api.send(undefined, 'GET', url, { headers: { 'accept-language': 'zh-CN' } })).body).toContain(
      '<html lang="zh-CN">',
    )
    expect((await api.send(undefined, 'GET', `${url}?lang=zh-CN`)).body).toContain('渠道账本')
    expect((await api.send(undefined, 'GET', `${url}?lang=%3Cscript%3E`)).statusCode).toBe(200)
  })

  test('the start page says what runs, how far the demonstration is, and whom one may be', async () => {
    const { body } = await api.send(undefined, 'GET', '/')
    expect(body).toContain('max="9" value="3"')
    expect(body).toContain('data-sign-in="d1"')
    expect(body).toContain('&#60;b&#62;张伟')
    expect((await api.send(undefined, 'GET', '/v1/about')).json()).toMatchObject({
      store: 'memory',
      version: '0.0.0-test',
      demonstration: { done: 3, total: 9 },
      models: [{ model: 'orders' }],
    })
  })

  test('their scripts are well-formed', async () => {
    for (const url of ['/', '/docs', '/live']) {
      const script = /<script>([\s\S]*)<\/script>/.exec((await api.send(undefined, 'GET', url)).body)?.[1] ?? ''
      expect(script.length).toBeGreaterThan(500)
      expect(() => new Script(script)).not.toThrow()
    }
  })

  test('answers that are no pages have no policy for pages', async () => {
    expect((await api.send('admin', 'GET', '/v1/me')).headers).not.toHaveProperty('content-security-policy')
  })
})
