import { compare, minus, sumOf } from '../kernel/decimalText.ts'
import type { LineMeasure } from './lineEffects.ts'

export type LineQuantities = Readonly<Record<LineMeasure, string>>

export const orderStatuses = [
  'none',
  'draft',
  'placed',
  'confirmed',
  'partly-allocated',
  'allocated',
  'partly-shipped',
  'shipped',
  'partly-delivered',
  'delivered',
  'closed',
  'cancelled',
] as const
export type OrderStatus = (typeof orderStatuses)[number]

export interface OrderFlags {
  readonly phase: 'none' | 'draft' | 'placed'
  readonly closed: boolean
  readonly cancelled: boolean
}

/** The header's state is a function of the lines' quantities (domain.md §2.10); a hold is a flag beside it. Units that were cancelled do not count. */
export function orderStatus(lines: readonly LineQuantities[], { phase, closed, cancelled }: OrderFlags): OrderStatus {
  if (closed) return 'closed'
  if (phase !== 'placed') return cancelled ? 'cancelled' : phase
  const total = (measure: LineMeasure): string => sumOf(lines.map((line) => line[measure]))
  const live = minus(total('ordered'), total('cancelled'))
  if (compare(live, '0') <= 0) return 'cancelled'
  const reached = (measure: LineMeasure): 'all' | 'some' | 'none' =>
    compare(total(measure), live) >= 0 ? 'all' : compare(total(measure), '0') > 0 ? 'some' : 'none'
  for (const [measure, all, some] of stages) {
    const how = reached(measure)
    if (how !== 'none') return how === 'all' ? all : some
  }
  const isAnswered = lines.every((line) => compare(openQuantity(line), '0') <= 0)
  return isAnswered ? 'confirmed' : 'placed'
}

const stages = [
  ['delivered', 'delivered', 'partly-delivered'],
  ['shipped', 'shipped', 'partly-shipped'],
  ['allocated', 'allocated', 'partly-allocated'],
] as const satisfies readonly (readonly [LineMeasure, OrderStatus, OrderStatus])[]

/** Neither cancelled nor confirmed nor backordered. */
export function openQuantity({ ordered, cancelled, confirmed, backordered }: LineQuantities): string {
  return minus(ordered, sumOf([cancelled, confirmed, backordered]))
}

/** Neither cancelled nor shipped. */
export function unshippedQuantity({ ordered, cancelled, shipped }: LineQuantities): string {
  return minus(ordered, sumOf([cancelled, shipped]))
}
