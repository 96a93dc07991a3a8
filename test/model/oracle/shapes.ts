import {
  byLargestRemainder,
  greater,
  isAbove,
  isLess,
  isZero,
  lesser,
  micro,
  minus,
  over,
  plus,
  ratio,
  read,
  rounded,
  times,
  total,
  type Ratio,
  type RoundingMode,
  write,
  zero,
} from './fraction.ts'
import { findBeside, type Beside, type BesideGate, type Found } from './beside.ts'
import { earnedBy, names, type Fact } from './shapeEarned.ts'

// What a programme pays for the facts of one dealer, currency and period, as docs/settlement-rules.md says it and nothing else.
// Everything is an exact fraction until it is written down. What a shape earns is its closed formula; what each fact has of it
// is worked out a second time, and both must agree.

interface Tier {
  from: string
  to?: string | undefined
  rate: string
}
export interface ProductSet {
  skus?: readonly string[] | undefined
  categories?: readonly string[] | undefined
}
export type ShapeMethod =
  | { kind: 'marginal' | 'all-units' | 'rolling' | 'total'; tiers: readonly Tier[] }
  | { kind: 'fixed-sum'; target: string; amount: string }
  | { kind: 'per-unit' | 'per-transaction'; amount: string }
  | { kind: 'increment'; target: string; step: string; amount: string }
  | {
      kind: 'linear'
      from: { volume: string; rate: string }
      to: { volume: string; rate: string }
      below: 'nothing' | 'first'
    }
  | { kind: 'growth'; on: 'growth' | 'volume'; tiers: readonly Tier[]; withoutBaseline: 'nothing' | 'all' }
  | { kind: 'attainment'; tiers: readonly Tier[]; excess?: string | undefined }
  | { kind: 'mix'; set: ProductSet; tiers: readonly Tier[] }
  | {
      kind: 'early-payment'
      since: 'invoice' | 'due'
      tiers: readonly { from?: string | undefined; to?: string | undefined; rate: string }[]
    }
type VolumeGate = { whenClosed?: string | undefined } & (
  | { kind: 'minimum'; set?: ProductSet | undefined; volume: string }
  | { kind: 'attainment'; ratio: string }
  | { kind: 'mix'; set: ProductSet; ratio: string }
  | { kind: 'breadth'; set?: ProductSet | undefined; skus: number }
)
export type ShapeGate = VolumeGate | BesideGate
export interface ShapeFact {
  eventId: string
  lineNo: number
  orderId?: string | undefined
  sku: string
  categories?: readonly string[] | undefined
  launchedOn?: string | undefined
  unit: string
  quantity: string
  net: string
  gross: string
  occurredAt: string
  position: string
  saleAt: string
  invoicedAt?: string | undefined
  dueAt?: string | undefined
}
export interface ShapeInput {
  terms: {
    method: ShapeMethod
    basis: string
    measure: 'net' | 'gross' | 'units'
    unit?: string | undefined
    products: { include?: ProductSet | undefined; exclude?: ProductSet | undefined }
    launchedWithinDays?: number | undefined
    gates?: ShapeGate[] | undefined
    cap?: string | undefined
    floor?: string | undefined
    rounding: { mode: RoundingMode; level: 'settlement' | 'line' }
  }
  /** of the minor unit of the currency */
  digits: number
  /** of one dealer, currency and period, that count but for product scope and unit; in any order */
  facts: readonly ShapeFact[]
  target?: string
  baseline?: string
  beside: Beside
  prior: readonly { kind: 'settled' | 'clawed_back' | 'awarded'; amount: string }[]
}
export interface ShapeResult {
  volume: string
  /** minor units, as is what is due */
  earned: string
  due: string
  /** `event/line/tier`: its share at scale 6 */
  lines: Map<string, string>
  loose: string
  capped: string
  gated: string
  rounding: string
  gates: { found?: string | undefined; open: boolean }[]
  missing?: 'target' | 'baseline'
  rest?: string
}

function factsOf({ terms, facts }: ShapeInput): Fact[] {
  const instant = ({ occurredAt }: ShapeFact): number => Date.parse(occurredAt.split('[')[0]!)
  return facts
    .map((fact) => {
      const units = read(fact.quantity)
      const hasNoValue = terms.basis === 'sold-out' || terms.basis === 'evidence'
      const base = hasNoValue ? units : read(terms.measure === 'gross' ? fact.gross : fact.net)
      return { ...fact, units, base, volume: terms.measure === 'units' ? units : base }
    })
    .sort(
      (a, b) =>
        instant(a) - instant(b) ||
        Number(BigInt(a.position) - BigInt(b.position)) ||
        (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : a.lineNo - b.lineNo),
    )
}

function gateOf(gate: ShapeGate, input: ShapeInput, all: Fact[], counted: Fact[], volume: Ratio): Found {
  if (gate.kind === 'process' || gate.kind === 'payment' || gate.kind === 'collection' || gate.kind === 'score')
    return findBeside(gate, input.beside)
  const { found, open } = volumeGateOf(gate, input, all, counted, volume)
  return { found, open, factor: open ? ratio(1n) : read(gate.whenClosed ?? '0') }
}

