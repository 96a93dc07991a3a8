import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDecimal, parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import type { BasisFact } from '../../../src/domain/rebates/basisFact.ts'
import { calculation } from '../../../src/domain/rebates/calculation.ts'
import { calculationProblem } from '../../../src/domain/rebates/calculationProblem.ts'
import { explanationNode, explanationText, type ExplanationNode } from '../../../src/domain/rebates/explanation.ts'
import { settle, type SettleRequest, type Settled } from '../../../src/domain/rebates/settle.ts'
import type { Method, Terms } from '../../../src/domain/rebates/terms.ts'
import { fact, termsWith } from './facts.ts'

const seed = 20260115
const base = { programmeId: 'volume', currency: 'USD', prior: [] } as const

function settled(terms: Terms, facts: readonly BasisFact[], request: Partial<SettleRequest> = {}): Settled {
  return settle({ ...base, terms, facts, ...request })
}
const earnedOf = (method: Method, ...values: string[]): string =>
  settled(
    termsWith(method),
    values.map((value, n) => fact(n, value)),
  ).calculation.earned

describe('the worked examples of the field', () => {
  const sap: Method = {
    kind: 'all-units',
    tiers: [
      { from: '0', to: '5000', rate: '0' },
      { from: '5000', to: '20000', rate: '0.02' },
      { from: '20000', rate: '0.04' },
    ],
  }

  it('V1, SAP delta: 0, then 140 on the interim, then 1,080 in all of which 940 are still due', () => {
    const terms = termsWith(sap)
    const october = settled(terms, [fact(1, '3000')])
    const november = settled(terms, [fact(1, '3000'), fact(2, '4000')])
    const prior = [{ settlementNo: 1, kind: 'settled', amount: '14000' }] as const
    const end = settled(terms, [fact(1, '3000'), fact(2, '4000'), fact(3, '20000')], { prior })
    expect([october.due, november.due]).toEqual([0n, 140_00n])
    expect([end.calculation.earned, end.due]).toEqual(['108000', 940_00n])
  })

  const claimDs = [
    { from: '0', to: '5000000', rate: '0.01' },
    { from: '5000000', to: '10000000', rate: '0.015' },
    { from: '10000000', rate: '0.02' },
  ]
  it('V3, ClaimDS slabs: 12 million earn 165,000 marginally and 240,000 as all-units', () => {
    expect(earnedOf({ kind: 'marginal', tiers: claimDs }, '7000000', '5000000')).toBe('16500000')
    expect(earnedOf({ kind: 'all-units', tiers: claimDs }, '7000000', '5000000')).toBe('24000000')
  })

  it('V4, metasfresh: of 1 and 30 units, 14 earn 10 % and 17 earn 20 %', () => {
    const tiers = [
      { from: '0', to: '14', rate: '0.1' },
      { from: '14', rate: '0.2' },
    ]
    const terms = termsWith({ kind: 'marginal', tiers }, { measure: 'units', unit: 'EA' })
    const { calculation, explanation } = settled(terms, [fact(1, '10'), fact(2, '300', { quantity: '30' })])
    expect(nodes(explanation, 'tier').map(({ tier, units }) => [tier?.rate, units])).toEqual([
      ['0.1', '14'],
      ['0.2', '17'],
    ])
    expect(calculation.earned).toBe('4800')
  })

  it('V5, OCA: bands of 10, 20 and 30 % give 1,100 on 3,800 and 260 on 1,000', () => {
    const tiers = [
      { from: '0', to: '100', rate: '0.1' },
      { from: '100', to: '300', rate: '0.2' },
      { from: '300', rate: '0.3' },
    ]
    expect(earnedOf({ kind: 'marginal', tiers }, '1000', '2800')).toBe('110000')
    expect(earnedOf({ kind: 'marginal', tiers }, '1000')).toBe('26000')
  })

  it('V7, adempiere#1628: a credit note lowers the volume, 4 % of 1,000 − 200 is 32', () => {
    expect(earnedOf({ kind: 'marginal', tiers: [{ from: '0', rate: '0.04' }] }, '1000', '-200')).toBe('3200')
  })

  it('clawback: a return of 300 that falls below the threshold takes back all 104.00', () => {
    const terms = termsWith({ kind: 'all-units', tiers: [{ from: '5000', rate: '0.02' }] })
    const before = settled(terms, [fact(1, '5200')])
    const prior = [{ settlementNo: 1, kind: 'settled', amount: before.due.toString() }] as const
    const after = settled(terms, [fact(1, '5200'), fact(2, '-300')], { prior })
    expect([before.due, after.due]).toEqual([104_00n, -104_00n])
  })
})

