import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '../support/api.ts'

// API2:2023 Broken authentication. Tokens of an issuer: test/api/authenticate.test.ts; keys, and that a revoked one or another
// role counts at once: test/api/routes/principals.test.ts. Here: what a caller could make up.

const principals = [{ id: 'd1', name: 'Ann', role: 'dealer', dealerId: 'D1', rights: [] }] as const
let api: TestApi
beforeAll(async () => {
  api = await openTestApi({ demonstration: () => ({ done: 1, total: 1, principals }) })
})
afterAll(() => api.close())

const me = async (authorization: string, of = api) =>
  of.send(undefined, 'GET', '/v1/me', { headers: { authorization } })

describe('a demonstration session', () => {
  test('made up, changed or of another key is none', async () => {
    const { token } = (await api.send(undefined, 'POST', '/v1/demo/sign-in', { body: { principal: 'd1' } })).json<{
      token: string
    }>()
    expect((await me(`Bearer ${token}`)).json()).toMatchObject({ id: 'd1' })
    const content = Buffer.from(JSON.stringify({ principal: 'admin', until: 9e15 })).toString('base64url')
    const [, , mac = ''] = token.split('.')
    const wrongKey = createHmac('sha256', Buffer.alloc(32))
      .update(`demonstration session\0${content}`)
      .digest('base64url')
    for (const made of [`demo.${content}.${mac}`, `demo.${content}.${wrongKey}`, `demo.${content}.`, `${token}x`])
      expect((await me(`Bearer ${made}`)).statusCode, `at ${made}`).toBe(401)
  })

  test('is not there in production: neither the routes nor the tokens of another time', async () => {
    const production = await openTestApi({
      demonstration: () => ({ done: 1, total: 1, principals }),
      settings: { mode: 'production' },
    })
    const { token } = (await api.send(undefined, 'POST', '/v1/demo/sign-in', { body: { principal: 'd1' } })).json<{
      token: string
    }>()
    expect((await me(`Bearer ${token}`, production)).statusCode).toBe(401)
    const signIn = await production.send(undefined, 'POST', '/v1/demo/sign-in', { body: { principal: 'd1' } })
    expect(signIn.statusCode).toBe(404)
    await production.close()
  })
})

describe('a refusal', () => {
  test('does not tell an unknown key from a wrong secret', async () => {
    const answers = await Promise.all(
      ['ApiKey admin.wrong', 'ApiKey nobody.wrong', 'Bearer a.b.c'].map((one) => me(one)),
    )
    const told = answers.map(({ statusCode, headers, body }) => [
      statusCode,
      headers['www-authenticate'],
      body.replace(/"correlationId":"[^"]*"/, ''),
    ])
    expect(told[1]).toEqual(told[0])
    expect(told[2]).toEqual(told[0])
  })

  test('comes before the body is read', async () => {
    const answer = await api.send(undefined, 'POST', '/v1/products', { body: '{"never' })
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'auth.required'])
  })
})
