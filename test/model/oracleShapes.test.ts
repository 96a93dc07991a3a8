import { describe, expect, it } from 'vitest'
import { settleShape, type ShapeFact, type ShapeInput } from './oracle/shapes.ts'
import { seededRandom } from '../support/seededRandom.ts'

// The oracle of the settlement rules by itself: the worked examples of domain.md §6, and what must hold of any marginal scale.

type Terms = Partial<ShapeInput['terms']> & Pick<ShapeInput['terms'], 'method'>
/** Sales of one sku, one after the other: net values, or quantities of net 1 each. */
function settled(terms: Terms, sales: string[], rest: Partial<Omit<ShapeInput, 'terms'>> = {}) {
  const facts = sales.map((value, index): ShapeFact => {
    const at = `2026-01-15T08:30:00.${String(index).padStart(3, '0')}+08:00[Asia/Shanghai]`
    const [quantity, net] = value.split('@')
    return {
      eventId: `e${index}`,
      lineNo: 1,
      sku: 'A',
      unit: 'EA',
      quantity: quantity!,
      net: net ?? value,
      gross: net ?? value,
      occurredAt: at,
      position: String(index),
      saleAt: at,
    }
  })
  return settleShape({
    terms: {
      basis: 'delivered',
      measure: 'net',
      unit: 'EA',
      products: {},
      rounding: { mode: 'half-up', level: 'settlement' },
      ...terms,
    },
    beside: {
      facts: [],
      starts: 0,
      ends: 0,
      calendarId: 'C',
      periodId: 'P',
      zone: 'UTC',
      graceDays: 0,
      cutOff: '2026-04-01T00:00:00.000Z[UTC]',
      watermark: '0',
    },
    digits: 2,
    facts,
    prior: [],
    ...rest,
  })
}
const allUnits = (...tiers: { from: string; to?: string; rate: string }[]): Terms => ({
  method: { kind: 'all-units', tiers },
})
const marginal = (...tiers: { from: string; to?: string; rate: string }[]): Terms => ({
  method: { kind: 'marginal', tiers },
})

