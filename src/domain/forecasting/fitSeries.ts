import { cleanSeries } from './cleanSeries.ts'
import { classifyDemand, type DemandClass } from './demandClass.ts'
import { fitDense } from './fitDense.ts'
import { fitSparse, type SparseFit } from './fitSparse.ts'
import type { Member } from './combination.ts'

export interface FitOptions {
  /** months of a season */
  readonly period: number
  /** months that an order-up-to level must last */
  readonly lead: number
}

export const usualFit: FitOptions = { period: 12, lead: 3 }

/** One series, looked at alone: everything that takes time, and that a pool of series is then made of. Can be sent between threads. */
export interface SeriesFit {
  readonly demandClass: DemandClass
  readonly values: Float64Array
  readonly point: Float64Array
  readonly members: readonly Member[]
  readonly notes: readonly string[]
  /** what errors are measured by, for each month ahead */
  readonly scale: Float64Array
  /** errors of a forecast made before the last months, each divided by its scale; shorter than the horizon for a short series */
  readonly heldOut: Float64Array
  /** the same of the sum over the lead time; NaN where it is not known */
  readonly heldOutLead: number
  /** of intermittent, lumpy and few demands */
  readonly sparse?: SparseFit
}

export function fitSeries(y: Float64Array, horizon: number, options: FitOptions): SeriesFit {
  const { values, notes } = cleanSeries(y)
  const { demandClass } = classifyDemand(values)
  const fit =
    demandClass === 'few' || demandClass === 'intermittent' || demandClass === 'lumpy'
      ? fitSparse(values, horizon, options)
      : fitDense(values, horizon, options)
  return { demandClass, values, ...fit, notes: [...notes, ...fit.notes] }
}
