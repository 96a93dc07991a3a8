import type { BasisFact } from './basisFact.ts'

/** Name of one dealer in one currency. */
export function dealerKey({ dealerId, currency }: Pick<BasisFact, 'dealerId' | 'currency'>): string {
  return `${dealerId} ${currency}`
}

/** By `dealerKey`. */
export function factsByDealer(facts: readonly BasisFact[]): ReadonlyMap<string, readonly BasisFact[]> {
  const groups = new Map<string, BasisFact[]>()
  for (const fact of facts) {
    const group = groups.get(dealerKey(fact)) ?? []
    group.push(fact)
    groups.set(dealerKey(fact), group)
  }
  return groups
}
