import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { fundAggregate, hasAccrued, periodsOf } from '../../domain/funds/fund.ts'
import type { FundCommand } from '../../domain/funds/commands.ts'
import type { KnownFund } from '../../domain/funds/state.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import { sumOf } from '../../domain/kernel/decimalText.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { policyOf } from '../ports.ts'
import { processCommand, StepRefused } from '../processCommand.ts'

const atOnce = 1_000

/** Co-op funds get what closed periods add; commitments that nobody claimed in time are released; funds that are over expire. */
export async function keepFunds(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  const { handler, progress } = context
  const now = instantOf(at)
  for (const entry of await progress.due('fund', now, atOnce)) {
    if (signal?.aborted) return
    const fundId = entry.subject
    const state = await handler.load(fundAggregate, fundId)
    if (!state.known || state.isOver) {
      await progress.forget('fund', entry.group, fundId)
      continue
    }
    await accrue(context, state, at)
    await execute(context, { type: 'SweepFund', fundId }, `${fundId}/sweep/${at}`, at)
    await progress.put({ ...entry, at: now + policyOf(context).accrueEvery })
  }
}

async function accrue(context: WorkContext, state: KnownFund, at: string): Promise<void> {
  const { handler, store, facts } = context
  const { fundId, companyId, dealerId, currency, accrual } = state.terms
  if (!accrual) return
  const calendar = await handler.load(calendarAggregate, accrual.calendarId)
  const watermark = await store.head()
  for (const { periodId, startInstant: from, endInstant: until, closedBy } of periodsOf(state, calendar)) {
    if (closedBy === null || hasAccrued(state, periodId)) continue
    const query = { companyId, basis: 'invoiced' as const, from, until, upTo: watermark }
    const invoiced = await facts.facts(query, [{ dealerId, currency }])
    const base = sumOf(invoiced.map(({ net }) => net))
    const seen = { cutOff: at, watermark: watermark.toString() }
    await execute(context, { type: 'AccrueFund', fundId, periodId, base, ...seen }, `${fundId}/${periodId}`, at)
  }
}

async function execute({ handler }: WorkContext, command: FundCommand, key: string, at: string): Promise<void> {
  const outcome = await processCommand(handler, fundAggregate, command, key, scheduleMeta('funds', at, key))
  if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
}
