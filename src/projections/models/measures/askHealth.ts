import type { HealthFigure } from '../../../domain/health/judgeHealth.ts'
import { metricsOfHealth, type HealthTerms } from '../../../domain/health/model.ts'
import { metricByCode } from '../../../domain/metrics/registry.ts'
import type { Moment, Reader } from '../../engine/ask.ts'
import { askMetrics, type MetricsAnswer } from './askMetrics.ts'
import type { TimeGrain } from './buckets.ts'

export interface HealthQuestion {
  readonly terms: HealthTerms
  /** days, [from, until) */
  readonly from: string
  readonly until: string
  /** of one dealer; of all of them when absent */
  readonly dealerId?: string | undefined
  /** all dealers that have it at the asked instant */
  readonly tier?: string | undefined
  /** per month or quarter of the window, instead of over the whole of it */
  readonly grain?: TimeGrain | undefined
}

/** What health models are told from, of a dealer in a window or one bucket of it. */
export interface DealerFigures {
  readonly dealerId: string
  readonly bucket: string
  readonly figures: readonly HealthFigure[]
}

export interface HealthFigures extends Pick<MetricsAnswer, 'asOf' | 'knownAt' | 'model'> {
  readonly dealers: readonly DealerFigures[]
  /** the last dealer of the page, where there are more */
  readonly next: string | undefined
}

/** The figures of dealers that a health model judges, and those shown apart; of a dealer of whom nothing is known there are none. */
export async function askHealth(
  reader: Reader,
  { terms, from, until, dealerId, tier, grain }: HealthQuestion,
  moment: Moment,
  page: { readonly limit: number; readonly after?: string | undefined },
  now: number,
): Promise<HealthFigures> {
  const metrics = [...metricsOfHealth(terms), 'violations-apart'].flatMap((code) => metricByCode(code) ?? [])
  const filters = { ...(dealerId !== undefined && { dealer: dealerId }), ...(tier !== undefined && { tier }) }
  const question = { metrics, by: ['dealer'] as const, from, until, filters, grain }
  const after = page.after === undefined ? undefined : [page.after]
  const answer = await askMetrics(reader, question, moment, { limit: page.limit, after }, now)
  const found = new Map<string, { dealerId: string; bucket: string; figures: HealthFigure[] }>()
  for (const { group, bucket, metric, currency, unit, value } of answer.values) {
    const [dealer = ''] = group
    if (dealer === '') continue
    const key = `${dealer} ${bucket}`
    const one = found.get(key) ?? { dealerId: dealer, bucket, figures: [] }
    one.figures.push({ metric, currency, unit, value })
    found.set(key, one)
  }
  const { asOf, knownAt, model, next } = answer
  return { dealers: [...found.values()], asOf, knownAt, model, next: next?.[0] }
}
