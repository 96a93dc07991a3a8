import { divideRounded, formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import type { Method, Terms, Tier } from './terms.ts'

/** What a shape looks at besides the single facts. In the measure, micros. */
export interface Figures {
  readonly volume: Micros
  /** the dealer's own, for the shapes and gates that have one */
  readonly target?: Micros | undefined
  readonly baseline?: Micros | undefined
  /** of a mix: the volume of its set */
  readonly named?: Micros | undefined
  /** orders whose lines in scope add up to more than nothing */
  readonly orders?: number | undefined
}

export interface Fraction {
  readonly over: bigint
  readonly under: bigint
}

/** A rate on some of the base. Number 0 is what earns nothing. `from` and `to` are those of the terms: volume, ratio or days. */
export interface RatePart {
  readonly pays: 'rate'
  readonly no: number
  readonly from: string | undefined
  readonly to: string | undefined
  readonly rate: Fraction
  /** the base of every fact; the stretch of volume that lies in [from, to); the upper bound; the facts of that age */
  readonly on: 'all' | 'stretch' | 'bound' | 'age'
}

/** An amount, so many times: micros both. */
export interface SumPart {
  readonly pays: 'sum'
  readonly no: number
  /** from which volume on */
  readonly from: string | undefined
  readonly each: Micros
  readonly times: Micros
  readonly per: 'period' | 'unit' | 'order'
}

export type Part = RatePart | SumPart

export interface Plan {
  /** the highest tier reached, from 1; of a shape without tiers 1 when it earns; 0 when nothing is earned */
  readonly tierReached: number
  readonly parts: readonly Part[]
  /** what would have to be there for it to earn anything */
  readonly missing?: 'target' | 'baseline'
  /** of an increment: what is left of the last step, micros */
  readonly rest?: Micros
}

const one = 1_000_000n
const noRate: Fraction = { over: 0n, under: one }

/** How a volume is paid (docs/settlement-rules.md §4): what of it follows without the single facts. */
export function planOf(method: Method, figures: Figures): Plan {
  const { volume } = figures
  const missing = missingFor(method, figures)
  if (missing !== undefined) return { ...nothing(), missing }
  if (volume <= 0n) return nothing('tiers' in method ? method.tiers[0]?.from : '0')
  switch (method.kind) {
    case 'marginal':
      return stretches(method.tiers, 0n, volume)
    case 'all-units':
      return flat(method.tiers, tierAt(method.tiers, volume))
    case 'rolling': {
      const reached = tierAt(method.tiers, volume)
      const { parts } = flat(method.tiers, reached)
      const passed = method.tiers.slice(0, Math.max(0, reached - 1)).map((tier, n) => ratePart(n + 1, tier, 'bound'))
      return { tierReached: reached, parts: [...passed, ...parts] }
    }
    case 'total': {
      const reached = tierAt(method.tiers, volume)
      if (reached === 0) return nothing(method.tiers[0]?.from)
      return {
        tierReached: reached,
        parts: method.tiers.slice(0, reached).map((tier, n) => ratePart(n + 1, tier, 'all')),
      }
    }
    case 'fixed-sum': {
      const target = targetOf(method.target, figures)
      return volume < target ? nothing(formatDecimal(target)) : sum(method.amount, one, 'period', target)
    }
    case 'per-unit':
      return sum(method.amount, volume, 'unit')
    case 'per-transaction':
      return figures.orders ? sum(method.amount, BigInt(figures.orders) * one, 'order') : nothing()
    case 'increment': {
      const target = targetOf(method.target, figures)
      const step = parseDecimal(method.step)
      if (volume <= target) return nothing(formatDecimal(target + step))
      const rest = (volume - target) % step
      const steps = (volume - target) / step
      if (steps === 0n) return { ...nothing(formatDecimal(target + step)), rest }
      return { ...sum(method.amount, steps * one, 'period', target), rest }
    }
    case 'linear':
      return linear(method, volume)
    case 'growth':
      return growth(method, figures)
    case 'attainment':
      return attainment(method, figures)
    case 'mix': {
      const named = figures.named ?? 0n
      return flat(method.tiers, named < 0n ? 0 : ratioAt(method.tiers, named, volume))
    }
    case 'early-payment':
      return {
        tierReached: 1,
        parts: [
          { pays: 'rate', no: 0, from: undefined, to: undefined, rate: noRate, on: 'age' },
          ...method.tiers.map((tier, n) => ratePart(n + 1, tier, 'age')),
        ],
      }
  }
}

/** What the plan pays is a numerator over 10⁶ × this: a multiple of 10⁶ and of every rate's `under`. */
export function scaleOf({ parts }: Plan): bigint {
  return parts.reduce((most, part) => (part.pays === 'rate' && part.rate.under > most ? part.rate.under : most), one)
}

/** What a rate gives on a base: a numerator over 10⁶ × `scale`. */
export function rated(base: Micros, { over, under }: Fraction, scale: bigint): bigint {
  return base * over * (scale / under)
}

/** Does the shape, or a gate, look at the dealer's own target? */
export function looksAtTarget({ method, gates }: Pick<Terms, 'method' | 'gates'>): boolean {
  const own = 'target' in method && method.target === 'own'
  return own || method.kind === 'attainment' || (gates?.some(({ kind }) => kind === 'attainment') ?? false)
}

/** The tier, from 1, in whose `[from, to)` a volume lies; 0 below the first, and for nothing. */
export function tierAt(tiers: readonly Tier[], volume: Micros): number {
  return volume <= 0n ? 0 : tiers.findLastIndex(({ from }) => parseDecimal(from) <= volume) + 1
}

/** The tier, from 1, in whose `[from, to)` part ÷ whole lies; 0 below the first. The whole is above zero. */
function ratioAt(tiers: readonly Tier[], part: Micros, whole: Micros): number {
  return tiers.findLastIndex(({ from }) => parseDecimal(from) * whole <= part * one) + 1
}

function linear({ from, to, below }: Extract<Method, { kind: 'linear' }>, volume: Micros): Plan {
  const [v1, v2] = [parseDecimal(from.volume), parseDecimal(to.volume)]
  const [r1, r2] = [parseDecimal(from.rate), parseDecimal(to.rate)]
  if (volume < v1 && below === 'nothing') return nothing(from.volume)
  const span = v2 - v1
  const rate: Fraction =
    volume <= v1
      ? { over: r1, under: one }
      : volume >= v2
        ? { over: r2, under: one }
        : { over: r1 * span + (r2 - r1) * (volume - v1), under: one * span }
  return {
    tierReached: 1,
    parts: [{ pays: 'rate', no: 1, from: from.volume, to: to.volume, rate, on: 'all' }],
  }
}

function growth({ on, tiers }: Extract<Method, { kind: 'growth' }>, figures: Figures): Plan {
  const { volume, baseline = 0n } = figures
  if (on === 'growth') return stretches(tiers, baseline, volume)
  if (baseline === 0n) return flat(tiers, tiers.length)
  return volume <= baseline ? nothing(tiers[0]?.from) : flat(tiers, ratioAt(tiers, volume - baseline, baseline))
}

function attainment(
  { tiers, excess }: Extract<Method, { kind: 'attainment' }>,
  { volume, target = 0n }: Figures,
): Plan {
  const plan = flat(tiers, ratioAt(tiers, volume, target))
  if (excess === undefined || volume <= target) return plan
  const above = { from: formatDecimal(target), rate: excess }
  return { ...plan, parts: [...plan.parts, ratePart(tiers.length + 1, above, 'stretch')] }
}

/** The rate of one tier on the base of every fact. */
function flat(tiers: readonly Tier[], reached: number): Plan {
  const tier = tiers[reached - 1]
  return tier ? { tierReached: reached, parts: [ratePart(reached, tier, 'all')] } : nothing(tiers[0]?.from)
}

/** Each tier's rate on the volume that lies in it, every bound raised by what earns nothing below them. */
function stretches(tiers: readonly Tier[], raised: Micros, volume: Micros): Plan {
  const raise = (bound: string): string => (raised === 0n ? bound : formatDecimal(parseDecimal(bound) + raised))
  const parts = tiers.map(({ from, to, rate }, n) =>
    ratePart(n + 1, { from: raise(from), to: to === undefined ? undefined : raise(to), rate }, 'stretch'),
  )
  const below = parts[0]?.from ?? '0'
  const reached = volume <= raised ? 0 : tierAt(tiers, volume - raised)
  return {
    tierReached: reached,
    parts: [{ pays: 'rate', no: 0, from: '0', to: below, rate: noRate, on: 'stretch' }, ...parts],
  }
}

function ratePart(
  no: number,
  { from, to, rate }: { from?: string | undefined; to?: string | undefined; rate: string },
  on: RatePart['on'],
): RatePart {
  return { pays: 'rate', no, from, to, rate: { over: parseDecimal(rate), under: one }, on }
}

function sum(amount: string, times: Micros, per: SumPart['per'], from?: Micros): Plan {
  const part: SumPart = {
    pays: 'sum',
    no: 1,
    from: from === undefined ? undefined : formatDecimal(from),
    each: parseDecimal(amount),
    times,
    per,
  }
  return { tierReached: 1, parts: [part] }
}

function nothing(to = '0'): Plan {
  return { tierReached: 0, parts: [{ pays: 'rate', no: 0, from: '0', to, rate: noRate, on: 'all' }] }
}

function targetOf(target: string, { target: own = 0n }: Figures): Micros {
  return target === 'own' ? own : parseDecimal(target)
}

/** What has to be there for the shape to earn anything, whatever the volume. */
function missingFor(method: Method, { target, baseline = 0n }: Figures): Plan['missing'] {
  if ('target' in method) return method.target === 'own' && target === undefined ? 'target' : undefined
  if (method.kind === 'attainment') return (target ?? 0n) > 0n ? undefined : 'target'
  if (method.kind === 'growth' && method.withoutBaseline === 'nothing') return baseline > 0n ? undefined : 'baseline'
  return undefined
}

/** What a part pays, in decimals: bounds and rate, with the exact fraction when the rate is rounded to scale 6. */
export function writtenRate({ from, to, rate: { over, under } }: RatePart): {
  from?: string
  to?: string
  rate: string
  fraction?: string
} {
  const { value, remainder } = divideRounded(over * one, under, 'half-even')
  return {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    rate: formatDecimal(value),
    ...(remainder !== 0n && { fraction: `${over}/${under}` }),
  }
}

/** An amount, and how often. */
export function writtenSum({ from, each, times }: SumPart): { from?: string; each: string; times: string } {
  return { ...(from !== undefined && { from }), each: formatDecimal(each), times: formatDecimal(times) }
}
