import { businessTime } from '../../src/domain/kernel/businessTime.ts'
import { formatDecimal, parseDecimal } from '../../src/domain/kernel/decimal.ts'
import { basis, isWithoutValue, terms as termsSchema, type Terms } from '../../src/domain/rebates/terms.ts'
import type { StandingFact } from '../../src/domain/rebates/standingFacts.ts'
import type { settle } from '../../src/domain/rebates/settle.ts'
import type { ShapeInput } from '../model/oracle/shapes.ts'

/** Random programmes with the facts of one dealer and period, drawn so that volumes meet bounds (docs/settlement-rules.md §4). */

type Settling = Parameters<typeof settle>[0]
export type RebateFact = Settling['facts'][number]
export interface ShapeCase {
  terms: Terms
  currency: string
  facts: RebateFact[]
  target?: string
  baseline?: string
  beside: { facts: readonly StandingFact[]; cutOff: string; watermark: string }
  prior: Settling['prior'][number][]
}
type Method = Terms['method']
type Gate = NonNullable<Terms['gates']>[number]
export type Draw = ReturnType<typeof drawing>

const period = { periodId: '2026-01', startInstant: Date.UTC(2026, 0, 1), endInstant: Date.UTC(2026, 1, 1) }
/** What the standing of every case is asked for. */
export const besideRequest = { period, zone: 'Asia/Shanghai' }

const digitsOf: Readonly<Record<string, number>> = { USD: 2, JPY: 0, KWD: 3 }
export const kinds = [
  'marginal',
  'all-units',
  'rolling',
  'total',
  'fixed-sum',
  'per-unit',
  'per-transaction',
  'increment',
  'linear',
  'growth',
  'attainment',
  'mix',
  'early-payment',
] as const satisfies readonly Method['kind'][]

const rates = ['0', '0.01', '0.015', '0.02', '0.025', '0.1', '0.3', '0.333333', '0.123457', '1', '0.000001']
const moneyBounds = ['0', '5', '10', '20', '50', '99.99', '100', '150', '200.5', '250', '333.333333', '0.000003']
const unitBounds = ['0', '1', '2', '5', '10', '14', '20.5', '33.333', '50']
const growthBounds = ['0', '0.05', '0.1', '0.25', '0.5', '1', '1.5']
const attainmentBounds = ['0', '0.5', '0.8', '0.9', '1', '1.05', '1.2', '2']
const shareBounds = ['0', '0.1', '0.25', '0.333333', '0.5', '0.6', '0.75', '1']
const dayBounds = ['-10', '-3', '-1', '0', '1', '2', '5', '10', '15', '30']
const sums = ['1', '5', '100', '0.5', '12.345678', '33.33']
const categoriesOf: Readonly<Record<string, readonly string[] | undefined>> = { A: ['c1'], B: ['c1', 'c2'], D: ['c2'] }
const sets = [{ skus: ['A'] }, { skus: ['A', 'D'] }, { categories: ['c1'] }, { skus: ['C'], categories: ['c2'] }]

export function drawing(random: () => number) {
  const below = (limit: number): number => Math.floor(random() * limit)
  const one = <T>(items: readonly T[]): T => items[below(items.length)]!
  const chance = (share: number): boolean => random() < share
  const some = <T>(items: readonly T[]): T[] => {
    const most = 1 + below(4)
    const chosen = items.filter(() => chance(most / items.length)).slice(0, most)
    return chosen.length === 0 ? [one(items)] : chosen
  }
  return { below, one, chance, some }
}

/** Contiguous, the last one open. */
function tiersOf({ one, some }: Draw, bounds: readonly string[]) {
  const froms = some(bounds).toSorted((a, b) => (parseDecimal(a) < parseDecimal(b) ? -1 : 1))
  return froms.map((from, index) => {
    const to = froms[index + 1]
    return { from, ...(to !== undefined && { to }), rate: one(rates) }
  })
}

function ageBands(draw: Draw) {
  const bands = tiersOf(draw, dayBounds)
  const first: { from?: string; to?: string; rate: string } = bands[0]!
  const last: { from?: string; to?: string; rate: string } = bands.at(-1)!
  if (draw.chance(0.3)) delete first.from
  if (draw.chance(0.6)) last.to = String(Number(last.from ?? '-30') + 1 + draw.below(30))
  return bands
}

