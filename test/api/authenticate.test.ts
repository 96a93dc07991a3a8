import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DemonstrationPrincipal } from '../../src/api/ports.ts'
import { openTestApi, testNow, type TestApi } from '../support/api.ts'

const { privateKey, publicKey } = await generateKeyPair('RS256')
const stranger = await generateKeyPair('RS256')
const seconds = Math.floor(testNow / 1000)
let issuer: Server
let issuerUrl: string
let api: TestApi
let asked = 0

beforeAll(async () => {
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  issuer = createServer((request, response) => {
    asked += 1
    response.setHeader('content-type', 'application/json')
    if (request.url === '/.well-known/openid-configuration')
      response.end(JSON.stringify({ issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` }))
    else response.end(JSON.stringify({ keys: [jwk] }))
  })
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve))
  issuerUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}` // it listens on a port
  api = await openTestApi({ settings: { oidc: { issuer: issuerUrl, audience: 'channel-ledger' } } })
})
afterAll(async () => {
  await api.close()
  issuer.close()
})

interface Claims {
  readonly subject?: string
  readonly audience?: string
  readonly issuer?: string
  readonly expires?: number
  readonly key?: typeof privateKey
}

async function token({
  subject = 'sales',
  audience = 'channel-ledger',
  issuer = issuerUrl,
  expires = seconds + 60,
  key = privateKey,
}: Claims = {}): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setSubject(subject)
    .setAudience(audience)
    .setIssuer(issuer)
    .setExpirationTime(expires)
    .sign(key)
}
const me = async (bearer: string, of = api) =>
  of.send(undefined, 'GET', '/v1/me', { headers: { authorization: `Bearer ${bearer}` } })

describe('a token of the issuer', () => {
  test('signs in whom its subject names, and its keys are fetched once', async () => {
    const answer = await me(await token())
    expect(answer.json()).toEqual({ id: 'sales', role: 'sales', dealerId: null, rights: [] })
    await me(await token({ subject: 'd1' }))
    expect(asked).toBe(2)
  })

  test.each<readonly [string, Claims]>([
    ['that has expired', { expires: seconds - 60 }],
    ['for another audience', { audience: 'other' }],
    ['of another issuer', { issuer: 'https://elsewhere.test' }],
    ['signed by somebody else', { key: stranger.privateKey }],
    ['whose subject nobody is', { subject: 'nobody' }],
  ])('%s does not', async (_name, claims) => {
    const answer = await me(await token(claims))
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'auth.invalid'])
  })

  test('without a signature, or signed with the public key as a password, does not', async () => {
    const [, payload = ''] = (await token()).split('.')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
    const hmac = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .setSubject('admin')
      .setAudience('channel-ledger')
      .setIssuer(issuerUrl)
      .setExpirationTime(seconds + 60)
      .sign(Buffer.from(JSON.stringify(await exportJWK(publicKey))))
    for (const forged of [none, hmac, payload, 'x.y.z']) expect((await me(forged)).statusCode).toBe(401)
  })

  test('is 503, to be tried again, while the issuer is away', async () => {
    const away = await openTestApi({ settings: { oidc: { issuer: 'http://127.0.0.1:9', audience: 'channel-ledger' } } })
    const answer = await me(await token({ issuer: 'http://127.0.0.1:9' }), away)
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([
      503,
      'auth.issuer_unavailable',
      '5',
    ])
    await away.close()
  })
})

describe('a demonstration sign-in', () => {
  const principals: readonly DemonstrationPrincipal[] = [
    { id: 'd1', name: '张伟', role: 'dealer', dealerId: 'D1', rights: ['orders'] },
    { id: 'newcomer', name: 'Ann', role: 'sales', rights: [] },
  ]
  const demonstration = () => ({ done: 1, total: 2, principals })

  test('gives a session that says who one is', async () => {
    const demo = await openTestApi({ demonstration })
    expect((await demo.send(undefined, 'GET', '/v1/demo/principals')).json().items).toHaveLength(2)
    const { token } = (await demo.send(undefined, 'POST', '/v1/demo/sign-in', { body: { principal: 'd1' } })).json()
    // with what the directory knows of it by now
    expect((await me(token, demo)).json()).toMatchObject({
      id: 'd1',
      dealerId: 'D1',
      rights: ['orders', 'stock', 'finance', 'staff'],
    })
    const early = (await demo.send(undefined, 'POST', '/v1/demo/sign-in', { body: { principal: 'newcomer' } })).json()
    expect((await me(early.token, demo)).json()).toMatchObject({ id: 'newcomer', role: 'sales' })
    const unknown = await demo.send(undefined, 'POST', '/v1/demo/sign-in', { body: { principal: 'admin' } })
    expect(unknown.statusCode).toBe(404)
    await demo.close()
  })

  test('cannot be forged, ends after a day, and is worth nothing elsewhere', async () => {
    let now = testNow
    const demo = await openTestApi({ demonstration, now: () => now })
    const { token } = (await demo.send(undefined, 'POST', '/v1/demo/sign-in', { body: { principal: 'd1' } })).json()
    const [prefix, content = '', signature = ''] = token.split('.')
    const changed = Buffer.from(Buffer.from(content, 'base64url').toString().replace('d1', 'admin')).toString(
      'base64url',
    )
    expect((await me(`${prefix}.${changed}.${signature}`, demo)).statusCode).toBe(401)
    now += 86_400_001
    expect((await me(token, demo)).statusCode).toBe(401)
    await demo.close()
    const other = await openTestApi({ demonstration, settings: { accessKey: Buffer.alloc(32, 4) } })
    expect((await me(token, other)).statusCode).toBe(401)
    await other.close()
  })

  test('does not exist in production, nor without a demonstration', async () => {
    for (const options of [{ demonstration, settings: { mode: 'production' as const } }, {}]) {
      const plain = await openTestApi(options)
      expect((await plain.send(undefined, 'POST', '/v1/demo/sign-in', { body: { principal: 'd1' } })).statusCode).toBe(
        404,
      )
      expect((await plain.send(undefined, 'GET', '/v1/demo/principals')).statusCode).toBe(404)
      await plain.close()
    }
  })
})
