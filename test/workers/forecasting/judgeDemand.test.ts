import { describe, expect, test } from 'vitest'
import type { Expected } from '../../../src/domain/forecasting/publication.ts'
import type { MonthlyDemand } from '../../../src/projections/models/sales/openDemand.ts'
import { forecastLines } from '../../../src/workers/forecasting/forecastLines.ts'
import { judgeDemand } from '../../../src/workers/forecasting/judgeDemand.ts'
import { monthName, monthNumber } from '../../../src/workers/forecasting/monthNumbers.ts'
import { seededRandom } from '../../support/seededRandom.ts'

const rowOf = (dealerId: string, sku: string, month: string, quantity: string): MonthlyDemand => ({
  dealerId,
  sku,
  unit: 'EA',
  month,
  quantity,
  fromParty: 'ACME',
  fromLocation: 'MAIN',
})
const expect10 = (sku: string): Expected => ({
  sku,
  unit: 'EA',
  month: '2026-03',
  quantity: '10',
  usual: { low: '6', high: '14', tail: '0.25' },
})

describe('a month held against its forecast', () => {
  const judged = (demand: readonly MonthlyDemand[], lines: readonly string[] = ['A', 'B']) =>
    judgeDemand('2026-03', new Map([['D1', lines.map(expect10)]]), demand)

  test('has findings where more or less was ordered than usual, from wherever it came; nothing ordered is zero', () => {
    const came = ['7', '7.001'].map((quantity) => rowOf('D1', 'A', '2026-03', quantity))
    const [of] = judged([...came, rowOf('D1', 'B', '2026-02', '9'), rowOf('D2', 'B', '2026-03', '9')])
    expect(of).toMatchObject({ dealerId: 'D1', series: 2, outside: 2 })
    expect(of?.findings).toEqual([
      // two and a half times as far as the edge: by the fourth power, one in 3,906
      { ...base('B'), actual: '0', oneIn: 3906, stands: true },
      { ...base('A'), actual: '14.001', oneIn: 100, stands: true },
    ])
    expect(judged([rowOf('D1', 'A', '2026-03', '14'), rowOf('D1', 'B', '2026-03', '6')])).toEqual([
      { dealerId: 'D1', series: 2, outside: 0, findings: [] },
    ])
  })

  test('is judged by how many were looked at, of all dealers', () => {
    const many = Array.from({ length: 40 }, (_, i) => `S${i}`)
    const usual = many.map((sku) => rowOf('D2', sku, '2026-03', '10'))
    const expected = new Map([
      ['D1', [expect10('A')]],
      ['D2', many.map(expect10)],
    ])
    const of = (quantity: string) => judgeDemand('2026-03', expected, [rowOf('D1', 'A', '2026-03', quantity), ...usual])
    expect(of('15').map(({ dealerId, findings }) => [dealerId, findings.map(({ stands }) => stands)])).toEqual([
      ['D1', [false]],
      ['D2', []],
    ])
    expect(of('18')[0]?.findings).toMatchObject([{ oneIn: 1600, stands: true }])
  })

  test('says the hundred rarest, and how many there were; a dealer of whom nothing was expected is left out', () => {
    const lines = Array.from({ length: 130 }, (_, i) => `S${i}`)
    const demand = lines.map((sku, i) => rowOf('D1', sku, '2026-03', String(15 + i)))
    const expected = new Map([
      ['D1', lines.map(expect10)],
      ['D2', []],
    ])
    const [of, ...others] = judgeDemand('2026-03', expected, demand)
    expect(others).toEqual([])
    expect([of?.outside, of?.findings.length, of?.findings[0]?.actual]).toEqual([130, 100, '144'])
  })

  const base = (sku: string) => ({ sku, unit: 'EA', expected: '10', low: '6', high: '14' })
})

/** Months of many series of nine dealers, each judged by what was published before; every hundredth may be planted. */
describe.each([
  { kind: 'dense', series: 180, months: 10 },
  { kind: 'sparse', series: 400, months: 16 },
] as const)('$kind demand, series after series', ({ kind, series, months }) => {
  const history = 40
  const first = monthNumber('2022-01')
  const random = seededRandom(kind === 'dense' ? 11 : 12)
  const all = Array.from({ length: series }, (_, i) => ({
    dealerId: `D${i % 9}`,
    sku: `S${i}`,
    values: kind === 'dense' ? dense(random, history + months) : sparse(random, history + months),
  }))
  const demand = all.flatMap(({ dealerId, sku, values }) =>
    values.flatMap((value, t) => (value > 0 ? [rowOf(dealerId, sku, monthName(first + t), String(value))] : [])),
  )

  test(
    'lies outside one time in a hundred, and is told of next to never, but when it is far off',
    { timeout: 300_000 },
    async () => {
      const found = { looked: 0, outside: 0, alarms: 0, planted: 0, told: 0, toldBeside: 0 }
      for (let t = history; t < history + months; t += 1) {
        const seenMonth = monthName(first + t - 1)
        const month = monthName(first + t)
        const lines = await forecastLines(demand, { seenMonth, horizon: 1, leastMonths: 1 })
        const expected = new Map<string, readonly Expected[]>()
        for (const [dealerId, of] of lines) {
          const usual = of.flatMap(({ sku, unit, ahead: [next] }) =>
            next?.usual ? [{ sku, unit, month, quantity: next.quantity, usual: next.usual }] : [],
          )
          expected.set(dealerId, usual)
        }
        const clean = judgeDemand(month, expected, demand)
        for (const one of clean) {
          found.looked += one.series
          found.outside += one.outside
        }
        if (clean.some(({ findings }) => findings.some(({ stands }) => stands))) found.alarms += 1
        const planted = new Set(all.filter((_, i) => i % 100 === t % 100).map(({ sku }) => sku))
        const size = kind === 'dense' ? '400' : '40'
        const changed = demand.filter((row) => !(row.month === month && planted.has(row.sku)))
        const more = all
          .filter(({ sku }) => planted.has(sku))
          .map(({ dealerId, sku }) => rowOf(dealerId, sku, month, size))
        const standing = judgeDemand(month, expected, [...changed, ...more]).flatMap(({ findings }) =>
          findings.filter(({ stands }) => stands),
        )
        found.planted += planted.size
        found.told += standing.filter(({ sku }) => planted.has(sku)).length
        found.toldBeside += standing.filter(({ sku }) => !planted.has(sku)).length
      }
      expect(found.looked).toBe(series * months)
      expect(found.outside / found.looked).toBeGreaterThan(0.003)
      expect(found.outside / found.looked).toBeLessThan(0.017)
      // of a month without anything wrong, five in a hundred may tell of something
      expect(found.alarms).toBeLessThanOrEqual(1)
      expect(found.toldBeside).toBeLessThanOrEqual(1)
      expect(found.told / found.planted).toBeGreaterThan(0.9)
    },
  )
})

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** About a hundred a month, with a season. */
function dense(random: () => number, length: number): number[] {
  return Array.from({ length }, (_, t) => {
    const level = 100 * (1 + 0.2 * Math.sin((t / 12) * 2 * Math.PI))
    return Math.max(0, Math.round(level + 12 * normal(random)))
  })
}

/** One to four in every third month. */
function sparse(random: () => number, length: number): number[] {
  return Array.from({ length }, () => (random() < 1 / 3 ? 1 + Math.floor(4 * random()) : 0))
}
