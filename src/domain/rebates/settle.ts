import { instantOf } from '../kernel/businessTime.ts'
import { minorDigits, minorToMicros } from '../kernel/currency.ts'
import { divideRounded, formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import type { BasisFact } from './basisFact.ts'
import type { Calculation } from './calculation.ts'
import { earn, toScale6, type Share } from './earn.ts'
import type { ExplanationNode } from './explanation.ts'
import type { Terms } from './terms.ts'

export interface SettleRequest {
  readonly programmeId: string
  readonly terms: Terms
  readonly currency: string
  /** one dealer, currency and period, chosen by `factsOf`; in any order */
  readonly facts: readonly BasisFact[]
  /** approved settlements and clawbacks before this one, minor units: `prior` of the settlement's state */
  readonly prior: readonly {
    readonly settlementNo: number
    readonly kind: 'settled' | 'clawed_back'
    readonly amount: string
  }[]
}

export interface Settled {
  readonly calculation: Calculation
  /** earned − (Σ settled − Σ clawed back), minor units: the delta rule (domain.md §2.1) */
  readonly due: bigint
  readonly explanation: ExplanationNode
}

/**
 * What a dealer has earned in a period, what of it is due now, and why. Pure: the same facts in any order and batch give
 * the same bytes. Facts are taken in order of (business time, position), so lines lie in tiers as they came.
 */
export function settle({ programmeId, terms, currency, facts, prior }: SettleRequest): Settled {
  const counted = terms.measure === 'units' ? facts.filter(({ unit }) => unit === terms.unit) : facts
  const { volume, tierReached, shares } = earn(terms, inOrder(counted))
  const rates = [0n, ...terms.method.tiers.map(({ rate }) => parseDecimal(rate))]
  const exact = shares.map(({ base, tier }) => base * (rates[tier] ?? 0n))
  const sum = exact.reduce((total, value) => total + value, 0n)
  const scaled = toScale6(exact)
  const { earned, capped } = amountOf(terms, currency, volume, sum, scaled.total)
  const earnedMicros = minorToMicros(earned, currency)
  const rounding = earnedMicros - scaled.total - capped

  const id = 'due/earned'
  const tiers = tierNodes(id, terms, shares, scaled.parts)
  const bound = capped < 0n ? 'cap' : 'floor'
  const due = prior.reduce(
    (rest, { kind, amount }) => (kind === 'settled' ? rest - BigInt(amount) : rest + BigInt(amount)),
    earned,
  )
  const explanation: ExplanationNode = {
    id: 'due',
    code: 'due',
    amount: formatDecimal(minorToMicros(due, currency)),
    children: [
      {
        id,
        code: 'earned',
        amount: formatDecimal(earnedMicros),
        rule: { programmeId, version: terms.version },
        children: [
          ...tiers,
          ...(capped === 0n ? [] : [leaf(`${id}/${bound}`, bound, capped)]),
          leaf(`${id}/rounding`, 'rounding', rounding),
        ],
      },
      ...prior.map(({ kind, settlementNo, amount }) => {
        const micros = minorToMicros(BigInt(amount), currency)
        return { ...leaf(`due/${kind}-${settlementNo}`, kind, kind === 'settled' ? -micros : micros), settlementNo }
      }),
    ],
  }
  const calculation: Calculation = {
    volume: formatDecimal(volume),
    tierReached,
    parts: tiers.flatMap(({ tier: { no, ...bounds }, base, amount }) =>
      no > 0 ? [{ tier: no, ...bounds, base, amount }] : [],
    ),
    capped: formatDecimal(capped),
    rounding: formatDecimal(rounding),
    earned: earned.toString(),
    facts: counted.length,
    otherUnits: facts.length - counted.length,
  }
  return { calculation, due, explanation }
}

/** From the exact sum (scale 12) through cap and floor to an Amount, rounded once; `capped` is their effect at scale 6. */
export function amountOf(
  terms: Pick<Terms, 'cap' | 'floor' | 'rounding'>,
  currency: string,
  volume: Micros,
  exact: bigint,
  scaled: Micros,
): { earned: bigint; capped: Micros } {
  const million = 1_000_000n
  const cap = terms.cap === undefined ? undefined : parseDecimal(terms.cap)
  const floor = terms.floor === undefined || volume <= 0n ? undefined : parseDecimal(terms.floor)
  const over = cap !== undefined && exact > cap * million ? cap : undefined
  const under = floor !== undefined && exact < floor * million ? floor : undefined
  const bound = over ?? under
  const value = bound === undefined ? exact : bound * million
  const { value: earned } = divideRounded(value, 10n ** BigInt(12 - minorDigits(currency)), terms.rounding.mode)
  return { earned, capped: bound === undefined ? 0n : bound - scaled }
}

function inOrder(facts: readonly BasisFact[]): BasisFact[] {
  const keyed = facts.map((fact) => ({ fact, instant: instantOf(fact.occurredAt), position: BigInt(fact.position) }))
  keyed.sort((a, b) => {
    if (a.instant !== b.instant) return a.instant - b.instant
    if (a.position !== b.position) return a.position < b.position ? -1 : 1
    if (a.fact.eventId !== b.fact.eventId) return a.fact.eventId < b.fact.eventId ? -1 : 1
    return a.fact.lineNo - b.fact.lineNo
  })
  return keyed.map(({ fact }) => fact)
}

type TierNode = ExplanationNode & { readonly tier: NonNullable<ExplanationNode['tier']>; readonly base: string }

function tierNodes(id: string, terms: Terms, shares: readonly Share[], amounts: readonly Micros[]): TierNode[] {
  const { method, measure } = terms
  const nodes = new Map<number, { base: Micros; units: Micros; amount: Micros; children: ExplanationNode[] }>()
  for (const [index, { fact, tier, base, volume }] of shares.entries()) {
    const node = nodes.get(tier) ?? { base: 0n, units: 0n, amount: 0n, children: [] }
    nodes.set(tier, node)
    const amount = amounts[index] ?? 0n
    node.base += base
    node.units += volume
    node.amount += amount
    const { eventId, lineNo, orderId, sku, kind } = fact
    node.children.push({
      ...leaf(`${id}/tier-${tier}/${node.children.length + 1}`, 'line', amount),
      base: formatDecimal(base),
      ...(measure === 'units' && { units: formatDecimal(volume) }),
      source: { eventId, lineNo, sku, kind, ...(orderId !== undefined && { orderId }) },
    })
  }
  const below: Terms['method']['tiers'][number] = { from: '0', to: method.tiers[0]?.from ?? '0', rate: '0' }
  return [...nodes]
    .sort(([a], [b]) => a - b)
    .map(([no, { base, units, amount, children }]) => {
      const { from, to, rate } = method.tiers[no - 1] ?? below
      return {
        ...leaf(`${id}/tier-${no}`, 'tier', amount),
        tier: { no, from, ...(to !== undefined && { to }), rate },
        base: formatDecimal(base),
        ...(measure === 'units' && { units: formatDecimal(units) }),
        children,
      }
    })
}

function leaf(id: string, code: ExplanationNode['code'], amount: Micros): ExplanationNode {
  return { id, code, amount: formatDecimal(amount) }
}
