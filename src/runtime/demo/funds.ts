import type { FundCommand } from '../../domain/funds/commands.ts'
import { fundAggregate } from '../../domain/funds/fund.ts'
import { businessTime, startOfDay } from '../../domain/kernel/businessTime.ts'
import { documentHash } from './documentHash.ts'
import { admin, finance, sales } from './names.ts'
import { calendarId } from './setUp.ts'
import { company, companyZone, hour, type Actor, type World } from './world.ts'

const midnight = (date: string): number => startOfDay(date, companyZone)
const local = (date: string): string => businessTime(midnight(date), companyZone)

/** Marketing funds of two dealers from their budgets to their ends, and co-op funds that sales feed. */
export function planFunds(world: World): void {
  planFund(world, 'CN001', 'CNY', { id: 'dealer-wang', zone: companyZone })
  planFund(world, 'EU001', 'EUR', { id: 'dealer-keller', zone: 'Europe/Berlin' })
}

function planFund(world: World, dealerId: string, currency: string, owner: Actor): void {
  const money = (amount: number): string => String(amount * world.scale)
  const run = async (command: FundCommand, by: Actor): Promise<void> =>
    void (await world.run(fundAggregate, command, by))
  const on = (date: string, action: () => Promise<void>): void => world.plan(midnight(date) + 12 * hour, action)
  const fundId = `MDF-${dealerId}-2024`
  const claimOf = (activityId: string, claimId: string) => ({ fundId, activityId, claimId })

  on('2024-11-11', async () => {
    const fund = { companyId: company, dealerId, currency, claimWithinDays: 15 }
    const name = { en: 'Winter campaign', 'zh-CN': '冬季推广' }
    const window = { from: local('2024-11-11'), until: local('2025-01-20') }
    const mdf = { ...fund, fundId, programme: 'WINTER-2024', name, ...window }
    const secondApprovalAbove = money(3_000)
    await run({ type: 'BudgetFund', ...mdf, budget: money(2_000_000), secondApprovalAbove }, finance)
    const accrual = { rate: '0.01', calendarId, grain: 'quarter' as const, rounding: 'half-up' as const }
    const years = { from: local('2024-10-01'), until: local('2026-12-31') }
    const coop = { ...fund, fundId: `COOP-${dealerId}`, name: { en: 'Co-op' }, ...years, budget: '0', accrual }
    await run({ type: 'BudgetFund', ...coop }, finance)
  })
  on('2024-11-14', async () => {
    for (const [activityId, amount] of [
      ['FAIR', 800_000],
      ['WINDOW', 500_000],
      ['SPONSORING', 900_000],
    ] as const) {
      const what = { name: `${activityId} of winter`, kind: 'promotion', amount: money(amount) }
      const window = { from: local('2024-11-25'), until: local('2024-12-31') }
      await run({ type: 'RequestActivity', fundId, activityId, ...what, ...window }, owner)
    }
  })
  on('2024-11-18', async () => {
    await run({ type: 'CommitActivity', fundId, activityId: 'FAIR' }, sales)
    await run({ type: 'CommitActivity', fundId, activityId: 'WINDOW', amount: money(400_000) }, sales)
    await run({ type: 'DeclineActivity', fundId, activityId: 'SPONSORING', reason: 'not-our-brand' }, sales)
    await run({ type: 'ReviseFundBudget', fundId, budget: money(1_500_000), reason: 'half-year-plan' }, finance)
  })
  on('2024-12-20', async () => {
    for (const [claimId, activityId, amount] of [
      ['FAIR/1', 'FAIR', 600_000],
      ['FAIR/2', 'FAIR', 100_000],
      ['WINDOW/1', 'WINDOW', 150_000],
    ] as const) {
      const expenses = [1, 2].map((lineNo) => ({
        lineNo,
        what: lineNo === 1 ? 'Stand and design' : 'Printing',
        spentAt: local('2024-12-10'),
        amount: money(amount / 2),
        proofs: [documentHash(`${dealerId}/${claimId}/${lineNo}`)],
      }))
      await run({ type: 'SubmitFundClaim', ...claimOf(activityId, claimId), expenses }, owner)
    }
  })
  on('2024-12-27', async () => {
    const fair = claimOf('FAIR', 'FAIR/1')
    const approve = { ...fair, amount: money(550_000), reason: 'catering-not-covered', payLater: true }
    for (const person of [finance, admin]) await run({ type: 'ApproveFundClaim', ...approve }, person)
    await run({ type: 'ReleasePayment', ...fair, paymentNo: 1, amount: money(300_000) }, finance)
    await run({ type: 'RejectFundClaim', ...claimOf('FAIR', 'FAIR/2'), reason: 'no-invoice' }, finance)
    await run({ type: 'WithdrawFundClaim', ...claimOf('WINDOW', 'WINDOW/1') }, owner)
  })
  on('2025-01-10', () => run({ type: 'ReleasePayment', ...claimOf('FAIR', 'FAIR/1'), paymentNo: 2 }, finance))
}
