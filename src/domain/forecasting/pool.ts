import { poolDense, type DensePool } from './densePool.ts'
import type { FitOptions, SeriesFit } from './fitSeries.ts'
import { poolSparse, type SparsePool } from './sparsePool.ts'

/** What a set of series teaches about each of them. */
export interface Pool {
  readonly series: number
  readonly dense: DensePool
  readonly sparse: SparsePool
}

/** The same pool whatever the order in which the fits were made, as long as they are given in one order. */
export function poolFits(fits: readonly SeriesFit[], horizon: number, options: FitOptions): Pool {
  return {
    series: fits.length,
    dense: poolDense(fits, horizon),
    sparse: poolSparse(fits, horizon, options),
  }
}
