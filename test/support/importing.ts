import { aggregates } from '../../src/domain/registry.ts'
import type { CommandHandlerOptions, LedgerCommandHandler } from '../../src/ledger/commandHandler.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { testHandler } from './commandHandling.ts'

/** A command handler over all aggregates, as an importing process has it. */
export function importingHandler(
  store: EventStore,
  options: Partial<CommandHandlerOptions> & { readonly seed?: number } = {},
): LedgerCommandHandler {
  return testHandler(store, { registry: createEventRegistry(aggregates), ...options })
}

export async function wholeLog(store: EventStore): Promise<readonly RecordedEvent[]> {
  const log: RecordedEvent[] = []
  for (let after = 0n; ;) {
    const page = await store.readAll({ after, limit: 5000 })
    log.push(...page.events)
    after = page.position
    if (page.atHead) return log
  }
}

/** What every stream holds, in its own order: streams do not wait for each other, so the order between them may differ. */
export async function streamsOf(store: EventStore): Promise<readonly string[]> {
  const lines = (await wholeLog(store)).map(
    ({ stream, revision, raw }) => `${stream} ${String(revision).padStart(6, '0')} ${raw.envelope} ${raw.data}`,
  )
  return lines.sort()
}
