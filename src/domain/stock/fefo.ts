import { addDays } from '../kernel/businessTime.ts'
import { compare, minus, plus, smaller } from '../kernel/decimalText.ts'

export interface FreeLot {
  readonly lot: string
  /** what of it may be taken */
  readonly quantity: string
  readonly expiresOn?: string | undefined
  readonly receivedOn?: string | undefined
}

export interface LotChoice {
  readonly lot: string
  readonly quantity: string
  readonly expiresOn?: string
}

/** A lot may be promised while its expiry date is not before today plus the minimum remaining life. */
export function isUsable(
  lot: { readonly expiresOn?: string | undefined },
  today: string,
  minimumRemainingLifeDays: number,
): boolean {
  return lot.expiresOn === undefined || lot.expiresOn >= addDays(today, minimumRemainingLifeDays)
}

/**
 * First expired, first out (domain.md §2.5): nearest expiry first, then received first, lots without either last;
 * unusable lots are skipped; a quantity is split across lots. `short` is what no lot could give.
 */
export function fefo(
  lots: readonly FreeLot[],
  wanted: string,
  today: string,
  minimumRemainingLifeDays: number,
): { readonly chosen: readonly LotChoice[]; readonly short: string } {
  const candidates = lots.filter(
    (lot) => compare(lot.quantity, '0') > 0 && isUsable(lot, today, minimumRemainingLifeDays),
  )
  const chosen: LotChoice[] = []
  let short = wanted
  for (const lot of candidates.toSorted(byExpiryThenReceipt)) {
    if (compare(short, '0') <= 0) break
    const quantity = smaller(short, lot.quantity)
    chosen.push({ lot: lot.lot, quantity, ...(lot.expiresOn === undefined ? {} : { expiresOn: lot.expiresOn }) })
    short = minus(short, quantity)
  }
  return { chosen, short }
}

/** What usable lots could give together. */
export function usableQuantity(lots: readonly FreeLot[], today: string, minimumRemainingLifeDays: number): string {
  return lots.reduce(
    (sum, lot) =>
      compare(lot.quantity, '0') > 0 && isUsable(lot, today, minimumRemainingLifeDays) ? plus(sum, lot.quantity) : sum,
    '0',
  )
}

const never = '9999-12-31'

function byExpiryThenReceipt(a: FreeLot, b: FreeLot): number {
  return (
    order(a.expiresOn ?? never, b.expiresOn ?? never) ||
    order(a.receivedOn ?? never, b.receivedOn ?? never) ||
    order(a.lot, b.lot)
  )
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
