import { describe, expect, test } from 'vitest'
import { causesOf, peerMedians } from '../../../src/domain/health/diagnosis.ts'
import { type HealthFigure, judgeHealth } from '../../../src/domain/health/judgeHealth.ts'
import { type HealthTerms, healthTerms, healthTermsProblem } from '../../../src/domain/health/model.ts'
import { scaled } from '../../../src/domain/health/scale.ts'
import { usualHealthTerms } from '../../../src/domain/health/usualTerms.ts'
import { formatDecimal, parseDecimal } from '../../../src/domain/kernel/decimal.ts'

const figure = (metric: string, value: string | null, currency: string | null = null): HealthFigure => ({
  metric,
  currency,
  unit: null,
  value,
})
const enough = [
  figure('net-sales', '125000', 'CNY'), // 40 + 30 / 2 = 55
  figure('sales-growth', '0.15', 'CNY'), // 75
  figure('attainment', '1.1', 'CNY'), // 90
  figure('violation-points-per-order', '0'), // 100
  figure('price-compliance', '1'),
  figure('corrections-per-order', '0'),
  figure('exclusive-share', '60'),
  figure('new-product-share', '0.2', 'CNY'), // 75
  figure('order-recency', '7'), // 100
  figure('digital-order-share', '1'),
  figure('stock-report-lag', '24'),
  figure('statement-confirmation-rate', '1'),
  figure('forecast-growth', '0'), // 50
  figure('outlet-growth', '0'), // 50
  figure('range-per-dealer', '5'), // 50
]
const without = (...metrics: readonly string[]): readonly HealthFigure[] =>
  enough.filter(({ metric }) => !metrics.includes(metric))

describe('a line', () => {
  const line = [
    { at: '-1', points: '10' },
    { at: '0', points: '20' },
    { at: '3', points: '80' },
  ]
  test.each([
    ['-5', '10'],
    ['-1', '10'],
    ['-0.5', '15'],
    ['0', '20'],
    ['1', '40'],
    ['0.000001', '20.00002'],
    ['3', '80'],
    ['9', '80'],
  ])('gives %s its %s points', (value, points) => {
    expect(formatDecimal(scaled(parseDecimal(value), line))).toBe(points)
  })
})

describe('the health of a dealer', () => {
  test('is worked out by hand', () => {
    const { index, confidence, dimensions } = judgeHealth(usualHealthTerms, enough)
    // 0.4 × 55 + 0.3 × 75 + 0.3 × 90 = 71.5; 100; 0.4 × 60 + 0.3 × 75 + 0.3 × 100 = 76.5; 100; 50
    expect(dimensions.map(({ points }) => points)).toEqual(['71.5', '100', '76.5', '100', '50'])
    // 0.3 × 71.5 + 25 + 0.2 × 76.5 + 15 + 5
    expect(index).toBe('81.75')
    expect(confidence).toBe('1')
    expect(dimensions.map(({ contribution }) => contribution)).toEqual(['21.45', '25', '15.3', '15', '5'])
  })

  test('without a figure is told from the others, with less confidence and never as if it were zero', () => {
    const { index, confidence, dimensions } = judgeHealth(usualHealthTerms, without('attainment'))
    const [sales] = dimensions
    // (40 × 55 + 30 × 75) ÷ 70
    expect(sales).toMatchObject({ points: '63.571429', confidence: '0.7' })
    expect(sales?.metrics.map(({ points }) => points)).toEqual(['55', '75', undefined])
    expect(confidence).toBe('0.91')
    expect(index).toBe('79.371429')
    const unknown = enough.map((one) => (one.metric === 'attainment' ? { ...one, value: null } : one))
    expect(judgeHealth(usualHealthTerms, unknown).index).toBe(index)
  })

  test('is rated without one dimension, and not without two', () => {
    const potential = ['forecast-growth', 'outlet-growth', 'range-per-dealer']
    const one = judgeHealth(usualHealthTerms, without(...potential))
    expect(one).toMatchObject({ index: '85.277778', confidence: '0.9' }) // 76.75 ÷ 90
    const digital = ['digital-order-share', 'stock-report-lag', 'statement-confirmation-rate']
    const two = judgeHealth(usualHealthTerms, without(...potential, ...digital))
    expect(two.index).toBeUndefined()
    expect(two.confidence).toBe('0.75')
    expect(two.dimensions.map(({ points }) => points !== undefined)).toEqual([true, true, true, false, false])
    expect(judgeHealth(usualHealthTerms, []).index).toBeUndefined()
  })

  test('of two currencies is the mean of their points; money without a line is not judged', () => {
    const two = [...enough, figure('net-sales', '140000', 'EUR'), figure('net-sales', '1', 'JPY')]
    expect(judgeHealth(usualHealthTerms, two).dimensions[0]?.metrics[0]?.points).toBe('77.5') // (55 + 100) ÷ 2
  })

  test('puts a dealer into a class by thresholds, and into none by too little', () => {
    const matrix = [
      figure('pocket-share', '1', 'CNY'),
      figure('off-invoice-share', '0', 'CNY'),
      figure('outlets', '20'),
    ]
    expect(judgeHealth(usualHealthTerms, [...enough, ...matrix]).matrix.dealerClass).toBe('strategic')
    const withTerms = (more: Partial<HealthTerms['matrix']>): HealthTerms => ({
      ...usualHealthTerms,
      matrix: { ...usualHealthTerms.matrix, ...more },
    })
    const classOf = (terms: HealthTerms) => judgeHealth(terms, [...enough, ...matrix]).matrix.dealerClass
    expect(classOf(withTerms({ strategicFrom: '99' }))).toBe('growing')
    expect(classOf(withTerms({ strategicFrom: '99', growingFrom: '99' }))).toBe('potential')
    expect(classOf(withTerms({ leastDimensions: 12 }))).toBeUndefined()
  })
})

