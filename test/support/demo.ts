import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { createMemoryKeyStore } from '../../src/ledger/personal/memoryKeyStore.ts'
import { generateDemo, type DemoOptions } from '../../src/runtime/demo/demo.ts'

export const demoKek = Buffer.alloc(32, 9)

/** An empty ledger in memory to generate a demonstration into. */
export function demoTarget(): DemoOptions['target'] {
  return { store: openMemoryStore({ clock: () => 0 }), keyStore: createMemoryKeyStore(), kek: demoKek }
}

/** The whole log of a target. */
export async function demoLog({ store }: Pick<DemoOptions['target'], 'store'>): Promise<readonly RecordedEvent[]> {
  const log: RecordedEvent[] = []
  for (let after = 0n, atHead = false; !atHead;) {
    const page = await store.readAll({ after, limit: 5_000 })
    log.push(...page.events)
    ;({ position: after, atHead } = page)
  }
  return log
}

/** The log of a demonstration generated into a ledger of its own. */
export async function generatedLog(options: Omit<DemoOptions, 'target'>): Promise<readonly RecordedEvent[]> {
  const target = demoTarget()
  await generateDemo({ ...options, target })
  return demoLog(target)
}
