import { startOfDay } from '../../domain/kernel/businessTime.ts'
import { promotionsAggregate } from '../../domain/pricing/promotions.ts'
import { ratesAggregate } from '../../domain/rates/rates.ts'
import { programmeAggregate } from '../../domain/rebates/programme.ts'
import type { Terms, Tier } from '../../domain/rebates/terms.ts'
import { settleProgramme } from '../../workers/rebates/settleProgramme.ts'
import { demoProducts } from './catalogue.ts'
import { demoDealers } from './dealers.ts'
import { warehouses } from './demand.ts'
import { finance, sales } from './names.ts'
import { calendarId, changePrice } from './setUp.ts'
import { company, companyZone, day, type World } from './world.ts'

/** Terms that the programmes of the channel have in common. */
export const common = {
  payer: company,
  products: {},
  measure: 'net',
  returns: 'deduct',
  calendarId,
  grain: 'quarter',
  rounding: { mode: 'half-up', level: 'settlement' },
  accrual: 'expected-value',
  outlet: 'credit_note',
  negativeInterim: 'carry',
  graceDays: 10,
  clawbackDays: 120,
} as const satisfies Partial<Terms>

/** The volume rebate of China counts first, growth what it leaves (`goals.ts`). */
export const stackedInChina = 'CHINA'

const tiers = (...steps: readonly (readonly [from: string, rate: string])[]): Tier[] =>
  steps.map(([from, rate], index) => {
    const next = steps[index + 1]
    return next ? { from, to: next[0], rate } : { from, rate }
  })

/** Volume rebates of a quarter: 分段 in China, 全额累进 in Europe, and one on mowers for members in America. */
export async function startProgrammes(world: World): Promise<void> {
  const { scale } = world
  const effectiveFrom = '2024-10-01T00:00:00.000+08:00[Asia/Shanghai]'
  const times = (amount: number): string => String(amount * scale)
  const marginal: Terms = {
    ...common,
    version: 1,
    effectiveFrom,
    currencies: ['CNY'],
    stackingGroup: stackedInChina,
    basis: 'invoiced',
    eligibility: { kind: 'all' },
    name: {
      en: 'Quarterly volume rebate China',
      'zh-CN': '季度销量返利',
    },
    method: {
      kind: 'marginal',
      tiers: tiers(['0', '0'], [times(15e3), '0.01'], [times(5e4), '0.02'], [times(12e4), '0.03']),
    },
  }
  const allUnits: Terms = {
    ...common,
    version: 1,
    effectiveFrom,
    currencies: ['EUR'],
    basis: 'invoiced',
    eligibility: { kind: 'all' },
    name: {
      en: 'Quarterly volume rebate Europe',
      'zh-CN': '欧洲季度返利',
    },
    method: {
      kind: 'all-units',
      tiers: tiers(['0', '0'], [times(4e3), '0.015'], [times(12e3), '0.03']),
    },
    negativeInterim: 'clawback',
  }
  const mowers: Terms = {
    ...common,
    version: 1,
    effectiveFrom,
    currencies: ['USD'],
    basis: 'delivered',
    measure: 'units',
    unit: 'EA',
    name: { en: 'Mower push United States' },
    eligibility: { kind: 'members' },
    products: { include: { categories: ['mowers', 'trimmers'] } },
    method: {
      kind: 'all-units',
      tiers: tiers(['0', '0'], [times(4), '0.02'], [times(20), '0.04']),
    },
    cap: times(5e3),
    outlet: { kind: 'offset', share: '0.1', expiresAfterDays: 60 },
  }
  for (const [programmeId, terms] of [
    ['VOLUME-CN', marginal],
    ['VOLUME-EU', allUnits],
    ['MOWERS-US', mowers],
  ] as const) {
    await world.run(programmeAggregate, { type: 'DraftProgramme', programmeId, companyId: company, terms }, sales)
    await world.run(programmeAggregate, { type: 'ActivateProgramme', programmeId, version: 1 }, finance)
  }
  const members = demoDealers.filter(({ currency }) => currency === 'USD')
  for (const { dealerId } of members) await enrol(world, dealerId, world.at())

  const from = (date: string): number => startOfDay(date, companyZone) + 10 * 3_600_000
  world.plan(from('2025-05-20'), () => interim(world, 'VOLUME-EU', '2025-Q2'))
  world.plan(from('2025-09-15'), async () => {
    const [leaver] = members.slice(-1)
    if (leaver === undefined) return
    const until = world.at()
    const command = { type: 'WithdrawMember', programmeId: 'MOWERS-US', dealerId: leaver.dealerId, until } as const
    await world.run(programmeAggregate, command, sales)
  })
  world.plan(from('2025-12-10'), async () => {
    const amended: Terms = {
      ...marginal,
      version: 2,
      effectiveFrom: '2026-01-01T00:00:00.000+08:00[Asia/Shanghai]',
      method: {
        kind: 'marginal',
        tiers: tiers(['0', '0'], [times(18e3), '0.012'], [times(6e4), '0.022'], [times(14e4), '0.035']),
      },
    }
    const command = { type: 'AmendProgramme', programmeId: 'VOLUME-CN', terms: amended, retroactive: false } as const
    await world.run(programmeAggregate, command, sales)
  })
  world.plan(from('2026-06-20'), async () => {
    const endsAt = '2026-07-01T00:00:00.000+08:00[Asia/Shanghai]'
    const reason = 'The season is over; a successor follows in spring'
    await world.run(programmeAggregate, { type: 'EndProgramme', programmeId: 'MOWERS-US', endsAt, reason }, sales)
  })
}

