import type { Levels } from '../../../domain/stock/levels.ts'
import type { StockKey } from '../../../domain/stock/stockKey.ts'
import type { Reader } from '../../engine/ask.ts'
import { waitForPosition } from '../../engine/waitForPosition.ts'
import { isoTime, plainDecimal } from '../sqlText.ts'
import { inventoryModel, measureColumns } from './model.ts'

/** One stock as the log tells it up to a position. */
export interface StockSeen extends StockKey {
  readonly levels: Levels
  readonly unit?: string | undefined
  /** of the stock's own replenishment policy */
  readonly reorderPoint?: string | undefined
  /** when goods came or went last, and went last: business time, ms since 1970 */
  readonly goodsAt?: number | undefined
  readonly leftAt?: number | undefined
}

/** The stocks that a party has or had, in order of locations and products. */
export interface Stocks {
  of(party: string, upTo: bigint): Promise<readonly StockSeen[]>
}

/** The whole log's business time. */
const endOfTime = Date.UTC(9999, 11, 31)

/** Stocks from the read model. Answers rest on everything up to `upTo`; throws `ModelBehind` when it does not get there in time. */
export function openStocks(reader: Reader, waitMs: number): Stocks {
  return {
    async of(party, upTo) {
      await waitForPosition(reader, inventoryModel.name, upTo, waitMs)
      const sums = Object.entries(measureColumns).map(
        ([name, column]) => `${plainDecimal(`sum(${column})`)} as "${name}"`,
      )
      const { rows } = await reader.ask<Row>(
        { asOf: endOfTime, knownAt: upTo },
        (from, bind) => `select l.*, p.unit, ${plainDecimal('p.reorder_point')}::text as "reorderPoint" from (
            select party, location, sku, ${sums.join(', ')}, ${isoTime('max(goods_at)')} as "goodsAt", ${isoTime('max(left_at)')} as "leftAt"
            from ${from('levels', { party })} f where party = ${bind(party)} group by party, location, sku) l
          left join ${from('policies', { party })} p using (party, location, sku) order by location collate "C", sku collate "C"`,
      )
      return rows.map(({ party, location, sku, unit, reorderPoint, goodsAt, leftAt, ...levels }) => ({
        party,
        location,
        sku,
        levels,
        ...(unit !== null && { unit }),
        ...(reorderPoint !== null && { reorderPoint }),
        ...(goodsAt !== null && { goodsAt: Date.parse(goodsAt) }),
        ...(leftAt !== null && { leftAt: Date.parse(leftAt) }),
      }))
    },
  }
}

interface Row extends StockKey, Levels {
  readonly unit: string | null
  readonly reorderPoint: string | null
  readonly goodsAt: string | null
  readonly leftAt: string | null
}
