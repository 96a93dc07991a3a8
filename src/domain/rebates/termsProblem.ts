import { evaluationAllowed, type ConductRulesState } from '../conduct/conductRules.ts'
import { parseDecimal } from '../kernel/decimal.ts'
import { evidenceUnit, isWithoutValue, type Gate, type Method, type Terms } from './terms.ts'

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
    | 'needs_one_currency'
    | 'without_value'
    | 'no_products'
    | 'unknown_evaluation'
    | 'resale_price'
  readonly found: string
  readonly expected?: string
}

/** The first thing wrong with terms that are about to bind (docs/settlement-rules.md §2, §4, §6; domain.md §2.1, §2.7). */
export function termsProblem(terms: Terms, rules: ConductRulesState): TermsProblem | undefined {
  const { method, gates = [] } = terms
  const sets = [
    ...('set' in method ? [{ at: 'method.set', set: method.set }] : []),
    ...gates.flatMap((gate, n) => ('set' in gate && gate.set ? [{ at: `gates.${n}.set`, set: gate.set }] : [])),
  ]
  const empty = sets.find(({ set }) => !set.skus && !set.categories)
  if (empty) return { at: empty.at, problem: 'empty_set', found: 'none', expected: 'skus or categories' }
  return (
    methodProblem(method, terms) ??
    valueProblem(terms) ??
    ('tiers' in method ? tiersProblem('method.tiers', method.tiers, method.kind === 'early-payment') : undefined) ??
    firstOf(gates, (gate, n) => gateProblem(gate, `gates.${n}`))
  )

  function gateProblem(gate: Gate, at: string): TermsProblem | undefined {
    if (gate.kind === 'collection') return tiersProblem(`${at}.bands`, gate.bands, true)
    if (gate.kind !== 'score') return undefined
    const found = `${gate.evaluation} ${gate.version}`
    const known = evaluationAllowed(rules, gate.evaluation, gate.version)
    if (known === undefined)
      return { at: `${at}.evaluation`, problem: 'unknown_evaluation', found, expected: 'one that is defined' }
    if (known === 'resale_price')
      return { at: `${at}.evaluation`, problem: 'resale_price', found, expected: 'one without resale prices' }
    return undefined
  }
}

/** What is counted and not valued has no rate, and says itself in which currency it is paid. */
function valueProblem({
  basis,
  measure,
  unit,
  method,
  currencies = [],
  products,
  launchedWithinDays,
}: Terms): TermsProblem | undefined {
  if (!isWithoutValue(basis)) return undefined
  if (measure !== 'units') return { at: 'measure', problem: 'without_value', found: measure, expected: 'units' }
  if (!amountsOnly.has(method.kind))
    return { at: 'method.kind', problem: 'without_value', found: method.kind, expected: [...amountsOnly].join(', ') }
  if (currencies.length !== 1)
    return { at: 'currencies', problem: 'needs_one_currency', found: String(currencies.length), expected: '1' }
  return basis === 'evidence' ? evidenceProblem({ unit, products, launchedWithinDays }) : undefined
}

const amountsOnly: ReadonlySet<Method['kind']> = new Set(['fixed-sum', 'per-unit', 'increment'])

function evidenceProblem({
  unit = 'none',
  products: { include, exclude },
  launchedWithinDays,
}: Pick<Terms, 'unit' | 'products' | 'launchedWithinDays'>): TermsProblem | undefined {
  if (unit !== evidenceUnit) return { at: 'unit', problem: 'needs_units', found: unit, expected: evidenceUnit }
  const category = include?.categories?.[0] ?? exclude?.categories?.[0]
  if (category !== undefined)
    return { at: 'products', problem: 'no_products', found: category, expected: 'kinds of evidence' }
  if (launchedWithinDays !== undefined)
    return { at: 'launchedWithinDays', problem: 'no_products', found: String(launchedWithinDays), expected: 'none' }
  return undefined
}

function firstOf<T, R>(items: readonly T[], of: (item: T, index: number) => R | undefined): R | undefined {
  for (const [index, item] of items.entries()) {
    const found = of(item, index)
    if (found !== undefined) return found
  }
  return undefined
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
function tiersProblem(
  place: string,
  tiers: readonly { readonly from?: string | undefined; readonly to?: string | undefined }[],
  isOfDays: boolean,
): TermsProblem | undefined {
  for (const [index, { from, to }] of tiers.entries()) {
    const at = `${place}.${index}`
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
      return { at: `${place}.${index + 1}.from`, problem, found: next.from ?? 'none', expected: to }
    }
  }
  return undefined
}
