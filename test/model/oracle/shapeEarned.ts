import { before, between, written } from './beside.ts'
import {
  floor,
  greater,
  inProportion,
  isAbove,
  isLess,
  isZero,
  lesser,
  minus,
  over,
  plus,
  ratio,
  read,
  size,
  times,
  total,
  type Ratio,
  zero,
} from './fraction.ts'
import type { ProductSet, ShapeFact, ShapeInput } from './shapes.ts'

// What each shape earns (docs/settlement-rules.md §4): its closed formula, and by a second computation what each fact has of it.

export interface Fact extends ShapeFact {
  units: Ratio
  base: Ratio
  volume: Ratio
}
export const names = (set: ProductSet, { sku, categories = [] }: ShapeFact): boolean =>
  (set.skus ?? []).includes(sku) || categories.some((category) => (set.categories ?? []).includes(category))

interface Share {
  fact: Fact
  tier: number
  amount: Ratio
}
export interface Earned {
  amount: Ratio
  shares: Share[]
  loose?: Ratio
  missing?: 'target' | 'baseline'
  rest?: Ratio
}
interface Band {
  from?: Ratio
  to?: Ratio
  rate: Ratio
}
const bandsOf = (tiers: readonly { from?: string | undefined; to?: string | undefined; rate: string }[]): Band[] =>
  tiers.map(({ from, to, rate }) => ({
    ...(from !== undefined && { from: read(from) }),
    ...(to !== undefined && { to: read(to) }),
    rate: read(rate),
  }))
const holds = ({ from, to }: Band, value: Ratio): boolean =>
  !(from && isLess(value, from)) && !(to && !isLess(value, to))

const nothing = (facts: Fact[]): Earned => ({
  amount: zero,
  shares: facts.map((fact) => ({ fact, tier: 0, amount: zero })),
})
const atRate = (facts: Fact[], tier: number, rate: Ratio): Earned => ({
  amount: times(
    total(facts, ({ base }) => base),
    rate,
  ),
  shares: facts.map((fact) => ({ fact, tier, amount: times(fact.base, rate) })),
})
/** The rate of the band that holds `value`, on everything. */
function atBand(facts: Fact[], bands: Band[], value: Ratio): Earned {
  const index = bands.findIndex((band) => holds(band, value))
  return index === -1 ? nothing(facts) : atRate(facts, index + 1, bands[index]!.rate)
}
function asSum(facts: Fact[], tier: number, amount: Ratio): Earned {
  const sharing = facts.filter(({ base }) => isAbove(base, zero))
  if (sharing.length === 0) return { amount, shares: [], loose: amount }
  // at scale 12
  const million = ratio(1_000_000n)
  const amounts = inProportion(
    times(amount, million),
    sharing.map(({ base }) => base),
  )
  return { amount, shares: sharing.map((fact, index) => ({ fact, tier, amount: over(amounts[index]!, million) })) }
}
const together = (parts: Earned[]): Earned => ({
  amount: total(parts, ({ amount }) => amount),
  shares: parts.flatMap(({ shares }) => shares),
})

/** By stretch: what of the base of each fact lies in each tier, and what it earns there. */
function byStretch(facts: Fact[], bands: Band[]): Share[] {
  // 0 is what lies below the first tier
  const regions: Band[] = [{ to: bands[0]!.from!, rate: zero }, ...bands]
  const shares: Share[] = []
  let at = zero
  for (const fact of facts) {
    const end = plus(at, fact.volume)
    const [low, high] = [lesser(at, end), greater(at, end)]
    const parts = regions
      .map(({ from, to, rate }, tier) => ({
        tier,
        rate,
        length: minus(to ? lesser(high, to) : high, from ? greater(low, from) : low),
      }))
      .filter(({ length }) => isAbove(length, zero))
    // what takes away is split as what was given
    const sign = ratio(isLess(fact.base, zero) ? -1n : 1n)
    const bases = inProportion(
      size(fact.base),
      parts.map(({ length }) => length),
    )
    for (const [index, { tier, rate }] of parts.entries())
      shares.push({ fact, tier, amount: times(times(sign, bases[index]!), rate) })
    if (parts.length === 0) {
      // a value without units, such as a price that was wrong: it lies where the volume stands
      const tier = regions.findIndex((region) => holds(region, at))
      shares.push({ fact, tier, amount: times(fact.base, regions[tier]!.rate) })
    }
    at = end
  }
  return shares
}
function marginal(facts: Fact[], bands: Band[], volume: Ratio, measure: string): Earned {
  const shares = byStretch(facts, bands)
  const parts = bands.map(({ from, to, rate }) =>
    times(rate, greater(zero, minus(to ? lesser(volume, to) : volume, from!))),
  )
  // in units the base of each fact has its own price: there is no formula in V
  const amount = measure === 'units' ? total(shares, (share) => share.amount) : total(parts, (part) => part)
  return { amount, shares }
}

