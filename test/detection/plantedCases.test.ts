import { beforeAll, describe, expect, it } from 'vitest'
import type { PriceRules } from '../../src/domain/violations/pricePolicy.ts'
import { dealerMonths } from './planted/files.ts'
import { strengths } from './planted/plant.ts'
import { scored, type Scored } from './score.ts'

// Cases of every kind among look-alikes, in files that detection alone reads. The rules were tuned on the seeds 1 to 3.

const seeds = [101, 102, 103, 104, 105]
const medium = 0.5
let runs: readonly Scored[]

beforeAll(async () => {
  const all: Scored[] = []
  for (const seed of seeds) all.push(await scored(seed))
  runs = all
}, 900_000)

const kinds = [
  'SELLIN_BELOW_FLOOR',
  'ABOVE_CEILING',
  'ADVERTISED_BELOW_MAP',
  'PROMO_OUT_OF_WINDOW',
  'UNAPPROVED_DISCOUNT',
  'DUMPING_LOW_PRICE',
  'HIDDEN_REBATE',
  'PRICE_SPREAD',
  'ORDER_SPIKE',
  'TIER_CHASE',
  'ROUND_TRIP',
  'CREDIT_STRETCH',
] as const

const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole)

function recallOf(of: readonly Scored[], kind: string, isIn: (strength: number) => boolean): number {
  const answers = of.flatMap((run) => run.answers).filter((one) => one.kind === kind && isIn(one.strength))
  return share(answers.filter(({ found }) => found).length, answers.length)
}

function precisionOf(of: readonly Scored[], kind: string): number {
  const findings = of.flatMap((run) => run.findings).filter((one) => one.kind === kind)
  const alarms = of.flatMap((run) => run.alarms).filter((one) => one.kind === kind)
  return share(findings.length - alarms.length, findings.length)
}

describe(`planted cases, seeds ${seeds.join(', ')}`, () => {
  it('are found from medium strength on, and what is found is one; the curve over strength is printed', () => {
    const table = kinds.map((kind) => {
      const curve = strengths.map((strength) => recallOf(runs, kind, (one) => one === strength))
      return {
        kind,
        ...Object.fromEntries(strengths.map((strength, n) => [`at ${strength}`, curve[n]])),
        precision: precisionOf(runs, kind),
      }
    })
    console.table(table)
    for (const kind of kinds) {
      expect(
        recallOf(runs, kind, (strength) => strength >= medium),
        `recall of ${kind}`,
      ).toBeGreaterThanOrEqual(0.95)
      expect(precisionOf(runs, kind), `precision of ${kind}`).toBeGreaterThanOrEqual(0.9)
    }
  })

  it('of every kind are in the answers, five times at every strength', () => {
    for (const kind of kinds)
      for (const strength of strengths)
        expect(
          runs.flatMap(({ answers }) => answers).filter((one) => one.kind === kind && one.strength === strength).length,
        ).toBe(seeds.length)
  })

  it('are not there in a clean channel: at most one false alarm of a kind in 100 dealer-months', async () => {
    const clean = [await scored(101, { clean: true }), await scored(102, { clean: true })]
    const alarms = clean.flatMap(({ findings }) => findings)
    for (const kind of kinds) {
      const count = alarms.filter((one) => one.kind === kind).length
      expect((count * 100) / (clean.length * dealerMonths), `${kind}: ${count}`).toBeLessThanOrEqual(1)
    }
  }, 600_000)

  it.each([
    [
      ['market-prices', 'payments', 'promotions'],
      ['ADVERTISED_BELOW_MAP', 'CREDIT_STRETCH', 'PROMO_OUT_OF_WINDOW'],
    ],
    [['stock-movements'], ['DUMPING_LOW_PRICE', 'ROUND_TRIP']],
    [['prices'], ['SELLIN_BELOW_FLOOR', 'ABOVE_CEILING', 'UNAPPROVED_DISCOUNT']],
  ])(
    'without %s, %s are not found any more',
    async (without, blindTo) => {
      const [first] = runs
      if (!first) throw new Error('nothing ran')
      const blind = await scored(101, { without })
      const isStrong = (strength: number): boolean => strength >= medium
      for (const kind of blindTo)
        expect(recallOf([blind], kind, isStrong)).toBeLessThan(recallOf([first], kind, isStrong))
    },
    300_000,
  )

  it('sell-out and season are what tells a spike from demand: without them there are more false alarms', async () => {
    const deaf = (terms: PriceRules): PriceRules => ({
      ...terms,
      rules: { ORDER_SPIKE: { ...terms.rules.ORDER_SPIKE!, explained: '1', deviations: '0', ratio: '1' } },
    })
    const alarmsOf = ({ alarms }: Scored): number => alarms.filter(({ kind }) => kind === 'ORDER_SPIKE').length
    const [first] = runs
    expect(alarmsOf(await scored(101, { rules: deaf }))).toBeGreaterThan(first ? alarmsOf(first) : Infinity)
  }, 300_000)
})
