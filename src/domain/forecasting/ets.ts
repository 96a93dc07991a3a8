import { etsFirstStates, type EtsStates } from './etsFirstStates.ts'
import {
  countedParameters,
  etsForms,
  etsName,
  firstGuess,
  readParameters,
  type EtsForm,
  type EtsParameters,
} from './etsForm.ts'
import { etsPass } from './etsPass.ts'
import { minimise } from './minimise.ts'

/** One fitted exponential smoothing model. */
export interface Ets {
  readonly name: string
  readonly form: EtsForm
  readonly parameters: EtsParameters
  readonly aicc: number
  readonly point: Float64Array
}

const search = { evaluations: 160, tolerance: 1e-5 }
/** of the logarithm of a parameter's odds */
const searchStep = 1

/**
 * Every exponential smoothing model that the series allows (Hyndman, Koehler, Ord and Snyder 2008), the best by AICc first.
 * First states come from a decomposition of the first years instead of the search: what is left has at most four variables,
 * which is what makes fifteen models cheap. Multiplicative models need values above zero, seasonal ones two periods and more.
 */
export function fitEts(y: Float64Array, horizon: number, period: number): readonly Ets[] {
  const positive = y.every((value) => value > 0)
  const seasonal = period > 1 && y.length >= 2 * period + 3
  return etsForms
    .filter(
      (form) =>
        (positive || (form.error === 'A' && form.season !== 'M')) &&
        (seasonal || form.season === 'N') &&
        y.length > countedParameters(form, period) + 2,
    )
    .map((form) => fitForm(y, horizon, form, period))
    .filter(({ aicc, point }) => Number.isFinite(aicc) && point.every(Number.isFinite))
    .sort((a, b) => a.aicc - b.aicc)
}

function fitForm(y: Float64Array, horizon: number, form: EtsForm, period: number): Ets {
  const first = etsFirstStates(y, form, period)
  const states: EtsStates = { level: 0, slope: 0, season: new Float64Array(first.season.length) }
  const run = (parameters: EtsParameters): number => {
    states.level = first.level
    states.slope = first.slope
    states.season.set(first.season)
    return etsPass(form, parameters, states, y)
  }
  const found = minimise((u) => run(readParameters(form, u)), firstGuess(form), searchStep, search)
  const parameters = readParameters(form, found.at)
  run(parameters)
  const n = y.length
  const k = countedParameters(form, period)
  return {
    name: etsName(form),
    form,
    parameters,
    aicc: found.value + 2 * k + (2 * k * (k + 1)) / (n - k - 1),
    point: ahead(form, parameters, states, n, horizon),
  }
}

function ahead(
  { season: kind }: EtsForm,
  { phi }: EtsParameters,
  { level, slope, season }: EtsStates,
  n: number,
  horizon: number,
): Float64Array {
  const point = new Float64Array(horizon)
  let base = level
  let drift = slope
  for (let h = 0; h < horizon; h += 1) {
    drift *= phi
    base += drift
    const factor = season[(n + h) % season.length]!
    point[h] = kind === 'N' ? base : kind === 'A' ? base + factor : base * factor
  }
  return point
}
