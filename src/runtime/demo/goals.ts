import { startOfDay } from '../../domain/kernel/businessTime.ts'
import { programmeAggregate } from '../../domain/rebates/programme.ts'
import { settlementAggregate } from '../../domain/rebates/settlement.ts'
import { stackingAggregate } from '../../domain/rebates/stacking.ts'
import type { Terms } from '../../domain/rebates/terms.ts'
import { demoDealers } from './dealers.ts'
import { dispute, payOut, settlementFor } from './disputes.ts'
import { admin, finance, sales } from './names.ts'
import { common, stackedInChina } from './programmes.ts'
import { company, companyZone, hour, type World } from './world.ts'

const [growth, attainment] = ['GROWTH-CN', 'TARGET-EU'] as const
const years = [2025, 2026]
const quarters = years.flatMap((year) => [1, 2, 3, 4].map((no) => ({ year, no, periodId: `${year}-Q${no}` })))
const chinese = demoDealers.filter(({ currency }) => currency === 'CNY').slice(0, 4)
const european = demoDealers.filter(({ currency }) => currency === 'EUR').slice(0, 4)

/**
 * What is agreed with single dealers: growth over a baseline in China, on what the volume rebate leaves, its payouts approved by two people;
 * and the attainment of a target in Europe.
 */
export async function agreeGoals(world: World): Promise<void> {
  const times = (amount: number): string => String(amount * world.scale)
  const terms = {
    ...common,
    version: 1,
    effectiveFrom: '2025-01-01T00:00:00.000+08:00[Asia/Shanghai]',
    basis: 'invoiced',
    eligibility: { kind: 'members' },
  } as const satisfies Partial<Terms>
  const programmes: readonly (readonly [string, Terms, readonly { readonly dealerId: string }[]])[] = [
    [
      growth,
      {
        ...terms,
        name: { en: 'Growth China', 'zh-CN': '增长返利' },
        currencies: ['CNY'],
        stackingGroup: stackedInChina,
        method: { kind: 'growth', on: 'growth', tiers: [{ from: '0', rate: '0.02' }], withoutBaseline: 'nothing' },
        secondApprovalAbove: times(50),
      },
      chinese,
    ],
    [
      attainment,
      {
        ...terms,
        name: { en: 'Target Europe', 'zh-CN': '欧洲目标返利' },
        currencies: ['EUR'],
        method: { kind: 'attainment', tiers: [{ from: '0.9', rate: '0.01' }], excess: '0.02' },
        gates: [{ kind: 'breadth', skus: 5, whenClosed: '0.5' }],
        outlet: 'payment',
        disputeDays: 90,
      },
      european,
    ],
  ]
  for (const [programmeId, terms, members] of programmes) {
    await world.run(programmeAggregate, { type: 'DraftProgramme', programmeId, companyId: company, terms }, sales)
    await world.run(programmeAggregate, { type: 'ActivateProgramme', programmeId, version: 1 }, finance)
    for (const { dealerId } of members)
      await world.run(programmeAggregate, { type: 'EnrolMember', programmeId, dealerId, from: world.at() }, sales)
  }
  const order = [
    { programmeId: 'VOLUME-CN', class: 'independent' as const },
    { programmeId: growth, class: 'net-of-previous' as const },
  ]
  const { effectiveFrom } = terms
  const stacking = { groupId: stackedInChina, companyId: company, effectiveFrom, programmes: order }
  await world.run(stackingAggregate, { type: 'DefineStacking', ...stacking }, sales)

  world.plan(startOfDay('2025-01-24', companyZone) + 10 * hour, () => disputeLastYear(world))
  for (const { year, no, periodId } of quarters) {
    const on = (date: string): number => startOfDay(date, companyZone) + 10 * hour
    const lastMonth = no === 1 ? `${year - 1}-12` : `${year}-${String(no * 3 - 3).padStart(2, '0')}`
    world.plan(on(`${lastMonth}-20`), () => agreeOn(world, periodId, times))
    const middle = `${year}-${String(no * 3 - 1).padStart(2, '0')}`
    world.plan(on(`${middle}-10`), () => reviseOne(world, periodId, times))
    world.plan(on(`${middle}-25`), () => approveTwice(world))
    world.plan(on(`${middle}-28`), () => payInEurope(world))
  }
}

/** Baselines and targets of the quarter to come. */
async function agreeOn(world: World, periodId: string, times: (amount: number) => string): Promise<void> {
  for (const [n, { dealerId }] of chinese.entries()) {
    const period = { programmeId: growth, dealerId, currency: 'CNY', periodId }
    const agreed = { amount: times(12e3 + 4e3 * n), origin: 'agreed with the dealer' }
    await world.run(settlementAggregate, { type: 'FixBaseline', ...period, ...agreed }, finance)
  }
  for (const [n, { dealerId }] of european.entries()) {
    const period = { programmeId: attainment, dealerId, currency: 'EUR', periodId }
    await world.run(settlementAggregate, { type: 'SetTarget', ...period, amount: times(2e3 + 1e3 * n) }, sales)
  }
}

async function reviseOne(world: World, periodId: string, times: (amount: number) => string): Promise<void> {
  const [first] = european
  if (!first) return
  const period = { programmeId: attainment, dealerId: first.dealerId, currency: 'EUR', periodId }
  const reason = 'A shop was closed for a month'
  await world.run(settlementAggregate, { type: 'SetTarget', ...period, amount: times(1_800), reason }, sales)
}

/** What is too large for the schedule to approve waits for two people. */
async function approveTwice(world: World): Promise<void> {
  for (const [n, { dealerId }] of chinese.entries())
    for (const { periodId } of quarters) {
      const period = { programmeId: growth, dealerId, currency: 'CNY', periodId }
      const last = (await settlementFor(world, period)).settlements.at(-1)
      if (last?.status !== 'calculated') continue
      const { settlementNo } = last
      const rest = await dispute(world, period, settlementNo, n)
      const approve = { type: 'ApproveSettlement', ...period, settlementNo } as const
      for (const person of [finance, admin]) await world.run(settlementAggregate, approve, person)
      for (const [days, act] of rest.entries()) world.planIn(days + 3, 11, companyZone, act)
    }
}

/** What the last quarter before paid is disputed by the first three that it paid. */
async function disputeLastYear(world: World): Promise<void> {
  let turn = 0
  for (const { dealerId } of demoDealers.filter(({ currency }) => currency === 'CNY')) {
    const key = { programmeId: 'VOLUME-CN', dealerId, currency: 'CNY', periodId: '2024-Q4' }
    const paid = (await settlementFor(world, key)).settlements.findLast(({ status }) => status === 'approved')
    if (!paid || turn > 2) continue
    const rest = await dispute(world, key, paid.settlementNo, turn)
    turn += 1
    for (const [days, act] of rest.entries()) world.planIn(days + 3, 11, companyZone, act)
  }
}

async function payInEurope(world: World): Promise<void> {
  for (const { dealerId } of european)
    for (const { periodId } of quarters)
      await payOut(world, { programmeId: attainment, dealerId, currency: 'EUR', periodId })
}
