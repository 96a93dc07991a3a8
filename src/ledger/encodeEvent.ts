import { instantOf } from '../domain/kernel/businessTime.ts'
import { canonicalJson } from './canonicalJson.ts'
import type { NewEvent } from './envelope.ts'
import { InvalidAppend, noStream } from './eventStore.ts'

/** An event as every store writes it: the two canonical texts, and what a store looks it up by. */
export interface EncodedEvent {
  readonly id: string
  readonly type: string
  readonly revision: number
  /** `source.commandId` */
  readonly commandId: string | undefined
  /** RFC 8785; neither text ever holds a raw control character */
  readonly envelope: string
  readonly data: string
  /** what it counts for the limit of an append */
  readonly bytes: number
}

export const appendLimits = {
  events: 5_000,
  /** UTF-8 bytes of envelopes and data plus two per character of the type names: EventStoreDB's way of counting */
  bytes: 1_048_576,
  envelopeBytes: 16_384,
  streamBytes: 1_024,
  typeLength: 200,
  /** what a 32-bit integer holds */
  revision: 2_147_483_647,
} as const

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}(Z|[+-]\d{2}:\d{2})\[[A-Za-z0-9_+\-/]{1,64}\]$/
const control = /\p{Cc}/u
const kinds: ReadonlySet<unknown> = new Set(['command', 'process', 'schedule', 'import'])

/** Texts of events that were written to be looked at before they are appended: an append to the same place takes them over. */
const drafts = new WeakMap<NewEvent, { readonly stream: string; readonly encoded: EncodedEvent }>()

/** As `encodeAppend`, for events that are appended right after: they are not encoded a second time. */
export function encodeDraft(
  stream: string,
  events: readonly NewEvent[],
  expectedRevision: number,
): readonly EncodedEvent[] {
  const all = encodeAppend(stream, events, expectedRevision)
  for (const [index, encoded] of all.entries()) {
    const event = events[index]
    if (event) drafts.set(event, { stream, encoded })
  }
  return all
}

/**
 * Checks an append and writes its events as canonical text, revisions counted on from `expectedRevision`.
 * The limits and names are the strictest of all adapters, so that a log moves from one to another.
 *
 * @throws InvalidAppend when the events or the expectation could never be written
 */
export function encodeAppend(
  stream: string,
  events: readonly NewEvent[],
  expectedRevision: number,
): readonly EncodedEvent[] {
  checkName('stream', stream)
  if (Buffer.byteLength(stream) > appendLimits.streamBytes)
    invalid(`a stream name over ${appendLimits.streamBytes} bytes`)
  if (
    !Number.isInteger(expectedRevision) ||
    expectedRevision < noStream ||
    expectedRevision + events.length > appendLimits.revision
  ) {
    invalid(`an append to ${stream} expects revision ${expectedRevision}`)
  }
  if (events.length === 0) invalid(`an append to ${stream} without events`)
  if (events.length > appendLimits.events)
    invalid(`${events.length} events in one append; the limit is ${appendLimits.events}`)
  if (events.length > 1 && new Set(events.map((event) => event.id)).size < events.length) {
    invalid(`an append to ${stream} holds one event id twice`)
  }

  let bytes = 0
  return events.map((event, index) => {
    const encoded = encodeEvent(stream, event, expectedRevision + 1 + index)
    bytes += encoded.bytes
    if (bytes > appendLimits.bytes) invalid(`an append to ${stream} over ${appendLimits.bytes} bytes`)
    return encoded
  })
}

function encodeEvent(stream: string, event: NewEvent, revision: number): EncodedEvent {
  const draft = drafts.get(event)
  if (draft?.stream === stream && draft.encoded.revision === revision) return draft.encoded
  const { id, type, schemaVersion, occurredAt, actor, source, correlationId, causationId } = event
  if (!uuid.test(id)) invalid(`the event id ${JSON.stringify(id)} is not a lower-case UUID`)
  checkName('type', type)
  if (type.length > appendLimits.typeLength) invalid(`an event type over ${appendLimits.typeLength} characters`)
  if (!Number.isSafeInteger(schemaVersion) || schemaVersion < 1) invalid(`schema version ${schemaVersion} of ${type}`)
  if (!isTime(occurredAt))
    invalid(`${type} occurred at ${JSON.stringify(occurredAt)}, which is not RFC 9557 with milliseconds`)
  if (!kinds.has(source.kind)) invalid(`${type} has an unknown kind of source`)
  const { commandId } = source
  if (commandId !== undefined && !uuid.test(commandId))
    invalid(`the command id ${JSON.stringify(commandId)} is not a lower-case UUID`)

  try {
    // Written key by key in canonical order, twice as fast as sorting the keys of every envelope anew.
    const cause = causationId === undefined ? '' : `"causationId":${text('causationId', causationId)},`
    const envelope =
      `{"actor":${text('actor', actor)},${cause}"correlationId":${text('correlationId', correlationId)},"format":1,"id":"${id}",` +
      `"occurredAt":"${occurredAt}","revision":${revision},"schemaVersion":${schemaVersion},"source":${canonicalJson(source)},` +
      `"stream":${canonicalJson(stream)},"type":${canonicalJson(type)}}`
    const data = canonicalJson(event.data)
    const envelopeBytes = Buffer.byteLength(envelope)
    if (envelopeBytes > appendLimits.envelopeBytes) invalid(`an envelope over ${appendLimits.envelopeBytes} bytes`)
    const bytes = envelopeBytes + Buffer.byteLength(data) + 2 * type.length
    return { id, type, revision, commandId, envelope, data, bytes }
  } catch (error) {
    if (error instanceof TypeError) throw new InvalidAppend(`${type} in ${stream}: ${error.message}`, { cause: error })
    throw error
  }
}

/** Names are keys in every store: no control characters (PostgreSQL's text has no NUL), and `$` is EventStoreDB's own. */
function checkName(what: 'stream' | 'type', name: string): void {
  if (typeof name !== 'string' || name === '') invalid(`an event without a ${what}`)
  if (name.startsWith('$') || control.test(name))
    invalid(`the ${what} ${JSON.stringify(name)} starts with $ or holds control characters`)
}

function text(field: string, value: string): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${field} is not a text`)
  return canonicalJson(value)
}

function isTime(value: string): boolean {
  if (!time.test(value)) return false
  try {
    return Number.isInteger(instantOf(value))
  } catch {
    return false
  }
}

function invalid(message: string): never {
  throw new InvalidAppend(message)
}
