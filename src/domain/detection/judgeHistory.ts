import { priceRulesAt, type PricePolicyState } from '../violations/pricePolicy.ts'
import { detectors } from './detectors.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { judgeSighting, type SightingSources } from '../diversion/judgeSighting.ts'
import type { Sightings } from '../diversion/sighting.ts'
import { isEcho } from './isEcho.ts'
import { placeOf } from './placeOf.ts'
import { companyOf, judge, type Finding, type Sources, type Trade, type TradeWindow } from './judge.ts'
import { inOrderOfTrade, type Place, type SellIn, type Standing } from './tradeFact.ts'

/** Without `sightings` nothing is said of goods that were seen. */
export interface HistorySources extends Sources {
  readonly sightings?: Sightings | undefined
}

export interface HistoryRequest {
  readonly companyId: string
  readonly policy: PricePolicyState
  /** facts of [from, until) are judged, by what the log held up to a position */
  readonly window: TradeWindow
  readonly signal?: AbortSignal | undefined
  /** dealers judged, of how many */
  readonly onProgress?: (done: number, of: number) => void
}

const day = 86_400_000

/**
 * Everything that a policy finds in a stretch of history, dealer by dealer, by all that the log knows now of the time before
 * each fact: history that was imported came in an order of its own. Nothing is written.
 */
export async function judgeHistory(sources: HistorySources, request: HistoryRequest): Promise<readonly Finding[]> {
  const { companyId, policy, window, signal, onProgress } = request
  const lookBack = Math.max(
    0,
    ...policy.versions.flatMap(({ rules }) => detectors.map(({ lookBackDays }) => lookBackDays(rules))),
  )
  const held = heldTrade(sources.trade, { ...window, from: window.from - (lookBack + 1) * day })
  const dealers = await sources.trade.dealers(window.upTo)
  const known: NonNullable<Sources['known']> = new Map()
  const found: (Place & { readonly finding: Finding; readonly quiet: number })[] = []
  for (const [done, dealerId] of dealers.entries()) {
    onProgress?.(done, dealers.length)
    for (const fact of await held.of(dealerId, window)) {
      if (signal?.aborted) throw signal.reason
      const terms = priceRulesAt(policy, fact.at)
      if (!terms || (await companyOf(sources.load, fact)) !== companyId) continue
      const { eventId, stream, revision, at, position } = fact
      for (const finding of await judge({ ...sources, trade: held, known }, fact, terms, window.upTo))
        found.push({ finding, quiet: terms.quietDays * day, eventId, stream, revision, at, position })
    }
    held.forget()
    known.clear()
  }
  const { sightings } = sources
  const trade = found.map(({ finding }) => finding)
  const ordersFound: SightingSources['ordersFound'] = (dealerId, { from, until }) =>
    from < window.from
      ? undefined
      : trade.filter((one) => one.dealerId === dealerId && instantOf(one.to) >= from && instantOf(one.to) < until)
  for (const sighting of sightings ? await sightings.all(window) : []) {
    if (signal?.aborted) throw signal.reason
    const terms = priceRulesAt(policy, sighting.at)
    if (!sightings || !terms || sighting.companyId !== companyId) continue
    const { eventId, stream, revision, at, position } = sighting
    for (const finding of await judgeSighting(
      { ...sources, sightings, trade: held, ordersFound },
      sighting,
      terms,
      window.upTo,
    ))
      found.push({ finding, quiet: terms.quietDays * day, eventId, stream, revision, at, position })
  }
  onProgress?.(dealers.length, dealers.length)
  // in their order: a case that goes on is found again
  const findings: Finding[] = []
  for (const { finding, quiet } of inOrderOfTrade(found)) {
    if (!findings.some((other) => isSame(other, finding) || isEcho(other, finding, quiet))) findings.push(finding)
  }
  return findings
}

function isSame(a: Finding, b: Finding): boolean {
  return a.kind === b.kind && a.about.eventId === b.about.eventId && a.about.lineNo === b.about.lineNo
}

/** Answers within a range from what was read once: a dealer's facts, and each product's. */
function heldTrade(trade: Trade, range: TradeWindow): Trade & { forget(): void } {
  const ofDealers = new Map<string, Promise<readonly Standing[]>>()
  const ofSkus = new Map<string, Promise<readonly Standing<SellIn>[]>>()
  const prices = new Map<string, ReturnType<Trade['priceOf']>>()
  const remembered = <T>(of: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> => {
    const known = of.get(key) ?? read()
    of.set(key, known)
    return known
  }
  return {
    dealers: trade.dealers,
    async of(dealerId, window) {
      return within(await remembered(ofDealers, dealerId, () => trade.of(dealerId, range)), window)
    },
    async ofSku(sku, window) {
      return within(await remembered(ofSkus, sku, () => trade.ofSku(sku, range)), window)
    },
    priceOf: (resale) => remembered(prices, resale.eventId, () => trade.priceOf(resale)),
    /** of the dealer that is done with; what products were sold for is wanted again */
    forget() {
      ofDealers.clear()
      prices.clear()
    },
  }
}

/** Of facts in order. */
function within<F extends Standing>(facts: readonly F[], { from, until, upTo }: TradeWindow): readonly F[] {
  const start = placeOf(facts, from)
  const end = placeOf(facts, until)
  return facts.slice(start, end).filter(({ position }) => position <= upTo)
}
