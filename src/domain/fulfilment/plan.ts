import { minus, plus, positivePart, smaller, sumOf } from '../kernel/decimalText.ts'
import { own } from '../kernel/table.ts'
import type { Need, Running } from './state.ts'

export interface PlannedLine {
  readonly lineNo: number
  /** of the open quantity */
  readonly confirmed: string
  readonly backordered: string
  readonly cancelled: string
  /** of the backordered quantity */
  readonly filled: string
  /** what is to be allocated: newly confirmed, filled, and confirmed before */
  readonly allocable: string
}

/** What an attempt does with each line, from what was reserved and the order's policy: goods confirmed before come first, then backorders, then open quantities. */
export function planOf(state: Running): readonly PlannedLine[] {
  return state.attempt.lines.map((need) => {
    const covered = coveredQuantity(need, state)
    const before = smaller(covered, need.confirmed)
    const filled = smaller(minus(covered, before), need.backordered)
    const confirmed = smaller(minus(covered, plus(before, filled)), need.open)
    const short = minus(need.open, confirmed)
    const waits = state.attempt.policy !== 'cancel'
    return {
      lineNo: need.lineNo,
      confirmed,
      backordered: waits ? short : '0',
      cancelled: waits ? '0' : short,
      filled,
      allocable: sumOf([before, filled, confirmed]),
    }
  })
}

export function neededQuantity({ open, backordered, confirmed }: Need): string {
  return sumOf([open, backordered, confirmed])
}

/** Open quantities that stock cannot cover. */
export function isShort(state: Running): boolean {
  return planOf(state).some((line) => line.backordered !== '0' || line.cancelled !== '0')
}

function coveredQuantity(need: Need, { attempt, reserved }: Running): string {
  if (!attempt.affectsStock) return neededQuantity(need)
  const lines = (own(reserved, need.sku) ?? []).filter((line) => line.lineNo === need.lineNo)
  return positivePart(sumOf(lines.map((line) => line.quantity)))
}
