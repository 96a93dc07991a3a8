import { divideRounded, formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import type { BasisFact } from './basisFact.ts'
import { countedIn, settle, type SettleRequest } from './settle.ts'
import type { Method, Terms } from './terms.ts'

export interface NextTier {
  /** in the measure of the programme: money, or units */
  readonly missing: string
  /** what the settlement would be larger by, minor units */
  readonly more: string
}

/**
 * What is missing to the next tier, and what reaching it would add: settled twice by the same rules, once with one more sale that is as
 * large as what is missing. Gates stay out of it: whether they are open then, nobody knows yet. Undefined where there is no next tier.
 */
export function nextTier(request: Omit<SettleRequest, 'standing' | 'prior'>): NextTier | undefined {
  const { gates: _gates, ...terms } = request.terms
  const ungated = { ...request, terms, prior: [] }
  const example = countedIn(terms, request.facts).findLast(({ kind }) => kind === 'sale')
  if (!example) return undefined
  const { calculation } = settle(ungated)
  const volume = parseDecimal(calculation.volume)
  const next = bordersOf(terms.method, request).find((border) => border > volume)
  if (next === undefined) return undefined
  const missing = next - volume
  const bought = saleOf(example, missing, terms)
  if (!bought) return undefined
  const then = settle({ ...ungated, facts: [...request.facts, bought] }).calculation
  const more = BigInt(then.earned) - BigInt(calculation.earned)
  return more > 0n ? { missing: formatDecimal(missing), more: more.toString() } : undefined
}

/** The volumes at which something changes for the better, ascending; none for shapes that have no tiers of volume. */
function bordersOf(
  method: Method,
  { target, baseline }: Pick<SettleRequest, 'target' | 'baseline'>,
): readonly Micros[] {
  switch (method.kind) {
    case 'marginal':
    case 'all-units':
    case 'rolling':
    case 'total':
      return method.tiers.map(({ from }) => parseDecimal(from))
    case 'attainment':
      return target === undefined ? [] : method.tiers.map(({ from }) => part(from, target))
    case 'growth':
      return baseline === undefined || method.on === 'growth'
        ? []
        : method.tiers.map(({ from }) => parseDecimal(baseline) + part(from, baseline))
    case 'fixed-sum': {
      const goal = method.target === 'own' ? target : method.target
      return goal === undefined ? [] : [parseDecimal(goal)]
    }
    default:
      return []
  }
}

/** A ratio of a volume, rounded up: at it the tier is reached. */
function part(ratio: string, of: string): Micros {
  return divideRounded(parseDecimal(ratio) * parseDecimal(of), 1_000_000n, 'up').value
}

/** One more sale like another, as large as what is missing; units have the price of that other one. */
function saleOf(example: BasisFact, missing: Micros, { measure }: Pick<Terms, 'measure'>): BasisFact | undefined {
  if (measure !== 'units') return { ...example, net: formatDecimal(missing), gross: formatDecimal(missing) }
  const units = parseDecimal(example.quantity)
  if (units <= 0n) return undefined
  const worth = (value: string): string =>
    formatDecimal(divideRounded(parseDecimal(value) * missing, units, 'half-up').value)
  return { ...example, quantity: formatDecimal(missing), net: worth(example.net), gross: worth(example.gross) }
}
