/** The log of the in-process EventStoreDB: what the real server (23.10.6) does with appends, reduced to memory. */

export type Expected = 'any' | 'no_stream' | 'stream_exists' | bigint

export interface ProposedEvent {
  readonly id: string
  readonly type: string
  readonly contentType: string
  readonly data: Uint8Array
  readonly metadata: Uint8Array
}

export interface StoredEvent extends ProposedEvent {
  readonly stream: string
  readonly revision: bigint
  /** byte offset: monotonic, not dense */
  readonly position: bigint
  /** ms since 1970 */
  readonly created: number
}

export type AppendAnswer =
  | { readonly written: true; readonly revision: bigint; readonly position: bigint }
  | { readonly written: false; readonly actual: bigint | 'no_stream' }

export interface EventLog {
  append(stream: string, expected: Expected, events: readonly ProposedEvent[]): AppendAnswer
  /** every event in the order of the log */
  readonly all: readonly StoredEvent[]
  stream(name: string): readonly StoredEvent[]
  /** index in `all` of the record at a position; undefined when no record starts there */
  indexOf(position: bigint): number | undefined
  /** index in `all` of the first record at or behind a position */
  indexFrom(position: bigint): number
  /** called after every write */
  onWrite(listener: () => void): () => void
}

const recordOverhead = 140

export function createEventLog(now: () => number): EventLog {
  const all: StoredEvent[] = []
  const streams = new Map<string, StoredEvent[]>()
  const indexes = new Map<bigint, number>()
  const listeners = new Set<() => void>()
  // the server's own epoch record stands before the first event
  let end = 548n

  const eventsOf = (name: string): StoredEvent[] => streams.get(name) ?? []

  const write = (stream: string, proposed: ProposedEvent): StoredEvent => {
    const own = eventsOf(stream)
    const event = { ...proposed, stream, revision: BigInt(own.length), position: end, created: now() }
    own.push(event)
    streams.set(stream, own)
    indexes.set(end, all.length)
    all.push(event)
    end += BigInt(
      recordOverhead + stream.length + proposed.type.length + proposed.data.length + proposed.metadata.length,
    )
    return event
  }

  return {
    all,
    stream: eventsOf,
    indexOf: (position) => indexes.get(position),
    indexFrom(position) {
      const index = all.findIndex((event) => event.position >= position)
      return index === -1 ? all.length : index
    },
    onWrite(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    append(stream, expected, events) {
      const own = eventsOf(stream)
      const decision = decide(own, expected, events)
      if (decision === 'wrong')
        return { written: false, actual: own.length === 0 ? 'no_stream' : BigInt(own.length - 1) }
      if (decision !== 'write') return { written: true, revision: decision.revision, position: decision.position }
      let last: StoredEvent | undefined
      for (const event of events) last = write(stream, event)
      // An empty append on a missing stream claims revision 0, as the real server does.
      if (!last) return { written: true, revision: own.length === 0 ? 0n : BigInt(own.length - 1), position: end }
      for (const listener of listeners) listener()
      return { written: true, revision: last.revision, position: last.position }
    },
  }
}

/** The idempotency rules of the server's `IndexWriter.CheckCommit`: per stream, by id, data is not compared. */
function decide(
  own: readonly StoredEvent[],
  expected: Expected,
  events: readonly ProposedEvent[],
): 'write' | 'wrong' | StoredEvent {
  const current = BigInt(own.length) - 1n
  if (expected === 'any' || expected === 'stream_exists') {
    if (expected === 'stream_exists' && current < 0n) return 'wrong'
    const found = events.map((event) => own.findLast((known) => known.id === event.id))
    const last = found.at(-1)
    if (found[0] === undefined) return 'write'
    return last !== undefined && found.every((known) => known !== undefined) ? last : 'wrong'
  }
  const revision = expected === 'no_stream' ? -1n : expected
  if (revision === current) return 'write'
  if (revision > current) return 'wrong'
  const same = events.every((event, index) => own[Number(revision) + 1 + index]?.id === event.id)
  const last = own[Number(revision) + events.length]
  return same && last !== undefined ? last : 'wrong'
}
