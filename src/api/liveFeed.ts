import { createBell } from '../ledger/bell.ts'
import type { RecordedEvent } from '../ledger/envelope.ts'
import type { EventStore } from '../ledger/eventStore.ts'

/** What the log newly says, of one sort, held once per process for all who listen. */
export interface LiveFeed<Item> {
  /** position of the newest event read; undefined before the first look at the log */
  position(): bigint | undefined
  /** items after a position, oldest first; undefined when the ring no longer (or never) reached back so far */
  after(position: bigint): readonly Item[] | undefined
  /** Returns when the feed has gone on since `seen`, after `milliseconds`, or when the signal aborts. */
  wait(seen: number, milliseconds: number, signal: AbortSignal): Promise<void>
  /** how often it went on; read before looking */
  turns(): number
}

export interface LiveFeedOptions<Item> {
  readonly store: EventStore
  /** all when absent */
  readonly types?: readonly string[]
  /** the position after which it begins; asked again when it fails */
  readonly begin: () => Promise<bigint>
  /** What a page means. It may fail and is then asked again: what it remembers it changes only when nothing can fail any more. */
  readonly itemsOf: (events: readonly RecordedEvent[]) => Promise<readonly Item[]>
  readonly capacity: number
  readonly signal: AbortSignal
  readonly onError: (error: unknown) => void
}

const retryMilliseconds = 1_000

/** One reader of the log per process and a bounded ring: a client costs its connection and no read. */
export function openLiveFeed<Item extends { readonly position: bigint }>(
  options: LiveFeedOptions<Item>,
): LiveFeed<Item> {
  const { store, types, begin, itemsOf, capacity, signal, onError } = options
  const bell = createBell()
  /** ascending by position */
  let ring: Item[] = []
  /** the ring holds every item after this position */
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
        const after: bigint = (newest ??= await begin())
        floor ??= after
        for await (const page of store.subscribe({ after, signal, ...(types && { types }) })) {
          ring.push(...(await itemsOf(page.events)))
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
