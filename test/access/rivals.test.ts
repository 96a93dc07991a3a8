import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parametersOf } from '../../src/api/commandRoute.ts'
import { accessTo } from '../../src/api/queryRoute.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import type { ReadModel } from '../../src/projections/engine/factTable.ts'
import type { Query } from '../../src/projections/engine/query.ts'
import { channelModel } from '../../src/projections/models/channel/model.ts'
import { serialsModel } from '../../src/projections/models/serials/model.ts'
import { queries, readModels } from '../../src/projections/registry.ts'
import { createPool, type Pool } from '../fuzz/pool.ts'
import { openTestApi, staffDirectory, type TestApi } from '../support/api.ts'
import { grownNow } from '../support/grownChannel.ts'
import { grownStaff, openGrownApi, type GrownApi } from '../support/grownApi.ts'
import { openReadModels, type OpenReadModels } from '../support/readModels.ts'
import { knowableBelow, knowableTo } from './knowableTo.ts'

// Non-interference: what a dealer's staff are told is, to the byte, what they would be told if the other dealers and the
// manufacturer's own affairs did not exist. So no list, filter, total, count or page shows anything of a rival.

const dealer = grownStaff.d1.dealerId
const showBelow: readonly ReadModel[] = [channelModel, serialsModel]

let api: GrownApi
let alone: TestApi
let aloneModels: OpenReadModels
/** of the models whose answers show what is below the dealer, too */
let aloneBelow: OpenReadModels
/** what the dealer may not know of */
let hidden: readonly RecordedEvent[]
let own: Pool
let foreign: Pool

beforeAll(async () => {
  api = await openGrownApi()
  const { log } = api.channel
  const known = knowableTo(dealer, log)
  const ids = new Set(known.map(({ id }) => id))
  hidden = log.filter(({ id }) => !ids.has(id))
  own = createPool(known)
  foreign = createPool(hidden)
  aloneModels = await openReadModels(readModels, grownNow)
  await aloneModels.fold(known)
  // as if the rest of the log had been read and had meant nothing
  await aloneModels.pool.query('update projections.generations set checkpoint = $1', [log.at(-1)?.position.toString()])
  aloneBelow = await openReadModels(showBelow, grownNow)
  await aloneBelow.fold(knowableBelow(dealer, log))
  await aloneBelow.pool.query('update projections.generations set checkpoint = $1', [log.at(-1)?.position.toString()])
  alone = await openTestApi({
    ...api.ports,
    readerOf: (model) => (showBelow.includes(model) ? aloneBelow : aloneModels).reader(model),
    directory: staffDirectory(grownStaff),
  })
}, 600_000)
afterAll(async () => {
  await alone.app.close()
  await aloneModels.close()
  await aloneBelow.close()
  await api.close()
})

const ask = async (app: FastifyInstance, url: string, as: 'd1' | 'clerk' | 'admin') => {
  const { statusCode, body } = await app.inject({ url, headers: { authorization: `ApiKey ${as}.${as}` } })
  return { statusCode, body: body.replace(/"correlationId":"[^"]*"/, '').replaceAll(/"next":"[^"]+"/g, '"next":"…"') }
}

test('most of the channel is hidden from one dealer', () => {
  expect(hidden.length).toBeGreaterThan(api.channel.log.length / 2)
})

/**
 * Addresses of a query: its path and what it must name about own and about foreign objects, `count` of each, now and as known
 * at some positions, and each filter set to own, foreign and missing values.
 */
