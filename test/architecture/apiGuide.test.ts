import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { webhookSecret, sign } from '../../src/workers/webhooks/signature.ts'
import { openTestApi, type TestApi } from '../support/api.ts'
import { bike, fillChannel, price } from '../support/channelByApi.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/api-guide.md'), 'utf8')
const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
/** one per `curl`, with the status that its comment promises */
const examples = blocks
  .flatMap((block) => [...block.matchAll(/^(curl [\s\S]*?) {3}# (\w+)$/gm)])
  .map(([, command = '', promised = '']) => ({ ...requestOf(command), promised }))

interface Request {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  payload?: string
}

/** Words as a shell would make them: quotes, joined lines, the guide's three variables. */
function requestOf(command: string): Request {
  const joined = command.replaceAll('\\\n', ' ')
  const words = [...joined.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) =>
      single ??
      (double ?? plain ?? '')
        .replace('$API', '')
        .replace('$AUTH', 'authorization: ApiKey admin.admin')
        .replace('$JSON', 'content-type: application/json'),
  )
  const request: Request = { method: 'GET', url: '', headers: {} }
  for (let index = 1; index < words.length; index++) {
    const [word = '', next = ''] = words.slice(index)
    if (word === '-i' || word === '-N') continue
    if (!word.startsWith('-')) request.url = word
    else index++
    if (word === '-X') request.method = next as Request['method'] // GET and POST are all that the guide uses
    if (word === '-d') request.payload = next
    if (word === '-H') request.headers[next.slice(0, next.indexOf(': '))] = next.slice(next.indexOf(': ') + 2)
  }
  return request
}

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
  await fillChannel(api)
  await api.send('admin', 'POST', '/v1/products', { body: { ...bike, sku: 'HELMET' } })
  const none = { 'if-none-match': '*' }
  await api.send('admin', 'PUT', '/v1/price-lists/BASE/prices/HELMET', { body: price, headers: none })
})
afterAll(() => api.close())

test('every curl of docs/api-guide.md is an example that runs', () => {
  expect(examples).toHaveLength(blocks.join('').split(/^curl /m).length - 1)
  expect(examples.length).toBeGreaterThan(12)
})

describe('docs/api-guide.md', () => {
  test.each(examples.filter(({ promised }) => promised !== 'live'))(
    '$method $url answers $promised',
    async ({ promised, ...request }) => {
      const answer = await api.app.inject(request)
      // no read models run here: a question that is understood waits for one, and so does a command about an alert
      const asks = request.method === 'GET' || request.url.startsWith('/v1/alerts/')
      const isUnderstood = promised === '200' && asks && answer.json().code === 'projection.behind'
      expect({ status: isUnderstood ? '200' : String(answer.statusCode), body: answer.body }).toEqual({
        status: promised,
        body: answer.body,
      })
    },
  )

  test('its live stream is a route that takes its parameters', () => {
    const live = examples.find(({ promised }) => promised === 'live')
    expect(live?.url).toBe('/v1/stream?types=OrderPlaced,ShipmentDispatched')
    expect(api.app.hasRoute({ method: 'GET', url: '/v1/stream' })).toBe(true)
  })

  test('its receiver accepts what the webhooks sign and refuses the rest', async () => {
    const [, source = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? []
    const { isGenuine } = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(source)}`)) as {
      isGenuine: (secret: string, header: string, body: Buffer) => boolean
    }
    const secret = webhookSecret(Buffer.alloc(32, 1), 'hook', 'first')
    const now = Math.floor(Date.now() / 1000)
    const body = '{"type":"OrderPlaced","data":{"name":"订单"}}'
    expect(isGenuine(secret, sign(secret, now, body), Buffer.from(body))).toBe(true)
    expect(isGenuine(secret, sign(secret, now, body), Buffer.from(`${body} `))).toBe(false)
    expect(isGenuine(secret, sign(secret, now - 600, body), Buffer.from(body))).toBe(false)
    expect(isGenuine(`${secret}x`, sign(secret, now, body), Buffer.from(body))).toBe(false)
    expect(
      isGenuine(secret, `t=${now},v1=${createHmac('sha256', secret).update(body).digest('hex')}`, Buffer.from(body)),
    ).toBe(false)
  })
})