describe('cap, floor and rounding', () => {
  const flat: Method = { kind: 'marginal', tiers: [{ from: '0', rate: '0.03' }] }

  it('caps what is earned, and the explanation shows what the cap took', () => {
    const { calculation, explanation } = settled(termsWith(flat, { cap: '2000' }), [fact(1, '100000')])
    expect([calculation.earned, calculation.capped]).toEqual(['200000', '-1000'])
    expect(nodes(explanation, 'cap').map(({ amount }) => amount)).toEqual(['-1000'])
  })

  it('gives the floor as soon as there is volume, and nothing without', () => {
    const terms = termsWith(flat, { floor: '50' })
    expect(settled(terms, [fact(1, '1')]).calculation.earned).toBe('5000')
    expect(settled(terms, []).calculation.earned).toBe('0')
  })

  it('rounds once, from the exact product: no second rounding at scale 6 on the way', () => {
    const exact = settled(termsWith({ kind: 'marginal', tiers: [{ from: '0', rate: '0.000001' }] }), [
      fact(1, '4999.9999'),
    ])
    expect(exact.calculation).toMatchObject({ earned: '0', parts: [{ amount: '0.005' }], rounding: '-0.005' })
  })

  it('knows the minor unit of the currency', () => {
    const yen = settled(termsWith(flat), [fact(1, '1050', { currency: 'JPY' })], { currency: 'JPY' })
    const dinar = settled(termsWith(flat), [fact(1, '1.05', { currency: 'KWD' })], { currency: 'KWD' })
    expect([yen.calculation.earned, dinar.calculation.earned]).toEqual(['32', '32'])
  })

  it('leaves facts in another unit outside, and says how many', () => {
    const terms = termsWith(flat, { measure: 'units', unit: 'EA' })
    const { calculation } = settled(terms, [fact(1, '100'), fact(2, '100', { unit: 'KGM' })])
    expect(calculation).toMatchObject({ volume: '1', facts: 1, otherUnits: 1, earned: '300' })
  })
})

const money = (max: number): fc.Arbitrary<string> =>
  fc.bigInt({ min: 1n, max: BigInt(max) * 1_000_000n }).map(formatDecimal)
const tiersArb = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 5 }),
    fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 5, maxLength: 5 }),
  )
  .map(([bounds, rates]) => {
    const from = bounds.toSorted((a, b) => a - b)
    return from.map((bound, index) => ({
      from: String(bound),
      ...(from[index + 1] !== undefined && { to: String(from[index + 1]) }),
      rate: formatDecimal(BigInt(rates[index] ?? 0)),
    }))
  })
const methodArb: fc.Arbitrary<Method> = fc.record({
  kind: fc.constantFrom('marginal' as const, 'all-units' as const),
  tiers: tiersArb,
})
const termsArb: fc.Arbitrary<Terms> = fc
  .record({
    method: methodArb,
    measure: fc.constantFrom('net' as const, 'gross' as const, 'units' as const),
    cap: fc.option(money(300)),
  })
  .map(({ method, measure, cap }) => termsWith(method, { measure, unit: 'EA', ...(cap !== null && { cap }) }))
/** sales, and returns of a part of an earlier sale */
const factsArb = (maxLength: number): fc.Arbitrary<BasisFact[]> =>
  fc.array(fc.tuple(money(2000), fc.integer({ min: 1, max: 9 }), fc.boolean()), { maxLength }).map((lines) =>
    lines.flatMap(([value, quantity, returned], n) => {
      // several lines of one instant: only their positions tell which came first
      const { occurredAt } = fact(Math.floor(n / 3), '1')
      const sale = fact(2 * n, value, {
        occurredAt,
        quantity: String(quantity),
        gross: formatDecimal((parseDecimal(value) * 113n) / 100n),
      })
      if (!returned) return [sale]
      const half = (text: string): string => formatDecimal(-parseDecimal(text) / 2n)
      const back = { occurredAt, quantity: half(sale.quantity), gross: half(sale.gross), kind: 'return' as const }
      return [sale, fact(2 * n + 1, half(value), back)]
    }),
  )

