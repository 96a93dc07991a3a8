/** The letters of an exponential smoothing model: error, trend (d: damped), season. */
export interface EtsForm {
  readonly error: 'A' | 'M'
  readonly trend: 'N' | 'A' | 'Ad'
  readonly season: 'N' | 'A' | 'M'
}

/** The fifteen of Hyndman and Khandakar (2008): additive error with a multiplicative season is numerically unstable. */
export const etsForms: readonly EtsForm[] = (['N', 'A', 'M'] as const).flatMap((season) =>
  (['N', 'A', 'Ad'] as const).flatMap((trend) =>
    (['A', 'M'] as const)
      .filter((error) => !(error === 'A' && season === 'M'))
      .map((error): EtsForm => ({ error, trend, season })),
  ),
)

export function etsName({ error, trend, season }: EtsForm): string {
  return `ETS(${error},${trend},${season})`
}

/** Smoothing parameters as the recursion takes them. */
export interface EtsParameters {
  readonly alpha: number
  readonly beta: number
  readonly gamma: number
  readonly phi: number
}

export function freeParameters({ trend, season }: EtsForm): number {
  return 1 + (trend === 'N' ? 0 : trend === 'A' ? 1 : 2) + (season === 'N' ? 0 : 1)
}

/** Parameters, first states and variance, as the information criterion counts them. */
export function countedParameters(form: EtsForm, period: number): number {
  return freeParameters(form) + 1 + (form.trend === 'N' ? 0 : 1) + (form.season === 'N' ? 0 : period - 1) + 1
}

/** From variables without bounds: 0 < β < α, 0 < γ < 1 − α, 0.8 ≤ φ ≤ 0.98. */
export function readParameters({ trend, season }: EtsForm, u: Float64Array): EtsParameters {
  const alpha = within(1e-4, 0.9999, u[0]!)
  let next = 1
  const beta = trend === 'N' ? 0 : within(1e-4, Math.max(alpha, 2e-4), u[next++]!)
  const gamma = season === 'N' ? 0 : within(1e-4, Math.max(1 - alpha, 2e-4), u[next++]!)
  const phi = trend === 'Ad' ? within(0.8, 0.98, u[next++]!) : 1
  return { alpha, beta, gamma, phi }
}

/** Where the search begins. */
export function firstGuess({ trend, season }: EtsForm): Float64Array {
  const u = [season === 'N' ? 0 : -1.1]
  if (trend !== 'N') u.push(-2.2)
  if (season !== 'N') u.push(-2.9)
  if (trend === 'Ad') u.push(2)
  return Float64Array.from(u)
}

function within(low: number, high: number, u: number): number {
  return low + (high - low) / (1 + Math.exp(-u))
}
