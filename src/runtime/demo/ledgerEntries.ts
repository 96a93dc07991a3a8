import { instantOf } from '../../domain/kernel/businessTime.ts'
import { declaredEventId, errorDeclared } from '../../domain/kernel/errorDeclaration.ts'
import { chainId } from '../../domain/reconciliation/commands.ts'
import { type EntryEvent, entryEventTypes, entryOf, type RecordedEntry } from '../../domain/reconciliation/entryOf.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { StatementEntries } from '../../projections/models/reconciliation/drawFigures.ts'

/** Entries of statements scanned from the log and kept in memory; reads on from where it stood. */
export function createLedgerEntries({
  store,
  registry,
}: {
  readonly store: EventStore
  readonly registry: EventRegistry
}): StatementEntries {
  const byChain = new Map<string, RecordedEntry[]>()
  const withdrawnAt = new Map<string, bigint>()
  let position = 0n

  async function catchUp(upTo: bigint): Promise<void> {
    while (position < upTo) {
      const page = await store.readAll({
        after: position,
        limit: 5_000,
        types: [...entryEventTypes, errorDeclared.type],
      })
      for (const event of page.events) {
        const declared = declaredEventId(event)
        if (declared !== undefined) {
          withdrawnAt.set(declared, event.position)
          continue
        }
        const data = registry.upcast(event.type, event.schemaVersion, event.data)
        const entry = entryOf({ ...event, data } as unknown as EntryEvent) // only the types of `entryEventTypes` are left
        if (!entry) continue
        const { id: eventId, occurredAt, position: at } = event
        const chain = byChain.get(chainId(entry)) ?? []
        chain.push({ ...entry, eventId, occurredAt, position: at })
        byChain.set(chainId(entry), chain)
      }
      position = page.position
      if (page.atHead) return
    }
  }

  const known = (upTo: bigint, chain: string): RecordedEntry[] =>
    (byChain.get(chain) ?? []).flatMap((entry) => {
      if (entry.position > upTo) return []
      const gone = withdrawnAt.get(entry.eventId)
      return [{ ...entry, ...(gone !== undefined && gone <= upTo && { withdrawnAt: gone }) }]
    })

  return {
    async owedAt(of, before, watermark) {
      await catchUp(watermark)
      return known(watermark, chainId(of))
        .filter(({ occurredAt, withdrawnAt: gone }) => gone === undefined && instantOf(occurredAt) < before)
        .reduce((sum, { effect }) => sum + BigInt(effect), 0n)
        .toString()
    },
    async entries(of, { watermark }) {
      await catchUp(watermark)
      return known(watermark, chainId(of))
    },
  }
}
