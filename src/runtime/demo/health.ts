import { createHash } from 'node:crypto'
import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { periodById } from '../../domain/calendars/periodOf.ts'
import { conductAggregate } from '../../domain/conduct/conduct.ts'
import { conductRulesAggregate } from '../../domain/conduct/conductRules.ts'
import { dealerAggregate } from '../../domain/dealers/decide.ts'
import { dealerAt } from '../../domain/dealers/state.ts'
import { channelHealth, evaluationOf } from '../../domain/health/evaluation.ts'
import { healthAggregate } from '../../domain/health/health.ts'
import { healthModelAggregate, healthTermsOf } from '../../domain/health/healthModel.ts'
import { metricsOfHealth, type HealthTerms } from '../../domain/health/model.ts'
import { usualHealthTerms } from '../../domain/health/usualTerms.ts'
import { startOfDay } from '../../domain/kernel/businessTime.ts'
import { exclusiveShare } from '../../domain/metrics/measures.ts'
import { metricByCode } from '../../domain/metrics/registry.ts'
import { demoDealers } from './dealers.ts'
import { figuresOfLog } from './figuresOfLog.ts'
import { sales } from './names.ts'
import { calendarId } from './setUp.ts'
import { company, companyZone, hour, type World } from './world.ts'

const direct = demoDealers.filter(({ tierLevel }) => tierLevel === 1)
const evaluated = direct.slice(0, 6)
const firstPeriod = '2024-Q4'
const quarters = ['2024-12', '2025-03', '2025-06', '2025-09', '2025-12', '2026-03', '2026-06', '2026-09']
/** What the simulation, which has no database, can add up itself. */
export const plainMetrics = [
  'net-sales',
  'sales-growth',
  'violation-points-per-order',
  'exclusive-share',
  'digital-order-share',
  'statement-confirmation-rate',
  'outlet-growth',
  'forecast-growth',
]

/** Dealers are judged by the quarter: first by a few plain figures, later by the usual model, whose index also proposes a tier. */
export async function planHealth(world: World): Promise<void> {
  const named = [
    [exclusiveShare, 1, { en: 'Share of purchases made here', 'zh-CN': '独家合作份额' }],
    [channelHealth, 1, { en: 'Channel health', 'zh-CN': '渠道健康指数' }],
    [channelHealth, 2, { en: 'Channel health', 'zh-CN': '渠道健康指数' }],
  ] as const
  for (const [evaluation, version, name] of named) {
    const definition = { companyId: company, evaluation, version, name, fromResalePrice: false }
    await world.run(conductRulesAggregate, { type: 'DefineEvaluation', ...definition }, sales)
  }
  const define = (version: number, terms: HealthTerms): Promise<unknown> =>
    world.run(healthModelAggregate, { type: 'DefineHealthModel', companyId: company, version, terms }, sales)
  const tiers = [
    { tier: 'gold', from: '75' },
    { tier: 'silver', from: '50' },
  ]
  await define(1, { ...plainTerms(usualHealthTerms), tiers })

  const on = (date: string): number => startOfDay(date, companyZone) + 13 * hour
  for (const [n, month] of quarters.entries()) world.plan(on(`${month}-18`), () => declareShares(world, month, n))
  world.plan(on('2025-01-12'), () => evaluate(world, false))
  world.plan(on('2025-01-16'), () => evaluate(world, true))
  world.plan(on('2025-01-20'), async () => void (await define(2, { ...usualHealthTerms, tiers })))
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

async function declareShares(world: World, month: string, n: number): Promise<void> {
  const periodId = `${month.slice(0, 4)}-Q${String(Number(month.slice(5)) / 3)}`
  for (const [m, { dealerId }] of direct.entries()) {
    if (m % 3 === 2) continue
    const score = String(35 + ((m * 13 + n * 5) % 60))
    const share = { evaluation: exclusiveShare, version: 1, calendarId, periodId, score }
    await world.run(conductAggregate, { type: 'RecordEvaluation', companyId: company, dealerId, ...share }, sales)
  }
}

async function evaluate(world: World, isFinal: boolean): Promise<void> {
  const model = healthTermsOf(await world.handler.load(healthModelAggregate, company), 1)
  const period = periodById(await world.handler.load(calendarAggregate, calendarId), firstPeriod)
  if (!model || !period) throw new Error(`nothing to evaluate ${firstPeriod} by`)
  const [from, until] = [period.start.slice(0, 10), period.end.slice(0, 10)]
  const metrics = metricsOfHealth(model.terms).flatMap((code) => metricByCode(code) ?? [])
  const watermark = String(await world.store.head())
  const figures = await figuresOfLog(world.store, metrics, { from, until })
  const asOf = world.at()
  for (const { dealerId } of evaluated) {
    const dealer = await world.handler.load(dealerAggregate, dealerId)
    const tier = dealerAt(dealer, asOf)?.tier
    const about = { companyId: company, dealerId, calendarId, periodId: firstPeriod }
    const found = figures.get(dealerId) ?? []
    const told = { model, from, until, isFinal, watermark, asOf, figures: found, tier, hash }
    const command = evaluationOf({ ...about, ...told })
    await world.run(healthAggregate, command, sales)
    if (!isFinal || command.index === undefined) continue
    const score = { evaluation: channelHealth, version: model.version, score: command.index }
    await world.run(conductAggregate, { type: 'RecordEvaluation', ...about, ...score }, sales)
  }
}

/** The same model with the plain metrics alone, their weights shared out evenly. */
function plainTerms({ dimensions, matrix, ...rest }: HealthTerms): HealthTerms {
  const plain = <D extends HealthTerms['matrix']['dimensions'][number]>(list: readonly D[]): D[] =>
    list.flatMap((dimension) => {
      const metrics = dimension.metrics.filter(({ metric }) => plainMetrics.includes(metric))
      const weight = String(100 / metrics.length)
      return metrics.length === 0 ? [] : [{ ...dimension, metrics: metrics.map((one) => ({ ...one, weight })) }]
    })
  const kept = plain(matrix.dimensions)
  const growth = matrix.growth.filter((code) => kept.some((one) => one.code === code))
  return {
    ...rest,
    dimensions: plain(dimensions),
    matrix: { ...matrix, dimensions: kept, growth, leastDimensions: 4 },
  }
}
