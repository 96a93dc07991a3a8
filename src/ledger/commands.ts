import type { Aggregate, Load, Refusal } from '../domain/kernel/decider.ts'
import type { RecordedEvent, Source } from './envelope.ts'

/** What accompanies a command from the edge (API, worker, import) to the decision. */
export interface CommandMeta {
  /** business time, RFC 9557 */
  readonly at: string
  /** pseudonymous principal id, or the name of a process */
  readonly actor: string
  readonly source: Omit<Source, 'commandId' | 'requestHash'>
  readonly correlationId: string
  readonly causationId?: string
  /** Without it ids are UUIDv7 and a repeat is a new command. `requestHash` is the SHA-256 of the canonical request, hex. */
  readonly idempotency?: {
    readonly principal: string
    readonly route: string
    readonly key: string
    readonly requestHash: string
  }
  /** what the caller has seen (`If-Match`); a mismatch is `revision.conflict` */
  readonly expectedRevision?: number
  /** id of the event that the command follows at once: another one at the end of the stream is `revision.conflict` */
  readonly after?: string
  /** the dealer on whose behalf the principal acts: an object of another owner is `object.not_found` */
  readonly onBehalfOf?: string
  /** a recorded fact from elsewhere (domain.md §2.14) */
  readonly recorded?: boolean
}

export type Outcome =
  | {
      readonly ok: true
      readonly stream: string
      /** of the stream after the command; for a replayed answer, after the command's own last event */
      readonly revision: number
      /** consistency token: position of the command's last event; of the stream's last known event for a no-op */
      readonly position: bigint
      /** the events this command wrote, now or the first time; empty for a no-op */
      readonly events: readonly RecordedEvent[]
      /** the answer of an earlier call with the same key */
      readonly replayed: boolean
    }
  | { readonly ok: false; readonly refusal: Refusal }

export interface CommandHandler {
  /**
   * Decides one command on its stream and appends what it decided. The command must have passed its schema.
   * Refusals are outcomes; `StoreUnavailable` is thrown with the outcome unknown.
   */
  execute<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
    meta: CommandMeta,
  ): Promise<Outcome>
  /** The folded state of a stream, not older than the call. */
  readonly load: Load
  /** The same with its revision (`ETag`); revision −1 when the stream does not exist. */
  loadWithRevision: <S>(
    aggregate: Parameters<Load>[0] & { readonly initialState: S },
    id: string,
  ) => Promise<{ state: S; revision: number }>
}
