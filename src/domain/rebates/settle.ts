import { instantOf } from '../kernel/businessTime.ts'
import { minorDigits, minorToMicros } from '../kernel/currency.ts'
import { divideRounded, formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import type { BasisFact } from './basisFact.ts'
import type { Calculation } from './calculation.ts'
import { earn, toScale6, type Share } from './earn.ts'
import type { ExplanationNode } from './explanation.ts'
import { gatesOf, paidShare } from './gates.ts'
import { looksAtTarget, writtenRate, writtenSum, type Figures, type Part } from './plan.ts'
import { isInScope } from './productSet.ts'
import type { Posted } from './settlementState.ts'
import { noStanding, type Standing } from './standing.ts'
import type { Terms } from './terms.ts'

export interface SettleRequest {
  readonly programmeId: string
  readonly terms: Terms
  readonly currency: string
  /** one dealer, currency and period, chosen by `factsOf`; in any order */
  readonly facts: readonly BasisFact[]
  /** the dealer's own for the period, in the measure; decimals */
  readonly target?: string | undefined
  readonly baseline?: string | undefined
  /** what gates look at beside the volume */
  readonly standing?: Standing | undefined
  /** payouts, clawbacks and awards before this one: `prior` of the settlement's state */
  readonly prior: readonly Posted[]
}

export interface Settled {
  readonly calculation: Calculation
  /** earned + Σ awarded − (Σ settled − Σ clawed back), minor units: the delta rule (domain.md §2.1) */
  readonly due: bigint
  readonly explanation: ExplanationNode
}

/**
 * What a dealer has earned in a period, what of it is due now, and why. Pure: the same facts in any order and batch give
 * the same bytes. Facts are taken in order of (business time, position), so lines lie in tiers as they came.
 */
export function settle(request: SettleRequest): Settled {
  const { programmeId, terms, currency, facts, prior, standing = noStanding } = request
  const { measure, gates } = terms
  const counted = countedIn(terms, facts)
  const own = ownOf(request)
  const earnings = earn(terms, counted, own)
  const { plan, shares, scale, figures } = earnings
  const exact = shares.map((share) => (terms.rounding.level === 'line' ? inMinorUnits(share.exact) : share.exact))
  const scaled = toScale6(exact, scale)
  const gatesFound = gatesOf(terms, earnings.lines, facts, figures, standing)
  const value = { exact: sum(exact), scale, scaled: scaled.total }
  const { earned, capped, gated, rounding } = amountOf(
    terms,
    currency,
    figures.volume,
    value,
    paidShare(gates, gatesFound),
  )
  const due = prior.reduce(
    (rest, { kind, amount }) => (kind === 'settled' ? rest - BigInt(amount) : rest + BigInt(amount)),
    earned,
  )

  const id = 'due/earned'
  const partNodes = nodesOf(id, measure, shares, scaled.parts)
  const bound = capped < 0n ? 'cap' : 'floor'
  const gateList = gatesFound.map((one, n) => ({ kind: gates?.[n]?.kind ?? '', ...one }))
  const explanation: ExplanationNode = {
    id: 'due',
    code: 'due',
    amount: formatDecimal(minorToMicros(due, currency)),
    children: [
      {
        id,
        code: 'earned',
        amount: formatDecimal(minorToMicros(earned, currency)),
        rule: { programmeId, version: terms.version },
        children: [
          ...partNodes.map(({ node }) => node),
          ...(plan.missing === undefined ? [] : [{ ...leaf(`${id}/missing`, 'missing', 0n), missing: plan.missing }]),
          ...(capped === 0n ? [] : [leaf(`${id}/${bound}`, bound, capped)]),
          ...(gateList.length === 0 ? [] : [{ ...leaf(`${id}/gate`, 'gate', gated), gates: gateList }]),
          leaf(`${id}/rounding`, 'rounding', rounding),
        ],
      },
      ...prior.map(({ kind, settlementNo, amount, disputeId }) => {
        const micros = minorToMicros(BigInt(amount), currency)
        const name = `due/${kind}-${disputeId ?? settlementNo}`
        return {
          ...leaf(name, kind, kind === 'settled' ? -micros : micros),
          settlementNo,
          ...(disputeId !== undefined && { disputeId }),
        }
      }),
    ],
  }
  const calculation: Calculation = {
    volume: formatDecimal(figures.volume),
    tierReached: plan.tierReached,
    parts: partNodes.flatMap(({ part, base, amount }) => (part.no === 0 ? [] : [calculatedPart(part, base, amount)])),
    ...(own.target !== undefined && { target: formatDecimal(own.target) }),
    ...(own.baseline !== undefined && { baseline: formatDecimal(own.baseline) }),
    ...(figures.named !== undefined && { named: formatDecimal(figures.named) }),
    ...(figures.orders !== undefined && { orders: figures.orders }),
    ...(plan.missing !== undefined && { missing: plan.missing }),
    ...(plan.rest !== undefined && { rest: formatDecimal(plan.rest) }),
    ...(gatesFound.length > 0 && { gates: [...gatesFound], gated: formatDecimal(gated) }),
    capped: formatDecimal(capped),
    rounding: formatDecimal(rounding),
    earned: earned.toString(),
    facts: counted.length,
    otherUnits: facts.filter((fact) => isInScope(terms, fact)).length - counted.length,
  }
  return { calculation, due, explanation }

  /** A share that is rounded by itself, over 10⁶ × `scale` as before. */
  function inMinorUnits(share: bigint): bigint {
    const minor = minorToMicros(1n, currency) * scale
    return divideRounded(share, minor, terms.rounding.mode).value * minor
  }
}

/** The dealer's own figures, as far as the terms look at them. */
export function ownOf({
  terms,
  target,
  baseline,
}: Pick<SettleRequest, 'terms' | 'target' | 'baseline'>): Pick<Figures, 'target' | 'baseline'> {
  return {
    ...(target !== undefined && looksAtTarget(terms) && { target: parseDecimal(target) }),
    ...(baseline !== undefined && terms.method.kind === 'growth' && { baseline: parseDecimal(baseline) }),
  }
}

/** What a shape earned exactly, a numerator over 10⁶ × `scale`, and brought to scale 6. */
interface Exact {
  readonly exact: bigint
  readonly scale: bigint
  readonly scaled: Micros
}

/** From the exact sum through floor, cap and gates to an Amount, rounded once; the effect of each at scale 6. */
export function amountOf(
  terms: Pick<Terms, 'cap' | 'floor' | 'rounding'>,
  currency: string,
  volume: Micros,
  { exact, scale, scaled }: Exact,
  paid: Micros,
): { earned: bigint; capped: Micros; gated: Micros; rounding: Micros } {
  const cap = terms.cap === undefined ? undefined : parseDecimal(terms.cap)
  const floor = terms.floor === undefined || volume <= 0n ? undefined : parseDecimal(terms.floor)
  const over = cap !== undefined && exact > cap * scale ? cap : undefined
  const under = floor !== undefined && exact < floor * scale ? floor : undefined
  const bound = over ?? under
  const bounded = bound === undefined ? exact : bound * scale
  const capped = bound === undefined ? 0n : bound - scaled
  const left = bounded * paid
  const gated = paid === million ? 0n : divideRounded(left, scale * million, 'half-even').value - scaled - capped
  const minor = 10n ** BigInt(minorDigits(currency))
  const { value: earned } = divideRounded(left * minor, scale * million * million, terms.rounding.mode)
  return { earned, capped, gated, rounding: minorToMicros(earned, currency) - scaled - capped - gated }
}

const million = 1_000_000n

/** Facts in scope and in the unit that is counted, in the order in which they count. */
export function countedIn(
  terms: Pick<Terms, 'products' | 'launchedWithinDays' | 'measure' | 'unit'>,
  facts: readonly BasisFact[],
): readonly BasisFact[] {
  const { measure, unit } = terms
  return inOrder(facts.filter((fact) => isInScope(terms, fact) && (measure !== 'units' || fact.unit === unit)))
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

interface PartNode {
  readonly part: Part
  readonly base: Micros
  readonly amount: Micros
  readonly node: ExplanationNode
}

/** A node for each part that paid, or did not pay, on some line; its lines below it. */
function nodesOf(
  id: string,
  measure: Terms['measure'],
  shares: readonly Share[],
  amounts: readonly Micros[],
): PartNode[] {
  const nodes = new Map<Part, { base: Micros; units: Micros; amount: Micros; children: ExplanationNode[] }>()
  for (const [index, { part, line, base, volume }] of shares.entries()) {
    const node = nodes.get(part) ?? { base: 0n, units: 0n, amount: 0n, children: [] }
    nodes.set(part, node)
    const amount = amounts[index] ?? 0n
    node.base += base
    node.units += volume
    node.amount += amount
    if (line === undefined) continue
    const { eventId, lineNo, orderId, sku, kind } = line.fact
    node.children.push({
      ...leaf(`${id}/${nameOf(part)}/${node.children.length + 1}`, 'line', amount),
      base: formatDecimal(base),
      ...(measure === 'units' && { units: formatDecimal(volume) }),
      ...(line.fact.earnedBefore !== undefined && { earnedBefore: line.fact.earnedBefore }),
      source: { eventId, lineNo, sku, kind, ...(orderId !== undefined && { orderId }) },
    })
  }
  return [...nodes]
    .sort(([a], [b]) => a.no - b.no)
    .map(([part, { base, units, amount, children }]) => ({
      part,
      // what was passed earns on its bound, whatever the lines are worth
      base: part.pays === 'rate' && part.on === 'bound' ? parseDecimal(part.to ?? '0') : base,
      amount,
      node: {
        ...leaf(`${id}/${nameOf(part)}`, part.pays === 'rate' ? 'tier' : 'sum', amount),
        tier: { no: part.no, ...(part.pays === 'rate' ? writtenRate(part) : writtenSum(part)) },
        base: formatDecimal(base),
        ...(measure === 'units' && { units: formatDecimal(units) }),
        ...(children.length > 0 && { children }),
      },
    }))
}

function nameOf(part: Part): string {
  return `${part.pays === 'rate' ? 'tier' : 'sum'}-${part.no}`
}

/** A part as it stands in a calculation. */
export function calculatedPart(part: Part, base: Micros, amount: Micros): Calculation['parts'][number] {
  const paid = formatDecimal(amount)
  if (part.pays === 'sum') return { tier: 1, ...writtenSum(part), amount: paid }
  return { tier: part.no, ...writtenRate(part), base: formatDecimal(base), amount: paid }
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((so, value) => so + value, 0n)
}

function leaf(id: string, code: ExplanationNode['code'], amount: Micros): ExplanationNode {
  return { id, code, amount: formatDecimal(amount) }
}
