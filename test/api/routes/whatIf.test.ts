import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProgrammeEvent, SettlementEvent } from '../../../src/domain/rebates/events.ts'
import type { Terms } from '../../../src/domain/rebates/terms.ts'
import { company } from '../../../src/runtime/demo/world.ts'
import { openGrownApi, type GrownApi } from '../../support/grownApi.ts'

type Calculated = Extract<SettlementEvent, { type: 'SettlementCalculated' }>['data']
interface Compared {
  readonly currency: string
  readonly now: string
  readonly then: string
  readonly difference: string
}
interface Answer {
  readonly totals: readonly Compared[]
  readonly programmes: readonly (Compared & { readonly programmeId: string })[]
  readonly dealers: readonly (Compared & { readonly dealerId: string })[]
  readonly changes: readonly (Compared & {
    readonly periodId: string
    readonly before: unknown
    readonly after: unknown
  })[]
}

let api: GrownApi
/** of each programme its terms, and of its periods those that are settled finally */
let programmes: ReadonlyMap<string, Terms>
let finals: readonly Calculated[]

beforeAll(async () => {
  api = await openGrownApi({ settings: { companyId: company } })
  const terms = api.channel.log.flatMap(({ type, data }): [string, Terms][] => {
    const { programmeId, terms: of } = data as Extract<ProgrammeEvent, { type: 'RebateProgrammeActivated' }>['data']
    return type === 'RebateProgrammeActivated' || type === 'RebateProgrammeAmended' ? [[programmeId, of]] : []
  })
  programmes = new Map(terms)
  finals = api.channel.log.flatMap(({ type, data }) => {
    const calculated = data as Calculated
    return type === 'SettlementCalculated' && calculated.kind === 'final' ? [calculated] : []
  })
}, 120_000)
afterAll(() => api.close())

async function ask(body: object): Promise<Answer> {
  const answer = await api.send('finance', 'POST', '/v1/what-if', { body })
  expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, ''])
  return answer.json<Answer>()
}

/** A programme in one currency with a period that is settled finally. */
function settled(): { programmeId: string; terms: Terms; periodIds: string[]; currency: string } {
  // in money, so that what an earlier programme earned can be taken off
  const one = finals.find(({ programmeId }) => programmes.get(programmeId)?.measure === 'net')
  const terms = programmes.get(one?.programmeId ?? '')
  if (!one || !terms) throw new Error('nothing was settled')
  return { programmeId: one.programmeId, terms, periodIds: [one.periodId], currency: one.currency }
}

describe('what if', () => {
  test('the programmes as they are earn what was settled, and nothing is different', async () => {
    const { programmeId, terms, periodIds, currency } = settled()
    const head = await api.store.head()
    const answer = await ask({ periodIds, programmes: [{ programmeId, terms: { ...terms, effectiveFrom: begin } }] })
    const earned = finals
      .filter((one) => one.programmeId === programmeId)
      .reduce((sum, { calculation }) => sum + BigInt(calculation.earned), 0n)
    expect(earned).toBeGreaterThan(0n)
    expect(answer).toMatchObject({
      totals: [{ currency, now: `${earned}`, then: `${earned}`, difference: '0' }],
      dealers: [],
      changes: [],
    })
    expect(await api.store.head()).toBe(head)
  })

  test('without a programme every dealer loses what it earns there, the one who earns most first', async () => {
    const { programmeId, periodIds } = settled()
    const answer = await ask({ periodIds, programmes: [{ programmeId }] })
    const [total] = answer.totals
    expect(total).toMatchObject({ then: '0', difference: `-${total?.now}` })
    const lost = answer.dealers.map(({ difference }) => -Number(difference))
    expect(lost.length).toBeGreaterThan(2)
    expect(lost).toEqual(lost.toSorted((a, b) => b - a))
    expect(lost.reduce((sum, one) => sum + one, 0)).toBe(Number(total?.now))
    expect(answer.changes[0]).toMatchObject({ after: null, before: { code: 'due', children: [{ code: 'earned' }] } })
    expect(JSON.stringify(answer.changes)).not.toContain('"line"')
  })

  test('other terms from a later start, a new programme beside it, and one exclusive of it', async () => {
    const { programmeId, terms, periodIds } = settled()
    const perOrder = { kind: 'per-transaction' as const, amount: '10' }
    const later = [
      {
        programmeId,
        terms: { ...terms, method: perOrder, effectiveFrom: '2025-01-01T00:00:00.000+08:00[Asia/Shanghai]' },
      },
    ]
    expect((await ask({ periodIds, programmes: later })).changes).toEqual([])
    const running = await ask({ periodIds: [...periodIds, '2025-Q1'], programmes: later })
    expect(new Set(running.changes.map(({ periodId }) => periodId))).toEqual(new Set(['2025-Q1']))

    const group = { stackingGroup: 'WHATIF', effectiveFrom: begin }
    const beside = { programmeId: 'BESIDE', terms: { ...terms, ...group, version: 1 } }
    const drafts = [{ programmeId, terms: { ...terms, ...group } }, beside]
    const order = (stacking: string) => [
      {
        groupId: 'WHATIF',
        programmes: [
          { programmeId, class: 'independent' },
          { programmeId: 'BESIDE', class: stacking },
        ],
      },
    ]
    const both = await ask({ periodIds, programmes: drafts, stacking: order('independent') })
    const only = await ask({ periodIds, programmes: drafts, stacking: order('exclusive') })
    const net = await ask({ periodIds, programmes: drafts, stacking: order('net-of-previous') })
    const added = (answer: Answer): bigint =>
      BigInt(answer.programmes.find((one) => one.programmeId === 'BESIDE')?.difference ?? '')
    expect(added(both)).toBe(BigInt(both.totals[0]?.now ?? ''))
    expect(added(only)).toBe(0n)
    expect(added(net) > 0n && added(net) < added(both)).toBe(true)
  })

  test('a dealer moved out of a programme for members earns nothing there', async () => {
    const { programmeId, terms, periodIds } = settled()
    const everybody = await ask({ periodIds, programmes: [{ programmeId }] })
    const [best] = everybody.dealers
    if (!best) throw new Error('nobody earned')
    const ofMembers = { ...terms, effectiveFrom: begin, eligibility: { kind: 'members' } }
    const answer = await ask({
      periodIds,
      programmes: [{ programmeId, terms: ofMembers }],
      members: [{ programmeId, dealerId: best.dealerId, isMember: true }],
    })
    expect(answer.totals[0]).toMatchObject({ now: everybody.totals[0]?.now, then: best.now })
  })

  test('terms with a gap, and a period that is not there, are refused with the place', async () => {
    const { programmeId, terms, periodIds } = settled()
    const tiers = [
      { from: '0', to: '1', rate: '0' },
      { from: '2', rate: '0.1' },
    ]
    const gap = { periodIds, programmes: [{ programmeId, terms: { ...terms, method: { kind: 'marginal', tiers } } }] }
    const refused = await api.send('finance', 'POST', '/v1/what-if', { body: gap })
    expect([refused.statusCode, refused.body]).toEqual([
      422,
      expect.stringContaining('programmes.0.terms.method.tiers.1.from'),
    ])
    const unknown = await api.send('finance', 'POST', '/v1/what-if', {
      body: { periodIds: ['1900-Q1'], programmes: [{ programmeId }] },
    })
    expect(unknown.statusCode).toBe(400)
  })
})

const begin = '2000-01-01T00:00:00.000Z[UTC]'