function methodOf(draw: Draw, kind: Method['kind'], measure: Terms['measure']): Method {
  const { one, chance } = draw
  const bounds = measure === 'units' ? unitBounds : moneyBounds
  const target = chance(0.5) ? 'own' : one(bounds)
  switch (kind) {
    case 'marginal':
    case 'all-units':
    case 'rolling':
    case 'total':
      return { kind, tiers: tiersOf(draw, bounds) }
    case 'fixed-sum':
      return { kind, target, amount: one(sums) }
    case 'per-unit':
    case 'per-transaction':
      return { kind, amount: one(sums) }
    case 'increment':
      return { kind, target, step: one(['1', '7', '10', '25', '33.333333', '0.5']), amount: one(sums) }
    case 'linear': {
      const [v1, v2] = [one(bounds.slice(0, -1)), one(bounds.slice(1))]
      const isUp = parseDecimal(v1) < parseDecimal(v2)
      const from = { volume: isUp ? v1 : '3', rate: one(rates) }
      return { kind, from, to: { volume: isUp ? v2 : '44.4', rate: one(rates) }, below: one(['nothing', 'first']) }
    }
    case 'growth': {
      const on = measure === 'units' || chance(0.5) ? 'volume' : 'growth'
      const tiers = tiersOf(draw, on === 'growth' ? bounds : growthBounds)
      return { kind, on, tiers, withoutBaseline: one(['nothing', 'all']) }
    }
    case 'attainment': {
      const tiers = tiersOf(draw, attainmentBounds)
      return { kind, tiers, ...(measure !== 'units' && chance(0.5) && { excess: one(rates) }) }
    }
    case 'mix':
      return { kind, set: one(sets), tiers: tiersOf(draw, shareBounds) }
    case 'early-payment':
      return { kind, since: one(['invoice', 'due']), tiers: ageBands(draw) }
    default:
      return kind satisfies never
  }
}

function gateOf({ one, chance, below, some }: Draw, measure: Terms['measure']): Gate {
  const closed = chance(0.5) ? { whenClosed: one(['0', '0.5', '0.8', '0.333333', '1']) } : {}
  const set = chance(0.6) ? { set: one(sets) } : {}
  const volume = one(measure === 'units' ? unitBounds : moneyBounds)
  return one<() => Gate>([
    () => ({ kind: 'minimum', ...set, volume, ...closed }),
    () => ({ kind: 'attainment', ratio: one(attainmentBounds), ...closed }),
    () => ({ kind: 'mix', set: one(sets), ratio: one(shareBounds), ...closed }),
    () => ({ kind: 'breadth', ...set, skus: 1 + below(3), ...closed }),
    () => ({ kind: 'process', evidence: one(['display', 'report']), count: 1 + below(3), ...closed }),
    () => ({ kind: 'payment', overdueDays: one([0, 0, 1, 5, 20]), ...closed }),
    () => ({ kind: 'collection', since: one(['invoice', 'due']), bands: ageBands({ one, chance, below, some }) }),
    () => ({
      kind: 'score',
      evaluation: one(['service', 'display']),
      version: 1 + below(2),
      score: one(['0', '3.5', '80']),
      ...closed,
    }),
  ])()
}

export function termsOf(draw: Draw): Terms {
  const { one, chance, below } = draw
  const kind = one(kinds)
  const isCounted = ['fixed-sum', 'per-unit', 'increment'].includes(kind) && chance(0.4)
  const of = one(basis.options.filter((each) => isWithoutValue(each) === isCounted))
  const measure =
    kind === 'per-unit' || isCounted
      ? 'units'
      : one<Terms['measure']>(kind === 'rolling' ? ['net', 'gross'] : ['net', 'gross', 'units'])
  const bounds = ['0', '0.3', '1', '2.5', '5', '10', '50.000001'].slice(below(4)).filter(() => chance(0.5))
  const products = {
    ...(chance(0.3) && { include: one(sets) }),
    ...(chance(0.2) && { exclude: one(sets) }),
  }
  return termsSchema.parse({
    version: 1,
    name: { en: 'A programme' },
    payer: 'P',
    effectiveFrom: '2026-01-01T00:00:00.000Z[UTC]',
    eligibility: { kind: 'all' },
    products,
    ...(chance(0.15) && { launchedWithinDays: below(12) }),
    basis: kind === 'early-payment' ? 'paid' : of,
    measure,
    ...((measure === 'units' || chance(0.3)) && { unit: 'EA' }),
    returns: 'deduct',
    calendarId: 'CAL',
    grain: 'month',
    method: methodOf(draw, kind, measure),
    ...(chance(0.5) && { gates: Array.from({ length: 1 + below(3) }, () => gateOf(draw, measure)) }),
    ...(chance(0.4) && bounds[0] !== undefined && { floor: bounds[0] }),
    ...(chance(0.4) && bounds.length > 0 && { cap: bounds.at(-1) }),
    rounding: {
      mode: one(['half-up', 'half-even', 'down', 'up', 'floor']),
      level: chance(0.3) ? 'line' : 'settlement',
    },
    accrual: 'expected-value',
    outlet: 'credit_note',
    graceDays: below(3) * 5,
    clawbackDays: 90,
  })
}

