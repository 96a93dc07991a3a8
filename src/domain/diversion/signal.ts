import type { Evidence } from '../detection/detector.ts'
import type { ViolationKind } from '../detection/rules.ts'
import type { Micros } from '../kernel/decimal.ts'
import type { DiversionRule } from './rules.ts'
import type { Sighting } from './sighting.ts'

/** What is known of a dealer and a foreign region when goods turn up there. */
export interface Scene {
  readonly rule: DiversionRule
  /** of the goods seen last */
  readonly at: string
  /** the dealer's goods that inspectors and outlets saw in the region, by nothing covered, in order */
  readonly foreign: readonly Sighting[]
  /** all of the dealer's goods that were seen in the window, by anybody, anywhere */
  readonly own: readonly Sighting[]
  /** what its orders were found to be */
  readonly orders: readonly OrderFinding[]
  /** advertised prices of the goods in the region */
  readonly prices: readonly PriceSeen[]
}
export interface OrderFinding {
  readonly kind: ViolationKind
  readonly to: string
  readonly evidence: readonly Evidence[]
}
export interface PriceSeen {
  readonly eventId: string
  readonly sku: string
  readonly price: string
  /** the lowest that may be advertised */
  readonly limit: string
  readonly currency: string
}

/** What one signal says of a scene. */
export interface Signal {
  readonly points: Micros
  readonly figures: Readonly<Record<string, string>>
  readonly evidence: readonly Evidence[]
}
export type SignalOf = (scene: Scene) => Signal | undefined
