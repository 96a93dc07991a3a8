/** The seasonal figure of a series: one factor or summand for each place in the period, the first value's place first. */
export interface SeasonalFigure {
  readonly kind: 'multiplicative' | 'additive'
  readonly figure: Float64Array
  /** the sum of squares of what the figure leaves unexplained, over `count` values */
  readonly remainder: number
  readonly count: number
}

/**
 * Is the series seasonal? Its autocorrelation at one period is outside the 90 % bounds (Bartlett's, as the M4 benchmarks
 * have it). Needs three whole periods.
 */
export function isSeasonal(y: Float64Array, period: number): boolean {
  const n = y.length
  if (period < 2 || n < 3 * period) return false
  let mean = 0
  for (let t = 0; t < n; t += 1) mean += y[t]! / n
  const covariance = (lag: number): number => {
    let sum = 0
    for (let t = lag; t < n; t += 1) sum += (y[t]! - mean) * (y[t - lag]! - mean)
    return sum
  }
  const variance = covariance(0)
  if (!(variance > 0)) return false
  let bounds = 1
  for (let lag = 1; lag < period; lag += 1) bounds += 2 * (covariance(lag) / variance) ** 2
  return Math.abs(covariance(period) / variance) > 1.645 * Math.sqrt(bounds / n)
}

/** Classical decomposition: the mean distance, by place in the period, from a centred moving average over one period. */
export function seasonalFigure(y: Float64Array, period: number, kind: SeasonalFigure['kind']): SeasonalFigure {
  const half = Math.floor(period / 2)
  const last = y.length - half
  const additive = kind === 'additive'
  const distances = new Float64Array(y.length)
  const sums = new Float64Array(period)
  const counts = new Float64Array(period)
  for (let t = half; t < last; t += 1) {
    const level = centredMean(y, t, period)
    const distance = additive ? y[t]! - level : y[t]! / level
    distances[t] = distance
    if (!Number.isFinite(distance)) continue
    sums[t % period]! += distance
    counts[t % period]! += 1
  }
  const neutral = additive ? 0 : 1
  const figure = sums.map((sum, place) => (counts[place]! > 0 ? sum / counts[place]! : neutral))
  let mean = 0
  for (const value of figure) mean += value / period
  for (let place = 0; place < period; place += 1)
    figure[place] = additive ? figure[place]! - mean : figure[place]! / mean
  let remainder = 0
  let count = 0
  for (let t = half; t < last; t += 1) {
    if (!Number.isFinite(distances[t]!)) continue
    remainder += (distances[t]! - figure[t % period]!) ** 2
    count += 1
  }
  return { kind, figure, remainder, count }
}

/** Over one period around `t`; of an even period the two ends count half. */
function centredMean(y: Float64Array, t: number, period: number): number {
  const half = Math.floor(period / 2)
  let sum = 0
  for (let j = t - half; j <= t + half; j += 1) sum += y[j]!
  if (period % 2 === 0) sum -= (y[t - half]! + y[t + half]!) / 2
  return sum / period
}
