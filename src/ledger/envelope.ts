/** Where an event came from. Absent keys are left out of the canonical bytes. */
export interface Source {
  readonly kind: 'command' | 'process' | 'schedule' | 'import'
  readonly system?: string
  readonly document?: string
  readonly line?: string
  /** id of the first event of the command; shared by all its events, so that an answer can be rebuilt from them */
  readonly commandId?: string
  /** SHA-256 of the canonical request, hex: the same key with another request is refused */
  readonly requestHash?: string
}

/** The envelope of design.md §3. Revision is 0 for the first event of a stream. */
export interface Envelope {
  readonly format: 1
  readonly id: string
  readonly type: string
  readonly schemaVersion: number
  readonly stream: string
  readonly revision: number
  readonly occurredAt: string
  readonly actor: string
  readonly source: Source
  readonly correlationId: string
  readonly causationId?: string
}

/** An event on its way into a stream: what the envelope holds, less what the append decides. Personal fields are already sealed. */
export interface NewEvent extends Omit<Envelope, 'format' | 'stream' | 'revision'> {
  readonly data: unknown
}

/** An event as the store gives it back. */
export interface RecordedEvent extends Envelope {
  readonly data: unknown
  /** the store's own order, opaque: for tokens and checkpoints */
  readonly position: bigint
  /** UTC with milliseconds, `2026-01-15T08:30:00.000Z` */
  readonly recordedAt: string
  /** the canonical JSON bytes as written, as text (RFC 8785) */
  readonly raw: { readonly envelope: string; readonly data: string }
}
