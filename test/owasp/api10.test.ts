import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { post } from '../../src/workers/webhooks/post.ts'
import { openTestApi, testNow, type TestApi } from '../support/api.ts'

// API10:2023 Unsafe consumption of APIs. The ledger listens to two: the token issuer, and the receivers of webhooks.

let server: Server | undefined
let api: TestApi | undefined
afterEach(async () => {
  await api?.close()
  server?.close()
  server?.closeAllConnections()
})

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
}

const { privateKey, publicKey } = await generateKeyPair('RS256')
const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' }

describe('a token issuer', () => {
  /** How `/v1/me` answers a good token when the issuer's discovery document is this. */
  async function signInWith(discovery: (issuer: string) => string, status = 200): Promise<number> {
    let issuer = ''
    issuer = await serve((request, response) => {
      response.statusCode = request.url === '/keys' ? 200 : status
      response.end(request.url === '/keys' ? JSON.stringify({ keys: [jwk] }) : discovery(issuer))
    })
    api = await openTestApi({ settings: { oidc: { issuer, audience: 'ledger' } } })
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setSubject('sales')
      .setAudience('ledger')
      .setIssuer(issuer)
      .setExpirationTime(Math.floor(testNow / 1000) + 60)
      .sign(privateKey)
    return (await api.send(undefined, 'GET', '/v1/me', { headers: { authorization: `Bearer ${token}` } })).statusCode
  }

  test('that speaks for itself is believed', async () => {
    expect(await signInWith((issuer) => JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }))).toBe(200)
  })

  test.each<readonly [string, (issuer: string) => string, number]>([
    [
      'speaks for another',
      (issuer) => JSON.stringify({ issuer: 'https://other.test', jwks_uri: `${issuer}/keys` }),
      200,
    ],
    ['names no keys', (issuer) => JSON.stringify({ issuer }), 200],
    ['answers something else', () => '<html>', 200],
    ['is broken', () => 'oops', 500],
  ])('that %s signs nobody in, and is no fault of the caller', async (_name, discovery, status) => {
    expect(await signInWith(discovery, status)).toBe(503)
  })
})

describe('a receiver of webhooks', () => {
  test('that answers without end is not listened to without end', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200)
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    expect(await post({ url, headers: {}, body: '{}', allowPrivate: true, timeoutMs: 5_000 })).toEqual({ status: 200 })
  })

  test('that sends one elsewhere is not followed, and what it says is not repeated', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' })
      response.end('secret')
    })
    expect(await post({ url, headers: {}, body: '{}', allowPrivate: true })).toEqual({ status: 302 })
  })
})