async function enrol(world: World, dealerId: string, from: string): Promise<void> {
  await world.run(programmeAggregate, { type: 'EnrolMember', programmeId: 'MOWERS-US', dealerId, from }, sales)
}

/** Finance settles in the middle of the quarter what has been earned so far. */
async function interim(world: World, programmeId: string, periodId: string): Promise<void> {
  await settleProgramme(world.ports, { programmeId, periodId, kind: 'interim', at: world.at() })
}

/** Rates of the day, drifting. */
export async function publishRates(world: World): Promise<void> {
  const weeks = Math.floor(world.now() / (7 * day))
  const drift = (mean: number, phase: number): string => {
    const tenThousandths = Math.round((mean + mean * 0.025 * Math.sin(weeks / 9 + phase)) * 10_000)
    return `${Math.floor(tenThousandths / 10_000)}.${String(tenThousandths % 10_000).padStart(4, '0')}`
  }
  for (const [base, quote, mean, phase] of [
    ['EUR', 'CNY', 7.82, 0],
    ['USD', 'CNY', 7.19, 1],
    ['EUR', 'USD', 1.09, 2],
  ] as const) {
    const rate = drift(mean, phase)
    const published = { base, quote, rate, kind: 'mid', effectiveAt: world.at(), source: 'central bank' }
    await world.run(ratesAggregate, { type: 'PublishExchangeRate', ...published }, finance)
  }
}

/** The promotions of a year. */
export async function schedulePromotions(world: World, year: number): Promise<void> {
  const at = (date: string): string => `${year}-${date}T00:00:00.000+08:00[Asia/Shanghai]`
  const promote = (id: string, en: string, zh: string, from: string, to: string, discount: string, scope: object) =>
    world.run(
      promotionsAggregate,
      {
        type: 'SchedulePromotion',
        companyId: company,
        promotionId: `${id}-${year}`,
        discount,
        scope,
        name: {
          en: `${en} ${year}`,
          'zh-CN': `${zh} ${year}`,
        },
        startsAt: at(from),
        endsAt: at(to),
        stackingClass: 'best',
        priority: 1,
      },
      sales,
    )
  await promote('SPRING', 'Spring in the garden', '春季园林', '03-15', '05-01', '0.08', { categories: ['garden'] })
  await promote('SUMMER', 'Summer batteries', '夏季电池', '06-15', '07-16', '0.1', { categories: ['batteries'] })
  await promote('FAIR', 'Autumn fair', '秋季订货会', '10-10', '10-25', '0.05', { tiers: ['gold', 'silver'] })
  await promote('NORTH', 'Northern special', '北方特惠', '11-20', '12-10', '0.06', { regions: ['CN/BJ', 'CN/SD'] })
}

/** New prices for one or two families, by a few percent, in every currency. */
export async function changePrices(world: World): Promise<void> {
  const { chance } = world
  const subcategories = [...new Set(demoProducts.map(({ subcategory }) => subcategory))]
  const changed = [chance.pick(subcategories), chance.pick(subcategories)]
  const percent = 100 + chance.between(-3, 6)
  for (const { currency, products } of warehouses) {
    for (const product of products.filter(({ subcategory }) => changed.includes(subcategory)))
      await changePrice(world, `BASE-${currency}`, product, currency, percent, percent > 100 ? 'costs' : 'competition')
  }
}
