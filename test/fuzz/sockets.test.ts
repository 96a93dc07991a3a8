import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, type Server } from '../../src/api/server.ts'
import { openTestApi, type TestApi } from '../support/api.ts'
import { bike, fillChannel } from '../support/channelByApi.ts'

// What only shows on a socket: bodies that are cut off or chunked wrongly, headers that come twice, requests that run into each other.

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'
const seed = Number(process.env['CHANNEL_LEDGER_SEED'] ?? 20_250_422)
let api: TestApi
let server: Server
beforeAll(async () => {
  api = await openTestApi({ settings: { maxLiveClients: 50 } })
  await fillChannel(api)
  server = await listen(api.app, { host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.close(500)
  await api.close()
})

/** Everything that comes back for these bytes until the server ends the connection or `milliseconds` are over. */
async function talk(bytes: string | Buffer, milliseconds = 400): Promise<string> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve) => {
    let heard = ''
    const socket = connect(Number(port), hostname)
    const end = (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(heard)
    }
    const timer = setTimeout(end, milliseconds)
    socket.on('data', (chunk) => (heard += chunk.toString()))
    socket.on('error', end)
    socket.on('close', end)
    socket.write(bytes)
  })
}

const statusesIn = (heard: string): number[] =>
  [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]))
const isAlive = async (): Promise<boolean> => (await fetch(`${server.url}/healthz`)).status === 200

const auth = 'authorization: ApiKey admin.admin'
const body = JSON.stringify({ ...bike, sku: 'NEW' })
const head = (more: readonly string[], method = 'POST', url = '/v1/products'): string =>
  `${[`${method} ${url} HTTP/1.1`, 'host: x', auth, 'content-type: application/json', ...more].join('\r\n')}\r\n\r\n`
const sized = `content-length: ${Buffer.byteLength(body)}`

describe('a request that is not one', () => {
  test.each<readonly [string, string, number | undefined]>([
    ['a body that is cut off', head(['idempotency-key: s1', sized]) + body.slice(0, -5), undefined],
    ['a body that is longer than it says', head(['idempotency-key: s2', 'content-length: 5']) + body, 400],
    ['two lengths', head(['idempotency-key: s3', sized, 'content-length: 1']) + body, 400],
    ['a length and chunks', head(['idempotency-key: s4', sized, 'transfer-encoding: chunked']) + body, 400],
    [
      'chunks of no size',
      `${head(['idempotency-key: s5', 'transfer-encoding: chunked'])}zz\r\n${body}\r\n0\r\n\r\n`,
      400,
    ],
    [
      'chunks that never end',
      `${head(['idempotency-key: s6', 'transfer-encoding: chunked'])}10\r\n${body.slice(0, 16)}\r\n`,
      undefined,
    ],
    ['an idempotency key twice', head(['idempotency-key: s7', 'idempotency-key: s8', sized]) + body, 400],
    ['a header with a line break', head(['idempotency-key: s9\rx', sized]) + body, 400],
    ['headers of 20 kB', head([`x: ${'y'.repeat(20_000)}`, sized]) + body, 431],
    ['another protocol', 'GET / HTTP/9.9\r\n\r\n', 400],
    ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000', 400],
  ])('%s writes nothing', async (_name, bytes, status) => {
    const before = await api.store.head()
    const statuses = statusesIn(await talk(bytes))
    // where no status is named there may be no answer, and none that says yes or that we failed
    expect(statuses.filter((one) => one < 400 || one >= 500)).toEqual([])
    expect(status ?? statuses[0]).toBe(statuses[0])
    expect(await api.store.head()).toBe(before)
    expect(await isAlive()).toBe(true)
  })
})

describe('a request in an unusual coat', () => {
  test('in chunks is the same request', async () => {
    const chunks = [...body.matchAll(/.{1,7}/gs)].map(
      ([part]) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`,
    )
    const heard = await talk(
      `${head(['idempotency-key: c1', 'transfer-encoding: chunked'])}${chunks.join('')}0\r\n\r\n`,
    )
    expect(statusesIn(heard)).toEqual([201])
    const again = await talk(head(['idempotency-key: c1', sized]) + body)
    expect(again).toMatch(/idempotency-replayed: true/)
  })

  test('with the key of two callers is the first one’s: it does not get what either may', async () => {
    const heard = await talk(head(['authorization: ApiKey clerk.clerk'], 'GET', '/v1/me'))
    expect(heard).toContain('"id":"admin"')
  })

  test('right behind another is answered after it, each as itself', async () => {
    const heard = await talk(
      head([], 'GET', '/v1/me') + head([], 'GET', '/v1/nothing') + head([], 'GET', '/v1/me'),
      1_500,
    )
    expect(statusesIn(heard)).toEqual([200, 404, 200])
  })
})

test(`bytes changed at random break nothing (seed ${seed})`, async () => {
  const whole = Buffer.from(head(['idempotency-key: r1', sized]) + body)
  const change = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(change, fc.nat(whole.length), async (changes, length) => {
      const bytes = Buffer.from(whole)
      for (const [at, byte] of changes) bytes[at] = byte
      const statuses = statusesIn(await talk(bytes.subarray(0, length), 50))
      expect(statuses.filter((status) => status >= 500)).toEqual([])
    }),
    { seed, numRuns: isLong ? 2_000 : 60 },
  )
  expect(await isAlive()).toBe(true)
})

describe('a live stream', () => {
  test.each(['?types=%00', '?types=A,,B', '?after=-1', '?after=99999999999999999999', '?x=1'])(
    '%s is refused',
    async (search) => {
      expect(statusesIn(await talk(head([], 'GET', `/v1/stream${search}`)))).toEqual([400])
    },
  )

  test.each([
    '/v1/alerts/stream?after=-1',
    '/v1/alerts/stream?x=1',
    '/v1/figures/stream?x=1',
    '/v1/figures/stream?%00=1',
  ])('of alerts or figures asked as %s is refused', async (url) => {
    expect(statusesIn(await talk(head([], 'GET', url)))).toEqual([400])
  })

  test.each(['', '?after=0', '?after=9999999999999999999', '?types=OrderPlaced'])('%s begins', async (search) => {
    const heard = await talk(head([], 'GET', `/v1/stream${search}`))
    expect(heard).toMatch(/^HTTP\/1\.1 200/)
    expect(heard).toContain('content-type: text/event-stream')
  })

  test.each(['x', '-1', '1e3', '99999999999999999999'])('that goes on after %s is refused', async (id) => {
    expect(statusesIn(await talk(head([`last-event-id: ${id}`], 'GET', '/v1/stream')))).toEqual([400])
  })
})
