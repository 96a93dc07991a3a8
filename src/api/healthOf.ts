import { healthModelAggregate, healthTermsOf } from '../domain/health/healthModel.ts'
import type { HealthFigure, JudgedMetric } from '../domain/health/judgeHealth.ts'
import type { HealthTerms } from '../domain/health/model.ts'
import type { Moment } from '../projections/engine/ask.ts'
import { waitForPosition } from '../projections/engine/waitForPosition.ts'
import { askHealth, type HealthFigures, type HealthQuestion } from '../projections/models/measures/askHealth.ts'
import { measuresModel } from '../projections/models/measures/model.ts'
import type { ApiPorts } from './ports.ts'
import { Problem } from './problem.ts'

const waitMilliseconds = 2_000

/** A version of the company's health model, the newest, or the usual one where it has none. */
export async function healthModelOf(
  { handler }: Pick<ApiPorts, 'handler'>,
  companyId: string,
  version: number | undefined,
): Promise<{ readonly version: number; readonly terms: HealthTerms }> {
  const model = healthTermsOf(await handler.load(healthModelAggregate, companyId), version)
  if (!model) throw new Problem('health.unknown_model', { version: version ?? 0 })
  return model
}

/** The figures of dealers at a moment, once the read model is there. */
export async function healthFigures(
  { readerOf, now }: ApiPorts,
  question: HealthQuestion,
  moment: Moment,
  awaited: bigint,
  page: { readonly limit: number; readonly after?: string | undefined } = { limit: 1 },
): Promise<HealthFigures> {
  const reader = readerOf(measuresModel)
  if (awaited > 0n) await waitForPosition(reader, measuresModel.name, awaited, waitMilliseconds)
  return askHealth(reader, question, moment, page, now())
}

/** Where a figure opens into its measures, and those into their events. */
export function openedAt(
  { metric }: Pick<JudgedMetric, 'metric'>,
  { dealerId, from, until }: { readonly dealerId: string; readonly from: string; readonly until: string },
  { asOf, knownAt }: Pick<HealthFigures, 'asOf' | 'knownAt'>,
): string {
  const query = new URLSearchParams({
    metric,
    dealerId,
    from,
    until,
    ...(asOf !== undefined && { asOf: new Date(asOf).toISOString() }),
    knownAt: knownAt.toString(),
  })
  return `/v1/metrics/explanation?${query.toString()}`
}

/** What derives from resale prices: shown, and part of no score. */
export function shownApart(figures: readonly HealthFigure[]): string {
  return figures.find(({ metric }) => metric === 'violations-apart')?.value ?? '0'
}
