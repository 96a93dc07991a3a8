import type { FitOptions, SeriesFit } from './fitSeries.ts'

/** What a series said of its demand up to some month. */
export interface SparseState {
  readonly months: number
  /** share of months with demand */
  readonly rate: number
  /** mean of the demands that are not zero; zero without any */
  readonly size: number
  readonly mean: number
  readonly recentMean: number
  readonly variance: number
  /** what demands are counted in, so that a table of probabilities stays short */
  readonly unit: number
}

export interface SparseFit {
  readonly now: SparseState
  /** at earlier origins: what was known, and what then came */
  readonly origins: readonly { readonly state: SparseState; readonly month: number; readonly lead: number }[]
}

const year = 12
const originsTried = 4
const leastMonths = 6
/** units in a mean demand, at most */
const finest = 20

/**
 * Intermittent, lumpy and few demands: the mean of the last twelve and of the last six months, so that it fades in dead
 * months, which Croston's method does not. Few: twelve months alone. The season and the trend come from the pool.
 */
export function fitSparse(
  y: Float64Array,
  horizon: number,
  { lead }: FitOptions,
): Omit<SeriesFit, 'demandClass' | 'values'> {
  const now = stateOf(y)
  const few = now.rate * now.months < 3
  const level = few ? meanOfLast(y, year) : (meanOfLast(y, year) + meanOfLast(y, year / 2)) / 2
  const point = new Float64Array(horizon).fill(level)
  const origins = []
  for (let k = 1; k <= originsTried; k += 1) {
    const n = y.length - k * lead
    if (n < leastMonths) break
    let sum = 0
    for (let i = 0; i < lead; i += 1) sum += y[n + i]!
    origins.push({ state: stateOf(y.subarray(0, n)), month: y[n]!, lead: sum })
  }
  return {
    point,
    members: [{ name: few ? 'mean of 12 months' : 'mean of 12 and 6 months', point }],
    notes: [],
    scale: new Float64Array(horizon),
    heldOut: new Float64Array(0),
    heldOutLead: Number.NaN,
    sparse: { now, origins },
  }
}

function stateOf(y: Float64Array): SparseState {
  const months = y.length
  let demands = 0
  let sum = 0
  let whole = true
  for (const value of y) {
    if (value > 0) demands += 1
    sum += Math.max(0, value)
    if (!Number.isInteger(value)) whole = false
  }
  const mean = months > 0 ? sum / months : 0
  let squares = 0
  for (const value of y) squares += (Math.max(0, value) - mean) ** 2
  const size = demands > 0 ? sum / demands : 0
  return {
    months,
    rate: months > 0 ? demands / months : 0,
    size,
    mean,
    recentMean: meanOfLast(y, year),
    variance: months > 1 ? squares / (months - 1) : 0,
    unit: whole && size <= finest ? 1 : size / finest || 1,
  }
}

function meanOfLast(y: Float64Array, count: number): number {
  const from = Math.max(0, y.length - count)
  let sum = 0
  for (let t = from; t < y.length; t += 1) sum += Math.max(0, y[t]!)
  return y.length > from ? sum / (y.length - from) : 0
}
