import { instantOf, type Instant } from '../kernel/businessTime.ts'

/** How many of some facts in order of business time lie before an instant. */
export function placeOf(facts: readonly { readonly at: string }[], instant: Instant): number {
  let [low, high] = [0, facts.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const fact = facts[middle]
    if (fact && instantOf(fact.at) < instant) low = middle + 1
    else high = middle
  }
  return low
}