describe('the worked examples of domain.md §6', () => {
  it('V1: 2 % from 5 000 and 4 % from 10 000 on everything, cut off three times', () => {
    const terms = allUnits({ from: '5000', to: '10000', rate: '0.02' }, { from: '10000', rate: '0.04' })
    expect(settled(terms, ['3000']).due).toBe('0')
    expect(settled(terms, ['3000', '4000']).due).toBe('14000')
    const end = settled(terms, ['3000', '4000', '20000'], { prior: [{ kind: 'settled', amount: '14000' }] })
    expect([end.earned, end.due]).toEqual(['108000', '94000'])
  })

  it('V3: 1 % to 5 m, 1.5 % to 10 m, 2 % above, of 12 m: 165 000 by slabs, 240 000 on all', () => {
    const slabs = [
      { from: '0', to: '5000000', rate: '0.01' },
      { from: '5000000', to: '10000000', rate: '0.015' },
      { from: '10000000', rate: '0.02' },
    ]
    expect(settled(marginal(...slabs), ['12000000']).earned).toBe('16500000')
    expect(settled(allUnits(...slabs), ['12000000']).earned).toBe('24000000')
  })

  it('V4: 10 % on the first 14 units and 20 % above: orders of 1 and 30 make 14 and 17', () => {
    const terms: Terms = { ...marginal({ from: '0', to: '14', rate: '0.1' }, { from: '14', rate: '0.2' }) }
    const result = settled({ ...terms, measure: 'units' }, ['1@1', '30@30'])
    expect(Object.fromEntries(result.lines)).toEqual({ 'e0/1/1': '0.1', 'e1/1/1': '1.3', 'e1/1/2': '3.4' })
    expect(result.earned).toBe('480')
  })

  it('V5: bands of 10, 20 and 30 % pay 1 100 of 3 800 and 260 of 1 000', () => {
    const terms = marginal(
      { from: '0', to: '100', rate: '0.1' },
      { from: '100', to: '300', rate: '0.2' },
      { from: '300', rate: '0.3' },
    )
    expect(settled(terms, ['3800']).earned).toBe('110000')
    expect(settled(terms, ['1000']).earned).toBe('26000')
  })

  it('V7: 4 % of 1 000 less a credit note of 200 is 32', () => {
    expect(settled(marginal({ from: '0', rate: '0.04' }), ['1000', '-200']).earned).toBe('3200')
  })

  it('growth of 250 over a baseline of 1 000 at 5 %', () => {
    const method = {
      kind: 'growth',
      on: 'growth',
      tiers: [{ from: '0', rate: '0.05' }],
      withoutBaseline: 'nothing',
    } as const
    expect(settled({ method }, ['1250'], { baseline: '1000' }).earned).toBe('1250')
    expect(settled({ method }, ['1250'])).toMatchObject({ earned: '0', missing: 'baseline' })
  })

  it('attainment of 92 % pays 1 % of everything', () => {
    const method = { kind: 'attainment', tiers: [{ from: '0.9', rate: '0.01' }] } as const
    expect(settled({ method }, ['9200'], { target: '10000' }).earned).toBe('9200')
  })

  it('500 for every full 10 000 above 50 000: 1 500 of 83 000, and 3 000 are left', () => {
    const method = { kind: 'increment', target: '50000', step: '10000', amount: '500' } as const
    expect(settled({ method }, ['83000'])).toMatchObject({ earned: '150000', rest: '3000' })
  })

  it('linear between 1 % at 100 000 and 3 % at 200 000: 2 % of 150 000, and a cap on it', () => {
    const from = { volume: '100000', rate: '0.01' }
    const method = { kind: 'linear', from, to: { volume: '200000', rate: '0.03' }, below: 'nothing' } as const
    expect(settled({ method }, ['150000']).earned).toBe('300000')
    expect(settled({ method, cap: '2000' }, ['150000'])).toMatchObject({ earned: '200000', capped: '-1000' })
  })

  it('a return of 300 from 5 200 takes all of the 2 % from 5 000 on', () => {
    const terms = allUnits({ from: '5000', rate: '0.02' })
    expect(settled(terms, ['5200']).earned).toBe('10400')
    expect(settled(terms, ['5200', '-300'], { prior: [{ kind: 'settled', amount: '10400' }] }).due).toBe('-10400')
  })

  it('a fixed sum is paid at the target and not a cent below', () => {
    const method = { kind: 'fixed-sum', target: '10000', amount: '5000' } as const
    expect(settled({ method }, ['10000']).earned).toBe('500000')
    expect(settled({ method }, ['9999.99']).earned).toBe('0')
  })
})

it('marginal never falls and never jumps: a cent more of volume earns at most a cent times the highest rate', () => {
  const random = seededRandom(21)
  const terms = marginal(
    { from: '10', to: '20', rate: '0.1' },
    { from: '20', to: '50', rate: '0.25' },
    { from: '50', rate: '0.5' },
  )
  // half a thousandth is what rounding can add at either end
  const at = (cents: number): bigint => BigInt(settled(terms, [(cents / 100).toFixed(2)], { digits: 3 }).earned)
  const cents = [1000, 2000, 5000, ...Array.from({ length: 300 }, () => Math.floor(random() * 8000))]
  for (const value of cents) {
    const step = at(value + 1) - at(value)
    expect(step, `at ${value} cents`).toBeGreaterThanOrEqual(0n)
    expect(step, `at ${value} cents`).toBeLessThanOrEqual(6n)
  }
  expect(at(6000)).toBe(13_500n)
})

it('facts in pieces and in any order earn what they earn together', () => {
  const terms = marginal({ from: '0', to: '100', rate: '0.013' }, { from: '100', rate: '0.027' })
  const whole = settled(terms, ['260.07'])
  for (const pieces of [
    ['60.07', '200'],
    ['300', '-39.93'],
    ['-20', '0', '280.07'],
  ])
    expect(settled(terms, pieces).earned).toBe(whole.earned)
})