const start = Date.UTC(2026, 0, 10, 23, 59, 59, 500)
const zones = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Pacific/Kiritimati']
const minute = 60_000
const day = 1440 * minute

/** Events of one to three lines; a few share an instant, and fewer a position. */
function factsOf(draw: Draw, terms: Terms, currency: string): RebateFact[] {
  const { below, one, chance } = draw
  const time = (at: number): string => businessTime(at, one(zones))
  const facts: RebateFact[] = []
  const count = chance(0.06) ? 0 : 1 + below(12)
  const takesMore = chance(0.08)
  const isFree = chance(0.05)
  while (facts.length < count) {
    const eventId = `e${String((facts.length * 7) % 13)}`
    const occurredAt = start + (chance(0.3) ? 0 : below(20) * minute)
    const sale = occurredAt - below(12) * day
    const event = {
      basis: terms.basis,
      eventId,
      companyId: 'CN',
      dealerId: 'D',
      currency,
      occurredAt: time(occurredAt),
      position: String(chance(0.25) ? 9 : 9 + below(4) * 91 + facts.length),
      saleAt: time(sale),
      ...(chance(0.95) && { invoicedAt: time(sale - (below(34) - 4) * day) }),
      ...(chance(0.9) && { dueAt: time(sale - (below(22) - 10) * day) }),
    }
    const orderId = chance(0.7) ? { orderId: `O${below(4)}` } : {}
    const lineNos = [9, 10, 2].slice(0, 1 + below(3))
    for (const lineNo of lineNos.slice(0, count - facts.length)) {
      const sku = one(['A', 'A', 'B', 'C', 'D'])
      const categories = categoriesOf[sku]
      const isBack = chance(takesMore ? 0.6 : 0.22)
      const value = (micros: bigint): string => formatDecimal(isBack ? -micros : micros)
      const units = chance(0.1) ? 0n : BigInt(1 + below(20)) * (chance(0.8) ? 1_000_000n : 125_000n)
      const net =
        isFree || chance(0.1)
          ? 0n
          : one([BigInt(1 + below(15)) * 10_000_000n, BigInt(below(10_000)) * 10_000n, BigInt(below(99_999_999))])
      const tax = one([0n, net / 10n, net / 7n])
      facts.push({
        ...event,
        lineNo,
        ...orderId,
        sku,
        ...(categories && { categories }),
        ...(chance(0.8) && { launchedOn: new Date(occurredAt - below(16) * day).toISOString().slice(0, 10) }),
        unit: chance(0.85) ? 'EA' : 'KGM',
        quantity: value(units),
        // a correction of a price, or of a quantity alone
        net: value(chance(0.03) ? -net : net),
        gross: value(net + tax),
        kind: isBack && chance(0.5) ? 'return' : 'sale',
      })
    }
  }
  return facts
}

