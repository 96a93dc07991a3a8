import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { registerDealer, type DealerCommand } from '../../../src/domain/dealers/commands.ts'
import { dealerAggregate, type DealerGiven } from '../../../src/domain/dealers/decide.ts'
import type { DealerEvent } from '../../../src/domain/dealers/events.ts'
import { dealerAt, type DealerAt, type DealerState } from '../../../src/domain/dealers/state.ts'
import { standardTerms } from '../../../src/domain/dealers/terms.ts'
import { given, sameCommandTwice } from '../../support/decider.ts'

const day = (date: string): string => `${date}T00:00:00.000Z[UTC]`
const profile = {
  legalName: { 'zh-CN': '杭州车行' },
  kind: 'specialty-bike-shop',
  country: 'CN',
  region: 'CN/ZJ',
  zone: 'Asia/Shanghai',
  currencies: ['CNY'],
}
const start = { dealerId: 'd1', companyId: 'acme', ...profile, tierLevel: 1 as const, effectiveAt: day('2026-01-01') }
const registered: DealerEvent = { type: 'DealerRegistered', data: { ...start, breaches: [] } }
const register: DealerCommand = { type: 'RegisterDealer', ...start }
const at = (state: DealerState, date: string): DealerAt | undefined => dealerAt(state, day(date))
const parent: DealerAt = {
  ...profile,
  dealerId: 'p1',
  companyId: 'acme',
  tierLevel: 1,
  status: 'active',
  mayOrder: true,
  tier: undefined,
  territory: undefined,
  terms: { ...standardTerms, version: 0 },
}
const nothing: { given: DealerGiven } = { given: {} }
const dealer = (
  ...events: DealerEvent[]
): ReturnType<typeof given<DealerCommand, DealerEvent, DealerState, DealerGiven>> =>
  given(dealerAggregate, [registered, ...events])

