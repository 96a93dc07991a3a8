import type { Basis } from './terms.ts'

/**
 * One line of volume for rebates: the quantity and value that an event added to, or took from, what a dealer bought.
 * Quantity and values are decimals at scale 6, negative where the volume falls.
 */
export interface BasisFact {
  readonly basis: Basis
  readonly eventId: string
  readonly lineNo: number
  readonly orderId?: string
  readonly companyId: string
  readonly dealerId: string
  readonly currency: string
  readonly sku: string
  /** of the sku, where programmes name categories */
  readonly categories?: readonly string[]
  /** calendar date of the launch of the product, where it is known */
  readonly launchedOn?: string
  readonly unit: string
  readonly quantity: string
  /** without tax and freight */
  readonly net: string
  /** with tax, without freight */
  readonly gross: string
  /** `return`: goods came back; every other correction of a sale is a sale */
  readonly kind: 'sale' | 'return'
  readonly occurredAt: string
  /** in the log, decimal: the order of facts of one instant */
  readonly position: string
  /** business time of the sale it belongs to: its period is the fact's period, its rules judge a return (domain.md §2.0) */
  readonly saleAt: string
  /** of money received: when its invoice was issued, and the first instant at which it is late */
  readonly invoicedAt?: string
  readonly dueAt?: string
  /** what earlier programmes of a stacking group earn on it, when net and gross are less that */
  readonly earnedBefore?: string
}
