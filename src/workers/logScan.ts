import { declaredEventId } from '../domain/kernel/errorDeclaration.ts'
import type { RecordedEvent } from '../ledger/envelope.ts'
import type { EventRegistry } from '../ledger/eventRegistry.ts'
import type { EventStore } from '../ledger/eventStore.ts'

export interface LogScan {
  /** Takes what came since, up to a position or the head. */
  catchUp(upTo: bigint): Promise<void>
  /** events declared in error, as far as the scan has come */
  readonly declared: ReadonlySet<string>
}

/** Reads events of some types once, each with its data at the newest version; reads on from where it stood. */
export function createLogScan(
  { store, registry }: { readonly store: EventStore; readonly registry: EventRegistry },
  types: readonly string[],
  take: (event: RecordedEvent) => void,
): LogScan {
  const declared = new Set<string>()
  const wanted = [...types, 'ErrorDeclared']
  let position = 0n
  return {
    declared,
    async catchUp(upTo) {
      while (position < upTo) {
        const page = await store.readAll({ after: position, limit: 5_000, types: wanted })
        for (const event of page.events) {
          const named = declaredEventId(event)
          if (named !== undefined) declared.add(named)
          else take({ ...event, data: registry.upcast(event.type, event.schemaVersion, event.data) })
        }
        position = page.position
        if (page.atHead) return
      }
    },
  }
}
