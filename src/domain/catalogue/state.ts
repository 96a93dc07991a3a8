import { instantOf } from '../kernel/businessTime.ts'
import { inForce, withEffective, type Effective } from '../kernel/effective.ts'
import type { Happened } from '../kernel/event.ts'
import type { ProductEvent } from './events.ts'
import type { ProductPicture } from './product.ts'

export type ProductState =
  | { readonly known: false }
  | {
      readonly known: true
      readonly sku: string
      readonly companyId: string
      readonly pictures: readonly Effective<ProductPicture>[]
      readonly offers: readonly Effective<'offered' | 'withdrawn'>[]
    }

/** A product as it is at an instant. */
export interface ProductAt extends ProductPicture {
  readonly sku: string
  readonly companyId: string
  /** the event of this version: what a decision freezes */
  readonly version: string
  readonly withdrawn: boolean
}

export function evolve(state: ProductState, event: Happened<ProductEvent>): ProductState {
  const { effectiveAt } = event.data
  const fact = <T>(value: T): Effective<T> => ({ effectiveAt, eventId: event.id, value })
  if (event.type === 'ProductPublished') {
    const { sku, companyId, effectiveAt: _, ...picture } = event.data
    return { known: true, sku, companyId, pictures: [fact(picture)], offers: [fact('offered')] }
  }
  if (!state.known) return state
  switch (event.type) {
    case 'ProductRevised': {
      const { sku: _sku, effectiveAt: _at, breaches: _breaches, ...picture } = event.data
      return { ...state, pictures: withEffective(state.pictures, fact(picture)) }
    }
    case 'ProductWithdrawn':
      return { ...state, offers: withEffective(state.offers, fact('withdrawn')) }
    case 'ProductReinstated':
      return { ...state, offers: withEffective(state.offers, fact('offered')) }
    default:
      return event satisfies never
  }
}

/** The product at a business time; undefined before it was published. */
export function productAt(state: ProductState, at: string): ProductAt | undefined {
  if (!state.known) return undefined
  const picture = inForce(state.pictures, instantOf(at))
  if (!picture) return undefined
  const withdrawn = inForce(state.offers, instantOf(at))?.value === 'withdrawn'
  return { ...picture.value, sku: state.sku, companyId: state.companyId, version: picture.eventId, withdrawn }
}
