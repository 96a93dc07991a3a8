import { instantOf } from '../kernel/businessTime.ts'
import { inForce, withEffective, type Effective } from '../kernel/effective.ts'
import type { Happened } from '../kernel/event.ts'
import type { OutletEvent } from './events.ts'
import { outletProfileOf, type OutletProfile } from './profile.ts'

export type OutletState =
  | { readonly known: false }
  | {
      readonly known: true
      readonly outletId: string
      readonly companyId: string
      readonly profiles: readonly Effective<OutletProfile>[]
      /** whose it is; null between a release and the assignment that follows it */
      readonly dealers: readonly Effective<string | null>[]
      readonly territories: readonly Effective<{ readonly id: string; readonly version: number } | null>[]
      readonly closings: readonly Effective<true>[]
    }

export interface OutletAt extends OutletProfile {
  readonly outletId: string
  readonly companyId: string
  readonly dealerId: string | null
  readonly territory: { readonly id: string; readonly version: number } | null
  readonly isClosed: boolean
}

export function evolve(state: OutletState, event: Happened<OutletEvent>): OutletState {
  const fact = <T>(value: T): Effective<T> => ({ effectiveAt: event.data.effectiveAt, eventId: event.id, value })
  if (event.type === 'OutletRegistered') {
    const { outletId, companyId, dealerId, territory } = event.data
    return {
      known: true,
      outletId,
      companyId,
      profiles: [fact(outletProfileOf(event.data))],
      dealers: [fact(dealerId)],
      territories: [fact(territory ?? null)],
      closings: [],
    }
  }
  if (!state.known) return state
  switch (event.type) {
    case 'OutletRevised':
      return { ...state, profiles: withEffective(state.profiles, fact(outletProfileOf(event.data))) }
    case 'OutletReleased':
      return { ...state, dealers: withEffective(state.dealers, fact(null)) }
    case 'OutletAssigned':
      return {
        ...state,
        dealers: withEffective(state.dealers, fact(event.data.dealerId)),
        territories: withEffective(state.territories, fact(event.data.territory ?? null)),
      }
    case 'OutletClosed':
      return { ...state, closings: withEffective(state.closings, fact(true as const)) }
    default:
      return event satisfies never
  }
}

/** The outlet at a business time; undefined before it was registered. */
export function outletAt(state: OutletState, at: string): OutletAt | undefined {
  if (!state.known) return undefined
  const instant = instantOf(at)
  const profile = inForce(state.profiles, instant)?.value
  if (!profile) return undefined
  return {
    ...profile,
    outletId: state.outletId,
    companyId: state.companyId,
    dealerId: inForce(state.dealers, instant)?.value ?? null,
    territory: inForce(state.territories, instant)?.value ?? null,
    isClosed: inForce(state.closings, instant) !== undefined,
  }
}
