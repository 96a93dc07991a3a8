import { linesAtOnce, type ForecastLine } from '../../domain/forecasting/events.ts'
import { modelVersion } from '../../domain/forecasting/forecast.ts'
import { forecastPolicyAggregate, type ForecastPolicy } from '../../domain/forecasting/policy.ts'
import { forecastAggregate } from '../../domain/forecasting/publication.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import { forecastLines } from './forecastLines.ts'
import { lastWholeMonth } from './lastWholeMonth.ts'

const atOnce = 1_000

/** Publishes the forecasts that rest on the last whole month, once, for every company with a policy. */
export async function keepForecasts(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  const { handler, progress } = context
  const seenMonth = lastWholeMonth(at)
  for (const { subject: companyId } of await progress.due('forecast-policy', Number.MAX_SAFE_INTEGER, atOnce)) {
    const published = await progress.inGroup('forecast', companyId, atOnce)
    if (signal?.aborted) return
    if (published.some(({ subject }) => subject === seenMonth)) continue
    const { policy } = await handler.load(forecastPolicyAggregate, companyId)
    if (!policy || !(await publish(context, policy, { seenMonth, at, signal }))) continue
    await progress.put({ kind: 'forecast', group: companyId, subject: seenMonth, at: instantOf(at) })
    for (const { subject } of published) await progress.forget('forecast', companyId, subject)
  }
}

/** False when it was stopped. */
async function publish(
  { handler, store, demand }: WorkContext,
  { companyId, dealers, horizon, leastMonths }: ForecastPolicy,
  {
    seenMonth,
    at,
    signal,
  }: { readonly seenMonth: string; readonly at: string; readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  const watermark = await store.head()
  const known = await demand.monthly({ companyId, dealers, upTo: watermark })
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

function partOf(lines: readonly ForecastLine[], part: number): ForecastLine[] {
  return lines.slice((part - 1) * linesAtOnce, part * linesAtOnce)
}
