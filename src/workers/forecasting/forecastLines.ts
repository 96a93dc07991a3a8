import type { ForecastLine } from '../../domain/forecasting/events.ts'
import { usualOptions, type SeriesForecast } from '../../domain/forecasting/forecast.ts'
import { seasonalNaive } from '../../domain/forecasting/seasonalNaive.ts'
import type { UsualRange } from '../../domain/forecasting/usualRange.ts'
import type { MonthlyDemand } from '../../projections/models/sales/openDemand.ts'
import { demandSeries } from './demandSeries.ts'
import { estimatedQuantity } from './estimatedQuantity.ts'
import { forecastSeries } from './forecastSeries.ts'
import { monthName, monthNumber } from './monthNumbers.ts'

export interface Asked {
  /** the last month whose demand is seen */
  readonly seenMonth: string
  readonly horizon: number
  readonly leastMonths: number
  readonly signal?: AbortSignal | undefined
}

const publishedLevel = 0.95

/** The forecasts of every product of every dealer, all of them one pool; by dealer, in order of dealers and skus. */
export async function forecastLines(
  demand: readonly MonthlyDemand[],
  { seenMonth, horizon, leastMonths, signal }: Asked,
): Promise<ReadonlyMap<string, readonly ForecastLine[]>> {
  const last = monthNumber(seenMonth)
  const series = demandSeries(demand, last, leastMonths, ({ dealerId }) => ({ party: dealerId }))
  const options = { ...usualOptions, levels: [publishedLevel], coverLevels: [] }
  const byDealer = new Map<string, ForecastLine[]>()
  for (const [{ party, sku, unit, values }, found] of await forecastSeries(series, horizon, options, signal)) {
    const { demandClass, notes } = found.model
    const naive = seasonalNaive(values, horizon, usualOptions.period)
    const line = { sku, unit, demandClass, notes: [...notes], ahead: aheadOf(found, naive, last) }
    const lines = byDealer.get(party)
    if (lines) lines.push(line)
    else byDealer.set(party, [line])
  }
  return byDealer
}

function aheadOf(
  { point, intervals, usual }: SeriesForecast,
  naive: Float64Array,
  last: number,
): ForecastLine['ahead'] {
  const [interval] = intervals
  return Array.from(point, (quantity, h) => ({
    month: monthName(last + 1 + h),
    quantity: estimatedQuantity(quantity),
    low: estimatedQuantity(interval?.low[h]),
    high: estimatedQuantity(interval?.high[h]),
    naive: estimatedQuantity(naive[h]),
    ...(h === 0 && usual && { usual: usualOf(usual) }),
  }))
}

function usualOf({ low, high, tail }: UsualRange): NonNullable<ForecastLine['ahead'][number]['usual']> {
  return { low: estimatedQuantity(low), high: estimatedQuantity(high), tail: estimatedQuantity(tail) }
}
