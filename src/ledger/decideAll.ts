import { isRefusal, refuse, type Decision, type Foldable, type Refusal } from '../domain/kernel/decider.ts'
import type { CommandMeta } from './commands.ts'
import { appendLimits, encodeDraft, type EncodedEvent } from './encodeEvent.ts'
import type { NewEvent } from './envelope.ts'
import type { EventRegistry } from './eventRegistry.ts'
import { InvalidAppend } from './eventStore.ts'
import { evolveBy, type Folded } from './foldStream.ts'
import { PersonErased, type Keyring } from './personal/keyring.ts'

export interface DecidedEvent {
  readonly type: string
  readonly data: unknown
  readonly occurredAt?: string
}

/** One command's turn on the state of its stream. */
export interface Turn {
  readonly aggregate: Foldable<unknown>
  readonly meta: CommandMeta
  /** id of its n-th event; the 0th is the command's own id */
  readonly eventId: (n: number) => string
  readonly decide: (folded: Folded<unknown>) => Decision<DecidedEvent> | Promise<Decision<DecidedEvent>>
}

export type Verdict<T> =
  | { readonly turn: T; readonly refusal: Refusal }
  | { readonly turn: T; readonly error: unknown }
  /** `first` and `count` say which of the draft's events are its own; `revision` is the stream's after them */
  | { readonly turn: T; readonly first: number; readonly count: number; readonly revision: number }

/** What a batch would write. Turns that no longer fit into the append are missing from `verdicts`. */
export interface Draft<T> {
  readonly verdicts: readonly Verdict<T>[]
  readonly events: readonly NewEvent[]
  /** of their texts */
  readonly bytes: number
  /** state and revision after all events */
  readonly folded: Folded<unknown>
}

/** Above these another turn starts the next append; one turn alone may use the store's whole limit. */
export const appendTargets = { events: 1_000, bytes: appendLimits.bytes / 2 }

/**
 * Decides turns one after another, each on the state that the ones before it leave. A turn that throws, or whose events
 * do not fit their schemas, fails alone: it is a bug, and nothing of it is written.
 */
export async function decideAll<T extends Turn>(
  { registry, keyring }: { readonly registry: EventRegistry; readonly keyring: Keyring },
  stream: string,
  turns: readonly T[],
  base: Folded<unknown>,
): Promise<Draft<T>> {
  const verdicts: Verdict<T>[] = []
  const events: NewEvent[] = []
  let bytes = 0
  let folded = base
  for (const turn of turns) {
    try {
      const decision = await turn.decide(folded)
      if (isRefusal(decision)) {
        verdicts.push({ turn, refusal: decision })
        continue
      }
      const own = await prepare(turn, decision)
      const encoded = encode(own, folded.revision)
      if (!encoded) {
        verdicts.push({ turn, refusal: refuse('ledger.event_too_large', { limitBytes: appendLimits.bytes }) })
        continue
      }
      const size = encoded.reduce((sum, { envelope, data }) => sum + envelope.length + data.length, 0)
      const full = events.length + own.length > appendTargets.events || bytes + size > appendTargets.bytes
      if (events.length > 0 && own.length > 0 && full) break
      const next = evolveAll(turn, own, encoded, folded)
      verdicts.push({ turn, first: events.length, count: own.length, revision: next.revision })
      events.push(...own)
      bytes += size
      folded = next
    } catch (error) {
      verdicts.push(
        error instanceof PersonErased
          ? { turn, refusal: refuse('personal.erased', { subject: error.subject }) }
          : { turn, error },
      )
    }
  }
  return { verdicts, events, bytes, folded }

  async function prepare({ meta, eventId }: Turn, decided: readonly DecidedEvent[]): Promise<readonly NewEvent[]> {
    const { at, actor, source, correlationId, causationId, idempotency } = meta
    const prepared: NewEvent[] = []
    for (const { type, data, occurredAt = at } of decided) {
      const id = eventId(prepared.length)
      const plain = registry.validate(type, data)
      const definition = registry.definition(type)
      prepared.push({
        id,
        type,
        schemaVersion: definition.version,
        occurredAt,
        actor,
        source: {
          ...source,
          commandId: eventId(0),
          ...(idempotency ? { requestHash: idempotency.requestHash } : {}),
        },
        correlationId,
        ...(causationId === undefined ? {} : { causationId }),
        data: await keyring.sealAll(definition, plain, id, actor),
      })
    }
    return prepared
  }

  /** Undefined when one command's events are more than one append may hold. Throws `InvalidAppend` on a bug. */
  function encode(own: readonly NewEvent[], revision: number): readonly EncodedEvent[] | undefined {
    if (own.length === 0) return []
    if (own.length > appendLimits.events) return undefined
    try {
      return encodeDraft(stream, own, revision)
    } catch (error) {
      if (error instanceof InvalidAppend && isOversized(own)) return undefined
      throw error
    }
  }

  /** The state as the log will give it back: folded from the data as written, ciphertext in the personal fields. */
  function evolveAll(
    { aggregate }: Turn,
    own: readonly NewEvent[],
    encoded: readonly EncodedEvent[],
    before: Folded<unknown>,
  ): Folded<unknown> {
    const { position, declared, revision } = before
    const lastEventId = own.at(-1)?.id ?? before.lastEventId
    return lazilyFolded({ position, declared, lastEventId, revision: revision + own.length }, () =>
      own.reduce((state, event, index) => {
        const data = JSON.parse(encoded[index]?.data ?? 'null') as unknown
        return evolveBy(registry, aggregate, state, { ...event, data, revision: revision + 1 + index })
      }, before.state),
    )
  }
}

/** Most states of an import are never asked for: what is folded when it is. */
function lazilyFolded<S>(folded: Omit<Folded<S>, 'state'>, fold: () => S): Folded<S> {
  let state: { readonly folded: S } | undefined
  return {
    ...folded,
    get state() {
      state ??= { folded: fold() }
      return state.folded
    },
  }
}

function isOversized(events: readonly NewEvent[]): boolean {
  return Buffer.byteLength(JSON.stringify(events)) > appendLimits.bytes * 0.95
}
