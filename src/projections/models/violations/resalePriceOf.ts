import type { Resale, Standing } from '../../../domain/detection/tradeFact.ts'
import type { StockEvent } from '../../../domain/stock/events.ts'
import type { EventRegistry } from '../../../ledger/eventRegistry.ts'
import type { EventStore } from '../../../ledger/eventStore.ts'

/** What a dealer sold for is kept in the log alone, and read from it only where a policy says that it may (domain.md §2.7). */
export async function resalePriceOf(
  { store, registry }: { readonly store: EventStore; readonly registry: EventRegistry },
  { stream, revision, eventId }: Standing<Resale>,
): Promise<{ readonly unitPrice: string; readonly currency: string } | undefined> {
  const [event] = await store.readStream(stream, { from: revision, limit: 1 })
  if (event?.id !== eventId) return undefined
  // the fact was made of an event of this type
  const data = registry.upcast(event.type, event.schemaVersion, event.data) as Extract<
    StockEvent,
    { type: 'ResaleReported' }
  >['data']
  return data.resalePrice
}
