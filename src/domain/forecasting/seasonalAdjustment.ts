import { seasonalFigure } from './decompose.ts'
import { stl } from './stl.ts'

/** A series without its season, and the season of the months that follow. */
export interface SeasonalAdjustment {
  readonly adjusted: Float64Array
  /** to add to a forecast of `adjusted` */
  readonly ahead: Float64Array
  /** 0: nothing of the estimated season was believed, 1: all */
  readonly believed: number
}

export type SeasonalMethod = 'classical' | 'stl'

/** fewer show no season; up to `shortPeriods` it is told from a straight line instead of a moving average */
const periodsNeeded = 2
const shortPeriods = 3
const stlWindow = 11
/** periods that a season of STL's window effectively rests on */
const stlPeriods = 4
/** a remainder that follows itself tells less than its count of values */
const caution = 2
const linePasses = 12

/**
 * Takes an additive season away (of logarithms: a multiplicative one), shrunk towards none by how much of its estimate is noise:
 * James and Stein's idea on seasonal figures (Miller and Williams 2003), in place of a test that says all or nothing.
 */
export function adjustSeason(
  x: Float64Array,
  horizon: number,
  { period, method }: { readonly period: number; readonly method: SeasonalMethod },
): SeasonalAdjustment {
  const n = x.length
  if (period < 2 || n < periodsNeeded * period) return { adjusted: x, ahead: new Float64Array(horizon), believed: 0 }
  const { season, noise } =
    n < shortPeriods * period ? byLine(x, period) : method === 'stl' ? byStl(x, period) : byFigure(x, period)
  let size = 0
  for (const value of season) size += (value * value) / n
  const believed = size > 0 ? Math.max(0, 1 - noise / size) : 0
  return {
    adjusted: x.map((value, t) => value - believed * season[t]!),
    ahead: Float64Array.from({ length: horizon }, (_, h) => believed * season[n - period + (h % period)]!),
    believed,
  }
}

/** The season at every value, and the variance of its estimate. */
interface Estimate {
  readonly season: Float64Array
  readonly noise: number
}

function byStl(x: Float64Array, period: number): Estimate {
  const { trend, seasonal } = stl(x, { period, seasonalWindow: stlWindow })
  let squares = 0
  for (let t = 0; t < x.length; t += 1) squares += (x[t]! - trend[t]! - seasonal[t]!) ** 2
  return { season: seasonal, noise: squares / x.length / Math.min(x.length / period, stlPeriods) }
}

function byFigure(x: Float64Array, period: number): Estimate {
  const { figure, remainder, count } = seasonalFigure(x, period, 'additive')
  const freedom = Math.max(1, count - period + 1)
  return {
    season: x.map((_, t) => figure[t % period]!),
    noise: (caution * remainder) / freedom / (count / period),
  }
}

/** Two years leave a moving average hardly anything: the mean distance, by place in the period, from the regression line. */
function byLine(x: Float64Array, period: number): Estimate {
  const n = x.length
  const figure = new Float64Array(period)
  let slope = 0
  // distances from the line, and the line through what has no season, in turn until they agree
  for (let pass = 0; pass < linePasses; pass += 1) {
    const counts = new Float64Array(period)
    const sums = new Float64Array(period)
    for (let t = 0; t < n; t += 1) {
      sums[t % period]! += x[t]! - slope * t
      counts[t % period]! += 1
    }
    figure.set(sums.map((sum, place) => sum / counts[place]!))
    let rise = 0
    let run = 0
    for (let t = 0; t < n; t += 1) {
      rise += (t - (n - 1) / 2) * (x[t]! - figure[t % period]!)
      run += (t - (n - 1) / 2) ** 2
    }
    slope = rise / run
  }
  let squares = 0
  for (let t = 0; t < n; t += 1) squares += (x[t]! - slope * t - figure[t % period]!) ** 2
  const mean = figure.reduce((sum, value) => sum + value / period, 0)
  return {
    season: x.map((_, t) => figure[t % period]! - mean),
    noise: (caution * squares) / Math.max(1, n - period - 1) / (n / period),
  }
}
