import { conductAggregate } from '../../domain/conduct/conduct.ts'
import { conductRulesAggregate } from '../../domain/conduct/conductRules.ts'
import { startOfDay } from '../../domain/kernel/businessTime.ts'
import { programmeAggregate } from '../../domain/rebates/programme.ts'
import type { Terms } from '../../domain/rebates/terms.ts'
import { demoDealers } from './dealers.ts'
import { admin, finance, sales } from './names.ts'
import { calendarId } from './setUp.ts'
import { common } from './programmes.ts'
import { company, companyZone, hour, type World } from './world.ts'

const service = { evaluation: 'service-quality', version: 1 } as const
const quarters = [2025, 2026].flatMap((year) =>
  [1, 2, 3, 4].map((no) => ({ year, no, periodId: `${year}-Q${String(no)}` })),
)
const judged = demoDealers.filter(({ currency, tierLevel }) => currency === 'CNY' && tierLevel === 1).slice(0, 5)

/**
 * What dealers do besides buying: displays and trainings are proven and paid for, goods that went on to end customers are paid
 * by the piece to those who pay their own invoices and serve well. What they sold for is looked at nowhere.
 */
export async function judgeConduct(world: World): Promise<void> {
  const from = { effectiveFrom: '2025-01-01T00:00:00.000+08:00[Asia/Shanghai]', version: 1 }
  const name = { en: 'Quality of service', 'zh-CN': '服务质量' }
  const definition = { companyId: company, ...service, name, fromResalePrice: false }
  await world.run(conductRulesAggregate, { type: 'DefineEvaluation', ...definition }, sales)
  const policy = { companyId: company, resalePriceEnforcement: 'off', restsOn: 'Antitrust law' } as const
  await world.run(conductRulesAggregate, { type: 'SetResalePricePolicy', ...policy }, admin)
  const counted = {
    ...common,
    ...from,
    eligibility: { kind: 'all' },
    currencies: ['CNY'],
    measure: 'units',
  } as const satisfies Partial<Terms>
  const programmes: readonly (readonly [string, Terms])[] = [
    [
      'PROCESS-CN',
      {
        ...counted,
        name: { en: 'Display and training', 'zh-CN': '过程返利' },
        basis: 'evidence',
        unit: 'C62',
        products: { include: { skus: ['display', 'training'] } },
        method: { kind: 'per-unit', amount: '200' },
        cap: '1000',
      },
    ],
    [
      'SELL-OUT-CN',
      {
        ...counted,
        name: { en: 'Sell-out China', 'zh-CN': '终端销售返利' },
        basis: 'sold-out',
        unit: 'EA',
        method: { kind: 'per-unit', amount: '1.5' },
        gates: [
          { kind: 'process', evidence: 'display', count: 1, whenClosed: '0.8' },
          { kind: 'payment', overdueDays: 60, whenClosed: '0.5' },
          {
            kind: 'collection',
            since: 'invoice',
            bands: [
              { to: '61', rate: '1' },
              { from: '61', to: '91', rate: '0.8' },
              { from: '91', rate: '0.5' },
            ],
          },
          { kind: 'score', ...service, score: '60', whenClosed: '0.5' },
        ],
        rounding: { mode: 'half-even', level: 'line' },
      },
    ],
  ]
  for (const [programmeId, terms] of programmes) {
    await world.run(programmeAggregate, { type: 'DraftProgramme', programmeId, companyId: company, terms }, sales)
    await world.run(programmeAggregate, { type: 'ActivateProgramme', programmeId, version: 1 }, finance)
  }
  const on = (date: string): number => startOfDay(date, companyZone) + 11 * hour
  world.plan(on('2025-01-10'), () => evaluate(world, { year: 2024, no: 4, periodId: '2024-Q4' }))
  for (const quarter of quarters) {
    const { year, no } = quarter
    const first = `${year}-${String(no * 3 - 2).padStart(2, '0')}`
    const last = `${year}-${String(no * 3).padStart(2, '0')}`
    world.plan(on(`${first}-14`), () => prove(world, quarter.periodId))
    world.plan(on(`${last}-26`), () => evaluate(world, quarter))
  }
}

async function prove(world: World, periodId: string): Promise<void> {
  for (const [n, { dealerId }] of judged.entries()) {
    for (const kind of n % 2 === 0 ? ['display', 'training'] : ['display']) {
      const evidenceId = `${periodId}-${kind}`
      const proof = { companyId: company, dealerId, evidenceId, kind, note: 'seen on a visit' }
      await world.run(conductAggregate, { type: 'RecordEvidence', ...proof }, sales)
    }
    if (n !== 2) continue
    const withdrawn = { dealerId, evidenceId: `${periodId}-training`, reason: 'nobody had been there' }
    await world.run(conductAggregate, { type: 'WithdrawEvidence', ...withdrawn }, finance)
  }
}

async function evaluate(world: World, { periodId, no }: (typeof quarters)[number]): Promise<void> {
  for (const [n, { dealerId }] of judged.entries()) {
    const score = String(55 + 7 * n + no)
    const judgement = { companyId: company, dealerId, ...service, calendarId, periodId, score }
    await world.run(conductAggregate, { type: 'RecordEvaluation', ...judgement }, sales)
  }
}
