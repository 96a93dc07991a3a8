import { instantOf } from '../kernel/businessTime.ts'
import { inForce, withEffective, type Effective } from '../kernel/effective.ts'
import type { Happened } from '../kernel/event.ts'
import type { DealerEvent } from './events.ts'
import type { DealerPlace, DealerProfile } from './profile.ts'
import { standardTerms, type DealerTerms } from './terms.ts'

export type DealerStatus = 'active' | 'suspended' | 'exited'

export type DealerState =
  | { readonly known: false }
  | {
      readonly known: true
      readonly dealerId: string
      readonly companyId: string
      readonly profiles: readonly Effective<DealerProfile>[]
      readonly places: readonly Effective<DealerPlace>[]
      readonly statuses: readonly Effective<DealerStatus>[]
      readonly tiers: readonly Effective<string>[]
      readonly territories: readonly Effective<{ readonly territoryId: string; readonly territoryVersion: number }>[]
      readonly terms: readonly Effective<DealerTerms & { readonly version: number }>[]
      /** ids of the contact changes seen; the contacts themselves are personal and stay out of the state */
      readonly contactChanges: readonly string[]
    }

/** A dealer as it is at an instant: what orders, pricing and credit need to know of it. */
export interface DealerAt extends DealerProfile, DealerPlace {
  readonly dealerId: string
  readonly companyId: string
  readonly status: DealerStatus
  /** no new orders while suspended or after exit (domain.md §2.8) */
  readonly mayOrder: boolean
  readonly tier: string | undefined
  readonly territory: { readonly territoryId: string; readonly territoryVersion: number } | undefined
  /** version 0 stands for the standard terms */
  readonly terms: DealerTerms & { readonly version: number }
}

export function evolve(state: DealerState, event: Happened<DealerEvent>): DealerState {
  const fact = <T>(value: T): Effective<T> => ({ effectiveAt: event.data.effectiveAt, eventId: event.id, value })
  if (event.type === 'DealerRegistered') {
    const { dealerId, companyId } = event.data
    return {
      known: true,
      dealerId,
      companyId,
      profiles: [fact(profileOf(event.data))],
      places: [fact(placeOf(event.data))],
      statuses: [fact('active')],
      tiers: [],
      territories: [],
      terms: [],
      contactChanges: [],
    }
  }
  if (!state.known) return state
  switch (event.type) {
    case 'DealerProfileRevised':
      return { ...state, profiles: withEffective(state.profiles, fact(profileOf(event.data))) }
    case 'DealerContactChanged':
      return { ...state, contactChanges: [...state.contactChanges, event.data.changeId] }
    case 'DealerParentAssigned':
      return { ...state, places: withEffective(state.places, fact(placeOf(event.data))) }
    case 'TierAssigned':
      return { ...state, tiers: withEffective(state.tiers, fact(event.data.tier)) }
    case 'TerritoryAssigned': {
      const { territoryId, territoryVersion } = event.data
      return { ...state, territories: withEffective(state.territories, fact({ territoryId, territoryVersion })) }
    }
    case 'DealerTermsSet': {
      const { dealerId: _id, effectiveAt: _at, ...terms } = event.data
      return { ...state, terms: withEffective(state.terms, fact(terms)) }
    }
    case 'DealerSuspended':
      return { ...state, statuses: withEffective(state.statuses, fact('suspended')) }
    case 'DealerReinstated':
      return { ...state, statuses: withEffective(state.statuses, fact('active')) }
    case 'DealerExited':
      return { ...state, statuses: withEffective(state.statuses, fact('exited')) }
    default:
      return event satisfies never
  }
}

/** The dealer at a business time; undefined before it was registered. */
export function dealerAt(state: DealerState, at: string): DealerAt | undefined {
  if (!state.known) return undefined
  const instant = instantOf(at)
  const profile = inForce(state.profiles, instant)?.value
  const place = inForce(state.places, instant)?.value
  const status = statusAt(state, at)
  if (!profile || !place || !status) return undefined
  return {
    ...profile,
    ...place,
    dealerId: state.dealerId,
    companyId: state.companyId,
    status,
    mayOrder: status === 'active',
    tier: inForce(state.tiers, instant)?.value,
    territory: inForce(state.territories, instant)?.value,
    terms: inForce(state.terms, instant)?.value ?? { ...standardTerms, version: 0 },
  }
}

/** Exit is final: nothing effective later brings the dealer back. */
export function statusAt(state: DealerState, at: string): DealerStatus | undefined {
  if (!state.known) return undefined
  const instant = instantOf(at)
  const exited = state.statuses.some(
    ({ value, effectiveAt }) => value === 'exited' && instantOf(effectiveAt) <= instant,
  )
  return exited ? 'exited' : inForce(state.statuses, instant)?.value
}

export function profileOf(from: DealerProfile): DealerProfile {
  const { legalName, legalId, kind, country, region, city, zone, currencies } = from
  return {
    legalName,
    ...(legalId !== undefined && { legalId }),
    kind,
    country,
    region,
    ...(city !== undefined && { city }),
    zone,
    currencies,
  }
}

export function placeOf({ tierLevel, parentDealerId, groupId }: DealerPlace): DealerPlace {
  return {
    tierLevel,
    ...(parentDealerId !== undefined && { parentDealerId }),
    ...(groupId !== undefined && { groupId }),
  }
}
