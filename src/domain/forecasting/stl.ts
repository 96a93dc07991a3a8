/** A series taken apart: y = trend + seasonal + remainder. */
export interface Stl {
  readonly trend: Float64Array
  readonly seasonal: Float64Array
}

export interface StlOptions {
  readonly period: number
  /** values of one place in the period that a seasonal factor is smoothed over; odd */
  readonly seasonalWindow: number
  readonly passes?: number
}

/**
 * Seasonal and trend decomposition by loess (Cleveland, Cleveland, McRae and Terpenning 1990), without the robust outer loop:
 * the seasonal figure may change slowly over the years.
 */
export function stl(y: Float64Array, { period, seasonalWindow, passes = 2 }: StlOptions): Stl {
  const n = y.length
  const trend = new Float64Array(n)
  const seasonal = new Float64Array(n)
  const trendWindow = odd(Math.ceil((1.5 * period) / (1 - 1.5 / seasonalWindow)))
  const lowWindow = odd(period)
  const cycle = new Float64Array(n + 2 * period)
  for (let pass = 0; pass < passes; pass += 1) {
    for (let place = 0; place < period; place += 1) {
      const count = Math.floor((n - 1 - place) / period) + 1
      const sub = new Float64Array(count)
      for (let k = 0; k < count; k += 1) sub[k] = y[place + k * period]! - trend[place + k * period]!
      for (let k = -1; k <= count; k += 1) cycle[place + (k + 1) * period] = loess(sub, k, seasonalWindow, 0)
    }
    const low = movingAverage(movingAverage(movingAverage(cycle, period), period), 3)
    for (let t = 0; t < n; t += 1) seasonal[t] = cycle[t + period]! - loess(low, t, lowWindow, 1)
    const rest = y.map((value, t) => value - seasonal[t]!)
    for (let t = 0; t < n; t += 1) trend[t] = loess(rest, t, trendWindow, 1)
  }
  return { trend, seasonal }
}

function odd(value: number): number {
  return value % 2 === 0 ? value + 1 : value
}

function movingAverage(x: Float64Array, window: number): Float64Array {
  const out = new Float64Array(x.length - window + 1)
  let sum = 0
  for (let t = 0; t < x.length; t += 1) {
    sum += x[t]!
    if (t >= window) sum -= x[t - window]!
    if (t >= window - 1) out[t - window + 1] = sum / window
  }
  return out
}

/** The tricube-weighted regression of `x` at place `at` (which may lie outside), over the nearest `window` values. */
function loess(x: Float64Array, at: number, window: number, degree: 0 | 1): number {
  const n = x.length
  const width = Math.min(window, n)
  const from = Math.max(0, Math.min(n - width, Math.round(at) - Math.floor(width / 2)))
  let reach = Math.max(at - from, from + width - 1 - at)
  if (window > n) reach += (window - n) / 2
  if (reach <= 0) return x[from]!
  let w0 = 0
  let w1 = 0
  let w2 = 0
  let wy = 0
  let wxy = 0
  for (let i = from; i < from + width; i += 1) {
    const d = i - at
    const share = Math.abs(d) / (reach * 1.000001)
    const tricube = 1 - share * share * share
    const w = tricube * tricube * tricube
    w0 += w
    w1 += w * d
    w2 += w * d * d
    wy += w * x[i]!
    wxy += w * d * x[i]!
  }
  const spread = w0 * w2 - w1 * w1
  if (degree === 0 || spread <= 1e-10 * w0 * w2) return wy / w0
  return (w2 * wy - w1 * wxy) / spread
}
