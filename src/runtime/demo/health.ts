import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { daysOf, periodById } from '../../domain/calendars/periodOf.ts'
import { conductAggregate } from '../../domain/conduct/conduct.ts'
import { conductRulesAggregate } from '../../domain/conduct/conductRules.ts'
import { channelHealth } from '../../domain/health/evaluation.ts'
import { healthModelAggregate, healthTermsOf } from '../../domain/health/healthModel.ts'
import type { HealthTerms } from '../../domain/health/model.ts'
import { usualHealthTerms } from '../../domain/health/usualTerms.ts'
import { startOfDay } from '../../domain/kernel/businessTime.ts'
import { exclusiveShare } from '../../domain/metrics/measures.ts'
import { evaluateDealers } from '../../workers/health/evaluateDealers.ts'
import { demoDealers } from './dealers.ts'
import { sales } from './names.ts'
import { plainMetrics } from './plainHealth.ts'
import { calendarId } from './setUp.ts'
import { company, companyZone, hour, type World } from './world.ts'

const direct = demoDealers.filter(({ tierLevel }) => tierLevel === 1)
const firstPeriod = '2024-Q4'
const quarters = ['2024-12', '2025-03', '2025-06', '2025-09', '2025-12', '2026-03', '2026-06', '2026-09']
/** Dealers are judged by the quarter as the schedule says: first by a few plain figures, later by the usual model, whose index also proposes a tier. */
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
  // the last days of the year are told by the sixteenth of January
  const schedule = { calendarId, grain: 'quarter', graceDays: 15 } as const
  await define(1, { ...plainTerms(usualHealthTerms), tiers, schedule: { ...schedule, from: '2024-10-01' } })

  const on = (date: string): number => startOfDay(date, companyZone) + 13 * hour
  for (const [n, month] of quarters.entries()) world.plan(on(`${month}-18`), () => declareShares(world, month, n))
  world.plan(on('2025-01-12'), () => draft(world))
  const usual = { ...usualHealthTerms, tiers, schedule: { ...schedule, from: '2025-01-01' } }
  world.plan(on('2025-01-20'), async () => void (await define(2, usual)))
}

async function declareShares(world: World, month: string, n: number): Promise<void> {
  const periodId = `${month.slice(0, 4)}-Q${String(Number(month.slice(5)) / 3)}`
  for (const [m, { dealerId }] of direct.entries()) {
    if (m % 3 === 2) continue
    const score = String(35 + ((m * 13 + n * 5) % 60))
    const share = { evaluation: exclusiveShare, version: 1, calendarId, periodId, score }
    await world.run(conductAggregate, { type: 'RecordEvaluation', companyId: company, dealerId, ...share }, sales)
  }
}

/** A first look, before the worker tells it finally. */
async function draft(world: World): Promise<void> {
  const { handler, store, ports } = world
  const model = healthTermsOf(await handler.load(healthModelAggregate, company), 1)
  const period = periodById(await handler.load(calendarAggregate, calendarId), firstPeriod)
  if (!model || !period) throw new Error(`nothing to evaluate ${firstPeriod} by`)
  const days = daysOf(period)
  const watermark = await store.head()
  const found = await ports.health.figures({ terms: model.terms, ...days }, watermark, { limit: 6 })
  const about = { companyId: company, calendarId, periodId: firstPeriod, ...days, model, isFinal: false }
  const run = { ...about, watermark, asOf: world.at() }
  await evaluateDealers(handler, run, found?.dealers ?? [], (aggregate, command) =>
    world.attempt(aggregate, command, sales),
  )
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
