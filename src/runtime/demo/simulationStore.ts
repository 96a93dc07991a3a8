import { decodeEvent } from '../../ledger/decodeEvent.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { openMemoryStore, type MemoryLog } from '../../ledger/memory/memoryStore.ts'
import { readLimit } from '../../ledger/readLimit.ts'
import { createPackedLog } from './packedLog.ts'

/** decoded events kept at hand; one simulated day writes some hundreds */
const atHand = 8_192

/**
 * The store in memory for one simulation. A decoded event is shared by its readers, of which none changes it: decoding
 * anew for each of them took an eighth of the time.
 */
export function openSimulationStore(clock: () => number): EventStore {
  const log = createPackedLog()
  const store = openMemoryStore({ clock, log })
  const ring = new Array<RecordedEvent | undefined>(atHand)

  function decoded(stored: MemoryLog['all'][number]): RecordedEvent {
    const { position, recordedAt } = stored
    const place = position % atHand
    const known = ring[place]
    if (known?.position === BigInt(position)) return known
    return (ring[place] = decodeEvent(stored.envelope, stored.data, BigInt(position), recordedAt))
  }

  return {
    ...store,
    async readStream(stream, { from = 0, limit } = {}) {
      return (log.streams.get(stream) ?? []).slice(from, from + readLimit(limit)).map(decoded)
    },
    async readAll({ after, limit, types }) {
      const start = Number(after)
      const scanned = log.all.slice(start, start + readLimit(limit))
      const wanted = types && new Set(types)
      return {
        events: scanned.filter(({ type }) => wanted?.has(type) ?? true).map(decoded),
        position: after + BigInt(scanned.length),
        atHead: start + scanned.length >= log.all.length,
      }
    },
  }
}
