import { divideRounded, parseDecimal, splitByLargestRemainder, type Micros } from '../kernel/decimal.ts'
import type { BasisFact } from './basisFact.ts'
import type { Method, Terms, Tier } from './terms.ts'

/** The part of a fact that lies in one tier: 0 is the volume below the first. */
export interface Share {
  readonly fact: BasisFact
  /** from 1; 0 below the first tier */
  readonly tier: number
  /** value the rate is applied to, micros */
  readonly base: Micros
  /** counted in the measure, micros */
  readonly volume: Micros
}

export interface Earned {
  /** in the measure, micros */
  readonly volume: Micros
  readonly tierReached: number
  readonly shares: readonly Share[]
}

/** Attributes facts, in their order, to tiers. What a share earns is its base × the rate of its tier, exactly. */
export function earn(terms: Pick<Terms, 'method' | 'measure'>, facts: readonly BasisFact[]): Earned {
  const { method, measure } = terms
  const lines = facts.map((fact) => ({ fact, ...amountsOf(fact, measure) }))
  const volume = lines.reduce((sum, line) => sum + line.volume, 0n)
  const tierReached = tierAt(method.tiers, volume)
  switch (method.kind) {
    case 'all-units':
      return { volume, tierReached, shares: lines.map((line) => ({ ...line, tier: tierReached })) }
    case 'marginal': {
      const steps = tierSteps(method.tiers)
      let reached = 0n
      const shares = lines.flatMap((line) => {
        const from = reached
        reached += line.volume
        return alongTiers(line, from, reached, steps)
      })
      return { volume, tierReached, shares }
    }
  }
}

/** How much of a volume in money lies in each tier, from 1: the bases of `earn` without its lines. Micros. */
export function basesOf(method: Method, volume: Micros): Micros[] {
  const reached = tierAt(method.tiers, volume)
  if (method.kind === 'all-units') return method.tiers.map((_, index) => (index + 1 === reached ? volume : 0n))
  return tierSteps(method.tiers)
    .slice(1)
    .map(({ from, to }) => larger(0n, (to === undefined ? volume : smaller(volume, to)) - from))
}

function amountsOf(fact: BasisFact, measure: Terms['measure']): { volume: Micros; base: Micros } {
  if (measure === 'units') return { volume: parseDecimal(fact.quantity), base: parseDecimal(fact.net) }
  const value = parseDecimal(fact[measure])
  return { volume: value, base: value }
}

/** The tier, from 1, in whose `[from, to)` a volume lies; 0 below the first, and for nothing. */
export function tierAt(tiers: readonly Tier[], volume: Micros): number {
  return volume <= 0n ? 0 : tiers.findLastIndex(({ from }) => parseDecimal(from) <= volume) + 1
}

interface Step {
  readonly tier: number
  readonly from: Micros
  readonly to: Micros | undefined
}

/** The tiers with what lies below the first, which reaches down without end: volume may fall below zero. */
function tierSteps(tiers: readonly Tier[]): Step[] {
  const first = parseDecimal(tiers[0]?.from ?? '0')
  const bounds = tiers.map(({ from, to }, index): Step => ({
    tier: index + 1,
    from: parseDecimal(from),
    to: to === undefined ? undefined : parseDecimal(to),
  }))
  return [{ tier: 0, from: -farAway, to: first }, ...bounds]
}

const farAway = 10n ** 36n

/**
 * The stretch from one cumulative volume to the next, cut at the tiers' bounds. A return walks back down through the
 * tiers it had filled, so the parts always add up to R(V): continuous, and the same for any order of equal volume.
 */
function alongTiers(
  line: { fact: BasisFact; volume: Micros; base: Micros },
  from: Micros,
  to: Micros,
  steps: readonly Step[],
): Share[] {
  const { fact, volume, base } = line
  const [low, high] = from < to ? [from, to] : [to, from]
  const sign = from <= to ? 1n : -1n
  const parts = steps
    .map((step) => ({
      tier: step.tier,
      length: larger(0n, (step.to === undefined ? high : smaller(high, step.to)) - larger(low, step.from)),
    }))
    .filter(({ length }) => length > 0n)
  const [only] = parts
  if (parts.length <= 1) return [{ fact, volume, base, tier: only?.tier ?? stepAt(steps, from) }]
  const lengths = parts.map(({ length }) => length)
  // with money, base is volume and every part is exact; with units, the value is split by them
  const bases = splitSigned(base, lengths)
  return parts.map(({ tier, length }, index) => ({ fact, tier, volume: sign * length, base: bases[index] ?? 0n }))
}

function stepAt(steps: readonly Step[], volume: Micros): number {
  return steps.findLast(({ from }) => from <= volume)?.tier ?? 0
}

function splitSigned(total: bigint, weights: readonly bigint[]): bigint[] {
  return total < 0n
    ? splitByLargestRemainder(-total, weights).map((part) => -part)
    : splitByLargestRemainder(total, weights)
}

/** Exact products at scale 12, brought to scale 6 by largest remainder: they add up to their rounded sum, the earlier first on a tie. */
export function toScale6(exact: readonly bigint[]): { parts: Micros[]; total: Micros } {
  const scale = 1_000_000n
  const sum = exact.reduce((total, value) => total + value, 0n)
  const total = divideRounded(sum, scale, 'half-even').value
  const floors = exact.map((value, index) => ({ index, ...divideRounded(value, scale, 'floor') }))
  const parts = floors.map(({ value }) => value)
  let left = total - parts.reduce((so, value) => so + value, 0n)
  const byRemainder = floors.toSorted((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  )
  for (const { index, value } of byRemainder) {
    if (left === 0n) break
    parts[index] = value + 1n
    left -= 1n
  }
  return { parts, total }
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
