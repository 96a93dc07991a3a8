/** A series fit for a model, and what was done to it. */
export interface CleanSeries {
  readonly values: Float64Array
  /** months without a value, between the first and the last that have one */
  readonly gaps: number
  readonly notes: readonly string[]
}

/**
 * A month without a value (NaN) is not a month without demand: before the first value it is left out, later it is filled from its
 * neighbours on a straight line, and at the end with the last value. How many were filled is said.
 */
export function cleanSeries(y: Float64Array): CleanSeries {
  const first = y.findIndex(Number.isFinite)
  if (first === -1) return { values: new Float64Array(0), gaps: 0, notes: ['no values'] }
  const values = y.slice(first)
  let gaps = 0
  let before = 0
  for (let t = 1; t <= values.length; t += 1) {
    if (t < values.length && !Number.isFinite(values[t]!)) continue
    const missing = t - before - 1
    const step = t < values.length ? (values[t]! - values[before]!) / (missing + 1) : 0
    for (let i = 1; i <= missing; i += 1) values[before + i] = values[before]! + i * step
    gaps += missing
    before = t
  }
  const notes = []
  if (gaps > 0) notes.push(`${gaps} missing months filled from their neighbours`)
  if (values.some((value) => value < 0)) notes.push('negative values: the forecast stays at zero or above')
  return { values, gaps, notes }
}
