import type { PriceRules } from '../violations/pricePolicy.ts'
import { judge, type Finding, type Sources, type TradeWindow } from './judge.ts'
import type { ViolationKind } from './rules.ts'

/** What the orders of a dealer in a stretch of time are found to be, of some kinds alone. */
export async function judgeOrders(
  sources: Sources,
  dealerId: string,
  terms: PriceRules,
  kinds: readonly ViolationKind[],
  window: TradeWindow,
): Promise<readonly Finding[]> {
  const rules = Object.fromEntries(Object.entries(terms.rules).filter(([kind]) => kinds.some((one) => one === kind)))
  if (Object.keys(rules).length === 0) return []
  const found: Finding[] = []
  for (const fact of await sources.trade.of(dealerId, window))
    if (fact.kind === 'sell-in') found.push(...(await judge(sources, fact, { ...terms, rules }, window.upTo)))
  return found
}
