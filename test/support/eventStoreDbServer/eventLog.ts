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
  /** Decides and writes; what is written can be read at once. */
  append(stream: string, expected: Expected, events: readonly ProposedEvent[]): AppendAnswer
  /**
   * The same in two steps, as the real server does it: a write counts for other appends from now on, but it can be read
   * (and is answered) only after `commit`. So a loser may hear of a conflict with events that nobody can read yet.
   */
  propose(
    stream: string,
    expected: Expected,
    events: readonly ProposedEvent[],
  ): { readonly answer: AppendAnswer; commit(): void }
  /** every event that can be read, in the order of the log */
  readonly all: readonly StoredEvent[]
  stream(name: string): readonly StoredEvent[]
  /** index in `all` of the record at a position; undefined when no record starts there */
  indexOf(position: bigint): number | undefined
  /** index in `all` of the first record at or behind a position */
  indexFrom(position: bigint): number
  /** called after every commit */
  onWrite(listener: () => void): () => void
}

const recordOverhead = 140

export function createEventLog(now: () => number): EventLog {
  const all: StoredEvent[] = []
  const readable = new Map<string, StoredEvent[]>()
  const indexes = new Map<bigint, number>()
  const listeners = new Set<() => void>()
  const written = new Map<string, StoredEvent[]>()
  const uncommitted: StoredEvent[] = []
  // the server's own epoch record stands before the first event
  let end = 548n

  const listOf = (lists: Map<string, StoredEvent[]>, name: string): StoredEvent[] => {
    const list = lists.get(name) ?? []
    lists.set(name, list)
    return list
  }

  const write = (stream: string, proposed: ProposedEvent): StoredEvent => {
    const own = listOf(written, stream)
    const event = { ...proposed, stream, revision: BigInt(own.length), position: end, created: now() }
    own.push(event)
    uncommitted.push(event)
    end += BigInt(
      recordOverhead + stream.length + proposed.type.length + proposed.data.length + proposed.metadata.length,
    )
    return event
  }

  const commitTo = (position: bigint): void => {
    const before = all.length
    for (let event = uncommitted[0]; event && event.position <= position; event = uncommitted[0]) {
      uncommitted.shift()
      listOf(readable, event.stream).push(event)
      indexes.set(event.position, all.length)
      all.push(event)
    }
    if (all.length > before) for (const listener of listeners) listener()
  }

  const propose: EventLog['propose'] = (stream, expected, events) => {
    const own = listOf(written, stream)
    const decision = decide(own, expected, events)
    if (decision === 'wrong') {
      const actual = own.length === 0 ? 'no_stream' : BigInt(own.length - 1)
      return { answer: { written: false, actual }, commit: () => undefined }
    }
    let last = decision === 'write' ? undefined : decision
    if (decision === 'write') for (const event of events) last = write(stream, event)
    // An empty append on a missing stream claims revision 0, as the real server does.
    const { revision, position } = last ?? { revision: BigInt(Math.max(0, own.length - 1)), position: end }
    return { answer: { written: true, revision, position }, commit: () => commitTo(position) }
  }

  return {
    all,
    stream: (name) => readable.get(name) ?? [],
    indexOf: (position) => indexes.get(position),
    indexFrom(position) {
      const index = all.findIndex((event) => event.position >= position)
      return index === -1 ? all.length : index
    },
    onWrite(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    propose,
    append(stream, expected, events) {
      const { answer, commit } = propose(stream, expected, events)
      commit()
      return answer
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
