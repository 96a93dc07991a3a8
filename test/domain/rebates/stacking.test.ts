import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dealerAggregate } from '../../../src/domain/dealers/decide.ts'
import type { Load } from '../../../src/domain/kernel/decider.ts'
import { formatDecimal, parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import type { BasisFact } from '../../../src/domain/rebates/basisFact.ts'
import type { StackingCommand } from '../../../src/domain/rebates/commands.ts'
import type { StackingEvent } from '../../../src/domain/rebates/events.ts'
import { programmeAggregate, type ProgrammeState } from '../../../src/domain/rebates/programme.ts'
import { settle } from '../../../src/domain/rebates/settle.ts'
import { settlementAggregate } from '../../../src/domain/rebates/settlement.ts'
import { stackedFacts } from '../../../src/domain/rebates/stackedFacts.ts'
import { stackingAggregate, stackingFor } from '../../../src/domain/rebates/stacking.ts'
import type { Method, StackingClass, Terms } from '../../../src/domain/rebates/terms.ts'
import { given } from '../../support/decider.ts'
import { fact, termsWith } from './facts.ts'

const flat = (rate: string): Method => ({ kind: 'marginal', tiers: [{ from: '0', rate }] })
const programmeOf = (terms: Terms): ProgrammeState => ({
  status: 'active',
  companyId: 'maker',
  versions: [terms],
  members: {},
})
const inGroup = (method: Method, change: Partial<Terms> = {}): Terms =>
  termsWith(method, { stackingGroup: 'spring', ...change })
const effectiveFrom = '2026-01-01T00:00:00.000Z[UTC]'

type Order = readonly (readonly [programmeId: string, terms: Terms, stacking: StackingClass])[]

/** What each programme earns on the same facts, in minor units, and the facts that it saw. */
async function earnedBy(order: Order, facts: readonly BasisFact[]) {
  const states = new Map<unknown, unknown>([
    [dealerAggregate, dealerAggregate.initialState],
    [settlementAggregate, settlementAggregate.initialState],
    [
      stackingAggregate,
      {
        versions: [
          { version: 1, effectiveFrom, programmes: order.map(([programmeId, , one]) => ({ programmeId, class: one })) },
        ],
      },
    ],
  ])
  const load = (async (aggregate: unknown, id: string) => {
    if (aggregate !== programmeAggregate) return states.get(aggregate)
    const terms = order.find(([programmeId]) => programmeId === id)?.[1]
    return terms ? programmeOf(terms) : programmeAggregate.initialState
  }) as Load // each aggregate gets its own state
  const found = order.map(async ([programmeId, terms]) => {
    const period = { startInstant: Date.UTC(2026, 0, 1), endInstant: Date.UTC(2026, 3, 1) }
    const identity = { programmeId, dealerId: 'dealer', currency: 'USD', periodId: '2026-Q1', zone: 'UTC' }
    const upTo = { cutOff: '2026-04-01T00:00:00.000Z[UTC]', watermark: 1_000_000n }
    const seen = await stackedFacts(load, { ...identity, ...upTo, programme: programmeOf(terms), terms, period }, facts)
    return { seen, ...settle({ programmeId, terms, currency: 'USD', facts: seen, prior: [] }) }
  })
  return Promise.all(found)
}

const earned = async (order: Order, facts: readonly BasisFact[]): Promise<string[]> =>
  (await earnedBy(order, facts)).map(({ calculation }) => calculation.earned)

describe('several programmes on one sale', () => {
  const sale = [fact(1, '1000')]

  it('independent ones each count all of it', async () => {
    const order: Order = [
      ['A', inGroup(flat('0.02')), 'independent'],
      ['B', inGroup(flat('0.03')), 'independent'],
    ]
    expect(await earned(order, sale)).toEqual(['2000', '3000'])
  })

  it('one net of the previous counts what they leave, one after another', async () => {
    const order: Order = [
      ['A', inGroup(flat('0.02')), 'independent'],
      ['B', inGroup(flat('0.03')), 'net-of-previous'],
      ['C', inGroup(flat('0.1')), 'net-of-previous'],
    ]
    // 1,000; 1,000 − 20; 1,000 − 20 − 29.40
    expect(await earned(order, sale)).toEqual(['2000', '2940', '9506'])
    const [, , third] = await earnedBy(order, sale)
    const line = third?.explanation.children?.[0]?.children?.[0]?.children?.[0]
    expect(line).toMatchObject({ code: 'line', base: '950.6', earnedBefore: '49.4' })
  })

  it('an exclusive one leaves what an earlier one has in its scope, also where that pays nothing', async () => {
    const order: Order = [
      [
        'A',
        inGroup(
          { kind: 'all-units', tiers: [{ from: '5000', rate: '0.02' }] },
          { products: { include: { skus: ['bike'] } } },
        ),
        'independent',
      ],
      ['B', inGroup(flat('0.03')), 'exclusive'],
    ]
    const facts = [...sale, fact(2, '100', { sku: 'helmet' })]
    expect(await earned(order, facts)).toEqual(['0', '300'])
  })

  it('who is not eligible for the earlier one has nothing taken by it', async () => {
    const order: Order = [
      ['A', inGroup(flat('0.02'), { eligibility: { kind: 'tiers', tiers: ['gold'] } }), 'independent'],
      ['B', inGroup(flat('0.03')), 'exclusive'],
      ['C', inGroup(flat('0.1'), { currencies: ['CNY'] }), 'independent'],
      ['D', inGroup(flat('0.05')), 'net-of-previous'],
    ]
    const [, second, , fourth] = await earned(order, sale)
    expect([second, fourth]).toEqual(['3000', '4850'])
  })

  it('with units the units stay, and the base is less', async () => {
    const order: Order = [
      ['A', inGroup(flat('0.1')), 'independent'],
      ['B', inGroup(flat('0.1'), { measure: 'units', unit: 'EA' }), 'net-of-previous'],
    ]
    const [, second] = await earnedBy(order, [fact(1, '1000', { quantity: '4' })])
    expect(second?.calculation).toMatchObject({ volume: '4', earned: '9000' })
  })

  it('the order in which facts come changes nothing, and every sale is seen less what was earned on it before, or not at all', async () => {
    const classes: readonly StackingClass[] = ['independent', 'exclusive', 'net-of-previous']
    const orders = fc
      .array(fc.tuple(fc.constantFrom(...classes), fc.integer({ min: 0, max: 400_000 }), fc.boolean()), {
        minLength: 2,
        maxLength: 4,
      })
      .map((all): Order =>
        all.map(([one, rate, narrow], n) => [
          `P${n}`,
          inGroup(flat(formatDecimal(BigInt(rate))), narrow ? { products: { include: { skus: ['bike'] } } } : {}),
          one,
        ]),
      )
    const lines = fc.array(fc.tuple(fc.integer({ min: -500, max: 2000 }), fc.boolean()), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(orders, lines, async (order, values) => {
        const facts = values.map(([value, isBike], n) => fact(n, String(value), isBike ? {} : { sku: 'helmet' }))
        const found = await earnedBy(order, facts)
        expect((await earned(order, facts.toReversed())).join()).toBe(found.map((one) => one.calculation.earned).join())
        // a programme sees the value of a sale, less what those before it earn on it, or nothing of it
        for (const { seen } of found)
          for (const one of seen) {
            const before = facts.find(({ eventId }) => eventId === one.eventId)
            expect(parseDecimal(one.net) + parseDecimal(one.earnedBefore ?? '0')).toBe(parseDecimal(before?.net ?? ''))
          }
      }),
      { seed: 20260501, numRuns: 100 },
    )
  })
})

describe('the order of a group', () => {
  const define: StackingCommand = {
    type: 'DefineStacking',
    groupId: 'spring',
    companyId: 'maker',
    effectiveFrom,
    programmes: [
      { programmeId: 'A', class: 'independent' },
      { programmeId: 'B', class: 'net-of-previous' },
    ],
  }
  const known = { A: programmeOf(inGroup(flat('0.02'))), B: programmeOf(inGroup(flat('0.03'))) }
  const { type: _type, ...data } = define
  const defined: StackingEvent = { type: 'StackingDefined', data: { ...data, version: 1, breaches: [] } }

  it('is defined, and defined anew from a later period on', () => {
    given(stackingAggregate).when(define, { given: known }).then([defined])
    given(stackingAggregate, [defined]).when(define, { given: known }).thenNothing()
    const later = {
      ...define,
      effectiveFrom: '2026-04-01T00:00:00.000Z[UTC]',
      programmes: define.programmes.toReversed(),
    }
    const state = given(stackingAggregate, [defined]).when(later, { given: known }).state()
    const first = (at: number) => stackingFor(state, at)[0]?.programmeId
    expect([first(Date.UTC(2026, 2, 31)), first(Date.UTC(2026, 3, 1))]).toEqual(['A', 'B'])
    given(stackingAggregate, [defined])
      .when({ ...later, effectiveFrom }, { given: known })
      .thenRefused('rebates.retroactive')
  })

  it('is refused with a programme twice, one of another group, or ones that count differently', () => {
    const twice = { ...define, programmes: [...define.programmes, { programmeId: 'A', class: 'exclusive' as const }] }
    given(stackingAggregate)
      .when(twice, { given: known })
      .thenRefused('object.exists', { groupId: 'spring', programmeId: 'A' })
    const stranger = { ...known, B: programmeOf(termsWith(flat('0.03'))) }
    given(stackingAggregate)
      .when(define, { given: stranger })
      .thenRefused('rebates.not_stacked', { groupId: 'spring', programmeId: 'B' })
    const unlike = { ...known, B: programmeOf(inGroup(flat('0.03'), { basis: 'invoiced' })) }
    given(stackingAggregate)
      .when(define, { given: unlike })
      .thenRefused('rebates.unlike', { groupId: 'spring', differs: 'basis' })
  })
})
