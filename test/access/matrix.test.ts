import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parametersOf } from '../../src/api/commandRoute.ts'
import { resources } from '../../src/api/resources.ts'
import { noStream, StoreUnavailable, type EventStore } from '../../src/ledger/eventStore.ts'
import { draftOf } from '../fuzz/arbitraries.ts'
import { type Operation, operationsOf } from '../fuzz/operations.ts'
import { createPool, type Pool } from '../fuzz/pool.ts'
import { grownStaff, type GrownApi } from '../support/grownApi.ts'
import { claimsPolicy, type Objects, openAccessWorld, type Outsider, outsiders } from './world.ts'
import { mayByTable, routes, type Scope } from './routes.ts'

// Every kind of principal × every route × own, foreign and missing objects. Commands are decided and not written: an append
// counts as accepted, and the next request meets the same channel.

const seed = 20_250_422
let world: Awaited<ReturnType<typeof openAccessWorld>>
let api: GrownApi
let operations: ReadonlyMap<string, Operation>
let pool: Pool
let isWriting = true
let calls = 0

const dry = (store: EventStore): EventStore => ({
  ...store,
  async append(...append) {
    if (isWriting) return store.append(...append)
    throw new StoreUnavailable('accepted, and not written')
  },
})

beforeAll(async () => {
  world = await openAccessWorld(dry)
  isWriting = false
  ;({ api } = world)
  const document: unknown = (await api.send(undefined, 'GET', '/openapi.json')).json()
  operations = new Map(
    operationsOf(document).map((one) => [`${one.method} ${one.url.replaceAll(/\{(\w+)\}/g, ':$1')}`, one]),
  )
  pool = createPool(world.known)
}, 600_000)
afterAll(() => api?.close())

type Name = keyof typeof grownStaff
const people = Object.keys(grownStaff) as Name[]
/** Streams that stay open: feeds.test.ts and the tests of their routes */
const live: ReadonlySet<string> = new Set(['GET /v1/stream', 'GET /v1/alerts/stream', 'GET /v1/figures/stream'])
const whose = ['own', 'foreign', 'missing'] as const

interface Answer {
  readonly status: number
  /** without what differs between two objects that are both not there: their names */
  readonly text: string
}

function addressOf(url: string, objects: Objects): string {
  return url.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(objects[name] ?? `${name}-of-nobody`))
}

/** What a query must name beside its path. */
function searchOf(route: string, objects: Objects): string {
  const values: Objects = { ...objects, from: '2025-01-01', to: '2025-01-31', until: '2025-02-01', month: '2025-01' }
  const required = operations.get(route)?.requiredQuery ?? []
  return required
    .map((name, n) => `${n === 0 ? '?' : '&'}${name}=${encodeURIComponent(values[name] ?? 'none')}`)
    .join('')
}