function volumeGateOf(gate: VolumeGate, input: ShapeInput, all: Fact[], counted: Fact[], volume: Ratio) {
  const { measure, unit } = input.terms
  const volumeOf = (facts: Fact[]): Ratio => total(facts, (fact) => fact.volume)
  switch (gate.kind) {
    case 'minimum': {
      const { set } = gate
      const named = set
        ? all.filter((fact) => names(set, fact) && (measure !== 'units' || fact.unit === unit))
        : counted
      return { found: write(volumeOf(named)), open: !isLess(volumeOf(named), read(gate.volume)) }
    }
    case 'attainment': {
      const target = read(input.target ?? '0')
      return {
        found: write(volume),
        open: isAbove(target, zero) && !isLess(volume, times(read(gate.ratio), target)),
      }
    }
    case 'mix': {
      const named = volumeOf(counted.filter((fact) => names(gate.set, fact)))
      return {
        found: write(named),
        open: isAbove(volume, zero) && !isLess(named, times(read(gate.ratio), volume)),
      }
    }
    case 'breadth': {
      const { set } = gate
      const quantities = new Map<string, Ratio>()
      for (const { sku, units } of set ? all.filter((fact) => names(set, fact)) : counted)
        quantities.set(sku, plus(quantities.get(sku) ?? zero, units))
      const found = [...quantities.values()].filter((quantity) => isAbove(quantity, zero)).length
      return { found: String(found), open: found >= gate.skus }
    }
  }
}

export function settleShape(input: ShapeInput): ShapeResult {
  const { terms, digits, prior } = input
  const all = factsOf(input)
  const { include, exclude } = terms.products
  const days = terms.launchedWithinDays
  const isNew = ({ launchedOn, saleAt }: Fact): boolean =>
    days === undefined ||
    (launchedOn !== undefined && Date.parse(saleAt.slice(0, 10)) <= Date.parse(launchedOn) + days * 86_400_000)
  const scope = all.filter(
    (fact) => (!include || names(include, fact)) && !(exclude && names(exclude, fact)) && isNew(fact),
  )
  const counted = scope.filter(({ unit }) => terms.measure !== 'units' || unit === terms.unit)
  const volume = total(counted, (fact) => fact.volume)

  const minor = ratio(1n, 10n ** BigInt(digits))
  const shape = earnedBy(input, counted, volume)
  if (
    !isZero(
      minus(
        shape.amount,
        plus(
          total(shape.shares, (share) => share.amount),
          shape.loose ?? zero,
        ),
      ),
    )
  )
    throw new Error('the shares do not add up to what is earned')

  // §9: with level line, each of them by itself
  const each = (value: Ratio): Ratio =>
    terms.rounding.level === 'line' ? rounded(value, minor, terms.rounding.mode) : value
  const shares = shape.shares.map((share) => ({ ...share, amount: each(share.amount) }))
  const loose = each(shape.loose ?? zero)
  const shared = total(shares, (share) => share.amount)
  const amount = plus(shared, loose)

  let result = amount
  if (terms.floor !== undefined && isAbove(volume, zero)) result = greater(result, read(terms.floor))
  if (terms.cap !== undefined) result = lesser(result, read(terms.cap))
  const isBound = !isZero(minus(result, amount))

  const gates = (terms.gates ?? []).map((gate) => gateOf(gate, input, all, counted, volume))
  const isGated = gates.some(({ open }) => !open)
  const atEnd = times(result, gates.map(({ factor }) => factor).reduce(lesser, ratio(1n)))

  const earned = rounded(atEnd, minor, terms.rounding.mode)
  const settled = prior
    .map((one) => BigInt(one.amount) * (one.kind === 'settled' ? 1n : -1n))
    .reduce((a, b) => a + b, 0n)

  // §12: lines in the order of the tree; each step at scale 6 is the difference of what stands before and after it
  const ordered = shares.toSorted((a, b) => a.tier - b.tier || counted.indexOf(a.fact) - counted.indexOf(b.fact))
  const amounts = byLargestRemainder(
    ordered.map((share) => share.amount),
    rounded(shared, micro, 'half-even'),
  )
  const ofShape = plus(rounded(shared, micro, 'half-even'), loose)
  const ofBounds = isBound ? rounded(result, micro, 'half-even') : ofShape
  const ofGates = isGated ? rounded(atEnd, micro, 'half-even') : ofBounds
  const lines = new Map<string, string>()
  for (const [index, { fact, tier }] of ordered.entries()) {
    const key = `${fact.eventId}/${fact.lineNo}/${tier}`
    if (lines.has(key)) throw new Error(`${key} is there twice`)
    lines.set(key, write(amounts[index]!))
  }
  return {
    volume: write(volume),
    earned: String(over(earned, minor).n),
    due: String(over(earned, minor).n - settled),
    lines,
    loose: write(loose),
    capped: write(minus(ofBounds, ofShape)),
    gated: write(minus(ofGates, ofBounds)),
    rounding: write(minus(earned, ofGates)),
    gates: gates.map(({ found, open }) => ({ ...(found !== undefined && { found }), open })),
    ...(shape.missing && { missing: shape.missing }),
    ...(shape.rest && { rest: write(shape.rest) }),
  }
}