describe('a model', () => {
  test('is the usual one, whose dimensions weigh 30, 25, 20, 15 and 10, with twelve in its matrix', () => {
    expect(healthTerms.parse(usualHealthTerms)).toEqual(usualHealthTerms)
    expect(healthTermsProblem(usualHealthTerms)).toBeUndefined()
    expect(usualHealthTerms.dimensions.map(({ weight }) => weight)).toEqual(['30', '25', '20', '15', '10'])
    expect(usualHealthTerms.matrix.dimensions).toHaveLength(12)
  })

  test('is refused when it contradicts itself', () => {
    const [first, ...rest] = usualHealthTerms.dimensions
    if (!first) throw new Error('the usual model has dimensions')
    const changed = (more: Partial<typeof first>): HealthTerms => ({
      ...usualHealthTerms,
      dimensions: [{ ...first, ...more }, ...rest],
    })
    const at = (terms: HealthTerms) => healthTermsProblem(terms)?.at
    expect(at(changed({ weight: '31' }))).toBe('dimensions')
    const [one] = first.metrics
    if (!one) throw new Error('a dimension has metrics')
    expect(at(changed({ metrics: [{ ...one, weight: '99' }] }))).toBe('dimensions.0.metrics')
    const internal = { ...one, weight: '100', metric: 'gross-margin' }
    expect(at(changed({ metrics: [internal] }))).toBe('dimensions.0.metrics.0.metric')
    const falling = [
      { at: '1', points: '0' },
      { at: '1', points: '9' },
    ]
    expect(at(changed({ metrics: [{ ...one, weight: '100', scale: falling }] }))).toBe('dimensions.0.metrics.0.scale')
    const { matrix } = usualHealthTerms
    expect(at({ ...usualHealthTerms, matrix: { ...matrix, growth: ['nothing'] } })).toBe('matrix.growth')
  })
})

test('a median of others is told from five on, and of what they have', () => {
  const others = ['100000', '200000', '1000000', '50000', '150000'].map((sales) =>
    judgeHealth(usualHealthTerms, [figure('net-sales', sales, 'CNY')]),
  )
  expect(peerMedians(others)).toEqual(new Map([['net-sales', '60']])) // of 50, 70, 100, 40, 60
  expect(peerMedians(others.slice(1))).toEqual(new Map())
})

test('what moved the index is named, the largest first', () => {
  const before = judgeHealth(usualHealthTerms, enough)
  const now = judgeHealth(
    usualHealthTerms,
    enough.map((one) => {
      if (one.metric === 'digital-order-share') return { ...one, value: '0.5' }
      return one.metric === 'net-sales' ? { ...one, value: '200000' } : one
    }),
  )
  expect(causesOf(now, before)).toEqual([
    // 15 % of 35 % of −50; 30 % of 40 % of 15
    { dimension: 'digital-level', metric: 'digital-order-share', before: '100', now: '50', effect: '-2.625' },
    { dimension: 'sales-contribution', metric: 'net-sales', before: '55', now: '70', effect: '1.8' },
  ])
})
