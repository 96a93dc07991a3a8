/** The value of the same month of the last year that has one; the last value where no whole year is known. */
export function seasonalNaive(y: Float64Array, horizon: number, period: number): Float64Array {
  const n = y.length
  const back = n >= period ? period : 1
  return Float64Array.from({ length: horizon }, (_, h) => (n === 0 ? 0 : y[n - back + (h % back)]!))
}

/** The mean absolute error of that forecast within the last `window` values: what errors are measured by. */
export function seasonalNaiveError(y: Float64Array, period: number, window: number): number {
  const lag = y.length >= 2 * period ? period : 1
  const from = Math.max(lag, y.length - window + lag)
  let sum = 0
  for (let t = from; t < y.length; t += 1) sum += Math.abs(y[t]! - y[t - lag]!)
  return y.length > from ? sum / (y.length - from) : 0
}
