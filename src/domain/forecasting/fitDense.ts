import { combine, type Combination } from './combination.ts'
import type { FitOptions, SeriesFit } from './fitSeries.ts'
import { seasonalNaiveError } from './seasonalNaive.ts'

/** seasons that say how uncertain a series is now */
const recentSeasons = 4
/** forecasts that disagree are less certain */
const disagreementShare = 0.35
/** errors grow with what is forecast beside the mean of the last year, within these limits */
const lowest = 0.25
const highest = 4
/** of a series may be held out */
const mostHeldOut = 1 / 3
const leastToFit = 6

/** Smooth and erratic demand: the combination, once on everything, and once without the last months to see how far it errs. */
export function fitDense(
  y: Float64Array,
  horizon: number,
  { period, lead }: FitOptions,
): Omit<SeriesFit, 'demandClass' | 'values'> {
  const { point, members, notes } = combine(y, horizon, period)
  const held = Math.min(horizon, Math.floor(y.length * mostHeldOut))
  if (y.length - held < leastToFit) {
    return {
      point,
      members,
      notes,
      scale: scaleOf(y, { point, members, notes }, period),
      heldOut: new Float64Array(0),
      heldOutLead: Number.NaN,
    }
  }
  const before = y.subarray(0, y.length - held)
  const earlier = combine(before, held, period)
  const scale = scaleOf(before, earlier, period)
  const errors = earlier.point.map((value, h) => y[before.length + h]! - value)
  return {
    point,
    members,
    notes,
    scale: scaleOf(y, { point, members, notes }, period),
    heldOut: errors.map((error, h) => error / scale[h]!),
    heldOutLead: held < lead ? Number.NaN : sumOf(errors, lead) / sumOf(scale, lead),
  }
}

function scaleOf(y: Float64Array, { point, members }: Combination, period: number): Float64Array {
  const naive = seasonalNaiveError(y, period, recentSeasons * period)
  const recent = y.subarray(Math.max(0, y.length - period))
  const level = recent.reduce((sum, value) => sum + value / recent.length, 0)
  return point.map((value, h) => {
    const places = members.map((member) => member.point[h]!)
    const height = level > 0 ? Math.min(highest, Math.max(lowest, value / level)) : 1
    return naive * height + disagreementShare * (Math.max(...places) - Math.min(...places))
  })
}

function sumOf(x: Float64Array, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i += 1) sum += x[i]!
  return sum
}
