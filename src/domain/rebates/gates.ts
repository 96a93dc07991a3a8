import { formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import type { BasisFact } from './basisFact.ts'
import type { Line } from './earn.ts'
import { isNamed } from './productSet.ts'
import { scoreName, type Standing } from './standing.ts'
import type { Gate, Terms } from './terms.ts'

/** What a gate looked at: a volume in the measure, a number of skus or of evidence, days, a score; a decimal. Absent when there is nothing to look at. */
export interface GateFound {
  readonly found?: string | undefined
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
 * that count but for the product scope; `standing` is what there is of the dealer beside its volume.
 */
export function gatesOf(
  terms: Pick<Terms, 'gates' | 'measure' | 'unit'>,
  lines: readonly Line[],
  around: readonly BasisFact[],
  volumes: Volumes,
  standing: Standing,
): readonly GateFound[] {
  const { gates = [], measure, unit } = terms
  return gates.map((gate) => {
    const found = foundBy(gate)
    const open = isOpen(gate, found, volumes)
    return found === undefined ? { open } : { found: formatDecimal(found), open }
  })

  function foundBy(gate: Gate): Micros | undefined {
    switch (gate.kind) {
      case 'process':
        return wholeOf(standing.evidence.get(gate.evidence) ?? 0)
      case 'payment':
        return wholeOf(standing.overdueDays)
      case 'collection':
        return wholeOf(standing.collectionDays[gate.since])
      case 'score': {
        const score = standing.scores.get(scoreName(gate))
        return score === undefined ? undefined : parseDecimal(score)
      }
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
export function isOpen(gate: Gate, found: Micros | undefined, volumes: Volumes): boolean {
  const { volume, target = 0n } = volumes
  const reaches = (least: Micros, scale = 1n): boolean => found !== undefined && found * scale >= least
  switch (gate.kind) {
    case 'payment':
      return found === undefined || found <= BigInt(gate.overdueDays) * one
    case 'collection':
      return factorOf(gate, found) === one
    case 'minimum':
      return reaches(parseDecimal(gate.volume))
    case 'attainment':
      return target > 0n && reaches(parseDecimal(gate.ratio) * target, one)
    case 'mix':
      return volume > 0n && reaches(parseDecimal(gate.ratio) * volume, one)
    case 'breadth':
      return reaches(BigInt(gate.skus) * one)
    case 'process':
      return reaches(BigInt(gate.count) * one)
    case 'score':
      return reaches(parseDecimal(gate.score))
  }
}

/** The share that is paid, micros: the smallest of the gates', a million when all are open. */
export function paidShare(gates: readonly Gate[] | undefined, found: readonly GateFound[]): Micros {
  return (gates ?? []).reduce((least, gate, n) => {
    const { found: text, open = true } = found[n] ?? {}
    if (open) return least
    const share = factorOf(gate, text === undefined ? undefined : parseDecimal(text))
    return share < least ? share : least
  }, one)
}

/** What a gate that is not open lets through: that of its band, for days from the invoice to the money. */
function factorOf(gate: Gate, found: Micros | undefined): Micros {
  if (gate.kind !== 'collection') return parseDecimal(gate.whenClosed ?? '0')
  if (found === undefined) return one
  const band = gate.bands.find(
    ({ from, to }) =>
      (from === undefined || parseDecimal(from) <= found) && (to === undefined || found < parseDecimal(to)),
  )
  return parseDecimal(band?.rate ?? '0')
}

function wholeOf(count: number): Micros
function wholeOf(count: number | undefined): Micros | undefined
function wholeOf(count: number | undefined): Micros | undefined {
  return count === undefined ? undefined : BigInt(count) * one
}

function sum(values: readonly Micros[]): Micros {
  return values.reduce((so, value) => so + value, 0n)
}
