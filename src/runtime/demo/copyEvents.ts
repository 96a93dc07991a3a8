import { decodeEvent } from '../../ledger/decodeEvent.ts'
import { asNewEvent } from '../../ledger/asNewEvent.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { KeyStore } from '../../ledger/personal/keyStore.ts'
import type { DemoChunk } from './produceEvents.ts'

/** The ledger holds something else where the demonstration would write: it goes into an empty ledger, or goes on in its own. */
export class DemoConflict extends Error {
  override readonly name = 'DemoConflict'
}

/**
 * Writes chunks into a ledger in the order of their log. What an earlier run has written is found by its ids and left, so a
 * run that was stopped anywhere is finished by the next one. Gives the number of events written. Throws `DemoConflict` and
 * `StoreUnavailable`.
 */
export function createCopier(store: EventStore, keyStore: KeyStore): (chunk: DemoChunk) => Promise<number> {
  let isNew = false

  async function isThere({ stream, revision, id }: RecordedEvent): Promise<boolean> {
    const [event] = await store.readStream(stream, { from: revision, limit: 1 })
    if (event !== undefined && event.id !== id)
      throw new DemoConflict(
        `${stream} holds another event at revision ${revision}: the demonstration needs a ledger of its own`,
      )
    return event !== undefined
  }

  /** The events of a chunk that are still missing: all once one was missing, since they were written in this order. */
  async function missing(events: readonly RecordedEvent[]): Promise<readonly RecordedEvent[]> {
    const [first, last] = [events[0], events.at(-1)]
    if (isNew || first === undefined || last === undefined) return events
    if (await isThere(last)) return []
    isNew = true
    if (!(await isThere(first))) return events
    let there = 1
    for (let event = events[there]; event !== undefined && (await isThere(event)); event = events[there]) there += 1
    return events.slice(there)
  }

  return async ({ events: texts, keys }) => {
    for (const { subject, kek, bytes } of keys) {
      const key = { kek, bytes: Buffer.from(bytes) }
      const standing = await keyStore.create(subject, key)
      if (standing === 'destroyed' || standing.kek !== kek || !standing.bytes.equals(key.bytes))
        throw new DemoConflict(`${subject} has another key: the demonstration needs a ledger of its own`)
    }
    const events = await missing(texts.map(({ envelope, data }) => decodeEvent(envelope, data, 0n, 0)))
    const appends = runsOf(events).map((run) => async () => {
      const { stream, revision } = run[0]
      const result = await store.append(stream, run.map(asNewEvent), { expectedRevision: revision - 1 })
      if (result.outcome === 'conflict')
        throw new DemoConflict(`${stream} has gone on to revision ${result.actualRevision}: somebody else writes to it`)
    })
    // the queue of PostgreSQL keeps the order and writes them together; EventStoreDB takes one after another
    if (store.kind === 'eventstoredb') for (const append of appends) await append()
    else await allOf(appends.map((append) => append()))
    return events.length
  }
}

/** Waits for all, also when one fails. */
async function allOf(writes: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(writes)).find((write) => write.status === 'rejected')
  if (failed) throw failed.reason
}

/** Neighbours of one stream go into one append. */
function runsOf(events: readonly RecordedEvent[]): readonly [RecordedEvent, ...RecordedEvent[]][] {
  const runs: [RecordedEvent, ...RecordedEvent[]][] = []
  for (const event of events) {
    const run = runs.at(-1)
    if (run?.[0].stream === event.stream) run.push(event)
    else runs.push([event])
  }
  return runs
}
