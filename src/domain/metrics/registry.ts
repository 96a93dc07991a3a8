import { moneyMetrics } from './areas/money.ts'
import { salesMetrics } from './areas/sales.ts'
import { supplyMetrics } from './areas/supply.ts'
import type { Metric } from './metric.ts'

/** Every metric of the channel. */
export const metrics: readonly Metric[] = [...salesMetrics, ...supplyMetrics, ...moneyMetrics]

const byCode = new Map(metrics.map((metric) => [metric.code, metric]))

export function metricByCode(code: string): Metric | undefined {
  return byCode.get(code)
}
