import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { FoldableEvent } from './applyEvents.ts'

/** Finds the event that each error declaration names: it stands earlier in the same stream. */
export async function withVoids(
  store: EventStore,
  events: readonly RecordedEvent[],
  upcast: (event: RecordedEvent) => RecordedEvent,
): Promise<FoldableEvent[]> {
  const batch: FoldableEvent[] = []
  for (const event of events) {
    const named = event.type === 'ErrorDeclared' ? await findInStream(store, event) : undefined
    batch.push(named ? { event, voids: upcast(named) } : { event })
  }
  return batch
}

async function findInStream(store: EventStore, declaration: RecordedEvent): Promise<RecordedEvent | undefined> {
  const { eventId } = declaration.data as { eventId: string } // the schema of ErrorDeclared
  for (let from = 0; from < declaration.revision;) {
    const events = await store.readStream(declaration.stream, { from, limit: 5000 })
    const found = events.find((event) => event.id === eventId)
    if (found || events.length === 0) return found
    from += events.length
  }
  return undefined
}
