/** A fitted theta model: how fast the level follows, how much of the trend is carried on, and what lies ahead. */
export interface Theta {
  readonly alpha: number
  /** 1 − 1/θ: nothing of the long-run line at 0, all of it at 1 */
  readonly weight: number
  readonly level: number
  readonly point: Float64Array
  /** in-sample mean squared one-step error */
  readonly mse: number
}

const slowest = 0.1
const fastest = 0.99
/** of the smoothing parameter */
const gridSteps = 12
const refinements = 14
/** the regression line means nothing over fewer points */
const firstScored = 2

/**
 * The dynamic optimised theta model (Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler 2016) on a series without a
 * season. For a given smoothing parameter the errors are linear in the first level and in the weight of the line, so those two
 * are solved for exactly and the search has one variable.
 */
export function fitTheta(y: Float64Array, horizon: number): Theta {
  const n = y.length
  if (n < 4) {
    const level = n === 0 ? 0 : y[n - 1]!
    return { alpha: 1, weight: 0, level, point: new Float64Array(horizon).fill(level), mse: 0 }
  }
  const lines = runningLines(y)
  let best = solve(y, lines, slowest)
  const width = (fastest - slowest) / gridSteps
  for (let step = 1; step <= gridSteps; step += 1) {
    const tried = solve(y, lines, Math.min(fastest, slowest + step * width))
    if (tried.sse < best.sse) best = tried
  }
  let low = Math.max(slowest, best.alpha - width)
  let high = Math.min(fastest, best.alpha + width)
  for (let k = 0; k < refinements; k += 1) {
    const left = solve(y, lines, low + 0.382 * (high - low))
    const right = solve(y, lines, low + 0.618 * (high - low))
    if (left.sse < right.sse) high = right.alpha
    else low = left.alpha
    for (const tried of [left, right]) if (tried.sse < best.sse) best = tried
  }
  return ahead(y, lines, best, horizon)
}

/** Intercept and slope of the regression line through the first t values, for every t. */
interface RunningLines {
  readonly a: Float64Array
  readonly b: Float64Array
  readonly mean: number
}

interface Solution {
  readonly alpha: number
  readonly weight: number
  readonly first: number
  readonly sse: number
}

function runningLines(y: Float64Array): RunningLines {
  const n = y.length
  const a = new Float64Array(n + 1)
  const b = new Float64Array(n + 1)
  let mean = 0
  for (let t = 1; t <= n; t += 1) {
    const value = y[t - 1]!
    if (t > 1) b[t] = ((t - 2) * b[t - 1]! + (6 * (value - mean)) / t) / (t + 1)
    mean += (value - mean) / t
    a[t] = mean - (b[t]! * (t + 1)) / 2
  }
  return { a, b, mean }
}

/** Least squares in the first level and the weight, the weight kept between 0 and 1. */
function solve(y: Float64Array, { a, b }: RunningLines, alpha: number): Solution {
  let level = 0
  let decay = 1
  let uu = 0
  let uv = 0
  let vv = 0
  let ur = 0
  let vr = 0
  let rr = 0
  for (let t = 0; t < y.length; t += 1) {
    if (t >= firstScored) {
      const r = y[t]! - level
      const v = decay * a[t]! + ((1 - decay * (1 - alpha)) / alpha) * b[t]!
      uu += decay * decay
      uv += decay * v
      vv += v * v
      ur += decay * r
      vr += v * r
      rr += r * r
    }
    level += alpha * (y[t]! - level)
    decay *= 1 - alpha
  }
  const determinant = uu * vv - uv * uv
  const free = determinant > 1e-12 * uu * vv ? (uu * vr - uv * ur) / determinant : 0
  const weight = Math.min(1, Math.max(0, free))
  const first = uu > 0 ? (ur - weight * uv) / uu : 0
  const sse = rr - 2 * (weight * vr + first * ur) + weight * weight * vv + 2 * weight * first * uv + first * first * uu
  return { alpha, weight, first, sse: Math.max(0, sse) }
}

function ahead(y: Float64Array, lines: RunningLines, { alpha, weight, first, sse }: Solution, horizon: number): Theta {
  const n = y.length
  let level = first
  for (let t = 0; t < n; t += 1) level += alpha * (y[t]! - level)
  const last = level
  const point = new Float64Array(horizon)
  let { mean } = lines
  let a = lines.a[n]!
  let b = lines.b[n]!
  for (let h = 0; h < horizon; h += 1) {
    const t = n + h + 1
    const decay = (1 - alpha) ** (t - 1)
    const value = level + weight * (decay * a + ((1 - decay * (1 - alpha)) / alpha) * b)
    point[h] = value
    b = ((t - 2) * b + (6 * (value - mean)) / t) / (t + 1)
    mean += (value - mean) / t
    a = mean - (b * (t + 1)) / 2
    level += alpha * (value - level)
  }
  return { alpha, weight, level: last, point, mse: sse / (n - firstScored) }
}
