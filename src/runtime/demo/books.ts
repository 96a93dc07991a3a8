import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { startOfDay } from '../../domain/kernel/businessTime.ts'
import { isRefusal } from '../../domain/kernel/decider.ts'
import { postingRole, type PostingRole } from '../../domain/postings/postingRole.ts'
import { postingsAggregate } from '../../domain/postings/postings.ts'
import { nextStatement, reconciliationAggregate } from '../../domain/reconciliation/chain.ts'
import { chainId } from '../../domain/reconciliation/commands.ts'
import { drawBatch } from '../../projections/models/postings/readPostings.ts'
import { type Chain, drawFigures, drawnFor } from '../../projections/models/reconciliation/drawFigures.ts'
import { demoDealers } from './dealers.ts'
import { createLedgerEntries } from './ledgerEntries.ts'
import { demoPrincipals, finance } from './names.ts'
import { calendarId } from './setUp.ts'
import { company, companyZone, hour, type Actor, type World } from './world.ts'

/** The accounts of the maker's general ledger. */
const accounts: Readonly<Record<PostingRole, string>> = {
  receivable: '1122',
  'unapplied-receipts': '2203',
  cash: '1002',
  revenue: '6001',
  freight: '6002',
  tax: '2221',
  returns: '6010',
  corrections: '6011',
  'price-protection': '6012',
  rebates: '6013',
  'accrued-rebates': '2241',
  'offset-credits': '2205',
  'other-income': '6051',
  differences: '6603',
}

/** from the channel's first one on */
const months = [2024, 2025, 2026]
  .flatMap((year) => Array.from({ length: 12 }, (_, n) => `${year}-${String(n + 1).padStart(2, '0')}`))
  .filter((month) => month >= '2024-11')

/** Dealers that reconcile every month: those whose staff may sign in, and a few more. */
const reconciling = demoDealers
  .filter(({ dealerId }) => demoPrincipals.some((one) => one.dealerId === dealerId))
  .concat(demoDealers.filter(({ currency, tierLevel }) => currency === 'USD' && tierLevel === 1).slice(0, 2))

