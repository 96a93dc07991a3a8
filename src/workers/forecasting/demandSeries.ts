import { compare } from '../../domain/kernel/decimalText.ts'
import type { MonthlyDemand } from '../../projections/models/sales/openDemand.ts'
import { monthNumber } from './monthNumbers.ts'

/** Whose demand it is that is looked at: a dealer's, or that of a place which dealers are served from. */
export interface Demander {
  readonly party: string
  readonly location?: string | undefined
}

export interface DemandSeries extends Demander {
  readonly sku: string
  readonly unit: string
  /** from the first month in which there was demand of any product to the last one seen */
  readonly values: Float64Array
  /** the last month with demand */
  readonly newest: number
}

const longestHistory = 120
/** what nobody ordered for so long is not forecast any more */
const dormantMonths = 24

/**
 * Monthly demand as series, in order of demanders and products; those with less history than `leastMonths` and those long without
 * demand are left out. A series begins when its demander began buying, of whatever product: months before the first order of a
 * rare part were months without demand.
 */
export function demandSeries(
  demand: readonly MonthlyDemand[],
  last: number,
  leastMonths: number,
  demanderOf: (row: MonthlyDemand) => Demander,
): readonly DemandSeries[] {
  const began = new Map<string, number>()
  const groups = new Map<string, { of: Demander & { sku: string; unit: string }; months: Map<number, number> }>()
  for (const { sku, unit, ...row } of demand) {
    const at = monthNumber(row.month)
    if (at > last || at <= last - longestHistory) continue
    if (compare(row.quantity, '0') === 0) continue
    const of = demanderOf({ sku, unit, ...row })
    const whose = JSON.stringify([of.party, of.location])
    began.set(whose, Math.min(at, began.get(whose) ?? at))
    const key = JSON.stringify([of.party, of.location, sku, unit])
    const group = groups.get(key) ?? { of: { ...of, sku, unit }, months: new Map<number, number>() }
    // a forecast is an estimate: here quantities become floating point numbers
    group.months.set(at, (group.months.get(at) ?? 0) + Number(row.quantity))
    groups.set(key, group)
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { of, months }]) => {
      const first = began.get(JSON.stringify([of.party, of.location])) ?? last
      const values = new Float64Array(last - first + 1)
      for (const [at, quantity] of months) values[at - first] = quantity
      return { ...of, values, newest: Math.max(...months.keys()) }
    })
    .filter(({ values, newest }) => values.length >= leastMonths && last - newest < dormantMonths)
}
