import type { NewEvent, RecordedEvent } from './envelope.ts'

/** The revision of a stream that does not exist. */
export const noStream = -1

export type AppendResult =
  /** `revision` and `position` are those of the last event of this append; `repeated` when all events were there before, by id */
  | { readonly outcome: 'appended'; readonly revision: number; readonly position: bigint; readonly repeated: boolean }
  /** the stream is at another revision, or only some of the ids are known */
  | { readonly outcome: 'conflict'; readonly actualRevision: number }

export interface Page {
  readonly events: readonly RecordedEvent[]
  /** how far the log was scanned: the `after` of the next call, also when no event matched */
  readonly position: bigint
  /** nothing lay behind `position` when it was read */
  readonly atHead: boolean
}

export interface ReadAllOptions {
  /** exclusive; 0n is before the first event */
  readonly after: bigint
  /** events scanned at most; 1 to 5,000 */
  readonly limit: number
  /** only these types; all when absent */
  readonly types?: readonly string[]
}

export interface SubscribeOptions {
  readonly after: bigint
  readonly types?: readonly string[]
  readonly limit?: number
  readonly signal: AbortSignal
}

/**
 * Where events live. One total order that never skips: a reader that goes on from the position it has seen meets
 * every event exactly once. Errors are `StoreUnavailable` (outcome unknown: repeat with the same ids and expectation)
 * and `InvalidAppend` (a bug or an oversized event; nothing written).
 */
export interface EventStore {
  readonly kind: 'memory' | 'postgres' | 'eventstoredb'
  /** Atomic. Idempotent by event id: the same events again answer as the first time. At most 5,000 events and 1 MiB. */
  append(
    stream: string,
    events: readonly NewEvent[],
    options: { readonly expectedRevision: number },
  ): Promise<AppendResult>
  /** Events of one stream in revision order from `from` (inclusive), at most `limit` (default and maximum 5,000). A missing stream is empty. */
  readStream(
    stream: string,
    options?: { readonly from?: number; readonly limit?: number },
  ): Promise<readonly RecordedEvent[]>
  readAll(options: ReadAllOptions): Promise<Page>
  /** Pages from `after` on, then live ones as they come. Ends when the signal aborts. A page may be empty while only `position` moves. */
  subscribe(options: SubscribeOptions): AsyncIterable<Page>
  /** All events of one command, in order (its id is the id of its first event); empty when it has written none. Sees everything acknowledged before the call. */
  findCommand(commandId: string, stream: string): Promise<readonly RecordedEvent[]>
  /** Position of the newest event; 0n when empty. */
  head(): Promise<bigint>
  /** The last position recorded at or before an instant (ms since 1970): what `knownAt` means when it is a time. */
  positionAt(instant: number): Promise<bigint>
  close(): Promise<void>
}

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

export class InvalidAppend extends Error {
  override readonly name = 'InvalidAppend'
}