/** Monthly statements, confirmed and disputed by both sides, and the postings for the general ledger. */
export async function keepBooks(world: World): Promise<void> {
  const { store, registry } = world
  const entries = createLedgerEntries({ store, registry })
  const all = postingRole.options.map((role) => ({ role, account: accounts[role] }))
  await world.run(postingsAggregate, { type: 'DefineChartOfAccounts', companyId: company, accounts: all }, finance)

  for (const [n, periodId] of months.entries()) {
    const after = months[n + 1]
    if (after === undefined) continue
    const on = (day: string, at: number): number => startOfDay(`${after}-${day}`, companyZone) + at * hour
    world.plan(on('08', 9), () => exportPostings(n))
    for (const [index, dealer] of reconciling.entries()) {
      const of = { companyId: company, dealerId: dealer.dealerId, currency: dealer.currency }
      const staff: Actor = {
        id:
          demoPrincipals.find(({ dealerId }) => dealerId === dealer.dealerId)?.principalId ??
          `contact-${dealer.dealerId}`,
        zone: dealer.zone,
      }
      const doubts = (n + index) % 3 === 0
      world.plan(on('09', 10), () => publish(of, periodId))
      world.plan(on('11', 10), () => answer(of, staff, doubts))
      world.plan(on('14', 10), () => settle(of, staff, n))
    }
  }

  async function publish(of: Chain, periodId: string, restate = false): Promise<void> {
    const calendar = await world.handler.load(calendarAggregate, calendarId)
    const state = await world.handler.load(reconciliationAggregate, chainId(of))
    const period = { calendarId, periodId, restate }
    const next = nextStatement(state, period, calendar, world.at())
    // before the channel's first month there is none
    if (next === undefined || isRefusal(next)) return
    const figures = await drawFigures(entries, of, next, periodId, await world.store.head())
    await world.run(reconciliationAggregate, { type: 'PublishStatement', ...of, ...period, figures }, finance)
  }

  /** The newest statement of a dealer that is not answered, with its lines. */
  async function newest(of: Chain) {
    const { statements, disputes } = await world.handler.load(reconciliationAggregate, chainId(of))
    const statement = statements.at(-1)
    if (!statement || statement.confirmedBy.length > 0) return undefined
    const statementNo = statements.length
    const { lines } = await drawnFor(entries, { ...of, ...statement, statementNo })
    return { statementNo, statement, lines, disputes }
  }

  /** The dealer goes through the lines; one month in three it doubts the first that counts. */
  async function answer(of: Chain, staff: Actor, doubts: boolean): Promise<void> {
    const found = await newest(of)
    if (!found) return
    const { statementNo, statement, lines } = found
    const by = { ...of, statementNo, side: 'dealer' } as const
    const doubted = doubts ? lines.find(({ kind }) => kind === 'invoice') : undefined
    const agreed = lines.filter((line) => line !== doubted).map(({ lineId, effect }) => ({ lineId, effect }))
    if (agreed.length > 0) {
      const confirmed = agreed.slice(0, 500)
      await world.run(reconciliationAggregate, { type: 'ConfirmStatementLines', ...by, lines: confirmed }, staff)
    }
    if (!doubted) {
      const { fingerprint } = statement
      await world.run(reconciliationAggregate, { type: 'ConfirmStatement', ...by, fingerprint }, staff)
      return
    }
    const { lineId, effect } = doubted
    const dispute = {
      disputeId: `${of.dealerId}-${statementNo}`,
      lineId,
      effect,
      claimed: '0',
      reason: 'not_ours',
    } as const
    const note = 'We cannot find this delivery in our books'
    await world.run(reconciliationAggregate, { type: 'DisputeStatementLine', ...by, ...dispute, note }, staff)
  }

  /** The maker shows the proof of delivery, publishes what came in since, and both sides stand by it. */
  async function settle(of: Chain, staff: Actor, n: number): Promise<void> {
    const state = await world.handler.load(reconciliationAggregate, chainId(of))
    const last = state.statements.at(-1)
    if (!last) return
    const statementNo = state.statements.length
    const at = { ...of, statementNo }
    if (last.confirmedBy.length === 0) {
      const disputeId = `${of.dealerId}-${statementNo}`
      const answered = {
        disputeId,
        side: 'manufacturer',
        outcome: 'rejected',
        note: 'Signed for by your warehouse',
      } as const
      await world.run(reconciliationAggregate, { type: 'SettleStatementDispute', ...at, ...answered }, finance)
      if (n % 2 === 0 && last.periodId !== undefined) await publish(of, last.periodId, true)
    }
    const now = (await world.handler.load(reconciliationAggregate, chainId(of))).statements.at(-1)
    if (!now) return
    const { fingerprint } = now
    for (const [side, by] of [
      ['dealer', staff],
      ['manufacturer', finance],
    ] as const)
      await world.run(reconciliationAggregate, { type: 'ConfirmStatement', ...at, side, fingerprint }, by)
  }

  /** A batch a month; once a year the general ledger wants it again. */
  async function exportPostings(n: number): Promise<void> {
    const companyId = company
    const state = await world.handler.load(postingsAggregate, companyId)
    const batch = await drawBatch(world, companyId, state, await world.store.head())
    if (batch === null) return
    await world.run(postingsAggregate, { type: 'ExportPostings', companyId, batch }, finance)
    const { batchNo } = batch
    if (n % 12 === 0) {
      const rejected = { batchNo, reason: 'period-not-open', note: 'The general ledger was being closed' }
      await world.run(postingsAggregate, { type: 'RejectPostings', companyId, ...rejected }, finance)
    }
    const reference = `GL-${String(batchNo).padStart(4, '0')}`
    await world.run(postingsAggregate, { type: 'AcknowledgePostings', companyId, batchNo, reference }, finance)
  }
}