/** Events of the dealer around the period, its documents paid, credited, bounced and cancelled; some known too late. */
function besideOf({ below, one, chance }: Draw): ShapeCase['beside'] {
  const { startInstant, endInstant } = period
  // midnights and the milliseconds beside them, on days around the period
  const timeAround = (): string => {
    const zone = one(zones)
    const midnight = startInstant + (below(60) - 10) * day
    return businessTime(
      midnight + (chance(0.3) ? 0 : chance(0.2) ? -1 : below(24 * 60) * minute),
      chance(0.3) ? 'UTC' : zone,
    )
  }
  const later = (time: string): string => businessTime(Date.parse(time.split('[')[0]!) + below(40) * day, one(zones))
  const of = (occurredAt: string) => ({ companyId: 'CN', dealerId: 'D', occurredAt, position: String(1 + below(400)) })
  const facts: StandingFact[] = []
  for (let no = below(7); no > 0; no--) {
    const at = timeAround()
    const evidence = {
      about: 'evidence',
      evidenceId: `E${no}`,
      kind: one(['display', 'display', 'report']),
      at,
    } as const
    facts.push({ ...of(at), ...evidence, counts: 1 })
    if (chance(0.25)) facts.push({ ...of(later(at)), ...evidence, counts: -1 })
  }
  for (let no = below(5); no > 0; no--) {
    const of1 = {
      about: 'evaluation',
      evaluation: one(['service', 'service', 'display']),
      version: 1 + below(2),
    } as const
    const place = { calendarId: chance(0.9) ? 'CAL' : 'FISCAL', periodId: chance(0.9) ? '2026-01' : '2025-12' }
    facts.push({ ...of(timeAround()), ...of1, ...place, score: one(['0', '3.4', '3.5', '79.999', '80', '95']) })
  }
  for (let no = below(5); no > 0; no--) {
    const [issuedAt, invoiceId] = [timeAround(), `I${no}`]
    const document = { about: 'receivable', invoiceId } as const
    facts.push({ ...of(issuedAt), ...document, amount: chance(0.05) ? '0' : '100', issuedAt, dueAt: later(issuedAt) })
    if (chance(0.06)) facts.push({ ...of(later(issuedAt)), ...document, amount: '-100', isCancelled: true })
    else
      for (const amount of one([[], ['-100'], ['-40', '-60'], ['-40'], ['-100', '100'], ['-100', '100', '-100']])) {
        const at = later(issuedAt)
        const money = amount.startsWith('-') ? { moneyAt: chance(0.5) ? at : timeAround() } : {}
        facts.push({ ...of(at), ...document, amount, ...money })
      }
  }
  const cutOff = businessTime(
    endInstant + one([-10, 0, 0, 2, 8, 30]) * day + (chance(0.5) ? 0 : below(999)),
    one(zones),
  )
  return { facts, cutOff, watermark: String(one([200, 380, 400, 400])) }
}

export function oracleInput({ currency, beside, ...rest }: ShapeCase): ShapeInput {
  const { graceDays, calendarId } = rest.terms
  const { zone, period: of } = besideRequest
  const { periodId, startInstant: starts, endInstant: ends } = of
  return {
    ...rest,
    digits: digitsOf[currency]!,
    beside: { ...beside, graceDays, calendarId, zone, periodId, starts, ends },
  }
}

const one = 1_000_000n
/** Where something changes with the volume. */
export function boundsOf({ terms: { method, gates = [] }, target = '0', baseline = '0' }: ShapeCase): bigint[] {
  const [own, base] = [parseDecimal(target), parseDecimal(baseline)]
  const ofMethod = (): bigint[] => {
    switch (method.kind) {
      case 'marginal':
      case 'all-units':
      case 'rolling':
      case 'total':
        return method.tiers.map(({ from }) => parseDecimal(from))
      case 'fixed-sum':
        return [method.target === 'own' ? own : parseDecimal(method.target)]
      case 'increment': {
        const first = method.target === 'own' ? own : parseDecimal(method.target)
        return [0n, 1n, 2n, 3n].map((steps) => first + steps * parseDecimal(method.step))
      }
      case 'linear':
        return [parseDecimal(method.from.volume), parseDecimal(method.to.volume)]
      case 'growth':
        return [
          base,
          ...method.tiers.map(({ from }) => base + (parseDecimal(from) * (method.on === 'growth' ? one : base)) / one),
        ]
      case 'attainment':
        return [own, ...method.tiers.map(({ from }) => (parseDecimal(from) * own) / one)]
      default:
        return []
    }
  }
  const ofGates = gates.flatMap((gate) =>
    gate.kind === 'minimum' && gate.set === undefined
      ? [parseDecimal(gate.volume)]
      : gate.kind === 'attainment'
        ? [(parseDecimal(gate.ratio) * own) / one]
        : [],
  )
  return [...ofMethod(), ...ofGates]
}

