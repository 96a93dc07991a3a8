import { sortedFinite, conformalQuantile } from './conformalQuantile.ts'
import type { DemandClass } from './demandClass.ts'
import type { SeriesFit } from './fitSeries.ts'

/** What the series of a pool teach about errors, in units of each series' own scale. */
export interface DensePool {
  /** absolute errors in ascending order, by class, then by month ahead */
  readonly errors: ReadonlyMap<DemandClass, readonly Float64Array[]>
  /** signed errors of the sum over the lead time, in ascending order */
  readonly lead: ReadonlyMap<DemandClass, Float64Array>
  /** of the errors of two series in one month */
  readonly correlation: number
}

/** series that a class needs to speak for itself */
const enough = 100

export function poolDense(fits: readonly SeriesFit[], horizon: number): DensePool {
  const dense = fits.filter((fit) => fit.sparse === undefined)
  const classes = ['short', 'smooth', 'erratic'] as const
  const errors = new Map<DemandClass, Float64Array[]>()
  const lead = new Map<DemandClass, Float64Array>()
  for (const demandClass of classes) {
    const own = dense.filter((fit) => fit.demandClass === demandClass && fit.heldOut.length > 0)
    const pooled = own.length >= enough ? own : dense
    errors.set(
      demandClass,
      Array.from({ length: horizon }, (_, h) =>
        sortedFinite(pooled.map(({ heldOut }) => Math.abs(heldOut[h] ?? Number.NaN))),
      ),
    )
    lead.set(demandClass, sortedFinite(pooled.map(({ heldOutLead }) => heldOutLead)))
  }
  return { errors, lead, correlation: correlationOf(dense, horizon) }
}

/** How far an actual may lie from its forecast, in scales: the pool's own experience, or a rule of thumb where it has too little. */
export function errorQuantile(
  sorted: Float64Array | undefined,
  p: number,
  h: number,
): { reach: number; known: boolean } {
  const known = sorted === undefined ? undefined : conformalQuantile(sorted, p)
  if (known !== undefined) return { reach: known, known: true }
  const usual = 0.5 * Math.log(1 / (1 - p)) * (h + 1) ** 0.2
  return { reach: Math.max(usual, sorted?.at(-1) ?? 0), known: false }
}

/** The mean correlation between series, from the spread of the sums of their errors beside the sum of their spreads. */
function correlationOf(fits: readonly SeriesFit[], horizon: number): number {
  let together = 0
  let apart = 0
  for (let h = 0; h < horizon; h += 1) {
    let sum = 0
    let squares = 0
    let count = 0
    for (const { heldOut } of fits) {
      const error = heldOut[h]
      if (error === undefined || !Number.isFinite(error)) continue
      sum += error
      squares += error * error
      count += 1
    }
    together += sum * sum - squares
    apart += (count - 1) * squares
  }
  return apart > 0 ? Math.min(1, Math.max(0, together / apart)) : 0
}