describe('properties of every settlement', () => {
  it('the children of every node of the explanation add up to it exactly, down to the lines', () => {
    let leaves = 0
    fc.assert(
      fc.property(termsArb, factsArb(30), fc.constantFrom('USD', 'JPY', 'KWD'), (terms, facts, currency) => {
        const prior = [
          { settlementNo: 1, kind: 'settled', amount: '12345' },
          { settlementNo: 2, kind: 'clawed_back', amount: '345' },
        ] as const
        const { explanation, calculation: found, due } = settle({ ...base, terms, facts, currency, prior })
        expectSums(explanation)
        expect(due).toBe(BigInt(found.earned) - 12000n)
        expect(explanationNode.safeParse(explanation).success).toBe(true)
        expect(calculation.safeParse(found).success).toBe(true)
        expect(calculationProblem(terms, currency, found)).toBeUndefined()
        leaves += nodes(explanation, 'line').length
      }),
      { seed, numRuns: 150 },
    )
    expect(leaves).toBeGreaterThan(500)
  })

  it('the order in which facts arrive does not change a byte', () => {
    const shuffled = factsArb(20).chain((facts) =>
      fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })),
    )
    fc.assert(
      fc.property(termsArb, shuffled, (terms, [facts, other]) => {
        const [one, two] = [settled(terms, facts), settled(terms, other)]
        expect(two.calculation).toEqual(one.calculation)
        expect(explanationText(two.explanation)).toBe(explanationText(one.explanation))
      }),
      { seed, numRuns: 100 },
    )
  })

  it('Σ interim payouts − clawbacks + the final one is R of the final volume', () => {
    fc.assert(
      fc.property(termsArb, factsArb(20), fc.array(fc.nat({ max: 40 }), { maxLength: 5 }), (terms, facts, cuts) => {
        let paid = 0n
        const prior: { settlementNo: number; kind: 'settled' | 'clawed_back'; amount: string }[] = []
        for (const cut of [...cuts.toSorted((a, b) => a - b), facts.length]) {
          const { due } = settled(terms, facts.slice(0, cut), { prior })
          paid += due
          const kind = due < 0n ? 'clawed_back' : 'settled'
          prior.push({ settlementNo: prior.length + 1, kind, amount: (due < 0n ? -due : due).toString() })
        }
        expect(paid.toString()).toBe(settled(terms, facts).calculation.earned)
      }),
      { seed, numRuns: 100 },
    )
  })

  it('marginal tiers are continuous and never fall: a cent more volume earns between nothing and a cent', () => {
    fc.assert(
      fc.property(tiersArb, money(6000), (tiers, value) => {
        const terms = termsWith({ kind: 'marginal', tiers })
        const exact = (text: string): bigint => {
          const { parts } = settled(terms, [fact(1, text)]).calculation
          return parts.reduce((sum, { base, rate }) => sum + parseDecimal(base) * parseDecimal(rate), 0n)
        }
        const step = exact(formatDecimal(parseDecimal(value) + 10_000n)) - exact(value)
        expect(step >= 0n && step <= 10_000n * 1_000_000n).toBe(true)
      }),
      { seed, numRuns: 150 },
    )
  })

  it('marginal lines split at the tiers: what they earn does not depend on how volume is cut into lines', () => {
    fc.assert(
      fc.property(tiersArb, fc.array(money(2000), { minLength: 1, maxLength: 12 }), (tiers, values) => {
        const terms = termsWith({ kind: 'marginal', tiers })
        const whole = formatDecimal(values.reduce((sum, value) => sum + parseDecimal(value), 0n))
        const lines = settled(
          terms,
          values.map((value, n) => fact(n, value)),
        )
        expect(lines.calculation.earned).toBe(settled(terms, [fact(1, whole)]).calculation.earned)
      }),
      { seed, numRuns: 100 },
    )
  })

  it('clawback algebra: returning everything takes back everything, in any steps', () => {
    fc.assert(
      fc.property(methodArb, fc.array(money(2000), { minLength: 1, maxLength: 8 }), (method, values) => {
        const terms = termsWith(method)
        const sales = values.map((value, n) => fact(n, value))
        const returns = values.map((value, n) => fact(100 + n, `-${value}`))
        let balance = settled(terms, sales).due
        returns.forEach((_, n) => {
          const prior = balance > 0n ? [{ settlementNo: 1, kind: 'settled', amount: balance.toString() } as const] : []
          balance += settled(terms, [...sales, ...returns.slice(0, n + 1)], { prior }).due
        })
        expect(balance).toBe(0n)
      }),
      { seed, numRuns: 100 },
    )
  })

  it('settles and explains 10,000 lines within seconds', () => {
    const facts = Array.from({ length: 10_000 }, (_, n) => fact(n, formatDecimal(BigInt(n) * 1_234_567n + 1n)))
    const tiers = [
      { from: '0', to: '1000000', rate: '0.01' },
      { from: '1000000', rate: '0.0275' },
    ]
    const started = performance.now()
    const { explanation } = settled(termsWith({ kind: 'marginal', tiers }), facts)
    expect(performance.now() - started).toBeLessThan(3000)
    expect(nodes(explanation, 'line').length).toBe(10_001)
    expectSums(explanation)
  })
})

function expectSums(node: ExplanationNode): void {
  if (!node.children) return
  const sum = node.children.reduce((total, child) => total + parseDecimal(child.amount), 0n)
  expect([node.id, formatDecimal(sum)]).toEqual([node.id, node.amount])
  node.children.forEach(expectSums)
}

function nodes(node: ExplanationNode, code: ExplanationNode['code']): ExplanationNode[] {
  return [...(node.code === code ? [node] : []), ...(node.children ?? []).flatMap((child) => nodes(child, code))]
}
