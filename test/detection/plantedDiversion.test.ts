import { beforeAll, describe, expect, it } from 'vitest'
import { diversionStrengths, plantedGoods } from './planted/divert.ts'
import { goodsDealerMonths } from './planted/goodsFiles.ts'
import { readGoods, type Diversion, type ScoredGoods } from './goodsScore.ts'

// Goods that leave their territory among goods that have every right to be where they are, in files that detection alone reads.
// The rules were tuned on the seeds 1 to 3.

const seeds = process.env['DIVERSION_SEEDS']?.split(',').map((one) => Number.parseInt(one, 10)) ?? [
  101, 102, 103, 104, 105,
]
const medium = 0.5
const kinds = ['DIVERSION', 'DIVERSION_LEAD'] as const
let channels: readonly Awaited<ReturnType<typeof readGoods>>[]
let runs: readonly ScoredGoods[]

beforeAll(async () => {
  const read: Awaited<ReturnType<typeof readGoods>>[] = []
  for (const seed of seeds) read.push(await readGoods(seed))
  channels = read
  runs = await judged((rule) => rule)
}, 900_000)

async function judged(change: (rule: Diversion) => Diversion): Promise<readonly ScoredGoods[]> {
  const all: ScoredGoods[] = []
  for (const judge of channels) all.push(await judge(change))
  return all
}

type Answer = ScoredGoods['answers'][number]
const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole)

function recallOf(of: readonly ScoredGoods[], isIn: (answer: Answer) => boolean): number {
  const answers = of.flatMap((run) => run.answers).filter(isIn)
  return share(answers.filter(({ by }) => by.length > 0).length, answers.length)
}

function precisionOf(of: readonly ScoredGoods[], kind: string): number {
  const count = (findings: ScoredGoods['findings']): number => findings.filter((one) => one.kind === kind).length
  const found = of.reduce((sum, { findings }) => sum + count(findings), 0)
  return share(found - of.reduce((sum, { alarms }) => sum + count(alarms), 0), found)
}

describe(`planted diversion, seeds ${seeds.join(', ')}`, () => {
  it('is found from medium strength on, and what is found is diversion; the curve over strength is printed', () => {
    const ways = [...new Set(runs.flatMap(({ answers }) => answers.map(({ way }) => way)))]
    const curve = (isIn: (answer: Answer) => boolean) =>
      Object.fromEntries(
        diversionStrengths.map((strength) => [
          `at ${strength}`,
          recallOf(runs, (one) => one.strength === strength && isIn(one)),
        ]),
      )
    console.table([
      ...ways.map((way) => ({ of: way, ...curve((one) => one.way === way), precision: '' })),
      ...kinds.map((kind) => ({ of: kind, ...curve((one) => one.kind === kind), precision: precisionOf(runs, kind) })),
    ])
    for (const kind of kinds) {
      const strong = (one: Answer): boolean => one.kind === kind && one.strength >= medium
      expect(recallOf(runs, strong), `recall of ${kind}`).toBeGreaterThanOrEqual(0.95)
      expect(precisionOf(runs, kind), `precision of ${kind}`).toBeGreaterThanOrEqual(0.9)
    }
  })

  it('stands among three look-alikes for every case', () => {
    for (const seed of seeds) {
      const { answers, lookAlikes } = plantedGoods(seed)
      expect(lookAlikes).toBeGreaterThanOrEqual(3 * answers.length)
    }
  })

  it('is not there in a clean channel: at most one false alarm of a kind in 100 dealer-months', async () => {
    const clean = [await (await readGoods(101, { clean: true }))(), await (await readGoods(102, { clean: true }))()]
    for (const kind of kinds) {
      const count = clean.flatMap(({ findings }) => findings).filter((one) => one.kind === kind).length
      expect((count * 100) / (clean.length * goodsDealerMonths), `${kind}: ${count}`).toBeLessThanOrEqual(1)
    }
  }, 600_000)

  it.each(['outOfTerritory', 'cluster', 'twinScan', 'missingCodes', 'orderSpike', 'rebatePhase'] as const)(
    'without the signal %s less of it is found',
    async (signal) => {
      const without = await judged(({ [signal]: _gone, ...rule }) => rule)
      const strong = (one: Answer): boolean => one.kind === 'DIVERSION' && one.strength >= medium
      const [before, after] = [recallOf(runs, strong), recallOf(without, strong)]
      console.log(`without ${signal}: ${before} becomes ${after}`)
      expect(after).toBeLessThan(before)
    },
    600_000,
  )

  it('without the link to prices a case says nothing of them; with it, it finds no more and no less', async () => {
    const without = await judged(({ priceLink: _gone, ...rule }) => rule)
    const linked = (of: readonly ScoredGoods[]): number =>
      of
        .flatMap(({ answers }) => answers)
        .filter(({ hasLowPrices, by }) => hasLowPrices && by.some(({ figures }) => figures['lowPrices'] !== undefined))
        .length
    expect(linked(runs)).toBeGreaterThan(0)
    expect(linked(without)).toBe(0)
    expect(without.map(({ findings }) => findings.length)).toEqual(runs.map(({ findings }) => findings.length))
  }, 600_000)
})
