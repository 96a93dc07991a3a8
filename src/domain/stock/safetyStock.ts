import { divideRounded, parseDecimal } from '../kernel/decimal.ts'

export interface Demand {
  readonly z: string
  /** mean and standard deviation of demand per day */
  readonly dailyDemand: string
  readonly demandDeviation: string
  /** mean and standard deviation of the lead time, in days */
  readonly leadTimeDays: string
  readonly leadTimeDeviationDays: string
}

const micros = 1_000_000n
const thousandth = 1000n

/**
 * SS = z · √(L·σ_d² + d̄²·σ_L²) and ROP = d̄·L + SS (domain.md §2.5), both rounded up at scale 3. `lumpy` (CV > 1)
 * says that the formula does not fit this demand.
 */
export function safetyStock(demand: Demand): { safetyStock: string; reorderPoint: string; lumpy: boolean } {
  const [z, mean, deviation, lead, leadDeviation] = [
    parseDecimal(demand.z),
    parseDecimal(demand.dailyDemand),
    parseDecimal(demand.demandDeviation),
    parseDecimal(demand.leadTimeDays),
    parseDecimal(demand.leadTimeDeviationDays),
  ]
  // scale 24: 6 per factor; the square of z brings 12 more, so the root stands at scale 18
  const variance = lead * deviation * deviation * micros + mean * mean * leadDeviation * leadDeviation
  const safety = rootUp(z * z * variance)
  const reorder = safety + mean * lead * micros
  return { safetyStock: thousandths(safety), reorderPoint: thousandths(reorder), lumpy: deviation > mean }
}

function thousandths(scale18: bigint): string {
  const { value } = divideRounded(scale18, 10n ** 15n, 'up')
  const fraction = (value % thousandth).toString().padStart(3, '0').replace(/0+$/, '')
  return fraction === '' ? `${value / thousandth}` : `${value / thousandth}.${fraction}`
}

/** The smallest integer whose square is not below n (Newton). */
function rootUp(n: bigint): bigint {
  if (n < 2n) return n
  let root = 1n << BigInt(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const better = (root + n / root) / 2n
    if (better >= root) return root * root < n ? root + 1n : root
    root = better
  }
}
