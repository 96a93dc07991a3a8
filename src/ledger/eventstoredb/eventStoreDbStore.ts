import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import {
  BACKWARDS,
  END,
  NO_STREAM,
  START,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type EventData,
  type EventStoreDBClient,
  type ReadPosition,
  type ResolvedEvent,
  type StreamingRead,
} from '@eventstore/db-client'
import { createBell } from '../bell.ts'
import { encodeAppend, type EncodedEvent } from '../encodeEvent.ts'
import type { RecordedEvent } from '../envelope.ts'
import {
  noStream,
  type AppendResult,
  type EventStore,
  type Page,
  type ReadAllOptions,
  type SubscribeOptions,
} from '../eventStore.ts'
import { readLimit } from '../readLimit.ts'
import { subscribePages } from '../subscribePages.ts'
import { collect } from './collect.ts'
import { memoryCommandIndex, placesOf, type CommandIndex } from './commandIndex.ts'
import { openConnection } from './connection.ts'
import { createDoorbell } from './doorbell.ts'
import { fromResolvedEvent, positionOf, toEventData } from './eventCodec.ts'
import { createCommandSearch } from './commandSearch.ts'
import { createLookBack } from './lookBack.ts'
import { Unreadable } from './failure.ts'
import { persist, within } from './persist.ts'

export interface EventStoreDbOptions {
  /** `esdb://…`, as the client takes it */
  readonly connectionString: string
  /** Our streams are `<prefix><stream>`; everything else in the database belongs to others. Default `cl.` */
  readonly prefix?: string
  /** Shared by all processes of a ledger; by default in memory, which suits one process and tests. */
  readonly commandIndex?: CommandIndex
  /** longest wait for one answer, ms; default 5,000 */
  readonly callTimeout?: number
  /** longest wait over all repeats of a call, ms; default 15,000 */
  readonly patience?: number
  /** how often subscribers look without being called, ms; default 1,000 */
  readonly pollInterval?: number
  /** longest wait of `close`, ms; default 2,000 */
  readonly closeTimeout?: number
}

/**
 * EventStoreDB 23.10 behind the port. What the server and its client do is cited by rows of eventstoredb.md; in short:
 * every call has a timer and is repeated until its outcome is known, an append with the same ids and the same expected
 * revision; pages of $all are the only source of events, and the subscription is a doorbell.
 *
 * `limit` of `readAll` counts scanned events, others' included. Positions are offsets of records in the log, and only
 * those that a page or an append gave can be read from: another one is a RangeError. `head` and `positionAt` may name an
 * event of others.
 */
