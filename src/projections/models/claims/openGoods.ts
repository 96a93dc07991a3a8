import type { GoodsMovement } from '../../../domain/claims/goodsMovements.ts'
import { inOrder, type Moved } from '../../../domain/claims/layersAt.ts'
import type { Reader } from '../../engine/ask.ts'
import { waitForPosition } from '../../engine/waitForPosition.ts'
import { claimsModel } from './model.ts'

/** What the log says of goods at dealers, up to a position of it. */
export interface Goods {
  /** who was ever sent goods of a sku, in order of their ids */
  dealers(sku: string, upTo: bigint): Promise<readonly string[]>
  /** the movements of one sku at one dealer, in order */
  movements(dealerId: string, sku: string, upTo: bigint): Promise<readonly Moved[]>
}

/** The whole log's business time: which movements count is the decision's choice. */
const endOfTime = Date.UTC(9999, 11, 31)

/** Goods from the read model. Answers rest on everything up to `upTo`; throws `ModelBehind` when it does not get there in time. */
export function openGoods(reader: Reader, waitMs: number): Goods {
  return {
    async dealers(sku, upTo) {
      await waitForPosition(reader, claimsModel.name, upTo, waitMs)
      const { rows } = await reader.ask<{ dealerId: string }>(
        { asOf: endOfTime, knownAt: upTo },
        (from) =>
          `select distinct g.dealer_id as "dealerId" from ${from.facts('goods', { sku })} g where g.movement->>'kind' = 'shipped'`,
      )
      return rows.map(({ dealerId }) => dealerId).toSorted()
    },
    async movements(dealerId, sku, upTo) {
      await waitForPosition(reader, claimsModel.name, upTo, waitMs)
      const { rows } = await reader.ask<MovementRow>(
        { asOf: endOfTime, knownAt: upTo },
        (from) =>
          `select g.movement, g.happened_at as "occurredAt", g.event_id as "eventId", g.position::text as position, g.seq
           from ${from.facts('goods', { dealer_id: dealerId, sku })} g`,
      )
      return inOrder(rows.map(({ position, ...moved }) => ({ ...moved, position: BigInt(position) })))
    },
  }
}

interface MovementRow {
  readonly movement: GoodsMovement
  readonly occurredAt: string
  readonly eventId: string
  readonly position: string
  readonly seq: number
}