describe('a dealer', () => {
  it('is registered once, on standard terms', () => {
    given(dealerAggregate).when(register, nothing).then([registered])
    expect(at(dealer().state(), '2026-01-01')).toMatchObject({
      status: 'active',
      mayOrder: true,
      tier: undefined,
      terms: { version: 0, paymentTermDays: 30 },
    })
    expect(at(dealer().state(), '2025-12-31')).toBeUndefined()
    dealer()
      .when({ ...register, companyId: 'rival' }, nothing)
      .thenRefused('object.exists')
  })

  it('lies in its country', () => {
    expect(registerDealer.schema.safeParse(start).success).toBe(true)
    expect(registerDealer.schema.safeParse({ ...start, region: 'US/WA' }).success).toBe(false)
  })

  it('of the second tier buys under an active dealer of the first', () => {
    const second = { ...register, tierLevel: 2 as const }
    const under = { ...second, parentDealerId: 'p1' }
    const { when } = given(dealerAggregate)
    when(second, nothing).thenRefused('dealers.parent_required')
    when({ ...register, parentDealerId: 'p1' }, { given: { parent } }).thenRefused('dealers.parent_required')
    when(under, nothing).thenRefused('dealers.parent_invalid')
    when(under, { given: { parent: { ...parent, status: 'exited' } } }).thenRefused('dealers.parent_invalid')
    when(under, { given: { parent: { ...parent, tierLevel: 2 } } }).thenRefused('dealers.parent_invalid')
    when(under, { given: { parent: { ...parent, companyId: 'rival' } } }).thenRefused('dealers.parent_invalid')
    when({ ...under, parentDealerId: 'd1' }, { given: { parent: { ...parent, dealerId: 'd1' } } }).thenRefused(
      'dealers.parent_invalid',
    )
    when(under, { given: { parent } }).then([
      { type: 'DealerRegistered', data: { ...start, tierLevel: 2, parentDealerId: 'p1', breaches: [] } },
    ])
  })

  it('that is a recorded fact is kept with what it breaks', () => {
    given(dealerAggregate)
      .when({ ...register, tierLevel: 2 }, { ...nothing, recorded: true })
      .then([
        {
          type: 'DealerRegistered',
          data: {
            ...start,
            tierLevel: 2,
            breaches: [{ code: 'dealers.parent_required', details: { dealerId: 'd1', tierLevel: '2' } }],
          },
        },
      ])
  })

  it('moves under another parent at a time of its own', () => {
    const assigned: DealerEvent = {
      type: 'DealerParentAssigned',
      data: { dealerId: 'd1', tierLevel: 2, parentDealerId: 'p1', effectiveAt: day('2026-02-01'), breaches: [] },
    }
    const { breaches: _none, ...command } = assigned.data
    dealer()
      .when({ type: 'AssignDealerParent', ...command }, { given: { parent } })
      .then([assigned])
    const state = dealer(assigned).state()
    expect([at(state, '2026-01-31')?.parentDealerId, at(state, '2026-02-01')?.parentDealerId]).toEqual([
      undefined,
      'p1',
    ])
  })

  it('changes tier for named causes; the first tier needs none', () => {
    const gold: DealerEvent = {
      type: 'TierAssigned',
      data: {
        dealerId: 'd1',
        tier: 'gold',
        reason: 'onboarding',
        causes: [],
        effectiveAt: day('2026-01-01'),
        breaches: [],
      },
    }
    dealer()
      .when(
        { type: 'AssignTier', dealerId: 'd1', tier: 'gold', reason: 'onboarding', effectiveAt: day('2026-01-01') },
        nothing,
      )
      .then([gold])
    const silver = {
      type: 'AssignTier',
      dealerId: 'd1',
      tier: 'silver',
      reason: 'evaluation',
      effectiveAt: day('2026-04-01'),
    } as const
    dealer(gold).when(silver, nothing).thenRefused('dealers.tier_causes_missing')
    dealer(gold)
      .when({ ...silver, causes: ['evaluation-2026-Q1'] }, nothing)
      .then([
        {
          type: 'TierAssigned',
          data: {
            dealerId: 'd1',
            tier: 'silver',
            previousTier: 'gold',
            reason: 'evaluation',
            causes: ['evaluation-2026-Q1'],
            effectiveAt: day('2026-04-01'),
            breaches: [],
          },
        },
      ])
  })

  it('is assigned the version of the territory that is in force, and an exclusive one only when it holds it', () => {
    const territory = {
      territoryId: 'east',
      companyId: 'acme',
      name: { en: 'East' },
      regions: ['CN/ZJ'],
      exclusive: true,
      version: 3,
      holder: 'd1',
    }
    const assign = {
      type: 'AssignTerritory',
      dealerId: 'd1',
      territoryId: 'east',
      effectiveAt: day('2026-02-01'),
    } as const
    dealer()
      .when(assign, { given: { territory } })
      .then([
        {
          type: 'TerritoryAssigned',
          data: {
            dealerId: 'd1',
            territoryId: 'east',
            territoryVersion: 3,
            effectiveAt: day('2026-02-01'),
            breaches: [],
          },
        },
      ])
    dealer()
      .when(assign, { given: { territory: { ...territory, holder: 'd2' } } })
      .thenRefused('dealers.territory_exclusive')
    dealer()
      .when(assign, { given: { territory: { ...territory, exclusive: false, holder: null } } })
      .events()
    dealer().when(assign, nothing).thenRefused('dealers.territory_unknown')
    dealer()
      .when(assign, { given: { territory: { ...territory, companyId: 'rival' } } })
      .thenRefused('dealers.territory_unknown')
  })

  it('has terms in numbered versions', () => {
    const terms = { ...standardTerms, paymentTermDays: 45 }
    const set: DealerEvent = {
      type: 'DealerTermsSet',
      data: { dealerId: 'd1', version: 1, ...terms, effectiveAt: day('2026-02-01') },
    }
    dealer()
      .when({ type: 'SetDealerTerms', dealerId: 'd1', ...terms, effectiveAt: day('2026-02-01') }, nothing)
      .then([set])
    const events = dealer(set)
      .when({ type: 'SetDealerTerms', dealerId: 'd1', ...standardTerms, effectiveAt: day('2026-01-15') }, nothing)
      .events()
    expect(events[0]?.data).toMatchObject({ version: 2 })
    const state = dealer(set, ...events).state()
    expect(['2026-01-14', '2026-01-15', '2026-02-01'].map((date) => at(state, date)?.terms.version)).toEqual([0, 2, 1])
  })

  it('is suspended and reinstated, and places no new orders in between', () => {
    const suspended: DealerEvent = {
      type: 'DealerSuspended',
      data: { dealerId: 'd1', reason: 'overdue', effectiveAt: day('2026-02-01'), breaches: [] },
    }
    const reinstated: DealerEvent = {
      type: 'DealerReinstated',
      data: { dealerId: 'd1', reason: 'paid', effectiveAt: day('2026-03-01'), breaches: [] },
    }
    dealer()
      .when({ type: 'SuspendDealer', dealerId: 'd1', reason: 'overdue', effectiveAt: day('2026-02-01') }, nothing)
      .then([suspended])
    dealer(suspended)
      .when({ type: 'ReinstateDealer', dealerId: 'd1', reason: 'paid', effectiveAt: day('2026-03-01') }, nothing)
      .then([reinstated])
    dealer()
      .when({ type: 'ReinstateDealer', dealerId: 'd1', reason: 'paid', effectiveAt: day('2026-03-01') }, nothing)
      .thenNothing()
    const state = dealer(suspended, reinstated).state()
    expect(['2026-01-31', '2026-02-01', '2026-02-28', '2026-03-01'].map((date) => at(state, date)?.mayOrder)).toEqual([
      true,
      false,
      false,
      true,
    ])
  })

  it('that has exited does not come back, also not by what was recorded before', () => {
    const exited: DealerEvent = {
      type: 'DealerExited',
      data: {
        dealerId: 'd1',
        reason: 'contract-ended',
        settlementPlan: 'final-settlement',
        stockBuyBack: true,
        effectiveAt: day('2026-03-01'),
      },
    }
    const later: DealerEvent = {
      type: 'DealerReinstated',
      data: { dealerId: 'd1', reason: 'paid', effectiveAt: day('2026-04-01'), breaches: [] },
    }
    dealer()
      .when({ type: 'ExitDealer', ...exited.data }, nothing)
      .then([exited])
    dealer(exited)
      .when({ type: 'ReinstateDealer', dealerId: 'd1', reason: 'paid', effectiveAt: day('2026-04-01') }, nothing)
      .thenRefused('dealers.exited')
    expect(at(dealer(later, exited).state(), '2026-05-01')).toMatchObject({ status: 'exited', mayOrder: false })
  })

  it('keeps its contact out of its state, and knows a repeated change by its id', () => {
    const contact = { personId: 'person-1', name: '王小明', phone: '+86 571 0000' }
    const change = {
      type: 'ChangeDealerContact',
      dealerId: 'd1',
      changeId: 'c1',
      contact,
      effectiveAt: day('2026-02-01'),
    } as const
    const { type: _type, ...data } = change
    dealer()
      .when(change, nothing)
      .then([{ type: 'DealerContactChanged', data }])
    expect(JSON.stringify(dealer().when(change, nothing).state())).not.toContain('王小明')
  })

  it('says the same thing once, whatever its history, and stays gone after its exit', () => {
    const when = fc.constantFrom('2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01').map(day)
    const dealerId = fc.constant('d1')
    const status = { dealerId, reason: fc.constant('because'), effectiveAt: when }
    const command: fc.Arbitrary<DealerCommand> = fc.oneof(
      { arbitrary: fc.constant(register), weight: 3 },
      fc.record({ type: fc.constant('SuspendDealer' as const), ...status }),
      fc.record({ type: fc.constant('ReinstateDealer' as const), ...status }),
      fc.record({
        type: fc.constant('ExitDealer' as const),
        ...status,
        settlementPlan: fc.constant('final'),
        stockBuyBack: fc.boolean(),
      }),
      fc.record({
        type: fc.constant('AssignTier' as const),
        ...status,
        tier: fc.constantFrom('gold', 'silver'),
        causes: fc.constantFrom<string[]>([], ['e1']),
      }),
      fc
        .record({
          type: fc.constant('SetDealerTerms' as const),
          dealerId,
          effectiveAt: when,
          paymentTermDays: fc.constantFrom(30, 45),
        })
        .map((one) => ({ ...standardTerms, ...one })),
      fc.record({
        type: fc.constant('AssignDealerParent' as const),
        dealerId,
        effectiveAt: when,
        tierLevel: fc.constantFrom(1 as const, 2 as const),
      }),
      fc
        .record({
          type: fc.constant('ReviseDealerProfile' as const),
          dealerId,
          effectiveAt: when,
          city: fc.constantFrom('杭州', '宁波'),
        })
        .map((one) => ({ ...profile, ...one })),
    )
    sameCommandTwice(dealerAggregate, command, {
      circumstances: (_command, step) => ({ ...nothing, recorded: step % 3 === 2 }),
      then: (state, events) => {
        const gone = events.some(({ type }) => type === 'DealerExited')
        expect(dealerAt(state, day('2030-01-01'))?.status === 'exited').toBe(gone)
      },
    })
  })
})
