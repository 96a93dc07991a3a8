import type { Finding, Sources, TradeWindow } from '../detection/judge.ts'
import { judgeOrders } from '../detection/judgeOrders.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { inRegion } from '../dealers/inRegion.ts'
import { dealerAt } from '../dealers/state.ts'
import { territoryAggregate } from '../dealers/territory.ts'
import { instantOf } from '../kernel/businessTime.ts'
import type { Load } from '../kernel/decider.ts'
import { divide, formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { outletAggregate } from '../outlets/outlet.ts'
import { outletAt } from '../outlets/state.ts'
import type { PriceRules } from '../violations/pricePolicy.ts'
import { assess, once } from './assess.ts'
import { lowPrices } from './lowPrices.ts'
import type { DiversionRule } from './rules.ts'
import type { OrderFinding } from './signal.ts'
import { distinct, isTrusted, type Sighting, type Sightings } from './sighting.ts'

export interface SightingSources extends Sources {
  readonly sightings: Sightings
  /** what a dealer's orders were found to be, where all of the window has been judged before */
  readonly ordersFound?: (dealerId: string, window: TradeWindow) => readonly OrderFinding[] | undefined
}

const day = 86_400_000
const one = 1_000_000n

/** What goods that were seen are found to be, by the policy in force then and by what had happened before. */
export async function judgeSighting(
  sources: SightingSources,
  sighting: Sighting,
  terms: PriceRules,
  upTo: bigint,
): Promise<readonly Finding[]> {
  const { DIVERSION: rule, DIVERSION_LEAD: leadRule } = terms.rules
  const { sent, region, at, companyId } = sighting
  if (!rule || !sent || region === undefined || sighting.role === 'dealer') return []
  const isForeign = (other: Sighting): Promise<boolean> => isOutside(sources.load, other, rule)
  if (!(await isForeign(sighting))) return []

  const until = instantOf(at) + 1
  const own = await sources.sightings.of(sent.dealerId, { from: until - rule.withinDays * day, until, upTo })
  const there: Sighting[] = []
  for (const other of own) if (other.region === region && (await isForeign(other))) there.push(other)
  const about = { eventId: sighting.eventId, at }
  const whose = { companyId, dealerId: sent.dealerId, sku: '', region, policyVersion: terms.version }
  const found = { ...whose, about, derivesFromResale: false }

  if (!isTrusted(sighting)) {
    if (!leadRule) return []
    const [seen, everywhere] = [distinct(there), distinct(own.filter(({ role }) => role !== 'dealer'))]
    const part = divide(BigInt(seen.length) * one, BigInt(Math.max(1, everywhere.length)) * one, 'half-even')
    if (seen.length < leadRule.sightings || part < parseDecimal(leadRule.share)) return []
    const evidence = once(seen.slice(-50).map(({ eventId }) => ({ eventId, role: 'scan' })))
    const figures = { region, sightings: String(seen.length), share: formatDecimal(part) }
    return [
      {
        ...found,
        kind: 'DIVERSION_LEAD',
        from: there[0]?.at ?? at,
        to: at,
        score: formatDecimal(part),
        figures,
        evidence,
      },
    ]
  }

  const foreign = there.filter(isTrusted)
  if (distinct(foreign).length < rule.least) return []
  const before = Math.max(rule.orderSpike?.beforeDays ?? 0, rule.rebatePhase?.beforeDays ?? 0)
  const window = { from: until - before * day, until, upTo }
  const kinds = [
    ...(rule.orderSpike ? ['ORDER_SPIKE' as const] : []),
    ...(rule.rebatePhase ? ['TIER_CHASE' as const] : []),
  ]
  const assessed = assess({
    rule,
    at,
    foreign,
    own,
    orders:
      sources.ordersFound?.(sent.dealerId, window) ?? (await judgeOrders(sources, sent.dealerId, terms, kinds, window)),
    prices: await lowPrices(sources, terms, { region, foreign, until, upTo }),
  })
  if (!assessed) return []
  const figures = { region, ...assessed.figures }
  return [{ ...found, kind: 'DIVERSION', from: foreign[0]?.at ?? at, to: at, ...assessed, figures }]
}

/**
 * Outside the regions of the territory that the goods were sent to, as its version was then, and not at an outlet of the dealer or of
 * one below it. Who has no territory has none to leave.
 */
async function isOutside(load: Load, sighting: Sighting, rule: DiversionRule): Promise<boolean> {
  const { sent, region, outletId, at, accuracyMetres = 0 } = sighting
  if (!sent?.territory || region === undefined || accuracyMetres > rule.accuracyMetres) return false
  const { id, version } = sent.territory
  const territory = await load(territoryAggregate, id)
  const regions = territory.known && territory.versions.find(({ value }) => value.version === version)?.value.regions
  if (!regions || regions.some((scope) => inRegion(region, scope))) return false
  const outlet = outletId === undefined ? undefined : outletAt(await load(outletAggregate, outletId), at)
  return !outlet?.dealerId || !(await isBelow(load, outlet.dealerId, sent.dealerId, at))
}

/** tiers of a channel */
const deepest = 5

async function isBelow(load: Load, dealerId: string, top: string, at: string): Promise<boolean> {
  let current: string | undefined = dealerId
  for (let level = 0; current !== undefined && level < deepest; level += 1) {
    if (current === top) return true
    current = dealerAt(await load(dealerAggregate, current), at)?.parentDealerId
  }
  return false
}
