import { decodeEvent } from '../../src/ledger/decodeEvent.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import type { MemoryLog } from '../../src/ledger/memory/memoryStore.ts'

type Stored = MemoryLog['all'][number]

/** Reads of a store in memory that take each event apart once only: for harnesses that read the same events again and again. */
export function decodeOnce(log: MemoryLog, store: EventStore): EventStore {
  const known = new WeakMap<Stored, RecordedEvent>()
  const decode = (stored: Stored): RecordedEvent => {
    const { envelope, data, position, recordedAt } = stored
    const event = known.get(stored) ?? decodeEvent(envelope, data, BigInt(position), recordedAt)
    known.set(stored, event)
    return event
  }
  return {
    ...store,
    async readStream(stream, { from = 0, limit = 5_000 } = {}) {
      return (log.streams.get(stream) ?? []).slice(from, from + limit).map(decode)
    },
    async readAll({ after, limit, types }) {
      const start = Number(after)
      const scanned = log.all.slice(start, start + limit)
      return {
        events: (types ? scanned.filter(({ type }) => types.includes(type)) : scanned).map(decode),
        position: after + BigInt(scanned.length),
        atHead: start + scanned.length >= log.all.length,
      }
    },
  }
}
