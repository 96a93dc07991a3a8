import type { ForecastLine } from '../../domain/forecasting/events.ts'
import { finishForecast, usualOptions, type SeriesForecast } from '../../domain/forecasting/forecast.ts'
import { poolFits } from '../../domain/forecasting/pool.ts'
import { seasonalNaive } from '../../domain/forecasting/seasonalNaive.ts'
import { formatDecimal } from '../../domain/kernel/decimal.ts'
import type { MonthlyDemand } from '../../projections/models/sales/openDemand.ts'
import { fitMany } from './fitMany.ts'
import { monthName, monthNumber } from './monthNumbers.ts'

export interface Asked {
  /** the last month whose demand is seen */
  readonly seenMonth: string
  readonly horizon: number
  readonly leastMonths: number
  readonly signal?: AbortSignal | undefined
}

/** what nobody ordered for so long is not forecast any more */
const dormantMonths = 24
const longestHistory = 120
const publishedLevel = 0.95
/** more series are fitted beside this thread, which serves requests; one core stays free */
const manySeries = 500
const threads = 2

/** The forecasts of every product of every dealer, all of them one pool; by dealer, in order of dealers and skus. */
export async function forecastLines(
  demand: readonly MonthlyDemand[],
  { seenMonth, horizon, leastMonths, signal }: Asked,
): Promise<ReadonlyMap<string, readonly ForecastLine[]>> {
  const last = monthNumber(seenMonth)
  const series = seriesOf(demand, last).filter(
    ({ values, newest }) => values.length >= leastMonths && last - newest < dormantMonths,
  )
  const fits = await fitMany(
    series.map(({ values }) => values),
    horizon,
    { ...usualOptions, threads: series.length > manySeries ? threads : 1, signal },
  )
  const pool = poolFits(fits, horizon, usualOptions)
  const byDealer = new Map<string, ForecastLine[]>()
  for (const [i, fit] of fits.entries()) {
    const { dealerId = '', sku = '', unit = '', values = new Float64Array(0) } = series[i] ?? {}
    const found = finishForecast(fit, pool, { ...usualOptions, levels: [publishedLevel], coverLevels: [] })
    const { demandClass, notes } = found.model
    const naive = seasonalNaive(values, horizon, usualOptions.period)
    const line = { sku, unit, demandClass, notes: [...notes], ahead: aheadOf(found, naive, last) }
    const lines = byDealer.get(dealerId)
    if (lines) lines.push(line)
    else byDealer.set(dealerId, [line])
  }
  return byDealer
}

function aheadOf({ point, intervals }: SeriesForecast, naive: Float64Array, last: number): ForecastLine['ahead'] {
  const [interval] = intervals
  return Array.from(point, (quantity, h) => ({
    month: monthName(last + 1 + h),
    quantity: decimalOf(quantity),
    low: decimalOf(interval?.low[h]),
    high: decimalOf(interval?.high[h]),
    naive: decimalOf(naive[h]),
  }))
}

interface Series extends Pick<MonthlyDemand, 'dealerId' | 'sku' | 'unit'> {
  /** from the first month with demand to the last one seen */
  readonly values: Float64Array
  readonly newest: number
}

function seriesOf(demand: readonly MonthlyDemand[], last: number): Series[] {
  const groups = new Map<string, { of: MonthlyDemand; months: Map<number, number> }>()
  for (const row of demand) {
    const at = monthNumber(row.month)
    if (at > last || at <= last - longestHistory) continue
    const key = JSON.stringify([row.dealerId, row.sku, row.unit])
    const group = groups.get(key) ?? { of: row, months: new Map<number, number>() }
    // a forecast is an estimate: here quantities become floating point numbers
    group.months.set(at, Number(row.quantity))
    groups.set(key, group)
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { of, months }]) => {
      const first = Math.min(...months.keys())
      const values = new Float64Array(last - first + 1)
      for (const [at, quantity] of months) values[at - first] = quantity
      const { dealerId, sku, unit } = of
      return { dealerId, sku, unit, values, newest: Math.max(...months.keys()) }
    })
}

/** An estimate as a quantity, rounded to thousandths. */
function decimalOf(estimate = 0): string {
  return formatDecimal(BigInt(Math.round(Math.max(0, estimate) * 1000)) * 1000n)
}
