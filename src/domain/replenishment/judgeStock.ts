import { compare } from '../kernel/decimalText.ts'
import type { Advice } from './events.ts'

export interface StockFound {
  readonly onHand: string
  readonly available: string
  readonly position: string
  /** of the stock's own policy where one is set, else of the plan */
  readonly reorderPoint?: string | undefined
  readonly excessFrom?: string | undefined
  /** when goods came or went last, here; and left last from any stock of this party, ms since 1970 */
  readonly goodsAt?: number | undefined
  readonly partyLeftAt?: number | undefined
}

export type StockJudgement = Advice | 'sufficient' | 'unknown'

const day = 86_400_000

/**
 * One word for a stock (domain.md §2.5). Dead: goods that nothing came to or went from for `deadDays`, at a party of which it is known
 * that goods leave: where nobody reports sales, stillness says nothing. The query `replenishment.proposals` has the same rule in SQL.
 */
export function judgeStock(
  { onHand, available, position, reorderPoint, excessFrom, goodsAt, partyLeftAt }: StockFound,
  deadDays: number,
  at: number,
): StockJudgement {
  const since = at - deadDays * day
  const isThere = compare(onHand, '0') > 0
  if (isThere && goodsAt !== undefined && goodsAt < since && partyLeftAt !== undefined && partyLeftAt >= since)
    return 'dead'
  if (reorderPoint !== undefined && compare(reorderPoint, '0') > 0 && compare(position, reorderPoint) <= 0)
    return compare(available, '0') <= 0 ? 'out' : 'low'
  if (isThere && excessFrom !== undefined && compare(position, excessFrom) > 0) return 'excess'
  return reorderPoint === undefined ? 'unknown' : 'sufficient'
}