export function earnedBy(input: ShapeInput, facts: Fact[], volume: Ratio): Earned {
  const { method, measure } = input.terms
  const own = input.target === undefined ? undefined : read(input.target)
  const baseline = input.baseline === undefined ? zero : read(input.baseline)
  const isPositive = isAbove(volume, zero)
  switch (method.kind) {
    case 'marginal':
      return isPositive ? marginal(facts, bandsOf(method.tiers), volume, measure) : nothing(facts)
    case 'all-units':
      return isPositive ? atBand(facts, bandsOf(method.tiers), volume) : nothing(facts)
    case 'rolling': {
      if (!isPositive) return nothing(facts)
      const bands = bandsOf(method.tiers)
      const passed = bands.map(({ to, rate }, index) =>
        to && !isLess(volume, to) ? asSum(facts, index + 1, times(to, rate)) : { amount: zero, shares: [] },
      )
      return together([...passed, atBand(facts, bands, volume)])
    }
    case 'total': {
      const reached = bandsOf(method.tiers).filter(({ from }) => !isLess(volume, from!))
      if (!isPositive || reached.length === 0) return nothing(facts)
      return together(reached.map(({ rate }, index) => atRate(facts, index + 1, rate)))
    }
    case 'fixed-sum': {
      const target = method.target === 'own' ? own : read(method.target)
      if (!target) return { ...nothing(facts), missing: 'target' }
      return isPositive && !isLess(volume, target) ? asSum(facts, 1, read(method.amount)) : nothing(facts)
    }
    case 'per-unit': {
      if (!isPositive) return nothing(facts)
      const each = read(method.amount)
      return {
        amount: times(each, volume),
        shares: facts.map((fact) => ({ fact, tier: 1, amount: times(each, fact.units) })),
      }
    }
    case 'per-transaction': {
      if (!isPositive) return nothing(facts)
      const each = read(method.amount)
      const orders = new Map<string, Fact[]>()
      for (const fact of facts) {
        const order = fact.orderId === undefined ? `event ${fact.eventId}` : `order ${fact.orderId}`
        orders.set(order, [...(orders.get(order) ?? []), fact])
      }
      const paid = [...orders.values()].filter((order) =>
        isAbove(
          total(order, (fact) => fact.volume),
          zero,
        ),
      )
      const firsts = paid.map(([first]) => first)
      return {
        amount: times(each, ratio(BigInt(paid.length))),
        shares: facts.map((fact) => ({ fact, tier: 1, amount: firsts.includes(fact) ? each : zero })),
      }
    }
    case 'increment': {
      const target = method.target === 'own' ? own : read(method.target)
      if (!target) return { ...nothing(facts), missing: 'target' }
      if (!isAbove(volume, target)) return nothing(facts)
      const steps = ratio(floor(over(minus(volume, target), read(method.step))))
      const rest = minus(minus(volume, target), times(steps, read(method.step)))
      return { ...(isZero(steps) ? nothing(facts) : asSum(facts, 1, times(steps, read(method.amount)))), rest }
    }
    case 'linear': {
      const [v1, r1] = [read(method.from.volume), read(method.from.rate)]
      const [v2, r2] = [read(method.to.volume), read(method.to.rate)]
      if (!isPositive) return nothing(facts)
      if (isLess(volume, v1)) return method.below === 'first' ? atRate(facts, 1, r1) : nothing(facts)
      if (!isLess(volume, v2)) return atRate(facts, 1, r2)
      return atRate(facts, 1, plus(r1, over(times(minus(r2, r1), minus(volume, v1)), minus(v2, v1))))
    }
    case 'growth': {
      const bands = bandsOf(method.tiers)
      const isAll = isZero(baseline) && method.withoutBaseline === 'all'
      if (isZero(baseline) && !isAll) return { ...nothing(facts), missing: 'baseline' }
      if (!isPositive) return nothing(facts)
      if (method.on === 'growth') {
        const moved = bands.map(({ from, to, rate }) => ({
          from: plus(from!, baseline),
          ...(to && { to: plus(to, baseline) }),
          rate,
        }))
        return marginal(facts, moved, volume, measure)
      }
      if (!isAbove(volume, baseline)) return nothing(facts)
      if (isAll) return atRate(facts, bands.length, bands.at(-1)!.rate)
      return atBand(facts, bands, over(minus(volume, baseline), baseline))
    }
    case 'attainment': {
      const bands = bandsOf(method.tiers)
      if (!own || isZero(own)) return { ...nothing(facts), missing: 'target' }
      if (!isPositive) return nothing(facts)
      const main = atBand(facts, bands, over(volume, own))
      if (method.excess === undefined || !isAbove(volume, own)) return main
      const above = marginal(facts, [{ from: own, rate: read(method.excess) }], volume, measure)
      const shares = above.shares
        .filter(({ tier }) => tier === 1)
        .map((share) => ({ ...share, tier: bands.length + 1 }))
      return together([main, { amount: above.amount, shares }])
    }
    case 'mix': {
      if (!isPositive) return nothing(facts)
      const named = facts.filter((fact) => names(method.set, fact))
      return atBand(
        facts,
        bandsOf(method.tiers),
        over(
          total(named, (fact) => fact.volume),
          volume,
        ),
      )
    }
    case 'early-payment': {
      if (!isPositive) return nothing(facts)
      const bands = bandsOf(method.tiers)
      return together(
        facts.map((fact) => {
          const since = method.since === 'invoice' ? fact.invoicedAt : fact.dueAt
          if (since === undefined) return nothing([fact])
          const age = between(method.since === 'due' ? before(since) : written(since), written(fact.saleAt))
          return atBand([fact], bands, ratio(BigInt(age)))
        }),
      )
    }
  }
}
