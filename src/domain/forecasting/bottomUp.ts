import type { Interval, SeriesForecast } from './forecast.ts'

/** Of a sum of series: coherent, because it is the sum of what is forecast for each. */
export interface SummedForecast {
  readonly point: Float64Array
  readonly intervals: readonly Interval[]
}

/**
 * Forecasts of one level summed to a level above. Points add up. Half-widths add up as spreads do whose errors have this
 * correlation: in squares at 0, plainly at 1.
 */
export function bottomUp(parts: readonly SeriesForecast[], correlation: number): SummedForecast {
  const [first] = parts
  if (first === undefined) return { point: new Float64Array(0), intervals: [] }
  const sum = (read: (part: SeriesForecast) => Float64Array): Float64Array =>
    first.point.map((_, h) => parts.reduce((total, part) => total + read(part)[h]!, 0))
  const point = sum((part) => part.point)
  const intervals = first.intervals.map(({ level }, i) => {
    const spread = (edge: 'low' | 'high'): Float64Array =>
      point.map((_, h) => {
        let plain = 0
        let squares = 0
        for (const part of parts) {
          const half = Math.abs(part.intervals[i]![edge][h]! - part.point[h]!)
          plain += half
          squares += half * half
        }
        return Math.sqrt((1 - correlation) * squares + correlation * plain * plain)
      })
    const [below, above] = [spread('low'), spread('high')]
    return {
      level,
      low: point.map((value, h) => Math.max(0, value - below[h]!)),
      high: point.map((value, h) => value + above[h]!),
    }
  })
  return { point, intervals }
}
