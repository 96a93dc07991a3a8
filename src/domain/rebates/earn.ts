import { larger, smaller } from '../kernel/bounds.ts'
import { calendarDate, instantOf, zoneOf } from '../kernel/businessTime.ts'
import { divideRounded, parseDecimal, splitByLargestRemainder, type Micros } from '../kernel/decimal.ts'
import type { BasisFact } from './basisFact.ts'
import { planOf, rated, scaleOf, type Figures, type Part, type Plan, type RatePart, type SumPart } from './plan.ts'
import { isNamed } from './productSet.ts'
import { isWithoutValue, type Method, type Terms } from './terms.ts'

/** A fact in scope: what it counts in the measure, and what a rate is applied to. Micros. */
export interface Line {
  readonly fact: BasisFact
  readonly volume: Micros
  readonly base: Micros
}

/** What a part of the plan pays on a line, or on a part of it; without a line when there is none to pay on. */
export interface Share {
  readonly part: Part
  readonly line?: Line
  /** of the line's base and volume what this part pays on, micros */
  readonly base: Micros
  readonly volume: Micros
  /** numerator over 10⁶ × `scale` */
  readonly exact: bigint
}

export interface Earned {
  readonly lines: readonly Line[]
  readonly figures: Figures
  readonly plan: Plan
  readonly shares: readonly Share[]
  /** a multiple of 10⁶ */
  readonly scale: bigint
}

const one = 1_000_000n

/** What a shape earns on facts in their order, and which of them with how much of it. */
export function earn(
  terms: Pick<Terms, 'method' | 'measure' | 'basis'>,
  facts: readonly BasisFact[],
  own: Pick<Figures, 'target' | 'baseline'> = {},
): Earned {
  const { method } = terms
  const lines = linesOf(terms, facts)
  const figures = { ...own, ...figuresOf(method, lines) }
  const plan = planOf(method, figures)
  const scale = scaleOf(plan)
  const cut = plan.parts.filter((part) => part.pays === 'rate' && part.on === 'stretch') as readonly RatePart[] // just filtered
  const shares = plan.parts.flatMap((part) => {
    if (part.pays === 'sum') return paid(part, lines, scale)
    switch (part.on) {
      case 'all':
        return lines.map((line) => shareOf(part, line, scale))
      case 'stretch':
        return part === cut[0] ? alongStretches(lines, cut, scale) : []
      case 'bound':
        return inProportion(part, rated(parseDecimal(part.to ?? '0'), part.rate, scale), lines)
      case 'age':
        return part.no === 0 ? byAge(method, plan.parts, lines, scale) : []
    }
  })
  return { lines, figures, plan, shares, scale }
}

/** The parts of a plan that the volume alone decides: how much each rate is applied to. Micros; undefined where facts decide. */
export function baseOf(part: RatePart, volume: Micros): Micros | undefined {
  switch (part.on) {
    case 'all':
      return volume
    case 'stretch':
      return larger(
        0n,
        (part.to === undefined ? volume : smaller(volume, parseDecimal(part.to))) - parseDecimal(part.from ?? '0'),
      )
    case 'bound':
      return parseDecimal(part.to ?? '0')
    case 'age':
      return undefined
  }
}

function linesOf({ measure, basis }: Pick<Terms, 'measure' | 'basis'>, facts: readonly BasisFact[]): Line[] {
  const value = isWithoutValue(basis) ? 'quantity' : measure === 'gross' ? 'gross' : 'net'
  return facts.map((fact) => {
    const base = parseDecimal(fact[value])
    return { fact, base, volume: measure === 'units' ? parseDecimal(fact.quantity) : base }
  })
}

function figuresOf(method: Method, lines: readonly Line[]): Pick<Figures, 'volume' | 'named' | 'orders'> {
  const volume = total(lines)
  if (method.kind === 'mix') return { volume, named: total(lines.filter(({ fact }) => isNamed(method.set, fact))) }
  if (method.kind === 'per-transaction') return { volume, orders: firstLines(lines).length }
  return { volume }
}

function shareOf(part: RatePart, line: Line, scale: bigint): Share {
  const { base, volume } = line
  return { part, line, base, volume, exact: rated(base, part.rate, scale) }
}

/** An amount per unit goes to each line, one per order to its first line, one per period to all in proportion to their base. */
function paid(part: SumPart, lines: readonly Line[], scale: bigint): Share[] {
  const { each, times, per } = part
  const unit = scale / one
  if (per === 'period') return inProportion(part, each * times * unit, lines)
  const paying = per === 'order' ? new Set(firstLines(lines)) : undefined
  return lines.map((line) => {
    const { base, volume } = line
    const count = per === 'unit' ? volume : paying?.has(line) ? one : 0n
    return { part, line, base, volume, exact: each * count * unit }
  })
}

/** Of each order whose lines add up to more than nothing. */
function firstLines(lines: readonly Line[]): Line[] {
  return [...byOrder(lines).values()].flatMap((those) => (those[0] && total(those) > 0n ? [those[0]] : []))
}

/** A line that names no order stands for itself, by its event. */
function byOrder(lines: readonly Line[]): ReadonlyMap<string, readonly Line[]> {
  const orders = new Map<string, Line[]>()
  for (const line of lines) {
    const { orderId, eventId } = line.fact
    const key = orderId === undefined ? `event ${eventId}` : `order ${orderId}`
    const those = orders.get(key) ?? []
    those.push(line)
    orders.set(key, those)
  }
  return orders
}

