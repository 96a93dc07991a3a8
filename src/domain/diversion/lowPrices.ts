import { limitsOf, type Sources } from '../detection/judge.ts'
import { shortfall } from '../detection/shortfall.ts'
import { instantOf, type Instant } from '../kernel/businessTime.ts'
import { outletAggregate } from '../outlets/outlet.ts'
import { outletAt } from '../outlets/state.ts'
import type { PriceRules } from '../violations/pricePolicy.ts'
import type { PriceSeen } from './signal.ts'
import type { Sighting } from './sighting.ts'

const day = 86_400_000

/**
 * The goods of a case as somebody who is no dealer of ours advertises them at outlets of the region, below the lowest price that may
 * be. A dealer's prices are for that dealer alone to see.
 */
export async function lowPrices(
  { load, trade }: Sources,
  terms: PriceRules,
  { region, foreign, until, upTo }: Where,
): Promise<readonly PriceSeen[]> {
  const rule = terms.rules.DIVERSION
  if (!rule?.priceLink) return []
  const skus = new Set(foreign.map(({ sku }) => sku))
  const found: PriceSeen[] = []
  for (const fact of await trade.of('', { from: until - rule.withinDays * day, until, upTo })) {
    if (fact.kind !== 'observed' || fact.offer !== 'advertised' || !skus.has(fact.sku)) continue
    const outlet =
      fact.outletId === undefined ? undefined : outletAt(await load(outletAggregate, fact.outletId), fact.at)
    if (outlet?.region !== region || instantOf(fact.at) >= until) continue
    const { eventId, sku, price, currency } = fact
    const limit = (await limitsOf(load, fact, terms))?.lowestAdvertised
    if (limit !== undefined && shortfall(price, limit, rule.priceLink.tolerance) !== undefined)
      found.push({ eventId, sku, price, limit, currency })
  }
  return found
}

interface Where {
  readonly region: string
  readonly foreign: readonly Sighting[]
  readonly until: Instant
  readonly upTo: bigint
}
