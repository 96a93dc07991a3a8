import { instantOf } from '../kernel/businessTime.ts'
import type { ViolationKind } from './rules.ts'

interface Case {
  readonly kind: ViolationKind
  readonly dealerId: string
  readonly sku: string
  readonly region?: string | undefined
  readonly to: string
}

/** Kinds that look at a window find one case again with every fact of it. */
const windowed: ReadonlySet<ViolationKind> = new Set([
  'DUMPING_LOW_PRICE',
  'ORDER_SPIKE',
  'TIER_CHASE',
  'ROUND_TRIP',
  'CREDIT_STRETCH',
  'DIVERSION',
  'DIVERSION_LEAD',
])

/** The same case, found again within so many ms of what was found before. Of a chase it is the dealer's, whatever the product. */
export function isEcho(earlier: Case, later: Case, quiet: number): boolean {
  if (earlier.kind !== later.kind || !windowed.has(later.kind) || earlier.dealerId !== later.dealerId) return false
  if (later.kind !== 'TIER_CHASE' && (earlier.sku !== later.sku || earlier.region !== later.region)) return false
  return Math.abs(instantOf(later.to) - instantOf(earlier.to)) <= quiet
}
