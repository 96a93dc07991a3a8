import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
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

  it('rounding by line: three thirds of a cent round to a cent each, and the sum is what is earned', () => {
    const thirds = [fact(1, '1'), fact(2, '1'), fact(3, '1')]
    const method: Method = { kind: 'all-units', tiers: [{ from: '0', rate: '0.006' }] }
    const level = (of: 'line' | 'settlement'): Terms => termsWith(method, { rounding: { mode: 'half-up', level: of } })
    expect(settled(level('settlement'), thirds).calculation.earned).toBe('2')
    const { calculation, explanation } = settled(level('line'), thirds)
    expect(calculation).toMatchObject({ earned: '3', rounding: '0', parts: [{ base: '3', amount: '0.03' }] })
    expect(nodes(explanation, 'line').map(({ amount }) => amount)).toEqual(['0.01', '0.01', '0.01'])
    expectSums(explanation)
    expect(calculationProblem(level('line'), 'USD', calculation)).toBeUndefined()
    const parts = calculation.parts.map((part) => ({ ...part, amount: '0.05' }))
    expect(calculationProblem(level('line'), 'USD', { ...calculation, parts })).toBe('parts.1.amount')
  })

  it('sell-out and evidence pay by the piece, shared by pieces, whatever their value', () => {
    const counted: Partial<Terms> = { measure: 'units', currencies: ['USD'] }
    const soldOut = termsWith({ kind: 'per-unit', amount: '1.5' }, { ...counted, basis: 'sold-out', unit: 'EA' })
    const resold = (n: number, quantity: string) => fact(n, '777', { basis: 'sold-out', quantity })
    expect(settled(soldOut, [resold(1, '10'), resold(2, '-4')]).calculation).toMatchObject({
      volume: '6',
      earned: '900',
    })
    const process = termsWith(
      { kind: 'fixed-sum', target: '3', amount: '100' },
      { ...counted, basis: 'evidence', unit: 'C62', products: { include: { skus: ['display'] } } },
    )
    const proof = (n: number, sku = 'display') => fact(n, '0', { basis: 'evidence', unit: 'C62', sku, quantity: '1' })
    const { calculation, explanation } = settled(process, [proof(1), proof(2), proof(3, 'training'), proof(4)])
    expect(calculation).toMatchObject({ volume: '3', earned: '10000' })
    expect(nodes(explanation, 'line').map(({ amount }) => amount)).toEqual(['33.333334', '33.333333', '33.333333'])
    expect(settled(process, [proof(1), proof(2)]).calculation.earned).toBe('0')
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

describe('an example of every other shape, computed from the rules', () => {
  const own = { target: '10000', baseline: '1000' }
  const flat = (rate: string, from = '0') => [{ from, rate }]
  const examples: readonly [string, Method, readonly string[], string, Partial<Terms>?][] = [
    [
      'growth: 5 % on what exceeds the baseline of 1,000',
      { kind: 'growth', on: 'growth', tiers: flat('0.05'), withoutBaseline: 'nothing' },
      ['1250'],
      '1250',
    ],
    [
      'growth: 2 % of all from a growth by a quarter',
      { kind: 'growth', on: 'volume', tiers: flat('0.02', '0.25'), withoutBaseline: 'nothing' },
      ['1250'],
      '2500',
    ],
    [
      'growth by less than a quarter, by a cent',
      { kind: 'growth', on: 'volume', tiers: flat('0.02', '0.25'), withoutBaseline: 'nothing' },
      ['1249.99'],
      '0',
    ],
    [
      'attainment: from 90 % of 10,000, 1 % of all',
      { kind: 'attainment', tiers: flat('0.01', '0.9') },
      ['9200'],
      '9200',
    ],
    [
      'attainment: and half a percent more above it',
      { kind: 'attainment', tiers: flat('0.01', '0.9'), excess: '0.005' },
      ['12000'],
      '13000',
    ],
    [
      'increment: 500 per full 10,000 above 50,000',
      { kind: 'increment', target: '50000', step: '10000', amount: '500' },
      ['83000'],
      '150000',
    ],
    [
      'linear: 2 % halfway from 1 % to 3 %',
      {
        kind: 'linear',
        from: { volume: '100000', rate: '0.01' },
        to: { volume: '200000', rate: '0.03' },
        below: 'nothing',
      },
      ['150000'],
      '300000',
    ],
    [
      'linear with a cap of 2,000',
      {
        kind: 'linear',
        from: { volume: '100000', rate: '0.01' },
        to: { volume: '200000', rate: '0.03' },
        below: 'nothing',
      },
      ['150000'],
      '200000',
      { cap: '2000' },
    ],
    [
      'linear, at a rate that no decimal says: 1/3 of the way from 0 to 1 %',
      { kind: 'linear', from: { volume: '0', rate: '0' }, to: { volume: '300', rate: '0.01' }, below: 'nothing' },
      ['100'],
      '33',
    ],
    [
      'fixed sum: nothing at a cent below the target',
      { kind: 'fixed-sum', target: '10000', amount: '5000' },
      ['9999.99'],
      '0',
    ],
    [
      'fixed sum: once at the target',
      { kind: 'fixed-sum', target: '10000', amount: '5000' },
      ['6000', '4000'],
      '500000',
    ],
    [
      'fixed sum at the dealer’s own target',
      { kind: 'fixed-sum', target: 'own', amount: '5000' },
      ['6000', '4000'],
      '500000',
    ],
    [
      'per unit: 2.50 for each of three',
      { kind: 'per-unit', amount: '2.5' },
      ['10', '10', '10'],
      '750',
      { measure: 'units', unit: 'EA' },
    ],
    ['per transaction: 7 for each of two orders', { kind: 'per-transaction', amount: '7' }, ['10', '20'], '1400'],
    [
      'rolling: 1 % of the first 1,000, then 2 % of all',
      {
        kind: 'rolling',
        tiers: [
          { from: '0', to: '1000', rate: '0.01' },
          { from: '1000', rate: '0.02' },
        ],
      },
      ['1500'],
      '4000',
    ],
    [
      'total: the rates of all tiers reached',
      {
        kind: 'total',
        tiers: [
          { from: '0', to: '1000', rate: '0.01' },
          { from: '1000', rate: '0.02' },
        ],
      },
      ['1500'],
      '4500',
    ],
    [
      'mix: 3 % of all when half of it is bikes',
      { kind: 'mix', set: { skus: ['bike'] }, tiers: flat('0.03', '0.5') },
      ['100'],
      '300',
    ],
  ]
  it.each(examples)('%s', (_, method, values, earned, change = {}) => {
    const terms = termsWith(method, change)
    const facts = values.map((value, n) => fact(n, value))
    const { calculation: found, explanation } = settled(terms, facts, own)
    expect(found.earned).toBe(earned)
    expectSums(explanation)
    expect(calculationProblem(terms, 'USD', found, own)).toBeUndefined()
  })

  it('early payment: 0.4 % when it was prepaid, 0.3 % within 15 days of the invoice, nothing later', () => {
    const tiers = [
      { to: '0', rate: '0.004' },
      { from: '0', to: '16', rate: '0.003' },
    ]
    const terms = termsWith({ kind: 'early-payment', since: 'invoice', tiers }, { basis: 'paid' })
    const invoicedAt = '2026-01-20T09:00:00.000Z[UTC]'
    const paid = (n: number, saleAt: string) => fact(n, '10000', { basis: 'paid', saleAt, invoicedAt })
    const { calculation: found, explanation } = settled(terms, [
      paid(1, '2026-01-19T23:00:00.000Z[UTC]'),
      paid(2, '2026-02-04T23:59:59.999Z[UTC]'),
      paid(3, '2026-02-05T00:00:00.000Z[UTC]'),
    ])
    expect(found.earned).toBe('7000')
    expect(nodes(explanation, 'tier').map(({ tier, amount }) => [tier?.no, amount])).toEqual([
      [0, '0'],
      [1, '40'],
      [2, '30'],
    ])
  })

  it('the rest of the last step is shown', () => {
    const method = { kind: 'increment', target: '50000', step: '10000', amount: '500' } as const
    expect(settled(termsWith(method), [fact(1, '83000')]).calculation.rest).toBe('3000')
  })

  it('says what is missing, and pays nothing without it', () => {
    const attainment = termsWith({ kind: 'attainment', tiers: flat('0.01', '0.9') })
    const growth = termsWith({ kind: 'growth', on: 'growth', tiers: flat('0.05'), withoutBaseline: 'nothing' })
    const all = termsWith({ kind: 'growth', on: 'growth', tiers: flat('0.05'), withoutBaseline: 'all' })
    expect(settled(attainment, [fact(1, '9200')]).calculation).toMatchObject({ earned: '0', missing: 'target' })
    expect(settled(growth, [fact(1, '9200')]).calculation).toMatchObject({ earned: '0', missing: 'baseline' })
    expect(settled(all, [fact(1, '9200')]).calculation.earned).toBe('46000')
  })

  it('a rate without an end in decimals is written as a fraction, and the lines add up all the same', () => {
    const method = {
      kind: 'linear',
      from: { volume: '0', rate: '0' },
      to: { volume: '300', rate: '0.01' },
      below: 'first',
    } as const
    const { explanation } = settled(termsWith(method), [fact(1, '40'), fact(2, '60')])
    expect(nodes(explanation, 'tier')[0]?.tier).toMatchObject({
      rate: '0.003333',
      fraction: expect.stringMatching(/^\d+\/\d+$/),
    })
    expectSums(explanation)
  })
})

describe('gates', () => {
  const flat: Method = { kind: 'marginal', tiers: [{ from: '0', rate: '0.02' }] }
  const sales = [fact(1, '8000'), fact(2, '2000', { sku: 'helmet', orderId: 'order-2' })]

  it('pay nothing, or a part, when closed; the smallest part counts, and all of them are shown', () => {
    const gates: Terms['gates'] = [
      { kind: 'minimum', volume: '10000' },
      { kind: 'attainment', ratio: '0.9', whenClosed: '0.5' },
      { kind: 'mix', set: { skus: ['helmet'] }, ratio: '0.25', whenClosed: '0.8' },
      { kind: 'breadth', skus: 2 },
    ]
    const terms = termsWith(flat, { gates })
    const { calculation: found, explanation } = settled(terms, sales, { target: '12000' })
    expect(found).toMatchObject({ earned: '10000', gated: '-100' })
    expect(nodes(explanation, 'gate')[0]).toMatchObject({
      amount: '-100',
      gates: [
        { kind: 'minimum', found: '10000', open: true },
        { kind: 'attainment', found: '10000', open: false },
        { kind: 'mix', found: '2000', open: false },
        { kind: 'breadth', found: '2', open: true },
      ],
    })
    expect(calculationProblem(terms, 'USD', found, { target: '12000' })).toBeUndefined()
  })

  it('look at goods outside the scope where they name them, and close the floor too', () => {
    const gates: Terms['gates'] = [{ kind: 'minimum', set: { skus: ['helmet'] }, volume: '2000.01' }]
    const terms = termsWith(flat, { gates, products: { include: { skus: ['bike'] } }, floor: '500' })
    expect(settled(terms, sales).calculation).toMatchObject({
      volume: '8000',
      capped: '340',
      earned: '0',
      gated: '-500',
    })
    const enough = [...sales, fact(3, '0.01', { sku: 'helmet' })]
    expect(settled(terms, enough).calculation).toMatchObject({ earned: '50000', gated: '0' })
  })
})

describe('a calculation that does not follow from its terms is found out', () => {
  const gates: Terms['gates'] = [{ kind: 'minimum', volume: '5000', whenClosed: '0.5' }]
  const terms = termsWith(
    { kind: 'attainment', tiers: [{ from: '0.9', rate: '0.01' }], excess: '0.02' },
    { gates, cap: '1000' },
  )
  const { calculation: right } = settled(terms, [fact(1, '12000')], { target: '10000' })
  const wrong: readonly [string, Partial<typeof right>][] = [
    ['target', { target: '9000' }],
    ['tierReached', { tierReached: 0 }],
    ['parts.1', { parts: right.parts.map((part) => ({ ...part, to: '2' })) }],
    ['parts', { parts: right.parts.map((part) => ({ ...part, amount: '1' })) }],
    ['parts', { parts: right.parts.slice(1) }],
    ['gates', { gates: [] }],
    ['gates.0', { gates: [{ found: '12000', open: false }] }],
    ['capped', { capped: '-1' }],
    ['gated', { gated: '1' }],
    ['earned', { earned: '1' }],
    ['rounding', { rounding: '0.01' }],
    ['missing', { missing: 'target' }],
    ['rest', { rest: '1' }],
  ]
  it.each(wrong)('%s', (place, change) => {
    expect(calculationProblem(terms, 'USD', right, { target: '10000' })).toBeUndefined()
    expect(calculationProblem(terms, 'USD', { ...right, ...change }, { target: '10000' })).toMatch(place)
  })
})

test('the same part twice pays no more', () => {
  const terms = termsWith({ kind: 'fixed-sum', target: '10', amount: '5' })
  const { calculation: right } = settled(terms, [fact(1, '10')])
  expect(calculationProblem(terms, 'USD', right)).toBeUndefined()
  const twice = { ...right, parts: [...right.parts, ...right.parts], earned: '1000', rounding: '0' }
  expect(calculationProblem(terms, 'USD', twice)).toBe('parts')
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
        const units = nodes(explanation, 'tier').reduce((so, node) => so + parseDecimal(node.units ?? '0'), 0n)
        expect(units).toBe(terms.measure === 'units' ? parseDecimal(found.volume) : 0n)
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
          return parts.reduce(
            (sum, part) => ('rate' in part ? sum + parseDecimal(part.base) * parseDecimal(part.rate) : sum),
            0n,
          )
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
