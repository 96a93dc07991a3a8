import { createBell } from '../bell.ts'
import { decodeEvent } from '../decodeEvent.ts'
import { encodeAppend, type EncodedEvent } from '../encodeEvent.ts'
import type { RecordedEvent } from '../envelope.ts'
import { StoreUnavailable, type AppendResult, type EventStore } from '../eventStore.ts'
import { readLimit } from '../readLimit.ts'
import { subscribePages } from '../subscribePages.ts'

/** Kept as its texts: half the memory of the parsed event, and no reader can change what another one reads. */
interface Stored {
  readonly id: string
  readonly stream: string
  readonly revision: number
  readonly type: string
  readonly commandId: string | undefined
  readonly position: number
  readonly recordedAt: number
  readonly envelope: string
  readonly data: string
}

/** What the stores of one log share. */
export interface MemoryLog {
  readonly append: (stream: string, events: readonly EncodedEvent[], recordedAt: number) => AppendResult
  readonly all: readonly Stored[]
  readonly streams: ReadonlyMap<string, readonly Stored[]>
  readonly byId: ReadonlyMap<string, Stored>
  readonly bell: ReturnType<typeof createBell>
}

export function createMemoryLog(): MemoryLog {
  const all: Stored[] = []
  const streams = new Map<string, Stored[]>()
  const byId = new Map<string, Stored>()
  const bell = createBell()

  function append(stream: string, events: readonly EncodedEvent[], recordedAt: number): AppendResult {
    const known = streams.get(stream) ?? []
    const last = repeatedAs(stream, events)
    if (last) return { outcome: 'appended', revision: last.revision, position: BigInt(last.position), repeated: true }
    if (events[0]?.revision !== known.length || events.some(({ id }) => byId.has(id))) {
      return { outcome: 'conflict', actualRevision: known.length - 1 }
    }
    const time = Math.max(recordedAt, all.at(-1)?.recordedAt ?? 0)
    for (const { id, type, revision, commandId, envelope, data } of events) {
      const stored = {
        id,
        stream,
        revision,
        type,
        commandId,
        position: all.length + 1,
        recordedAt: time,
        envelope,
        data,
      }
      all.push(stored)
      known.push(stored)
      byId.set(id, stored)
    }
    streams.set(stream, known)
    bell.ring()
    return { outcome: 'appended', revision: known.length - 1, position: BigInt(all.length), repeated: false }
  }

  /** The last of these events when all of them stand in the stream already, each at the revision it would get. */
  function repeatedAs(stream: string, events: readonly EncodedEvent[]): Stored | undefined {
    let last: Stored | undefined
    for (const { id, revision } of events) {
      last = byId.get(id)
      if (last?.stream !== stream || last.revision !== revision) return undefined
    }
    return last
  }

  return { append, all, streams, byId, bell }
}

/**
 * The event store without a disk: for tests and for making histories. Appends are synchronous inside.
 * `clock` gives ms since 1970 for `recordedAt`. Several stores may share one log.
 */
export function openMemoryStore(options: { readonly clock: () => number; readonly log?: MemoryLog }): EventStore {
  const { clock, log = createMemoryLog() } = options
  const closing = new AbortController()

  const open = (): void => {
    if (closing.signal.aborted) throw new StoreUnavailable('the store is closed')
  }

  const store: EventStore = {
    kind: 'memory',
    async append(stream, events, { expectedRevision }) {
      open()
      return log.append(stream, encodeAppend(stream, events, expectedRevision), clock())
    },
    async readStream(stream, { from = 0, limit } = {}) {
      open()
      const stored = log.streams.get(stream) ?? []
      return stored.slice(from, from + readLimit(limit)).map(decode)
    },
    async readAll({ after, limit, types }) {
      open()
      const start = Number(after)
      const scanned = log.all.slice(start, start + readLimit(limit))
      const wanted = types && new Set(types)
      return {
        events: (wanted ? scanned.filter(({ type }) => wanted.has(type)) : scanned).map(decode),
        position: after + BigInt(scanned.length),
        atHead: start + scanned.length >= log.all.length,
      }
    },
    subscribe: (subscription) =>
      subscribePages(
        { readAll: store.readAll, bell: log.bell, pollMilliseconds: 60_000, closed: closing.signal },
        subscription,
      ),
    async findCommand(commandId) {
      open()
      const first = log.byId.get(commandId)
      if (first?.commandId !== commandId) return []
      const rest = log.streams.get(first.stream) ?? []
      const end = rest.findIndex((stored) => stored.revision > first.revision && stored.commandId !== commandId)
      return rest.slice(first.revision, end === -1 ? undefined : end).map(decode)
    },
    async head() {
      open()
      return BigInt(log.all.length)
    },
    async positionAt(instant) {
      open()
      let low = 0
      let high = log.all.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((log.all[middle]?.recordedAt ?? 0) <= instant) low = middle + 1
        else high = middle
      }
      return BigInt(low)
    },
    async close() {
      closing.abort()
    },
  }
  return store
}

function decode({ envelope, data, position, recordedAt }: Stored): RecordedEvent {
  return decodeEvent(envelope, data, BigInt(position), recordedAt)
}
