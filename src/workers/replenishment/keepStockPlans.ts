import { modelVersion } from '../../domain/forecasting/forecast.ts'
import { forecastPolicyAggregate } from '../../domain/forecasting/policy.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import { planLinesAtOnce, type PlanLine } from '../../domain/replenishment/events.ts'
import { stockPlanAggregate } from '../../domain/replenishment/plan.ts'
import { stockPlanPolicyAggregate, type StockPlanPolicy } from '../../domain/replenishment/policy.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { lastWholeMonth } from '../forecasting/lastWholeMonth.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import { keepStockAdvice, partiesAtOnce } from './keepStockAdvice.ts'
import { planLines } from './planLines.ts'

const atOnce = 1_000

/** Plans the stock of every company with a policy, once when the forecasts of a month are published, and looks every day at what is there. */
export async function keepStockPlans(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  const { handler, progress } = context
  const seenMonth = lastWholeMonth(at)
  for (const { subject: companyId } of await progress.due('stock-plan-policy', Number.MAX_SAFE_INTEGER, atOnce)) {
    if (signal?.aborted) return
    const { policy } = await handler.load(stockPlanPolicyAggregate, companyId)
    if (!policy) continue
    const planned = await progress.inGroup('stock-planned', companyId, atOnce)
    const forecast = await progress.inGroup('forecast', companyId, atOnce)
    const isDue =
      forecast.some(({ subject }) => subject === seenMonth) && !planned.some(({ subject }) => subject === seenMonth)
    if (isDue) {
      if (!(await publish(context, policy, { seenMonth, at, signal }))) return
      await progress.put({ kind: 'stock-planned', group: companyId, subject: seenMonth, at: instantOf(at) })
      for (const { subject } of planned) await progress.forget('stock-planned', companyId, subject)
    }
    await keepStockAdvice(context, companyId, at, signal)
  }
}

/** False when it was stopped. */
async function publish(
  context: WorkContext,
  policy: StockPlanPolicy,
  run: { readonly seenMonth: string; readonly at: string; readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  const { handler, store, demand, progress } = context
  const { companyId, dealers, own, ...horizons } = policy
  const { seenMonth, at, signal } = run
  const { policy: forecasts } = await handler.load(forecastPolicyAggregate, companyId)
  if (!forecasts) return true
  const watermark = await store.head()
  const known = await demand.monthly({ companyId, upTo: watermark })
  const { leastMonths } = forecasts
  const asked = { ...horizons, seenMonth, leastMonths, signal }
  const shipped = await planLines(known, {
    ...asked,
    protection: own,
    demanderOf: ({ fromParty, fromLocation }) => ({ party: fromParty, location: fromLocation }),
  })
  const named = known.filter(({ dealerId }) => forecasts.dealers?.includes(dealerId) ?? true)
  const ordered = await planLines(named, {
    ...asked,
    protection: dealers,
    demanderOf: ({ dealerId }) => ({ party: dealerId }),
  })
  // a dealer that serves others is planned by what it ships; who was planned before and asks for nothing any more, by nothing
  const before = (await progress.inGroup('stock-plan', companyId, partiesAtOnce)).map(({ subject }) => subject)
  const parties = [...new Set([...shipped.keys(), ...ordered.keys(), ...before])].toSorted()
  for (const party of parties) {
    const ships = shipped.get(party)
    const lines: readonly PlanLine[] = ships ?? ordered.get(party) ?? []
    const basis = ships ? ('shipped' as const) : ordered.has(party) ? ('ordered' as const) : await basisOf(party)
    const parts = Math.max(1, Math.ceil(lines.length / planLinesAtOnce))
    for (let part = 1; part <= parts; part += 1) {
      if (signal?.aborted) return false
      const command = {
        type: 'PublishStockPlan',
        companyId,
        party,
        basis,
        seenMonth,
        part,
        parts,
        modelVersion,
        watermark: watermark.toString(),
        ...(basis === 'shipped' ? own : dealers),
        ...horizons,
        lines: lines.slice((part - 1) * planLinesAtOnce, part * planLinesAtOnce),
      } as const
      const key = `${companyId}/${party}/${seenMonth}/${part}`
      const meta = scheduleMeta('replenishment', at, `${companyId}/${seenMonth}`)
      const outcome = await processCommand(handler, stockPlanAggregate, command, key, meta)
      if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
    }
    // as the event says, which is read later: its stocks are looked at today
    await progress.put({ kind: 'stock-plan', group: companyId, subject: party, at: instantOf(at) })
  }
  return true

  async function basisOf(party: string): Promise<'ordered' | 'shipped'> {
    return (await handler.load(stockPlanAggregate, party)).plan?.basis ?? 'ordered'
  }
}
