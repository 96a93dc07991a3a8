import type { Foldable } from '../domain/kernel/decider.ts'
import { declaredEventId } from '../domain/kernel/errorDeclaration.ts'
import type { EventRegistry } from './eventRegistry.ts'
import type { Envelope, RecordedEvent } from './envelope.ts'
import { noStream, type EventStore } from './eventStore.ts'

/** The state of a stream up to a revision. */
export interface Folded<S> {
  readonly state: S
  readonly revision: number
  /** of the event at `revision`; 0n when there is none */
  readonly position: bigint
  /** id of the event at `revision`: by it a snapshot or cached state is recognised as one of this log */
  readonly lastEventId: string | undefined
  /** ids of the events that were declared in error and are not in the state */
  readonly declared: ReadonlySet<string>
}

/** the most that one call of the port reads */
const pageSize = 5_000

export function unfolded<S>(aggregate: Foldable<S>): Folded<S> {
  return {
    state: aggregate.initialState,
    revision: noStream,
    position: 0n,
    lastEventId: undefined,
    declared: new Set(),
  }
}

/**
 * Brings a state up to the head of its stream. The last event that it holds is read again: when the log has another one
 * there (it was restored from a backup), or when an event already in the state has been declared in error since, the
 * stream is folded anew from its beginning (`restarted`). Throws `NewerEvent`.
 */
export async function foldStream<S>(
  store: EventStore,
  registry: EventRegistry,
  aggregate: Foldable<S>,
  stream: string,
  base: Folded<S>,
): Promise<{ readonly folded: Folded<S>; readonly restarted: boolean }> {
  let folded = base
  let restarted = false
  const restart = (declared: ReadonlySet<string>): void => {
    folded = { ...unfolded(aggregate), declared }
    restarted = true
  }
  for (;;) {
    const page = await store.readStream(stream, { from: Math.max(folded.revision, 0), limit: pageSize })
    if (folded.revision !== noStream && page[0]?.id !== folded.lastEventId) {
      restart(new Set())
      continue
    }
    const fresh = folded.revision === noStream ? page : page.slice(1)
    const declared = withDeclarations(folded.declared, fresh)
    if (folded.revision !== noStream && namesEarlierEvent(folded.declared, declared, fresh)) {
      restart(declared)
      continue
    }
    folded = foldPage(registry, aggregate, { ...folded, declared }, fresh)
    if (page.length < pageSize) return { folded, restarted }
  }
}

/** The state of a stream as it was known before an event of it, and that event; at its end when there is none. */
export async function foldUntil<S>(
  store: EventStore,
  registry: EventRegistry,
  aggregate: Foldable<S>,
  stream: string,
  isEnd: (event: RecordedEvent) => boolean,
): Promise<{ readonly state: S; readonly end: RecordedEvent | undefined }> {
  const events: RecordedEvent[] = []
  let end: RecordedEvent | undefined
  for (let isMore = true; isMore;) {
    const page = await store.readStream(stream, { from: events.length, limit: pageSize })
    end = page.find(isEnd)
    events.push(...(end ? page.slice(0, page.indexOf(end)) : page))
    isMore = !end && page.length === pageSize
  }
  const declared = withDeclarations(new Set(), events)
  return { state: foldPage(registry, aggregate, { ...unfolded(aggregate), declared }, events).state, end }
}

/** One event on top of a state: data lifted to the newest version; an error declaration changes no state by itself. */
export function evolveBy<S>(
  registry: EventRegistry,
  aggregate: Foldable<S>,
  state: S,
  event: Pick<Envelope, 'id' | 'type' | 'schemaVersion' | 'occurredAt' | 'revision'> & { readonly data: unknown },
): S {
  const { id, type, schemaVersion, occurredAt, revision } = event
  const data = registry.upcast(type, schemaVersion, event.data)
  return declaredEventId(event) === undefined
    ? aggregate.evolve(state, { id, type, data, occurredAt, revision })
    : state
}

function foldPage<S>(
  registry: EventRegistry,
  aggregate: Foldable<S>,
  folded: Folded<S>,
  page: readonly RecordedEvent[],
): Folded<S> {
  const last = page.at(-1)
  if (!last) return folded
  let { state } = folded
  for (const event of page) {
    if (!folded.declared.has(event.id)) state = evolveBy(registry, aggregate, state, event)
  }
  const { revision, position, id } = last
  return { state, revision, position, lastEventId: id, declared: folded.declared }
}

function withDeclarations(known: ReadonlySet<string>, page: readonly RecordedEvent[]): ReadonlySet<string> {
  const named = page.map(declaredEventId).filter((id) => id !== undefined)
  return named.length === 0 ? known : new Set([...known, ...named])
}

/** True when a declaration new to this state names an event that lies before the page: the state may hold it. */
function namesEarlierEvent(
  known: ReadonlySet<string>,
  declared: ReadonlySet<string>,
  page: readonly RecordedEvent[],
): boolean {
  if (declared.size === known.size) return false
  const here = new Set(page.map(({ id }) => id))
  return [...declared].some((id) => !known.has(id) && !here.has(id))
}
