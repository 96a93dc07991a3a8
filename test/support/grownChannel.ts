import { aggregates } from '../../src/domain/registry.ts'
import { startOfDay } from '../../src/domain/kernel/businessTime.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { createKeyring } from '../../src/ledger/personal/keyring.ts'
import { generateDemo } from '../../src/runtime/demo/demo.ts'
import { seededRandom } from './commandHandling.ts'
import { demoKek, demoLog, demoTarget } from './demo.ts'

/** The last day of the history, and now: a day later, so that everything in it is past. */
const until = '2025-01-31'
export const grownNow = startOfDay('2025-02-02', 'UTC')

/** A quarter of a year of the demonstration channel in memory: sixty dealers on two tiers, and every kind of object with its life behind it. */
export async function growChannel() {
  const target = demoTarget()
  await generateDemo({ target, until })
  const random = seededRandom(11)
  const keyring = createKeyring({ keyStore: target.keyStore, kek: demoKek, random, now: () => grownNow })
  const log = await demoLog(target)
  return { store: target.store, keyring, random, registry: createEventRegistry(aggregates), log }
}

export type GrownChannel = Awaited<ReturnType<typeof growChannel>>

/** Every event of the log that has this type, with its data. */
export function eventsOf<T>(log: readonly RecordedEvent[], type: string): readonly (RecordedEvent & { data: T })[] {
  return log.filter((event): event is RecordedEvent & { data: T } => event.type === type)
}
