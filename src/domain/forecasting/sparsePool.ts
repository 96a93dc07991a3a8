import { combine } from './combination.ts'
import { sortedFinite } from './conformalQuantile.ts'
import { isSeasonal, seasonalFigure } from './decompose.ts'
import { classifyDemand } from './demandClass.ts'
import type { SeriesFit } from './fitSeries.ts'
import type { SparseFit, SparseState } from './fitSparse.ts'
import { countDistribution } from './negativeBinomial.ts'

/** What sparse series teach about each other: how often, how unevenly, and which way all of them together go. */
export interface SparsePool {
  readonly rate: number
  /** variance over mean, in mean demands */
  readonly dispersion: number
  /** mean demand, for a series that has none */
  readonly size: number
  /** for each month ahead: that month beside the level that a series has of its own */
  readonly shape: Float64Array
  /** P(demand below what then came), in ascending order: what a level of service must be computed with to be reached */
  readonly lead: ReadonlyMap<SparseGroup, Float64Array>
  readonly month: ReadonlyMap<SparseGroup, Float64Array>
}

/** Parts with few, rare and frequent demands miss their levels differently. */
export type SparseGroup = 'few' | 'rare' | 'frequent'

const groups: readonly SparseGroup[] = ['few', 'rare', 'frequent']
/** months that the pool's rate counts for in a series' own */
const priorMonths = 4
const dispersionMonths = 16
/** demands that the pool's usual size counts for in a series' own */
const priorDemands = 4
/** share of the level that the last year says; the rest is the whole history's */
const recentShare = 0.7
/** squared coefficient of variation of a rate that may change */
const drift = 0.3
/** scores that a group needs to speak for itself */
const enough = 200
/** series whose sum may tell a trend and a season */
const enoughSeries = 30
const enoughMonths = 24
const year = 12

type Prior = Pick<SparsePool, 'rate' | 'dispersion' | 'size'>

export function poolSparse(
  fits: readonly SeriesFit[],
  horizon: number,
  { period, lead }: { readonly period: number; readonly lead: number },
): SparsePool {
  const sparse = fits.flatMap((fit) => (fit.sparse ? [fit.sparse] : []))
  const prior = priorOf(sparse.map(({ now }) => now))
  const shape = shapeOf(fits, horizon, period)
  return { ...prior, shape, lead: scores(sparse, prior, lead, 'lead'), month: scores(sparse, prior, 1, 'month') }
}

/** The demand of some months to come: shrunk towards the pool, and wide enough for a rate that changes. */
export function sparseDistribution(state: SparseState, prior: Prior, months: number): Float64Array {
  const size = shrunkSize(state, prior)
  const pooled = priorMonths * prior.rate * size
  const recent = Math.min(state.months, year)
  const level =
    (recentShare * (pooled + recent * state.recentMean)) / (priorMonths + recent) +
    ((1 - recentShare) * (pooled + state.months * state.mean)) / (priorMonths + state.months)
  const own = state.mean > 0 ? state.variance / state.mean : prior.dispersion * size
  const ratio = (state.months * own + dispersionMonths * prior.dispersion * size) / (state.months + dispersionMonths)
  const mean = (months * level) / state.unit
  return countDistribution(mean, mean * Math.max(1, ratio / state.unit) + drift * mean * mean)
}

function shrunkSize({ rate, months, size }: SparseState, prior: Prior): number {
  if (!(size > 0)) return prior.size
  const demands = rate * months
  return Math.exp((demands * Math.log(size) + priorDemands * Math.log(prior.size)) / (demands + priorDemands))
}

export function sparseGroup({ rate, months }: SparseState): SparseGroup {
  return rate * months < 3 ? 'few' : rate < 1 / 3 ? 'rare' : 'frequent'
}

function priorOf(states: readonly SparseState[]): Prior {
  const known = states.filter(({ size }) => size > 0)
  const mean = (values: readonly number[], otherwise: number): number =>
    values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : otherwise
  const sizes = known.map(({ size }) => size).sort((a, b) => a - b)
  return {
    rate: mean(
      states.map(({ rate }) => rate),
      0.1,
    ),
    dispersion: mean(
      known.filter(({ months }) => months > 1).map(({ variance, mean, size }) => variance / mean / size),
      1,
    ),
    size: sizes[sizes.length >> 1] ?? 1,
  }
}

function scores(
  sparse: readonly SparseFit[],
  prior: Prior,
  months: number,
  came: 'lead' | 'month',
): Map<SparseGroup, Float64Array> {
  const found = new Map<SparseGroup, number[]>(groups.map((group) => [group, []]))
  for (const { origins } of sparse) {
    for (const { state, ...actual } of origins) {
      const demand = Math.ceil(actual[came] / state.unit - 1e-9)
      const distribution = sparseDistribution(state, prior, months)
      const below = demand <= 0 ? 0 : (distribution[demand - 1] ?? 1)
      found.get(sparseGroup(state))?.push(below)
    }
  }
  const all = sortedFinite([...found.values()].flat())
  return new Map([...found].map(([group, own]) => [group, own.length >= enough ? sortedFinite(own) : all]))
}

/**
 * A sparse series is too faint to show a trend or a season, but the sum of many is not: where it is smooth, its forecast gives the
 * shape over the months ahead, and each series its own level.
 */
function shapeOf(fits: readonly SeriesFit[], horizon: number, period: number): Float64Array {
  const flat = new Float64Array(horizon).fill(1)
  const sparse = fits.filter((fit) => fit.sparse !== undefined && fit.demandClass !== 'few')
  const lengths = sparse.map(({ values }) => values.length).sort((a, b) => a - b)
  const months = lengths[lengths.length >> 1] ?? 0
  const long = sparse.filter(({ values }) => values.length >= months)
  if (long.length < enoughSeries || months < enoughMonths) return flat
  const total = new Float64Array(months)
  for (const { values } of long) {
    const from = values.length - months
    for (let t = 0; t < months; t += 1) total[t]! += Math.max(0, values[from + t]!)
  }
  if (classifyDemand(total).demandClass !== 'smooth' || !total.every((value) => value > 0)) return flat
  const seasonal = isSeasonal(total, period)
  const figure = seasonal ? seasonalFigure(total, period, 'multiplicative').figure : new Float64Array(period).fill(1)
  const { point } = combine(
    total.map((value, t) => value / figure[t % period]!),
    horizon,
    1,
  )
  // a series' own level rests on twelve months and again on the last six of them
  let weighed = 0
  for (let k = 1; k <= year; k += 1)
    weighed += (figure[(((months - k) % period) + period) % period]! * (k <= year / 2 ? 1.5 : 0.5)) / year
  return flat.map((_, h) => ((point[h]! / point[0]!) * figure[(months + h) % period]!) / weighed)
}
