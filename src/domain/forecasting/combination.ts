import { fitEts, type Ets } from './ets.ts'
import { adjustSeason, type SeasonalMethod } from './seasonalAdjustment.ts'
import { fitTheta } from './theta.ts'

/** One of the forecasts that are averaged. */
export interface Member {
  readonly name: string
  readonly point: Float64Array
}

export interface Combination {
  readonly point: Float64Array
  readonly members: readonly Member[]
  readonly notes: readonly string[]
}

/** how sharply AICc chooses among exponential smoothing models: 1 would be Akaike's weights, 0 their plain mean */
const sharpness = 0.5
/** values that a rate of growth is believed of */
const leastForLogs = 12
/** a forecast may leave the range of the series by this many times its width */
const farthest = 3
const rounding = 1e-9

/**
 * The plain mean of three forecasts that fail in different ways: exponential smoothing, averaged over its fifteen forms, and
 * the dynamic optimised theta model on the logarithms of the series without its season, that once by STL and once by classical
 * decomposition. A series that is short or has values of zero and below is taken without logarithms.
 */
export function combine(values: Float64Array, horizon: number, period: number): Combination {
  // in units of its own size, so that no search depends on the unit that a series comes in
  const size = sizeOf(values)
  const y = values.map((value) => value / size)
  const positive = y.every((value) => value > 0)
  const logs = positive && y.length >= leastForLogs
  const notes = positive ? [] : ['not all above zero: without logarithms']
  const members = [
    ...meanEts(fitEts(y, horizon, period), horizon),
    adjustedTheta(y, horizon, { period, method: 'stl', logs }),
    adjustedTheta(y, horizon, { period, method: 'classical', logs }),
  ]
  const point = new Float64Array(horizon)
  for (const member of members) for (let h = 0; h < horizon; h += 1) point[h]! += member.point[h]! / members.length
  if (keepNear(point, y)) notes.push('forecast kept within three times the range of the series')
  return { point: times(point), members: members.map(({ name, point }) => ({ name, point: times(point) })), notes }

  function times(x: Float64Array): Float64Array {
    return x.map((value) => value * size)
  }
}

function sizeOf(y: Float64Array): number {
  let largest = 0
  for (const value of y) largest = Math.max(largest, Math.abs(value))
  return Number.isFinite(1 / largest) ? largest : 1
}

function meanEts(fits: readonly Ets[], horizon: number): Member[] {
  const [best] = fits
  if (best === undefined) return []
  const weights = fits.map(({ aicc }) => Math.exp((-sharpness / 2) * (aicc - best.aicc)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const point = new Float64Array(horizon)
  fits.forEach((fit, i) => {
    for (let h = 0; h < horizon; h += 1) point[h]! += (fit.point[h]! * weights[i]!) / total
  })
  return [{ name: best.name, point }]
}

function adjustedTheta(
  y: Float64Array,
  horizon: number,
  { period, method, logs }: { readonly period: number; readonly method: SeasonalMethod; readonly logs: boolean },
): Member {
  const { adjusted, ahead } = adjustSeason(logs ? y.map(Math.log) : y, horizon, { period, method })
  const { point } = fitTheta(adjusted, horizon)
  return {
    name: `DOTM(${logs ? 'log ' : ''}${method})`,
    point: point.map((value, h) => (logs ? Math.exp(value + ahead[h]!) : value + ahead[h]!)),
  }
}

function keepNear(point: Float64Array, y: Float64Array): boolean {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of y) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const reach = farthest * (high - low)
  let changed = false
  for (let h = 0; h < point.length; h += 1) {
    const kept = Math.min(high + reach, Math.max(low - reach, point[h]!))
    if (Math.abs(kept - point[h]!) > rounding * Math.max(high, -low)) changed = true
    point[h] = kept
  }
  return changed
}
