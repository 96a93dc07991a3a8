import { metricsOfHealth } from '../../domain/health/model.ts'
import { byText } from '../../domain/kernel/byText.ts'
import { metricByCode } from '../../domain/metrics/registry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { Health } from '../../projections/models/measures/openHealth.ts'
import { figuresOfLog } from './figuresOfLog.ts'

/** What the simulation, which has no database, can add up itself. */
export const plainMetrics = [
  'net-sales',
  'sales-growth',
  'violation-points-per-order',
  'exclusive-share',
  'digital-order-share',
  'statement-confirmation-rate',
  'outlet-growth',
  'forecast-growth',
]

/** Figures added up from the log, for models of plain metrics: others are told by a worker with read models. */
export function plainHealth(store: EventStore): Health {
  return {
    async figures({ terms, from, until }, upTo, { limit, after = '' }) {
      const codes = metricsOfHealth(terms)
      if (codes.some((code) => !plainMetrics.includes(code))) return undefined
      const metrics = codes.flatMap((code) => metricByCode(code) ?? [])
      const figures = await figuresOfLog(store, metrics, { from, until, upTo })
      const behind = [...figures].filter(([dealerId]) => dealerId > after).toSorted(([a], [b]) => byText(a, b))
      const dealers = behind.slice(0, limit).map(([dealerId, of]) => ({ dealerId, bucket: '', figures: of }))
      return { dealers, next: behind.length > limit ? dealers.at(-1)?.dealerId : undefined }
    },
  }
}
