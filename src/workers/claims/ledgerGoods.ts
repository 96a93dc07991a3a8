import { type GoodsEvent, goodsEventTypes, goodsMovements } from '../../domain/claims/goodsMovements.ts'
import { inOrder, type Moved } from '../../domain/claims/layersAt.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { Goods } from '../../projections/models/claims/openGoods.ts'
import { createLogScan } from '../logScan.ts'

/**
 * Goods scanned from the log and kept in memory: for tests, the demonstration and small ledgers. Reads on from where it
 * stood, so that it costs what is new.
 */
export function createLedgerGoods(log: { readonly store: EventStore; readonly registry: EventRegistry }): Goods {
  const bySku = new Map<string, Map<string, Moved[]>>()
  // only the types of `goodsEventTypes` come
  const { catchUp, declared } = createLogScan(log, goodsEventTypes, (event) =>
    take(event as GoodsEvent & RecordedEvent, event),
  )

  function take(event: GoodsEvent, stands: { id: string; occurredAt: string; position: bigint }): void {
    for (const [seq, { dealerId, sku, movement }] of goodsMovements(event).entries()) {
      const dealers = bySku.get(sku) ?? new Map<string, Moved[]>()
      const moved = dealers.get(dealerId) ?? []
      moved.push({ movement, eventId: stands.id, occurredAt: stands.occurredAt, position: stands.position, seq })
      bySku.set(sku, dealers.set(dealerId, moved))
    }
  }

  return {
    async dealers(sku, upTo) {
      await catchUp(upTo)
      return [...(bySku.get(sku) ?? [])]
        .filter(([, moved]) => moved.some(({ movement, position }) => movement.kind === 'shipped' && position <= upTo))
        .map(([dealerId]) => dealerId)
        .toSorted()
    },
    async movements(dealerId, sku, upTo) {
      await catchUp(upTo)
      const moved = bySku.get(sku)?.get(dealerId) ?? []
      return inOrder(moved.filter(({ position, eventId }) => position <= upTo && !declared.has(eventId)))
    },
  }
}
