import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '../support/api.ts'

// API8:2023 Security misconfiguration: what every answer carries, and what none does.

let api: TestApi
beforeAll(async () => {
  api = await openTestApi({
    settings: { mode: 'production' },
    projections: {
      status: async () => {
        throw new Error('relation "projections.generations" does not exist at /srv/app/secret.ts:1')
      },
      parked: async () => [],
      retry: async () => 0,
      skip: async () => false,
    },
  })
})
afterAll(() => api.close())

describe('every answer', () => {
  test.each([
    ['of a page', '/'],
    ['of the reference', '/docs'],
    ['of data', '/v1/me'],
    ['of a problem', '/v1/nothing'],
    ['of an address that is none', '/v1/%E0%A4%A'],
    ['of the document', '/openapi.json'],
  ])('%s forbids sniffing, framing and keeping', async (_name, url) => {
    const { headers } = await api.send('admin', 'GET', url)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    expect(Object.keys(headers)).not.toContain('server')
    expect(Object.keys(headers)).not.toContain('x-powered-by')
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
  })

  test('of a page has a policy that lets nothing in from elsewhere', async () => {
    for (const url of ['/', '/docs', '/live']) {
      const policy = String((await api.send(undefined, 'GET', url)).headers['content-security-policy'])
      expect(policy, `at ${url}`).toContain("default-src 'none'")
      expect(policy, `at ${url}`).not.toMatch(/unsafe-inline|unsafe-eval|\*/)
    }
  })
})

describe('a fault of ours', () => {
  test('shows nothing of itself', async () => {
    const answer = await api.send('admin', 'GET', '/v1/projections')
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'server.failed'])
    expect(answer.body).not.toMatch(/relation "|secret|generations|\.ts/)
  })
})

describe('in production', () => {
  test('the figures and the demonstration are not on the API', async () => {
    for (const url of ['/metrics', '/v1/demo/principals', '/debug', '/.env', '/server-status', '/graphql'])
      expect((await api.send('admin', 'GET', url)).statusCode, `at ${url}`).toBe(404)
  })

  test('what runs here is told without its read models', async () => {
    expect((await api.send(undefined, 'GET', '/v1/about')).json()).toMatchObject({ models: null, mode: 'production' })
  })
})
