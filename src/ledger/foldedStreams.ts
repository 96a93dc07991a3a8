import type { Foldable } from '../domain/kernel/decider.ts'
import { createBoundedCache } from './boundedCache.ts'
import type { EventRegistry } from './eventRegistry.ts'
import { noStream, type EventStore } from './eventStore.ts'
import { foldStream, unfolded, type Folded } from './foldStream.ts'
import { shareReads } from './shareReads.ts'
import type { Snapshots } from './snapshots.ts'

/** The folded states of streams: the ones used last are held in memory, long ones have a snapshot. */
export interface FoldedStreams {
  /** A state held in memory, perhaps behind the log. */
  held<S>(aggregate: Foldable<S>, stream: string): Folded<S> | undefined
  /** The state at the head of the stream as of this call or later. Throws `StoreUnavailable` and `NewerEvent`. */
  current<S>(aggregate: Foldable<S>, stream: string): Promise<Folded<S>>
  /** Holds a state that the caller brought forward. */
  hold<S>(aggregate: Foldable<S>, stream: string, folded: Folded<S>): void
  /** Forgets what is held of a stream. */
  drop(stream: string): void
  /** Resolves when no snapshot is being written. */
  settled(): Promise<void>
}

export interface FoldedStreamsOptions {
  readonly store: EventStore
  readonly registry: EventRegistry
  readonly snapshots: Snapshots
  /** states held in memory */
  readonly capacity: number
  /** events between two snapshots of a stream */
  readonly snapshotEvery: number
  /** A snapshot could not be written or read; the command goes on without. */
  readonly onSnapshotError: (error: unknown) => void
}

interface Held {
  readonly aggregate: Foldable<unknown>
  readonly folded: Folded<unknown>
  /** revision of the newest snapshot known */
  readonly snapshotAt: number
}

export function createFoldedStreams(options: FoldedStreamsOptions): FoldedStreams {
  const { store, registry, snapshots, capacity, snapshotEvery, onSnapshotError } = options
  const cache = createBoundedCache<Held>({ capacity })
  const share = shareReads<Folded<unknown>>()
  /** by stream: one at a time, so that an older one never follows a newer */
  const saving = new Map<string, Promise<void>>()

  return {
    // what is held under an aggregate was folded by that aggregate: its state is an S
    held: <S>(aggregate: Foldable<S>, stream: string) => heldOf(aggregate, stream)?.folded as Folded<S> | undefined,
    current: async <S>(aggregate: Foldable<S>, stream: string) =>
      (await share(stream, () => catchUp(aggregate, stream))) as Folded<S>,
    hold(aggregate, stream, folded) {
      keep(aggregate, stream, folded, heldOf(aggregate, stream)?.snapshotAt ?? noStream)
    },
    drop: (stream) => cache.delete(stream),
    async settled() {
      while (saving.size > 0) await Promise.all(saving.values())
    },
  }

  async function catchUp(aggregate: Foldable<unknown>, stream: string): Promise<Folded<unknown>> {
    const known = heldOf(aggregate, stream)
    const base = known?.folded ?? (await snapshotOf(aggregate, stream))
    const { folded, restarted } = await foldStream(store, registry, aggregate, stream, base)
    // what a restart found makes the old snapshot worthless
    keep(aggregate, stream, folded, restarted ? noStream : (known?.snapshotAt ?? base.revision))
    return folded
  }

  async function snapshotOf(aggregate: Foldable<unknown>, stream: string): Promise<Folded<unknown>> {
    const snapshot = await snapshots.load(stream, aggregate.stateVersion).catch((error: unknown) => {
      onSnapshotError(error)
      return undefined
    })
    return snapshot ? { ...snapshot, declared: new Set(snapshot.declared) } : unfolded(aggregate)
  }

  function keep(aggregate: Foldable<unknown>, stream: string, folded: Folded<unknown>, snapshotAt: number): void {
    const due = folded.revision - snapshotAt >= snapshotEvery && !saving.has(stream)
    cache.set(stream, { aggregate, folded, snapshotAt: due ? folded.revision : snapshotAt })
    if (due) save(aggregate, stream, folded)
  }

  function save(aggregate: Foldable<unknown>, stream: string, folded: Folded<unknown>): void {
    const { state, revision, position, lastEventId, declared } = folded
    if (lastEventId === undefined) return
    const snapshot = { state, revision, position, lastEventId, declared: [...declared] }
    const saved: Promise<void> = snapshots
      .save(stream, aggregate.stateVersion, snapshot)
      .catch(onSnapshotError)
      .finally(() => {
        saving.delete(stream)
        const held = heldOf(aggregate, stream)
        if (held) keep(aggregate, stream, held.folded, held.snapshotAt)
      })
    saving.set(stream, saved)
  }

  function heldOf(aggregate: Foldable<unknown>, stream: string): Held | undefined {
    const held = cache.get(stream)
    return held?.aggregate === aggregate ? held : undefined
  }
}
