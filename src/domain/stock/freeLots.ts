import { minus, plus } from '../kernel/decimalText.ts'
import { own } from '../kernel/table.ts'
import type { FreeLot } from './fefo.ts'
import type { StockState } from './state.ts'

/** Every lot with what of it is neither allocated nor blocked; reservations are not kept per lot. */
export function freeLots(state: StockState): readonly FreeLot[] {
  return Object.entries(state.lots).map(([lot, { expiresOn, receivedOn }]) => ({
    lot,
    quantity: freeOf(state, lot),
    expiresOn,
    receivedOn,
  }))
}

export function freeOf(state: StockState, lot: string): string {
  const held = own(state.lots, lot)
  return held === undefined ? '0' : minus(held.level.onHand, plus(held.allocated, held.blocked))
}
