import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '../support/api.ts'
import { post } from '../../src/workers/webhooks/post.ts'

// API7:2023 Server side request forgery. The ledger calls one kind of address that callers give: webhooks. Which addresses are
// refused, and that redirects are not followed: test/workers/webhooks/post.test.ts. Here: what may be registered at all.

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.close())

describe('a webhook', () => {
  test.each([
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_INFO',
    'ftp://example.test/x',
    'javascript:alert(1)',
    'data:text/plain,x',
    'http://user:secret@example.test/',
    'https://example.test/#fragment',
    '//example.test/x',
    'example.test',
    '',
  ])('to %s is refused', async (url) => {
    const answer = await api.send('d1', 'POST', '/v1/webhooks', { body: { url, eventTypes: ['OrderPlaced'] } })
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'request.invalid'])
  })
})

describe('a delivery', () => {
  test('goes to no name that has one private address among its public ones', async () => {
    const resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '169.254.169.254', family: 4 },
    ]
    expect(await post({ url: 'http://metadata.test/', headers: {}, body: '{}', resolve })).toEqual({
      failure: 'address refused',
    })
  })

  test('asks for the name once and goes where it was checked: a second answer gains nothing', async () => {
    let asked = 0
    const resolve = async () => {
      asked += 1
      return [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }]
    }
    expect(await post({ url: 'http://rebinding.test/', headers: {}, body: '{}', resolve })).toEqual({
      failure: 'address refused',
    })
    expect(asked).toBe(1)
  })
})
