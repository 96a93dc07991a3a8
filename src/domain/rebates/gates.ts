import { formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import type { BasisFact } from './basisFact.ts'
import type { Line } from './earn.ts'
import { isNamed } from './productSet.ts'
import type { Gate, Terms } from './terms.ts'

/** What a gate looked at: a volume in the measure, or a number of skus; a decimal. */
export interface GateFound {
  readonly found: string
  readonly open: boolean
}

interface Volumes {
  readonly volume: Micros
  /** the dealer's own */
  readonly target?: Micros | undefined
}

const one = 1_000_000n

/**
 * Every gate of the terms, also behind one that is closed (docs/settlement-rules.md §6). `lines` are in scope, `around` are all
 * that count but for the product scope.
 */
export function gatesOf(
  terms: Pick<Terms, 'gates' | 'measure' | 'unit'>,
  lines: readonly Line[],
  around: readonly BasisFact[],
  volumes: Volumes,
): readonly GateFound[] {
  const { gates = [], measure, unit } = terms
  return gates.map((gate) => {
    const found = foundBy(gate)
    return { found: formatDecimal(found), open: isOpen(gate, found, volumes) }
  })

  function foundBy(gate: Gate): Micros {
    switch (gate.kind) {
      case 'attainment':
        return volumes.volume
      case 'mix':
        return sum(lines.flatMap(({ fact, volume }) => (isNamed(gate.set, fact) ? [volume] : [])))
      case 'minimum': {
        const { set } = gate
        if (!set) return volumes.volume
        return sum(around.flatMap((fact) => (isNamed(set, fact) ? [amountOf(fact)] : [])))
      }
      case 'breadth': {
        const { set } = gate
        const facts = set ? around.filter((fact) => isNamed(set, fact)) : lines.map(({ fact }) => fact)
        const bySku = new Map<string, Micros>()
        for (const { sku, quantity } of facts) bySku.set(sku, (bySku.get(sku) ?? 0n) + parseDecimal(quantity))
        return BigInt([...bySku.values()].filter((quantity) => quantity > 0n).length) * one
      }
    }
  }

  function amountOf(fact: BasisFact): Micros {
    if (measure !== 'units') return parseDecimal(fact[measure])
    return fact.unit === unit ? parseDecimal(fact.quantity) : 0n
  }
}

/** Does what was found open the gate? */
export function isOpen(gate: Gate, found: Micros, { volume, target = 0n }: Volumes): boolean {
  switch (gate.kind) {
    case 'minimum':
      return found >= parseDecimal(gate.volume)
    case 'attainment':
      return target > 0n && found * one >= parseDecimal(gate.ratio) * target
    case 'mix':
      return volume > 0n && found * one >= parseDecimal(gate.ratio) * volume
    case 'breadth':
      return found >= BigInt(gate.skus) * one
  }
}

/** The share that is paid: the smallest of the closed gates, a million when all are open. */
export function paidShare(gates: readonly Gate[] | undefined, found: readonly GateFound[]): Micros {
  return (gates ?? []).reduce((least, gate, n) => {
    if (found[n]?.open !== false) return least
    const share = parseDecimal(gate.whenClosed ?? '0')
    return share < least ? share : least
  }, one)
}

function sum(values: readonly Micros[]): Micros {
  return values.reduce((so, value) => so + value, 0n)
}
