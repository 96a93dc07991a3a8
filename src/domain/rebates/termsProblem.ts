import { parseDecimal } from '../kernel/decimal.ts'
import type { Method, Terms } from './terms.ts'

export interface TermsProblem {
  /** where it is: `method.tiers.2.from` */
  readonly at: string
  readonly problem:
    | 'gap'
    | 'overlap'
    | 'empty_tier'
    | 'open_ended_inside'
    | 'last_not_open_ended'
    | 'empty_set'
    | 'empty_step'
    | 'points_out_of_order'
    | 'needs_money'
    | 'needs_units'
    | 'needs_paid_basis'
  readonly found: string
  readonly expected?: string
}

/** The first thing wrong with terms that are about to bind (docs/settlement-rules.md §4; domain.md §2.1). */
export function termsProblem(terms: Pick<Terms, 'method' | 'measure' | 'basis' | 'gates'>): TermsProblem | undefined {
  const { method, gates = [] } = terms
  const sets = [
    ...('set' in method ? [{ at: 'method.set', set: method.set }] : []),
    ...gates.flatMap((gate, n) => ('set' in gate && gate.set ? [{ at: `gates.${n}.set`, set: gate.set }] : [])),
  ]
  const empty = sets.find(({ set }) => !set.skus && !set.categories)
  if (empty) return { at: empty.at, problem: 'empty_set', found: 'none', expected: 'skus or categories' }
  return methodProblem(method, terms) ?? ('tiers' in method ? tiersProblem(method) : undefined)
}

function methodProblem(method: Method, { measure, basis }: Pick<Terms, 'measure' | 'basis'>): TermsProblem | undefined {
  const isExcess = method.kind === 'attainment' && method.excess !== undefined
  const isOnGrowth = method.kind === 'growth' && method.on === 'growth'
  if (measure === 'units' && (isExcess || isOnGrowth || method.kind === 'rolling'))
    return { at: 'measure', problem: 'needs_money', found: measure, expected: 'net or gross' }
  if (method.kind === 'per-unit' && measure !== 'units')
    return { at: 'measure', problem: 'needs_units', found: measure, expected: 'units' }
  if (method.kind === 'early-payment' && basis !== 'paid')
    return { at: 'basis', problem: 'needs_paid_basis', found: basis, expected: 'paid' }
  if (method.kind === 'increment' && parseDecimal(method.step) === 0n)
    return { at: 'method.step', problem: 'empty_step', found: method.step, expected: 'more than 0' }
  if (method.kind === 'linear' && parseDecimal(method.to.volume) <= parseDecimal(method.from.volume)) {
    const [found, from] = [method.to.volume, method.from.volume]
    return { at: 'method.to.volume', problem: 'points_out_of_order', found, expected: `more than ${from}` }
  }
  return undefined
}

/** Tiers are half-open and contiguous; the last one is open-ended. Tiers of days may be open below and end. */
function tiersProblem({ kind, tiers }: Extract<Method, { tiers: unknown }>): TermsProblem | undefined {
  const isOfDays = kind === 'early-payment'
  for (const [index, { from, to }] of tiers.entries()) {
    const at = `method.tiers.${index}`
    const next = tiers[index + 1]
    if (from === undefined && index > 0)
      return { at: `${at}.from`, problem: 'gap', found: 'none', expected: tiers[index - 1]?.to ?? 'none' }
    if (to !== undefined && from !== undefined && parseDecimal(to) <= parseDecimal(from))
      return { at: `${at}.to`, problem: 'empty_tier', found: to, expected: `more than ${from}` }
    if (!next)
      return to === undefined || isOfDays ? undefined : { at: `${at}.to`, problem: 'last_not_open_ended', found: to }
    if (to === undefined)
      return { at: `${at}.to`, problem: 'open_ended_inside', found: 'none', expected: next.from ?? 'none' }
    const step = next.from === undefined ? 0n : parseDecimal(next.from) - parseDecimal(to)
    if (step !== 0n) {
      const problem = step > 0n ? 'gap' : 'overlap'
      return { at: `method.tiers.${index + 1}.from`, problem, found: next.from ?? 'none', expected: to }
    }
  }
  return undefined
}
