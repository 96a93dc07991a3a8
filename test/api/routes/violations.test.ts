import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultPriceRules } from '../../../src/domain/detection/defaultRules.ts'
import { company } from '../../../src/runtime/demo/world.ts'
import { openGrownApi, type GrownApi } from '../../support/grownApi.ts'

let api: GrownApi
beforeAll(async () => {
  api = await openGrownApi({ settings: { companyId: company } })
}, 120_000)
afterAll(() => api.close())

const { version: _version, ...standard } = defaultPriceRules
interface Case {
  readonly violationId: string
  readonly dealerId: string
  readonly status: string
  readonly en: string
  readonly zh: string
  readonly counts: boolean | null
  readonly figures: Readonly<Record<string, string>>
  readonly evidence: readonly { readonly eventId: string; readonly role: string }[]
}

async function get<T>(as: Parameters<GrownApi['send']>[0], url: string): Promise<T> {
  const answer = await api.send(as, 'GET', url)
  expect([answer.statusCode, answer.body.slice(0, 300)]).toEqual([200, expect.any(String)])
  return answer.json<T>()
}

describe('violations', () => {
  test('are listed with a sentence in both languages; one opens into its figures and the events that show it', async () => {
    const { items } = await get<{ items: Case[] }>('finance', '/v1/violations?kind=ADVERTISED_BELOW_MAP')
    expect(items.map(({ dealerId, status }) => `${dealerId} ${status}`).toSorted()).toEqual([
      'CN001 closed',
      'CN006 dismissed',
    ])
    const closed = items.find(({ dealerId }) => dealerId === 'CN001')
    expect(closed).toMatchObject({
      counts: true,
      en: 'It was advertised at 79 CNY (observation MP-1); the lowest advertised price was 98',
      zh: '广告价为 79 CNY（观察 MP-1），最低广告价为 98',
    })
    const { item } = await get<{ item: Case }>('finance', `/v1/violations/CN001/${closed?.violationId}`)
    const observed = api.channel.log.find(
      ({ type, data }) =>
        type === 'MarketPriceObserved' && (data as { observationId: string }).observationId === 'MP-1',
    )
    expect(item.evidence).toEqual([
      { eventId: observed?.id, role: 'observation' },
      { eventId: expect.any(String) as string, role: 'lowest-advertised' },
    ])
    expect(item).toMatchObject({ figures: { price: '79' }, explanation: '旧海报，已撤下' })
  })

  test('goods found far from where they were sent are a case of their dealer, with scans, shipments and what invites it', async () => {
    const { items } = await get<{ items: Case[] }>('finance', '/v1/violations?kind=DIVERSION')
    expect(items).toMatchObject([{ dealerId: 'EU011', status: 'confirmed', counts: true }])
    const violationId = items[0]?.violationId ?? ''
    const { item } = await get<{ item: Case }>('finance', `/v1/violations/EU011/${violationId}`)
    const typeOf = (id: string): string => api.channel.log.find((event) => event.id === id)?.type ?? ''
    const shown = (role: string): string[] =>
      item.evidence.filter((one) => one.role === role).map(({ eventId }) => typeOf(eventId))
    // the fourth sighting opened it
    expect(shown('scan')).toEqual(Array.from({ length: 4 }, () => 'ScanObserved'))
    expect(shown('sent')).toEqual(Array.from({ length: 4 }, () => 'SerialShipped'))
    expect(item).toMatchObject({
      figures: { region: 'PL/MZ', sightings: '4', share: '1', serials: 'G-1 G-2 G-3 G-4' },
      explanation: 'A customer of ours sold them on; we no longer supply him',
    })
    const { programmes } = await get<{ programmes: { programmeId: string; method: string }[] }>(
      'finance',
      `/v1/violations/EU011/${violationId}/causes`,
    )
    // those of its programmes that pay on the whole volume
    expect(programmes).toMatchObject([
      { programmeId: 'TARGET-EU', method: 'attainment', daysLeft: 77 },
      { programmeId: 'VOLUME-EU', method: 'all-units', daysLeft: 77 },
    ])
  })

  test('stood in the middle of December where they stood then', async () => {
    const at = encodeURIComponent('2024-12-10T00:00:00.000Z[UTC]')
    const { items } = await get<{ items: Case[] }>('finance', `/v1/violations?kind=ADVERTISED_BELOW_MAP&asOf=${at}`)
    expect(items.map(({ dealerId, status }) => `${dealerId} ${status}`).toSorted()).toEqual([
      'CN001 explained',
      'CN006 notified',
    ])
  })

  test('an observation without a currency is refused, and says so', async () => {
    const seen = { companyId: company, sku: 'DR-100', unit: 'EA', confidence: '1', offer: 'advertised', price: '90' }
    const answer = await api.send('sales', 'POST', '/v1/market-prices', { body: { ...seen, place: 'Fair' } })
    expect(answer.statusCode).toBe(400)
    expect(answer.body).toContain('currency')
  })

  test('two versions at once are refused, both named', async () => {
    const revision = await api.send('sales', 'GET', `/v1/price-policies/${company}/revision`)
    const terms = { ...standard, validFrom: '2025-06-01T00:00:00.000Z[UTC]' }
    const answer = await api.send('sales', 'PUT', `/v1/price-policies/${company}`, {
      body: { terms },
      headers: { 'if-match': String(revision.headers['etag']) },
    })
    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toMatchObject({
      code: 'violations.policy_overlap',
      details: { new: expect.stringMatching(/^3: /) as string, inForce: expect.stringMatching(/^2: /) as string },
    })
  })
})

describe('a back-test', () => {
  const stretch = { from: '2024-11-01T00:00:00.000Z[UTC]', until: '2025-02-01T00:00:00.000Z[UTC]' }
  interface Answer {
    readonly kinds: readonly { readonly kind: string; readonly draft: number; readonly inForce: number }[]
    readonly more: readonly { readonly kind: string; readonly dealerId: string }[]
    readonly less: readonly { readonly kind: string }[]
    readonly same: number
  }
  const map = { ADVERTISED_BELOW_MAP: { tolerance: '0.15', confidence: '0.8' } }

  test('says what a draft finds beside what was found, and writes nothing', async () => {
    const head = await api.channel.store.head()
    const terms = {
      ...standard,
      lists: ['BASE-CNY'],
      advertised: [{ sku: 'DR-100', currency: 'CNY', price: '98' }],
      rules: { ...map, UNAPPROVED_DISCOUNT: { authority: '0', approvers: [] } },
    }
    const answer = await api.send('finance', 'POST', '/v1/price-policies/back-test', { body: { ...stretch, terms } })
    expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, ''])
    const { kinds, less } = answer.json<Answer>()
    // 85 is no longer too low, 79 still is
    expect(kinds).toContainEqual({ kind: 'ADVERTISED_BELOW_MAP', draft: 1, inForce: 2 })
    expect(less.map(({ kind }) => kind)).toContain('ADVERTISED_BELOW_MAP')
    expect(await api.channel.store.head()).toBe(head)
  })

  test('of the policy in force finds what was found', async () => {
    const policies = await get<{ items: { version: number; terms: object }[] }>('finance', '/v1/price-policies')
    const [first] = policies.items
    const until = '2025-01-01T00:00:00.000Z[UTC]'
    const body = { from: '2024-11-21T00:00:00.000Z[UTC]', until, terms: first?.terms }
    const answer = await api.send('finance', 'POST', '/v1/price-policies/back-test', { body })
    const { more, less, same } = answer.json<Answer>()
    expect({ more, less }).toEqual({ more: [], less: [] })
    expect(same).toBeGreaterThan(1)
  })
})