function addressesOf(query: Query, count = 4, moments = [2_500]): readonly string[] {
  const inPath = parametersOf(query.path)
  const others = Object.entries<{ safeParse(value: unknown): { success: boolean } }>(query.params.shape).filter(
    ([name]) => !inPath.includes(name),
  )
  const required = others.flatMap(([name, field]) => (field.safeParse(undefined).success ? [] : [name]))
  const named = [...inPath, ...required.filter((name) => !(name in range))]
  const bases = [own, foreign].flatMap((pool) => {
    const contexts = pool.contexts(named)
    const step = Math.max(1, Math.floor(contexts.length / count))
    const chosen = named.length === 0 ? contexts.slice(0, 1) : contexts.filter((_, index) => index % step === 0)
    return chosen.slice(0, count).map((context) => {
      const value = (name: string): string =>
        encodeURIComponent(range[name] ?? (name === 'dealerId' && pool === own ? dealer : (context[name]?.[0] ?? 'x')))
      const path = query.path.replaceAll(/:(\w+)/g, (_all, name: string) => value(name))
      return `${path}?${required.map((name) => `${name}=${value(name)}`).join('&')}`
    })
  })
  const values = (name: string): string[] => [
    ...[own, foreign].flatMap((pool) => every(17, pool.values(name)).slice(0, 2)).map(String),
    'missing',
  ]
  const filters = others.flatMap(([name]) =>
    required.includes(name) ? [] : values(name).map((value) => `${name}=${encodeURIComponent(value)}`),
  )
  return bases.flatMap((base, index) => [
    base,
    `${base}&limit=500`,
    ...moments.map((position) => `${base}&knownAt=${position}`),
    ...(index === 0 ? filters.map((filter) => `${base}&${filter}`) : []),
  ])
}

const range: Readonly<Record<string, string>> = {
  from: '2025-01-10',
  to: '2025-01-14',
  measure: 'ordered',
  episode: 'order',
}

function every<T>(step: number, items: readonly T[]): readonly T[] {
  return items.filter((_, index) => index % step === 0)
}

const asked = queries.filter((query) => accessTo(query).roles.includes('dealer'))

/** Questions whose answers rest on nothing of this history that is hidden as a whole: programmes are told to whom they are for. */
const nothingHidden: ReadonlySet<string> = new Set([
  'credit.holds',
  'alerts.counts',
  'programmes.list',
  'programmes.one',
  'programmes.versions',
])

/** all over the history */
const throughout = Array.from({ length: 20 }, (_, n) => (n + 1) * 250)

describe.each(asked.map((query) => [query.name, query] as const))('%s', (_name, query) => {
  test('tells a dealer the same with its rivals as without them', async () => {
    const as = accessTo(query).right === undefined ? 'clerk' : 'd1'
    let told = 0
    for (const url of addressesOf(query)) {
      const [full, without] = [await ask(api.app, url, as), await ask(alone.app, url, as)]
      expect(full, `at ${url}`).toEqual(without)
      if (full.statusCode === 200) told += 1
    }
    expect(told, 'some of it is answered').toBeGreaterThan(0)
  })

  // or else the comparison shows nothing
  if (query.owner === 'shared' || nothingHidden.has(query.name)) return
  test('tells the manufacturer of what is hidden from the dealer', async () => {
    let seen = false
    // what is there for a while only is seen at one of the moments
    for (const url of addressesOf(query, 40, throughout).toReversed()) {
      const [full, without] = [await ask(api.app, url, 'admin'), await ask(alone.app, url, 'admin')]
      seen ||= full.body !== without.body
      if (seen) break
    }
    expect(seen).toBe(true)
  })
})

test('a dealer sees the programmes that it may take part in', async () => {
  const seenBy = async (as: 'd1' | 'admin'): Promise<string[]> =>
    (JSON.parse((await ask(api.app, '/v1/programmes', as)).body) as { items: { programmeId: string }[] }).items.map(
      ({ programmeId }) => programmeId,
    )
  const [all, some] = [await seenBy('admin'), await seenBy('d1')]
  expect(all).toEqual(expect.arrayContaining(some))
  expect(some.length).toBeGreaterThan(0)
  expect(some.length).toBeLessThan(all.length)
})

test('metrics tell a dealer the same with its rivals as without them', async () => {
  const window = '/v1/metrics/values?from=2025-01-01&until=2025-02-01'
  let figures = 0
  for (const more of ['', '&by=dealer', '&by=product', '&by=territory,week', '&metric=overdue&knownAt=2500'])
    for (const url of [`${window}${more}`]) {
      const [full, without] = [await ask(api.app, url, 'clerk'), await ask(alone.app, url, 'clerk')]
      expect(full.statusCode, `answered ${full.body}`).toBe(200)
      expect(full, `at ${url}`).toEqual(without)
      figures += full.body.split('"metric"').length - 1
    }
  expect(figures).toBeGreaterThan(500)
  const [full, without] = [await ask(api.app, window, 'admin'), await ask(alone.app, window, 'admin')]
  expect(full.body === without.body).toBe(false)
})
