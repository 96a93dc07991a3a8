import { describe, expect, it } from 'vitest'
import type { DealerAt } from '../../../src/domain/dealers/state.ts'
import type { TerritoryAt } from '../../../src/domain/dealers/territoryState.ts'
import type { OutletEvent } from '../../../src/domain/outlets/events.ts'
import { outletAggregate } from '../../../src/domain/outlets/outlet.ts'
import { outletAt } from '../../../src/domain/outlets/state.ts'
import { given } from '../../support/decider.ts'

const day = (date: string): string => `${date}T00:00:00.000+08:00[Asia/Shanghai]`
const profile = {
  name: { en: 'West Lake store' },
  kind: 'store',
  region: 'CN/ZJ',
  zone: 'Asia/Shanghai',
  place: { latitude: '30.25', longitude: '120.15' },
}
const opened = day('2025-01-01')
const register = {
  type: 'RegisterOutlet',
  outletId: 'S1',
  companyId: 'maker',
  dealerId: 'D1',
  ...profile,
  effectiveAt: opened,
} as const
const registered: OutletEvent = {
  type: 'OutletRegistered',
  data: {
    outletId: 'S1',
    companyId: 'maker',
    dealerId: 'D1',
    ...profile,
    territory: { id: 'east', version: 3 },
    effectiveAt: opened,
    breaches: [],
  },
}
const territory = { territoryId: 'east', version: 3, regions: ['CN/ZJ', 'CN/JS'] } as unknown as TerritoryAt // what the decision looks at
const dealer = { companyId: 'maker', status: 'active' } as unknown as DealerAt // what the decision looks at
const known = { given: { dealer, territory } }

describe('an outlet', () => {
  it('is registered in the territory of its dealer, whose version is frozen', () => {
    given(outletAggregate).when(register, known).then([registered])
    given(outletAggregate, [registered])
      .when({ ...register, kind: 'kiosk' }, known)
      .thenRefused('object.exists')
  })

  it('lies in its territory, and belongs to a dealer of the company that has not left', () => {
    given(outletAggregate)
      .when({ ...register, region: 'CN/GD' }, known)
      .thenRefused('outlets.outside_territory', { region: 'CN/GD', territoryId: 'east' })
    given(outletAggregate).when(register, { given: {} }).thenRefused('dealers.unknown')
    given(outletAggregate)
      .when(register, { given: { territory, dealer: { ...dealer, status: 'exited' } } })
      .thenRefused('dealers.exited')
    given(outletAggregate)
      .when({ ...register, territoryId: 'north' }, { given: { dealer } })
      .thenRefused('dealers.territory_unknown')
    const [fact] = given(outletAggregate)
      .when({ ...register, region: 'CN/GD' }, { ...known, recorded: true })
      .events()
    expect(fact?.data).toMatchObject({ breaches: [{ code: 'outlets.outside_territory' }] })
  })

  it('moves to another dealer by two events, neither of which names the other dealer', () => {
    const effectiveAt = day('2025-03-01')
    const move = { type: 'MoveOutlet', outletId: 'S1', dealerId: 'D2', reason: 'closer', effectiveAt } as const
    const moved = given(outletAggregate, [registered]).when(move, known)
    const [released, assigned] = moved.events()
    expect(released).toEqual({
      type: 'OutletReleased',
      data: { outletId: 'S1', dealerId: 'D1', reason: 'closer', effectiveAt },
    })
    expect(assigned).toMatchObject({ type: 'OutletAssigned', data: { dealerId: 'D2', ...profile } })
    expect(JSON.stringify(assigned)).not.toContain('D1')
    const state = moved.state()
    expect(outletAt(state, day('2025-02-28'))?.dealerId).toBe('D1')
    expect(outletAt(state, effectiveAt)?.dealerId).toBe('D2')
  })

  it('is closed for good', () => {
    const effectiveAt = day('2025-04-01')
    const close = { type: 'CloseOutlet', outletId: 'S1', reason: 'lease-ended', effectiveAt } as const
    const closed: OutletEvent = {
      type: 'OutletClosed',
      data: { outletId: 'S1', dealerId: 'D1', reason: 'lease-ended', effectiveAt },
    }
    given(outletAggregate, [registered]).when(close, known).then([closed])
    given(outletAggregate, [registered, closed])
      .when({ type: 'ReviseOutlet', outletId: 'S1', ...profile, kind: 'kiosk', effectiveAt: day('2025-04-02') }, known)
      .thenRefused('outlets.closed')
    given(outletAggregate).when(close, known).thenRefused('outlets.unknown')
  })
})
