import { minorToMicros } from '../kernel/currency.ts'
import { divideRounded, formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import { sameData } from '../kernel/sameData.ts'
import type { Calculation } from './calculation.ts'
import { baseOf } from './earn.ts'
import { isOpen, paidShare } from './gates.ts'
import { planOf, rated, scaleOf, type Part, type Plan } from './plan.ts'
import { amountOf, calculatedPart, ownOf } from './settle.ts'
import type { Terms } from './terms.ts'

/**
 * Does a calculation follow from the terms and from the dealer's own target and baseline? It was made beside the decision, from
 * facts the decision does not see, so everything that follows without them is checked here: tiers, what lies in each, gates, and
 * every sum up to the amount. The place of the first thing wrong.
 */
export function calculationProblem(
  terms: Terms,
  currency: string,
  calculation: Calculation,
  given: { readonly target?: string | undefined; readonly baseline?: string | undefined } = {},
): string | undefined {
  const { method, measure } = terms
  const volume = parseDecimal(calculation.volume)
  const own = ownOf({ terms, ...given })
  if (calculation.target !== textOf(own.target)) return 'target'
  if (calculation.baseline !== textOf(own.baseline)) return 'baseline'
  const { named, orders } = calculation
  const figures = { volume, ...own, named: named === undefined ? undefined : parseDecimal(named), orders }
  const plan = planOf(method, figures)
  if (calculation.tierReached !== plan.tierReached) return 'tierReached'
  if (calculation.missing !== plan.missing) return 'missing'
  if (calculation.rest !== textOf(plan.rest)) return 'rest'
  if (new Set(calculation.parts.map(({ tier }) => tier)).size < calculation.parts.length) return 'parts'
  const scale = scaleOf(plan)
  let exact = 0n
  let scaled = 0n
  const isByLine = terms.rounding.level === 'line'
  const minor = minorToMicros(1n, currency)
  for (const part of calculation.parts) {
    const planned = plannedFor(plan, part)
    if (!planned) return `parts.${part.tier}`
    const ofPart =
      planned.pays === 'sum'
        ? planned.each * planned.times * (scale / million)
        : rated(parseDecimal('base' in part ? part.base : '0'), planned.rate, scale)
    const amount = parseDecimal(part.amount)
    exact += ofPart
    scaled += amount
    // each line is off by less than a minor unit, and no fact has more than one in a part
    const most = BigInt(Math.max(calculation.facts, 1)) * minor * scale
    if (isByLine && (amount % minor !== 0n || size(amount * scale - ofPart) >= most)) return `parts.${part.tier}.amount`
  }
  if (isByLine) exact = scaled * scale
  if (scaled !== divideRounded(exact, scale, 'half-even').value) return 'parts'
  if (measure !== 'units') {
    const wrong = plan.parts.find(
      (part) =>
        part.pays === 'rate' &&
        part.no > 0 &&
        (baseOf(part, volume) ?? statedBase(calculation, part)) !== statedBase(calculation, part),
    )
    if (wrong) return `parts.${wrong.no}.base`
  }
  const missed = plan.parts.find(
    (part) => part.pays === 'sum' && !calculation.parts.some(({ tier }) => tier === part.no),
  )
  if (missed) return `parts.${missed.no}`
  const { gates = [] } = terms
  const found = calculation.gates ?? []
  if (found.length !== gates.length) return 'gates'
  const shut = gates.findIndex((gate, n) => {
    const { found: text, open } = found[n] ?? {}
    return isOpen(gate, text === undefined ? undefined : parseDecimal(text), figures) !== open
  })
  if (shut !== -1) return `gates.${shut}`
  const amounts = amountOf(terms, currency, volume, { exact, scale, scaled }, paidShare(gates, found))
  if (calculation.capped !== formatDecimal(amounts.capped)) return 'capped'
  if ((calculation.gated ?? '0') !== formatDecimal(amounts.gated)) return 'gated'
  if (calculation.earned !== amounts.earned.toString()) return 'earned'
  if (calculation.rounding !== formatDecimal(amounts.rounding)) return 'rounding'
  return undefined
}

const million = 1_000_000n

/** The part of the plan that a calculated one is, in every word but its base and amount. */
function plannedFor({ parts }: Plan, stated: Calculation['parts'][number]): Part | undefined {
  const base = parseDecimal('base' in stated ? stated.base : '0')
  const amount = parseDecimal(stated.amount)
  return parts.find((part) => part.no > 0 && sameData(calculatedPart(part, base, amount), stated))
}

function statedBase({ parts }: Calculation, { no }: Part): Micros {
  return parts.reduce((sum, part) => (part.tier === no && 'base' in part ? sum + parseDecimal(part.base) : sum), 0n)
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value
}

function textOf(value: Micros | undefined): string | undefined {
  return value === undefined ? undefined : formatDecimal(value)
}
