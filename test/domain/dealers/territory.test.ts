import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TerritoryCommand } from '../../../src/domain/dealers/commands.ts'
import type { TerritoryEvent } from '../../../src/domain/dealers/events.ts'
import { inRegion } from '../../../src/domain/dealers/inRegion.ts'
import { territoryAggregate } from '../../../src/domain/dealers/territory.ts'
import { territoryAt } from '../../../src/domain/dealers/territoryState.ts'
import { given, sameCommandTwice } from '../../support/decider.ts'

const day = (date: string): string => `${date}T00:00:00.000Z[UTC]`
const east = {
  territoryId: 'east',
  name: { 'zh-CN': '华东' },
  regions: ['CN/ZJ', 'CN/SH'],
  exclusive: true,
  effectiveAt: day('2026-01-01'),
}
const defined: TerritoryEvent = { type: 'TerritoryDefined', data: { companyId: 'acme', ...east, version: 1 } }
const granted = (dealerId: string, date: string): TerritoryEvent => ({
  type: 'TerritoryGranted',
  data: { territoryId: 'east', dealerId, effectiveAt: day(date), breaches: [] },
})
const grant = (dealerId: string, date: string): TerritoryCommand => ({
  type: 'GrantTerritory',
  territoryId: 'east',
  dealerId,
  effectiveAt: day(date),
})
const released: TerritoryEvent = {
  type: 'TerritoryReleased',
  data: { territoryId: 'east', dealerId: 'd1', effectiveAt: day('2026-03-01') },
}

describe('a territory', () => {
  it('is defined once, as version 1', () => {
    const define = { type: 'DefineTerritory', companyId: 'acme', ...east } as const
    given(territoryAggregate).when(define).then([defined])
    given(territoryAggregate, [defined])
      .when({ ...define, exclusive: false })
      .thenRefused('object.exists')
  })

  it('gets a new version when it is revised, and keeps the old one for what happened before', () => {
    const smaller = { ...east, regions: ['CN/ZJ'], effectiveAt: day('2026-02-01') }
    given(territoryAggregate, [defined])
      .when({ type: 'ReviseTerritory', ...smaller })
      .then([{ type: 'TerritoryRevised', data: { ...smaller, version: 2 } }])
    const state = given(territoryAggregate, [
      defined,
      { type: 'TerritoryRevised', data: { ...smaller, version: 2 } },
    ]).state()
    expect(territoryAt(state, day('2026-01-31'))).toMatchObject({ version: 1, regions: ['CN/ZJ', 'CN/SH'] })
    expect(territoryAt(state, day('2026-02-01'))).toMatchObject({ version: 2, regions: ['CN/ZJ'] })
    given(territoryAggregate, [defined])
      .when({ type: 'ReviseTerritory', ...east, effectiveAt: day('2026-02-01') })
      .thenNothing()
  })

  it('is one dealer’s while it is exclusive', () => {
    given(territoryAggregate, [defined])
      .when(grant('d1', '2026-02-01'))
      .then([granted('d1', '2026-02-01')])
    given(territoryAggregate, [defined, granted('d1', '2026-02-01')])
      .when(grant('d2', '2026-03-01'))
      .thenRefused('dealers.territory_exclusive')
  })

  it('is not granted in front of a later grant', () => {
    given(territoryAggregate, [defined, granted('d1', '2026-02-01')])
      .when(grant('d2', '2026-01-15'))
      .thenRefused('dealers.territory_exclusive')
  })

  it('is free again after a release', () => {
    const history = [defined, granted('d1', '2026-02-01')]
    given(territoryAggregate, history)
      .when({ type: 'ReleaseTerritory', territoryId: 'east', dealerId: 'd1', effectiveAt: day('2026-03-01') })
      .then([released])
    given(territoryAggregate, history)
      .when({ type: 'ReleaseTerritory', territoryId: 'east', dealerId: 'd2', effectiveAt: day('2026-03-01') })
      .thenNothing()
    given(territoryAggregate, [...history, released])
      .when(grant('d2', '2026-03-01'))
      .then([granted('d2', '2026-03-01')])
    given(territoryAggregate, [...history, released])
      .when(grant('d2', '2026-02-15'))
      .thenRefused('dealers.territory_exclusive')
  })

  it('needs no grant when it is shared', () => {
    const shared: TerritoryEvent = {
      type: 'TerritoryDefined',
      data: { companyId: 'acme', ...east, exclusive: false, version: 1 },
    }
    given(territoryAggregate, [shared]).when(grant('d1', '2026-02-01')).thenRefused('dealers.territory_shared')
  })

  it('never has two holders at one time, whatever is asked', () => {
    const dates = ['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01']
    const who = fc.constantFrom('d1', 'd2', 'd3')
    const when = fc.constantFrom(...dates)
    const command: fc.Arbitrary<TerritoryCommand> = fc.oneof(
      fc.constant<TerritoryCommand>({ type: 'DefineTerritory', companyId: 'acme', ...east }),
      fc.tuple(who, when).map(([dealerId, date]) => grant(dealerId, date)),
      fc.tuple(who, when).map(([dealerId, date]): TerritoryCommand => ({
        type: 'ReleaseTerritory',
        territoryId: 'east',
        dealerId,
        effectiveAt: day(date),
      })),
    )
    sameCommandTwice(territoryAggregate, command, {
      then: (state) => {
        // each change of holder goes through nobody
        const holders = state.known ? state.holders.map(({ value }) => value) : []
        const handedOver = holders.filter((holder, index) => {
          const before = holders[index - 1] ?? null
          return holder !== null && before !== null && holder !== before
        })
        expect(handedOver).toEqual([])
      },
    })
  })
})

describe('a region', () => {
  it('lies in itself and in its whole country', () => {
    expect(inRegion('CN/ZJ', 'CN/ZJ')).toBe(true)
    expect(inRegion('CN/ZJ', 'CN/*')).toBe(true)
    expect(inRegion('CN/ZJ', 'US/*')).toBe(false)
    expect(inRegion('CN/ZJ', 'CN/Z')).toBe(false)
  })
})