/** Among the lines with a base above nothing; a share without a line when there is none. */
function inProportion(part: Part, exact: bigint, lines: readonly Line[]): Share[] {
  const paying = lines.filter(({ base }) => base > 0n)
  if (paying.length === 0) return [{ part, base: 0n, volume: 0n, exact }]
  const parts = splitByLargestRemainder(
    exact,
    paying.map(({ base }) => base),
  )
  return paying.map((line, n) => ({ part, line, base: line.base, volume: line.volume, exact: parts[n] ?? 0n }))
}

function byAge(method: Method, parts: readonly Part[], lines: readonly Line[], scale: bigint): Share[] {
  if (method.kind !== 'early-payment') return []
  const bands = parts.filter((part) => part.pays === 'rate') as readonly RatePart[] // just filtered
  const [outside] = bands
  return lines.flatMap((line) => {
    const age = ageOf(line.fact, method.since)
    const band =
      age === undefined
        ? outside
        : (bands.findLast(
            ({ no, from, to }) =>
              no > 0 && (from === undefined || Number(from) <= age) && (to === undefined || age < Number(to)),
          ) ?? outside)
    return band ? [shareOf(band, line, scale)] : []
  })
}

const day = 86_400_000

/** Calendar days from the invoice, or from its due date, to the money, each as it is written. `dueAt` is the first instant that is late. */
function ageOf({ saleAt, invoicedAt, dueAt }: BasisFact, since: 'invoice' | 'due'): number | undefined {
  const from = since === 'invoice' ? invoicedAt : dueAt
  if (from === undefined) return undefined
  const before = since === 'due' ? 1 : 0
  const dateOf = (time: string, less = 0): number => Date.parse(calendarDate(instantOf(time) - less, zoneOf(time)))
  return (dateOf(saleAt) - dateOf(from, before)) / day
}

/** What lies below the first stretch, without end: volume may fall below zero. */
const farBelow = -(10n ** 36n)

interface Step {
  readonly part: RatePart | undefined
  readonly from: Micros
  readonly to: Micros | undefined
}

/**
 * Each line is the stretch from one running volume to the next, cut at the bounds of the parts. A return walks back down
 * through what had been filled, so the parts always add up to R(V): continuous, and the same for any order of equal volume.
 * What lies below the first part is part 0, or nobody's when the plan has none.
 */
function alongStretches(lines: readonly Line[], parts: readonly RatePart[], scale: bigint): Share[] {
  const [below, ...above] = parts[0]?.no === 0 ? parts : [undefined, ...parts]
  const first = parseDecimal(above[0]?.from ?? '0')
  const steps: Step[] = [
    { part: below, from: farBelow, to: first },
    ...above.map((part) => ({
      part,
      from: parseDecimal(part?.from ?? '0'),
      to: part?.to === undefined ? undefined : parseDecimal(part.to),
    })),
  ]
  let reached = 0n
  return lines.flatMap((line) => {
    const from = reached
    reached += line.volume
    return alongSteps(line, from, reached, steps).flatMap(({ part, base, volume }): Share[] =>
      part ? [{ part, line, base, volume, exact: rated(base, part.rate, scale) }] : [],
    )
  })
}

function alongSteps(
  { volume, base }: Line,
  from: Micros,
  to: Micros,
  steps: readonly Step[],
): { part: RatePart | undefined; base: Micros; volume: Micros }[] {
  const [low, high] = from < to ? [from, to] : [to, from]
  const sign = from <= to ? 1n : -1n
  const touched = steps
    .map((step) => ({
      part: step.part,
      length: larger(0n, (step.to === undefined ? high : smaller(high, step.to)) - larger(low, step.from)),
    }))
    .filter(({ length }) => length > 0n)
  const [only] = touched
  if (touched.length <= 1)
    return [{ part: only ? only.part : steps.findLast((step) => step.from <= from)?.part, base, volume }]
  // in money base is volume and every part is exact; with units, the value is split by them
  const bases = splitSigned(
    base,
    touched.map(({ length }) => length),
  )
  return touched.map(({ part, length }, n) => ({ part, volume: sign * length, base: bases[n] ?? 0n }))
}

function splitSigned(whole: bigint, weights: readonly bigint[]): bigint[] {
  return whole < 0n
    ? splitByLargestRemainder(-whole, weights).map((part) => -part)
    : splitByLargestRemainder(whole, weights)
}

/** Exact values over 10⁶ × `scale`, brought to scale 6 by largest remainder: they add up to their rounded sum, the earlier first on a tie. */
export function toScale6(exact: readonly bigint[], scale: bigint): { parts: Micros[]; total: Micros } {
  const sum = exact.reduce((so, value) => so + value, 0n)
  const rounded = divideRounded(sum, scale, 'half-even').value
  const floors = exact.map((value, index) => ({ index, ...divideRounded(value, scale, 'floor') }))
  const parts = floors.map(({ value }) => value)
  let left = rounded - parts.reduce((so, value) => so + value, 0n)
  const byRemainder = floors.toSorted((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  )
  for (const { index, value } of byRemainder) {
    if (left === 0n) break
    parts[index] = value + 1n
    left -= 1n
  }
  return { parts, total: rounded }
}

function total(lines: readonly Line[]): Micros {
  return lines.reduce((so, { volume }) => so + volume, 0n)
}
