import { minorToMicros } from '../kernel/currency.ts'
import { divideRounded, formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import type { Calculation } from './calculation.ts'
import { basesOf, tierAt } from './earn.ts'
import { amountOf } from './settle.ts'
import type { Terms } from './terms.ts'

/**
 * Does a calculation follow from the terms? It was made beside the decision, from facts the decision does not see, so
 * everything that follows without them is checked here: tiers, what lies in each, and every sum up to the amount.
 */
export function calculationProblem(terms: Terms, currency: string, calculation: Calculation): string | undefined {
  const { method, measure } = terms
  const volume = parseDecimal(calculation.volume)
  if (calculation.tierReached !== tierAt(method.tiers, volume)) return 'tierReached'
  let exact = 0n
  let scaled = 0n
  for (const part of calculation.parts) {
    const tier = method.tiers[part.tier - 1]
    if (!tier || tier.from !== part.from || tier.to !== part.to || tier.rate !== part.rate) return `parts.${part.tier}`
    exact += parseDecimal(part.base) * parseDecimal(tier.rate)
    scaled += parseDecimal(part.amount)
  }
  if (scaled !== divideRounded(exact, 1_000_000n, 'half-even').value) return 'parts'
  if (measure !== 'units') {
    const bases = basesOf(method, volume)
    const found = bases.map((_, index) => calculation.parts.filter(({ tier }) => tier === index + 1))
    const wrong = bases.findIndex(
      (base, index) => base !== (found[index] ?? []).reduce((sum, part) => sum + parseDecimal(part.base), 0n),
    )
    if (wrong !== -1) return `parts.${wrong + 1}.base`
  }
  const { earned, capped } = amountOf(terms, currency, volume, exact, scaled)
  if (calculation.capped !== formatDecimal(capped)) return 'capped'
  if (calculation.earned !== earned.toString()) return 'earned'
  if (calculation.rounding !== formatDecimal(minorToMicros(earned, currency) - scaled - capped)) return 'rounding'
  return undefined
}
