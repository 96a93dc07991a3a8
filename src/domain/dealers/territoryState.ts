import { instantOf } from '../kernel/businessTime.ts'
import { inForce, withEffective, type Effective } from '../kernel/effective.ts'
import type { Happened } from '../kernel/event.ts'
import type { TerritoryEvent } from './events.ts'

export type TerritoryTerms = Omit<
  Extract<TerritoryEvent, { type: 'TerritoryRevised' }>['data'],
  'territoryId' | 'effectiveAt'
>

export type TerritoryState =
  | { readonly known: false }
  | {
      readonly known: true
      readonly territoryId: string
      readonly companyId: string
      readonly versions: readonly Effective<TerritoryTerms>[]
      /** who holds it, while it is exclusive; null after a release */
      readonly holders: readonly Effective<string | null>[]
    }

export interface TerritoryAt extends TerritoryTerms {
  readonly territoryId: string
  readonly companyId: string
  readonly holder: string | null
}

export function evolve(state: TerritoryState, event: Happened<TerritoryEvent>): TerritoryState {
  const fact = <T>(value: T): Effective<T> => ({ effectiveAt: event.data.effectiveAt, eventId: event.id, value })
  if (event.type === 'TerritoryDefined') {
    const { territoryId, companyId, effectiveAt: _, ...terms } = event.data
    return { known: true, territoryId, companyId, versions: [fact(terms)], holders: [] }
  }
  if (!state.known) return state
  switch (event.type) {
    case 'TerritoryRevised': {
      const { territoryId: _id, effectiveAt: _at, ...terms } = event.data
      return { ...state, versions: withEffective(state.versions, fact(terms)) }
    }
    case 'TerritoryGranted':
      return { ...state, holders: withEffective(state.holders, fact(event.data.dealerId)) }
    case 'TerritoryReleased':
      return { ...state, holders: withEffective(state.holders, fact(null)) }
    default:
      return event satisfies never
  }
}

/** The territory at a business time; undefined before it was defined. */
export function territoryAt(state: TerritoryState, at: string): TerritoryAt | undefined {
  if (!state.known) return undefined
  const version = inForce(state.versions, instantOf(at))
  if (!version) return undefined
  const { territoryId, companyId } = state
  return { ...version.value, territoryId, companyId, holder: inForce(state.holders, instantOf(at))?.value ?? null }
}