export function openEventStoreDbStore(options: EventStoreDbOptions): EventStore {
  const { connectionString, prefix = 'cl.', commandIndex = memoryCommandIndex() } = options
  const { callTimeout = 5_000, patience = 15_000, pollInterval = 1_000, closeTimeout = 2_000 } = options
  const closing = new AbortController()
  // one listener per call under way
  setMaxListeners(0, closing.signal)
  const limits = { callTimeout, patience, closed: closing.signal }
  const connection = openConnection(connectionString)
  const bell = createBell()
  const doorbell = createDoorbell({ connection, bell, prefix, callTimeout })

  const ours = (event: ResolvedEvent): RecordedEvent | undefined => fromResolvedEvent(event, prefix)

  /** One bounded read, repeated until it is complete. */
  const read = <E extends ResolvedEvent>(
    what: string,
    open: (client: EventStoreDBClient) => StreamingRead<E>,
  ): Promise<readonly E[]> =>
    persist(what, limits, async (timeLeft) => {
      const { client } = connection
      try {
        return await collect(open(client), timeLeft, closing.signal)
      } catch (error) {
        // thrown while reading, not by the call (eventstoredb.md §2)
        if (error instanceof StreamNotFoundError) return []
        connection.failed(client, error)
        throw error
      }
    })

  const readRecords = (stream: string, from: number, count: number): Promise<readonly ResolvedEvent[]> =>
    read(`reading ${stream}`, (client) =>
      client.readStream(prefix + stream, { fromRevision: BigInt(from), maxCount: count, requiresLeader: true }),
    )
  const readBackwards = (before: bigint | 'end', count: number): Promise<readonly ResolvedEvent[]> =>
    read('reading backwards', (client) =>
      client.readAll({
        direction: BACKWARDS,
        fromPosition: before === 'end' ? END : at(before),
        maxCount: count,
        requiresLeader: true,
      }),
    )

  /** @throws RangeError when no record of this log stands at `after` */
  const readForwards = (after: bigint, count: number): Promise<readonly ResolvedEvent[]> =>
    read('reading the log', (client) =>
      client.readAll({ fromPosition: after > 0n ? at(after) : START, maxCount: count, requiresLeader: true }),
    ).catch(async (error: unknown) => {
      // The server says the same of a foreign position and of its own troubles; with those the start is not readable either.
      if (!(error instanceof Unreadable) || after === 0n) throw error
      await readForwards(0n, 1)
      throw new RangeError(`${after} is not a position of this log`)
    })

  const lookBack = createLookBack({ readBackwards, readFirst: async () => (await readForwards(0n, 1))[0] })

  const readAll = async ({ after, limit, types }: ReadAllOptions): Promise<Page> => {
    const most = readLimit(limit)
    // The read is inclusive (eventstoredb.md §5): it starts with the event that the caller has seen.
    const asked = most + 1
    const found = await readForwards(after, asked)
    const scanned = found.filter((event) => positionOf(event) > after).slice(0, most)
    const wanted = types && new Set(types)
    const events: RecordedEvent[] = []
    for (const record of scanned) {
      if (wanted && !wanted.has(record.event?.type ?? '')) continue
      const event = ours(record)
      if (event) events.push(event)
    }
    const last = scanned.at(-1)
    const position = last ? positionOf(last) : after
    if (last) lookBack.note(last)
    return { events, position, atHead: found.length < asked }
  }

  const findCommand = createCommandSearch({ commandIndex, readRecords, ours })

  const appendOnce = async (
    stream: string,
    data: readonly EventData[],
    expectedRevision: number,
    timeLeft: number,
  ): Promise<AppendResult> => {
    const { client } = connection
    try {
      const { nextExpectedRevision, position } = await within(
        timeLeft,
        client.appendToStream(prefix + stream, [...data], {
          expectedRevision: expectedRevision === noStream ? NO_STREAM : BigInt(expectedRevision),
          requiresLeader: true,
          // Sent as a time of day: a server whose clock is ahead by more refuses every append. It caps the wait itself.
          deadline: 3_600_000,
        }),
      )
      if (!position) throw new Error('the server gave no position')
      return { outcome: 'appended', revision: Number(nextExpectedRevision), position: position.commit, repeated: false }
    } catch (error) {
      if (error instanceof WrongExpectedVersionError) {
        return { outcome: 'conflict', actualRevision: revisionOf(error.actualVersion) }
      }
      connection.failed(client, error)
      throw error
    }
  }

  /**
   * What stands in the stream where a refused append wanted to write. The server refuses as soon as it has taken the
   * winner's events in, some ms before they can be read: whoever hears of a conflict shall find what it is about.
   */
  const winnersOf = (stream: string, first: number, last: number): Promise<readonly ResolvedEvent[]> =>
    persist(`reading ${stream} after a conflict`, limits, async () => {
      const records = await readRecords(stream, first, last - first + 1)
      if (records.length <= last - first) throw new Error(`revision ${last} cannot be read yet`)
      return records
    })

  /** The answer of the first time when another append has written the same events, each at the revision it would get. */
  const repeatOf = async (
    stream: string,
    events: readonly EncodedEvent[],
    actualRevision: number,
  ): Promise<AppendResult | undefined> => {
    const [first] = events
    const last = events.at(-1)
    if (!first || !last || actualRevision < first.revision) return undefined
    const winners = await winnersOf(stream, first.revision, Math.min(last.revision, actualRevision))
    const known = winners.map(ours)
    const position = known.at(-1)?.position
    if (position === undefined || events.some((event, index) => known[index]?.id !== event.id)) return undefined
    return { outcome: 'appended', revision: last.revision, position, repeated: true }
  }

  return {
    kind: 'eventstoredb',

    async append(stream, events, { expectedRevision }): Promise<AppendResult> {
      const encoded = encodeAppend(stream, events, expectedRevision)
      const data = encoded.map((event) => toEventData(event, randomUUID()))
      const result = await persist(`appending to ${stream}`, limits, (timeLeft) =>
        appendOnce(stream, data, expectedRevision, timeLeft),
      )
      if (result.outcome === 'conflict') return (await repeatOf(stream, encoded, result.actualRevision)) ?? result
      bell.ring()
      // The index catches up before it answers, so nothing depends on this; it only saves reads.
      commandIndex.add(stream, expectedRevision + 1, result.revision, placesOf(stream, encoded)).catch(() => undefined)
      return result
    },

    async readStream(stream, { from = 0, limit } = {}) {
      const records = await readRecords(stream, Math.max(0, from), readLimit(limit))
      return records.flatMap((record) => ours(record) ?? [])
    },

    readAll,

    async *subscribe(subscription: SubscribeOptions) {
      const leave = doorbell.listen()
      try {
        yield* subscribePages({ readAll, bell, pollMilliseconds: pollInterval, closed: closing.signal }, subscription)
      } finally {
        leave()
      }
    },

    findCommand,
    async head() {
      // Whoever wrote it: ours may be far back in a log that others fill, and a reader is told to move on all the same.
      const [last] = await readBackwards('end', 1)
      return last ? positionOf(last) : 0n
    },
    positionAt: (instant) => lookBack.positionAt(instant),

    async close() {
      closing.abort()
      doorbell.close()
      await connection.close(closeTimeout)
    },
  }
}

function at(position: bigint): ReadPosition {
  return { commit: position, prepare: position }
}

/** Deletions carry raw numbers in the same error class: −1n is no stream (eventstoredb.md §2). */
function revisionOf(actual: bigint | 'no_stream'): number {
  return actual === 'no_stream' ? noStream : Number(actual)
}
