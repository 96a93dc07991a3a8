import { type GoodsEvent, goodsEventTypes, goodsMovements } from '../../domain/claims/goodsMovements.ts'
import { inOrder, type Moved } from '../../domain/claims/layersAt.ts'
import { declaredEventId } from '../../domain/kernel/errorDeclaration.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { Goods } from '../../projections/models/claims/openGoods.ts'

const types = [...goodsEventTypes, 'ErrorDeclared']

/**
 * Goods scanned from the log and kept in memory: for tests, the demonstration and small ledgers. Reads on from where it
 * stood, so that it costs what is new.
 */
export function createLedgerGoods({
  store,
  registry,
}: {
  readonly store: EventStore
  readonly registry: EventRegistry
}): Goods {
  const bySku = new Map<string, Map<string, Moved[]>>()
  const declared = new Set<string>()
  let position = 0n

  async function catchUp(upTo: bigint): Promise<void> {
    while (position < upTo) {
      const page = await store.readAll({ after: position, limit: 5_000, types })
      for (const event of page.events) {
        const data = registry.upcast(event.type, event.schemaVersion, event.data)
        const named = declaredEventId(event)
        if (named !== undefined) declared.add(named)
        // only the types of `goodsEventTypes` are left
        else take({ type: event.type, data } as GoodsEvent, event)
      }
      position = page.position
      if (page.atHead) return
    }
  }

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