async function call(
  authorization: string | undefined,
  route: string,
  objects: Objects,
  body: unknown,
): Promise<Answer> {
  const [method = '', url = ''] = route.split(' ')
  const resource = resources.find(({ path }) => url === path || url.startsWith(`${path}/`))
  const needsRevision = operations.get(route)?.headers.includes('if-match') ?? false
  const revision = resource && needsRevision ? await revisionOf(resource, objects) : noStream
  const answer = await api.app.inject({
    method: method as 'GET', // one of the table's
    url: addressOf(url, objects) + searchOf(route, objects),
    // each from an address of its own: who fails too often from one is not looked at any more
    remoteAddress: `fd00::${(calls += 1).toString(16)}`.replace(/([0-9a-f]{4})([0-9a-f]+)$/, '$1:$2'),
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(method !== 'GET' && { 'idempotency-key': 'matrix' }),
      ...(needsRevision && { 'if-match': `"${Math.max(0, revision)}"` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  })
  let text = answer.body.replace(/"correlationId":"[^"]*"/, '')
  for (const name of parametersOf(url)) text = text.replaceAll(objects[name] ?? `${name}-of-nobody`, `{${name}}`)
  return { status: answer.statusCode, text }
}

async function revisionOf(resource: (typeof resources)[number], objects: Objects): Promise<number> {
  const names = parametersOf(resource.path)
  const params = Object.fromEntries(names.map((name) => [name, objects[name] ?? `${name}-of-nobody`]))
  return (await api.ports.handler.loadWithRevision(resource.aggregate, resource.id(params))).revision
}

/** Bodies that are seldom drawn right. */
function knownBody(route: string): unknown {
  const at = '2025-01-01T00:00:00.000Z[UTC]'
  const { own } = world.objects
  const of = (type: string) => world.log.find((event) => event.type === type)?.data as Readonly<Record<string, unknown>>
  const { companyId, terms } = of('RebateProgrammeDrafted')
  const known: Readonly<Record<string, unknown>> = {
    'POST /v1/price-lists': {
      companyId,
      listId: 'NEW',
      name: { en: 'New' },
      level: 'base',
      scope: {},
      currency: 'CNY',
      priority: 1,
      effectiveFrom: at,
    },
    'POST /v1/orders': {
      companyId,
      dealerId: own['dealerId'],
      currency: 'CNY',
      shipFrom: { party: companyId, location: 'SHANGHAI' },
      lines: [{ lineNo: 1, sku: own['sku'], unit: 'EA', quantity: '1' }],
    },
    'PUT /v1/stock/:party/:location/:sku/replenishment-policy': { levels: { safetyStock: '1', reorderPoint: '2' } },
    'POST /v1/stock/:party/:location/:sku/scrappings': { reason: 'damaged', lines: [{ quantity: '1' }] },
    'POST /v1/alerts/:alertId/snooze': { until: '2025-02-10T00:00:00.000Z[UTC]' },
    'PUT /v1/alert-rules/:companyId/:role': { rules: [] },
    'POST /v1/programmes': { companyId, terms },
    'PUT /v1/claims-policies/:companyId': claimsPolicy,
    'POST /v1/price-differences/:dealerId/:sku/agreements': {
      companyId,
      agreementId: 'another',
      kind: 'ship-and-debit',
      endCustomer: 'SCHOOL',
      compared: 'layers',
      contractPrice: '50',
      currency: 'CNY',
      unit: 'EA',
      quantity: '9',
      from: at,
      until: '2025-12-31T00:00:00.000Z[UTC]',
    },
    'POST /v1/price-differences/:dealerId/:sku/claims': {
      companyId,
      claimId: 'another',
      kind: 'stock-rotation',
      periodId: '2025-Q1',
      quantity: '1',
      unit: 'EA',
      currency: 'CNY',
    },
    'POST /v1/outlets': {
      companyId,
      outletId: 'another',
      name: { en: 'Another' },
      kind: 'store',
      region: 'CN/SH',
      zone: 'UTC',
      dealerId: own['dealerId'],
      effectiveAt: at,
    },
    'PUT /v1/outlets/:outletId': { name: { en: 'New' }, kind: 'kiosk', region: 'CN/SH', zone: 'UTC', effectiveAt: at },
    'POST /v1/outlets/:outletId/closing': { reason: 'sold', effectiveAt: '2025-01-25T00:00:00.000Z[UTC]' },
    'POST /v1/sell-out': {
      companyId,
      dealerId: own['dealerId'],
      source: 'matrix',
      documentType: 'report',
      number: 'another',
      from: '2025-01-01',
      to: '2025-01-31',
      lines: [{ lineNo: 1, sku: own['sku'], unit: 'EA', quantity: '1', day: '2025-01-10' }],
    },
    'POST /v1/serials/:serial/receipts': { companyId, dealerId: own['dealerId'] },
    'POST /v1/serials/:serial/scans': {
      companyId,
      dealerId: own['dealerId'],
      scanId: 'another',
      role: 'dealer',
      region: 'CN/SH',
    },
    'POST /v1/serial-batches': {
      entries: [
        {
          type: 'ObserveScan',
          serial: own['serial'],
          companyId,
          dealerId: own['dealerId'],
          scanId: 'another',
          role: 'dealer',
          region: 'CN/SH',
        },
      ],
    },
    'POST /v1/funds': {
      companyId,
      fundId: 'another',
      dealerId: own['dealerId'],
      currency: 'CNY',
      name: { en: 'Another' },
      from: at,
      until: '2025-12-31T00:00:00.000Z[UTC]',
      claimWithinDays: 30,
      budget: '1000',
    },
    'POST /v1/market-prices': {
      companyId,
      observationId: 'another',
      place: 'Market hall',
      sku: own['sku'],
      unit: 'EA',
      confidence: '1',
      offer: 'advertised',
      price: '90',
      currency: 'CNY',
    },
    'PUT /v1/principals/:principalId/role': { role: 'dealer', dealerId: own['dealerId'], rights: ['orders'] },
    // whoever may command an order may correct it: what finance may not is in test/owasp/api05.test.ts
    'POST /v1/corrections': { stream: own['stream'], eventId: world.log[0]?.id, reason: 'incorrect_data' },
  }
  return known[route]
}

/** A body that fits the command: the first that an administrator is not refused for its shape. */
async function bodyFor(route: string): Promise<unknown> {
  const known = knownBody(route)
  if (known !== undefined) return known
  const operation = operations.get(route)
  if (!operation?.body) return undefined
  let shaped: unknown
  for (let batch = 0; batch < 8 && shaped === undefined; batch++) {
    for (const { body } of fc.sample(draftOf(operation, pool), { seed: seed + batch, numRuns: 40 })) {
      const { status } = await call('ApiKey admin.admin', route, world.objects.own, body)
      if (status === 503 || status < 300) return body
      if (status !== 400) shaped ??= body
    }
  }
  if (shaped === undefined) throw new Error(`no body for ${route} fits`)
  return shaped
}

/** As many as the program has, and no other. */
test('the table holds every route of the program, and only those', () => {
  const program = api.app.accessTable
    .filter(({ method }) => method !== 'HEAD')
    .map(({ method, url }) => `${method} ${url}`)
  expect(Object.keys(routes).toSorted()).toEqual([...new Set(program)].toSorted())
})

test('HEAD is for whom GET is', () => {
  for (const { url, access } of api.app.accessTable.filter(({ method }) => method === 'HEAD'))
    expect(access, `at ${url}`).toEqual(
      api.app.accessTable.find((one) => one.method === 'GET' && one.url === url)?.access,
    )
})

const closed = Object.entries(routes).filter(([, [may]]) => may !== 'open')
describe.each(closed)('%s', (route, [may, scope]) => {
  test(`is for ${may}`, async () => {
    const body = await bodyFor(route)
    const wrong: string[] = []
    const check = (holds: boolean, what: string): unknown => holds || wrong.push(what)
    for (const outsider of Object.keys(outsiders) as Outsider[]) {
      const { status } = await call(world.keys[outsider], route, world.objects.own, body)
      check(status === 401, `${outsider} is answered ${status}`)
    }
    for (const name of people) {
      const person = grownStaff[name]
      const ask = (one: (typeof whose)[number]): Promise<Answer> =>
        call(`ApiKey ${name}.${name}`, route, world.objects[one], name === 'd2' ? bodyOfSecond(body) : body)
      if (!mayByTable(may, person)) {
        const { status } = await ask('own')
        check(status === 403, `${name}, who may not, is answered ${status}`)
        continue
      }
      if (live.has(route)) continue
      const [own, foreign, missing] = [await ask('own'), await ask('foreign'), await ask('missing')]
      check(own.status !== 401 && own.status !== 403, `${name}, who may, is answered ${own.status} ${own.text}`)
      if (person.role === 'dealer') wrong.push(...shownTo(name, scope, { own, foreign, missing }))
    }
    if (!live.has(route)) {
      // a machine with a key from the ledger is what its principal is
      const { status } = await call(world.keys.service, route, world.objects.own, body)
      check((status === 403) !== mayByTable(may, { role: 'sales' }), `a service key is answered ${status}`)
    }
    expect(wrong).toEqual([])
  })
})

/** The body of the first dealer's as the second one would send it. */
function bodyOfSecond(body: unknown): unknown {
  if (body === undefined) return undefined
  return JSON.parse(JSON.stringify(body).replaceAll(grownStaff.d1.dealerId, grownStaff.d2.dealerId))
}

/** What one dealer is shown of another one's objects, and what it is not shown of its own. */
function shownTo(
  name: Name,
  scope: Scope,
  { own, foreign, missing }: Readonly<Record<(typeof whose)[number], Answer>>,
): string[] {
  const isSame = (a: Answer, b: Answer): boolean => a.status === b.status && a.text === b.text
  // the second dealer's own objects are the first one's foreign ones
  const [mine, theirs] = name === 'd2' ? [foreign, own] : [own, foreign]
  if (scope === '' || scope === 'shared') return []
  const told = isSame(theirs, missing) ? [] : [`${name} is told of another’s ${theirs.text}, not ${missing.text}`]
  if (scope === 'staff') return isSame(mine, missing) ? told : [...told, `${name} is told ${mine.text}`]
  // empty for a list; else refused, as the rules of the command refuse what is not there
  const isThere = ![200, 404, 409, 412, 422].includes(missing.status)
  return [
    ...told,
    ...(isSame(mine, missing) ? [`${name} is not told of its own: ${mine.text}`] : []),
    ...(isThere ? [`${name} is answered ${missing.status} for what is not there: ${missing.text}`] : []),
  ]
}
