import { createBell } from '../ledger/bell.ts'
import type { EventStore } from '../ledger/eventStore.ts'
import type { OwnerOf } from './ownerOf.ts'

/** What a live view is told of an event: enough to know what to ask again, nothing personal. */
export interface LiveEvent {
  readonly position: bigint
  readonly eventId: string
  readonly type: string
  readonly stream: string
  readonly revision: number
  readonly occurredAt: string
  readonly recordedAt: string
  readonly dealerId: string | undefined
}

/** The newest events of the log, held once per process for all who listen. */
export interface LiveFeed {
  /** position of the newest event read; undefined before the first look at the log */
  position(): bigint | undefined
  /** events after a position, oldest first; undefined when the ring no longer (or never) reached back so far */
  after(position: bigint): readonly LiveEvent[] | undefined
  /** Returns when the feed has gone on since `seen`, after `milliseconds`, or when the signal aborts. */
  wait(seen: number, milliseconds: number, signal: AbortSignal): Promise<void>
  /** how often it went on; read before looking */
  turns(): number
}

export interface LiveFeedOptions {
  readonly store: EventStore
  readonly ownerOf: OwnerOf
  readonly capacity: number
  readonly signal: AbortSignal
  readonly onError: (error: unknown) => void
}

const retryMilliseconds = 1_000

/** One reader of the log per process and a bounded ring: a client costs its connection and no read. */
export function openLiveFeed(options: LiveFeedOptions): LiveFeed {
  const { store, ownerOf, capacity, signal, onError } = options
  const bell = createBell()
  /** ascending by position */
  let ring: LiveEvent[] = []
  /** the ring holds every event after this position */
  let floor: bigint | undefined
  let newest: bigint | undefined
  void run()

  return {
    position: () => newest,
    after(position) {
      if (floor === undefined || newest === undefined || position < floor || position > newest) return undefined
      return ring.slice(firstAfter(position))
    },
    wait: (seen, milliseconds, until) => bell.wait(seen, milliseconds, until),
    turns: () => bell.rings(),
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        const after: bigint = (newest ??= await store.head())
        floor ??= after
        for await (const page of store.subscribe({ after, signal })) {
          const events: LiveEvent[] = []
          for (const event of page.events) {
            const { position, id: eventId, type, stream, revision, occurredAt, recordedAt } = event
            const dealerId = await ownerOf(event)
            events.push({ position, eventId, type, stream, revision, occurredAt, recordedAt, dealerId })
          }
          ring.push(...events)
          newest = page.position
          if (ring.length > capacity) {
            floor = ring.at(-capacity - 1)?.position ?? floor
            ring = ring.slice(-capacity)
          }
          bell.ring()
        }
      } catch (error) {
        onError(error)
        await createBell().wait(0, retryMilliseconds, signal)
      }
    }
  }

  function firstAfter(position: bigint): number {
    let [low, high] = [0, ring.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ring[middle]?.position ?? 0n) <= position) low = middle + 1
      else high = middle
    }
    return low
  }
}
