import { seasonalFigure } from './decompose.ts'
import type { EtsForm } from './etsForm.ts'

/** Level, slope and season; the season has one place and the value zero where there is none. */
export interface EtsStates {
  level: number
  slope: number
  readonly season: Float64Array
}

const seasonalYears = 4
const leastFactor = 0.01
const trendValues = 10

/** Before the first value: the seasonal figure of the first four periods, and a line through the first values without it. */
export function etsFirstStates(y: Float64Array, form: EtsForm, period: number): EtsStates {
  if (form.season === 'N') return { ...line(y, Math.min(y.length, trendValues), form), season: new Float64Array(1) }
  const early = y.subarray(0, Math.min(y.length, seasonalYears * period))
  const additive = form.season === 'A'
  const { figure } = seasonalFigure(early, period, additive ? 'additive' : 'multiplicative')
  const season = additive ? figure : figure.map((factor) => Math.max(factor, leastFactor))
  const adjusted = early.map((value, t) => (additive ? value - season[t % period]! : value / season[t % period]!))
  return { ...line(adjusted, Math.min(early.length, 2 * period), form), season }
}

function line(x: Float64Array, count: number, { error, trend }: EtsForm): { level: number; slope: number } {
  const middle = (count + 1) / 2
  let mean = 0
  let rise = 0
  let run = 0
  for (let t = 0; t < count; t += 1) {
    mean += x[t]! / count
    rise += (t + 1 - middle) * x[t]!
    run += (t + 1 - middle) ** 2
  }
  const slope = run > 0 ? rise / run : 0
  const level = mean - slope * middle
  // a model with multiplicative errors cannot begin below zero
  return trend === 'N' || (error === 'M' && level <= 0) ? { level: mean, slope: 0 } : { level, slope }
}