/** Changes one of the facts that count so that the volume, or the share of a mix, is where something changes, or just beside it. */
function moveToBound({ below, one: pick, chance }: Draw, given: ShapeCase): ShapeCase {
  const { terms, facts } = given
  const isNamed = (set: (typeof sets)[number] | Terms['products']['include'], fact: RebateFact): boolean =>
    (set?.skus ?? []).includes(fact.sku) || (fact.categories ?? []).some((c) => (set?.categories ?? []).includes(c))
  const counts = (fact: RebateFact): boolean =>
    (!terms.products.include || isNamed(terms.products.include, fact)) &&
    !(terms.products.exclude && isNamed(terms.products.exclude, fact)) &&
    (terms.measure !== 'units' || fact.unit === terms.unit)
  const field = terms.measure === 'units' ? 'quantity' : terms.measure
  const volumeOf = (some: RebateFact[]): bigint => some.reduce((sum, fact) => sum + parseDecimal(fact[field]), 0n)
  const counted = facts.filter(counts)
  const shares = [terms.method, ...(terms.gates ?? [])].flatMap((of) => {
    if (of.kind !== 'mix') return []
    const ratios = 'tiers' in of ? of.tiers.map(({ from }) => from) : [of.ratio]
    const named = counted.filter((fact) => isNamed(of.set, fact))
    return ratios
      .filter((ratio) => parseDecimal(ratio) > 0n)
      .map((ratio) => ({
        wanted: (volumeOf(named) * one) / parseDecimal(ratio),
        from: counted.filter((fact) => !named.includes(fact)),
      }))
  })
  const volumes = [...boundsOf(given), ...(chance(0.2) ? [0n] : [])].map((wanted) => ({ wanted, from: counted }))
  const place: (typeof volumes)[number] | undefined = pick(shares.length > 0 && chance(0.7) ? shares : volumes)
  const moved = place?.from[below(place.from.length)]
  if (!place || !moved) return given
  const beside = pick([0n, 0n, 0n, 0n, 1n, -1n, 10_000n, -10_000n])
  const value = parseDecimal(moved[field]) + place.wanted + beside - volumeOf(counted)
  return { ...given, facts: facts.map((fact) => (fact === moved ? { ...fact, [field]: formatDecimal(value) } : fact)) }
}

export function shapeCase(random: () => number): ShapeCase {
  const draw = drawing(random)
  const { one: pick, chance, below } = draw
  const terms = termsOf(draw)
  const currency = pick(['USD', 'JPY', 'KWD'])
  const own = terms.measure === 'units' ? unitBounds : moneyBounds
  const given: ShapeCase = {
    terms,
    currency,
    facts: factsOf(draw, terms, currency),
    beside: besideOf(draw),
    ...(chance(0.8) && { target: pick(own) }),
    ...(chance(0.8) && { baseline: pick(own) }),
    prior: Array.from({ length: chance(0.5) ? 0 : 1 + below(3) }, (_, index) => ({
      kind: pick(['settled', 'settled', 'clawed_back'] as const),
      amount: String(1 + below(2000)),
      settlementNo: index + 1,
    })),
  }
  return chance(0.6) ? moveToBound(draw, given) : given
}

/** A smaller case that still shows what `shows` looks for. */
export function smallest(given: ShapeCase, shows: (smaller: ShapeCase) => boolean): ShapeCase {
  const { gates: _, ...ungated } = given.terms
  const { cap: _cap, ...uncapped } = given.terms
  const { floor: _floor, ...unfloored } = given.terms
  const without = <T>(items: readonly T[]): T[][] => items.map((_item, index) => items.toSpliced(index, 1))
  const smaller: ShapeCase[] = [
    ...(given.terms.gates ? [{ ...given, terms: ungated }] : []),
    ...(given.terms.cap ? [{ ...given, terms: uncapped }] : []),
    ...(given.terms.floor ? [{ ...given, terms: unfloored }] : []),
    ...without(given.terms.gates ?? []).map((gates) => ({ ...given, terms: { ...given.terms, gates } })),
    ...(given.prior.length > 0 ? [{ ...given, prior: [] }] : []),
    ...((given.terms.products.include ?? given.terms.products.exclude)
      ? [{ ...given, terms: { ...given.terms, products: {} } }]
      : []),
    ...without(given.facts).map((facts) => ({ ...given, facts })),
    ...without(given.beside.facts).map((facts) => ({ ...given, beside: { ...given.beside, facts } })),
  ]
  const next = smaller.find(shows)
  return next ? smallest(next, shows) : given
}
