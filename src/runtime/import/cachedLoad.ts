import type { Foldable, Load } from '../../domain/kernel/decider.ts'
import { createBoundedCache } from '../../ledger/boundedCache.ts'

const masterData: ReadonlySet<string> = new Set(['product', 'dealer', 'territory', 'pricelists', 'price', 'promotions'])

/**
 * Master data read once: a decision may rest on a slightly older state of other streams, and 60,000 order lines ask for
 * the same few hundred prices. Everything else is loaded as always.
 */
export function createCachedLoad(load: Load): Load {
  const states = createBoundedCache<Promise<unknown>>({ capacity: 5_000 })
  return <S>(aggregate: Foldable<S>, id: string): Promise<S> => {
    if (!masterData.has(aggregate.category)) return load(aggregate, id)
    const name = `${aggregate.category}-${id}`
    const known = states.get(name)
    // the category decides the type of the state
    if (known) return known as Promise<S>
    const state = load(aggregate, id)
    states.set(name, state)
    state.catch(() => states.delete(name))
    return state
  }
}
