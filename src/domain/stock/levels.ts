import { minus, plus, sumOf } from '../kernel/decimalText.ts'
import type { Measure } from './effects.ts'

export type Levels = Readonly<Record<Measure, string>>

export const noLevels: Levels = {
  onHand: '0',
  reserved: '0',
  allocated: '0',
  blocked: '0',
  inTransit: '0',
  onOrder: '0',
  backordered: '0',
}

/** What may still be promised (domain.md §2.5): onHand − allocated − reserved − blocked. */
export function available(levels: Levels): string {
  return minus(levels.onHand, sumOf([levels.allocated, levels.reserved, levels.blocked]))
}

/** What replenishment looks at (domain.md §2.5): onHand − blocked + inTransit + onOrder − backordered − allocated. */
export function position(levels: Levels): string {
  return minus(
    sumOf([levels.onHand, levels.inTransit, levels.onOrder]),
    plus(levels.blocked, plus(levels.backordered, levels.allocated)),
  )
}
