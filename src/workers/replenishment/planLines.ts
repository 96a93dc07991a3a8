import { usualOptions, type SeriesForecast } from '../../domain/forecasting/forecast.ts'
import { compare, minus, plus, positivePart } from '../../domain/kernel/decimalText.ts'
import type { PlanLine } from '../../domain/replenishment/events.ts'
import type { StockPlanPolicy } from '../../domain/replenishment/policy.ts'
import type { MonthlyDemand } from '../../projections/models/sales/openDemand.ts'
import { demandSeries, type DemandSeries, type Demander } from '../forecasting/demandSeries.ts'
import { estimatedQuantity } from '../forecasting/estimatedQuantity.ts'
import { forecastSeries } from '../forecasting/forecastSeries.ts'
import { monthNumber } from '../forecasting/monthNumbers.ts'

export interface PlanAsked extends Pick<StockPlanPolicy, 'reviewDays' | 'excessDays'> {
  readonly seenMonth: string
  readonly protection: StockPlanPolicy['own']
  readonly leastMonths: number
  readonly demanderOf: (row: MonthlyDemand) => Demander
  readonly signal?: AbortSignal | undefined
}

const daysOfMonth = 365 / 12

/**
 * The levels of every product by party, from the demand of the lead time. Quantiles do not add up: for a place that many dealers order
 * from, the demand of all of them is summed first, and the sum forecast as a series of its own.
 */
export async function planLines(
  demand: readonly MonthlyDemand[],
  asked: PlanAsked,
): Promise<ReadonlyMap<string, readonly PlanLine[]>> {
  const { seenMonth, protection, leastMonths, demanderOf, signal } = asked
  const { leadMonths: lead, serviceLevel } = protection
  const series = oneUnitEach(demandSeries(demand, monthNumber(seenMonth), leastMonths, demanderOf))
  const options = { ...usualOptions, lead, levels: [], coverLevels: [Number(serviceLevel)] }
  const byParty = new Map<string, PlanLine[]>()
  for (const [of, found] of await forecastSeries(series, lead, options, signal)) {
    const lines = byParty.get(of.party) ?? []
    lines.push(lineOf(of, found, asked))
    byParty.set(of.party, lines)
  }
  return byParty
}

function lineOf(
  { sku, unit, location }: DemandSeries,
  { point, cover, model }: SeriesForecast,
  { reviewDays, excessDays }: PlanAsked,
): PlanLine {
  const expected = point.reduce((sum, month) => sum + month, 0)
  const perDay = expected / point.length / daysOfMonth
  const review = estimatedQuantity(perDay * reviewDays)
  // of fewer than three demands a quantile would be that of the other products
  const [quantile] = model.demandClass === 'few' ? [] : cover
  const levels = quantile && levelsOf(estimatedQuantity(quantile.stock), estimatedQuantity(expected), review)
  const excess = estimatedQuantity(perDay * excessDays)
  return {
    sku,
    unit,
    ...(location !== undefined && { location }),
    demandClass: model.demandClass,
    method: levels ? 'quantile' : 'none',
    notes: [...model.notes],
    monthly: estimatedQuantity(perDay * daysOfMonth),
    review,
    // what is proposed is never too much
    excessFrom: levels && compare(levels.orderUpTo, excess) > 0 ? levels.orderUpTo : excess,
    ...(levels && { levels }),
  }
}

/** The reorder point lasts for the lead time; the safety stock is what of it is not expected to be asked for. */
function levelsOf(reorderPoint: string, expected: string, review: string): NonNullable<PlanLine['levels']> {
  return {
    safetyStock: positivePart(minus(reorderPoint, expected)),
    reorderPoint,
    orderUpTo: plus(reorderPoint, review),
  }
}

/** A stock is in one unit: of a product that was ordered in several, the one that was asked for last. */
function oneUnitEach(series: readonly DemandSeries[]): readonly DemandSeries[] {
  const kept = new Map<string, DemandSeries>()
  for (const one of series) {
    const key = JSON.stringify([one.party, one.location, one.sku])
    const other = kept.get(key)
    if (!other || one.newest > other.newest) kept.set(key, one)
  }
  return [...kept.values()]
}
