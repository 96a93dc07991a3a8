import { linesAtOnce, type ForecastLine } from '../../domain/forecasting/events.ts'
import { modelVersion } from '../../domain/forecasting/forecast.ts'
import { forecastPolicyAggregate, type ForecastPolicy } from '../../domain/forecasting/policy.ts'
import { demandAggregate } from '../../domain/forecasting/judgement.ts'
import { expectedOf, forecastAggregate, type Expected } from '../../domain/forecasting/publication.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import type { MonthlyDemand } from '../../projections/models/sales/openDemand.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import { forecastLines } from './forecastLines.ts'
import { judgeDemand } from './judgeDemand.ts'
import { lastWholeMonth } from './lastWholeMonth.ts'

const atOnce = 1_000

interface Run {
  readonly companyId: string
  readonly seenMonth: string
  readonly at: string
  readonly signal: AbortSignal | undefined
  readonly watermark: bigint
  readonly known: readonly MonthlyDemand[]
}

/** Publishes the forecasts that rest on the last whole month, once, for every company with a policy, and judges that month by those before. */
export async function keepForecasts(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  const { handler, store, demand, progress } = context
  const seenMonth = lastWholeMonth(at)
  for (const { subject: companyId } of await progress.due('forecast-policy', Number.MAX_SAFE_INTEGER, atOnce)) {
    const published = await progress.inGroup('forecast', companyId, atOnce)
    if (signal?.aborted) return
    if (published.some(({ subject }) => subject === seenMonth)) continue
    const { policy } = await handler.load(forecastPolicyAggregate, companyId)
    if (!policy) continue
    const watermark = await store.head()
    const known = await demand.monthly({ companyId, dealers: policy.dealers, upTo: watermark })
    const run = { companyId, seenMonth, at, signal, watermark, known }
    if (!(await publish(context, policy, run)) || !(await judge(context, run))) continue
    await progress.put({ kind: 'forecast', group: companyId, subject: seenMonth, at: instantOf(at) })
    for (const { subject } of published) await progress.forget('forecast', companyId, subject)
  }
}

/** False when it was stopped. */
async function publish(
  { handler }: WorkContext,
  { horizon, leastMonths }: ForecastPolicy,
  { companyId, seenMonth, at, signal, watermark, known }: Run,
): Promise<boolean> {
  const byDealer = await forecastLines(known, { seenMonth, horizon, leastMonths, signal })
  for (const [dealerId, lines] of byDealer) {
    const parts = Math.ceil(lines.length / linesAtOnce)
    for (let part = 1; part <= parts; part += 1) {
      if (signal?.aborted) return false
      const command = {
        type: 'PublishForecast',
        companyId,
        dealerId,
        seenMonth,
        part,
        parts,
        modelVersion,
        watermark: watermark.toString(),
        lines: partOf(lines, part),
      } as const
      const key = `${companyId}/${dealerId}/${seenMonth}/${part}`
      const meta = scheduleMeta('forecasts', at, `${companyId}/${seenMonth}`)
      const outcome = await processCommand(handler, forecastAggregate, command, key, meta)
      if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
    }
  }
  return true
}

/** False when it was stopped. Everybody's month is looked at before anything is said of one. */
async function judge(
  { handler }: WorkContext,
  { companyId, seenMonth: month, at, signal, watermark, known }: Run,
): Promise<boolean> {
  const expected = new Map<string, readonly Expected[]>()
  for (const dealerId of [...new Set(known.map((row) => row.dealerId))].toSorted())
    expected.set(dealerId, expectedOf(await handler.load(forecastAggregate, dealerId), month))
  for (const { dealerId, findings, ...counts } of judgeDemand(month, expected, known)) {
    if (signal?.aborted) return false
    const of = { companyId, dealerId, month, watermark: watermark.toString() }
    const command = { type: 'JudgeDemand', ...of, ...counts, findings: [...findings] } as const
    const key = `${companyId}/${dealerId}/${month}/judged`
    const meta = scheduleMeta('forecasts', at, `${companyId}/${month}`)
    const outcome = await processCommand(handler, demandAggregate, command, key, meta)
    if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
  }
  return true
}

function partOf(lines: readonly ForecastLine[], part: number): ForecastLine[] {
  return lines.slice((part - 1) * linesAtOnce, part * linesAtOnce)
}
