import { jsonEvent, type EventData, type JSONType, type ResolvedEvent } from '@eventstore/db-client'
import { canonicalJson } from '../canonicalJson.ts'
import type { EncodedEvent } from '../encodeEvent.ts'
import type { Envelope, RecordedEvent } from '../envelope.ts'

/** What EventStoreDB does not hold itself: it has the type, the stream and the revision. */
type Metadata = Omit<Envelope, 'type' | 'stream' | 'revision'>

/**
 * How an event stands in EventStoreDB: our data as its data, the rest of our envelope as its metadata, both as JSON, so
 * that its own pages and projections can read them. The client writes JSON with `JSON.stringify` and reads it with
 * `JSON.parse`, which loses nothing here: what goes in was parsed from canonical text (money and quantities are strings,
 * numbers are doubles, no lone surrogates), so the canonical text of what comes out is the text that the append checked
 * (integrity.md §3.4(1), equal by construction).
 *
 * `deliveryId` is the event's id for EventStoreDB: one per append, the same over its repeats. The server takes an append
 * of known ids for done, whatever its data (eventstoredb.md §3), so with our own ids a process that loses a race for one
 * command would believe that it won. Ours is in the metadata.
 */
export function toEventData(event: EncodedEvent, deliveryId: string): EventData {
  // The texts were written by encodeAppend, which checked every field.
  const { type, stream: _stream, revision: _revision, ...metadata } = JSON.parse(event.envelope) as Envelope
  return jsonEvent({ id: deliveryId, type, data: JSON.parse(event.data) as JSONType, metadata })
}

/**
 * The event of ours behind what the server gave, or `undefined` when it is the server's own (`$…`), another
 * application's, or something foreign inside our streams.
 */
export function fromResolvedEvent(resolved: ResolvedEvent, prefix: string): RecordedEvent | undefined {
  const event = resolved.event
  if (!event || !isOurs(event, prefix) || !hasMetadata(event.metadata)) return undefined
  const { format, id, schemaVersion, occurredAt, actor, source, correlationId, causationId } = event.metadata
  const envelope: Envelope = {
    format,
    id,
    type: event.type,
    schemaVersion,
    stream: event.streamId.slice(prefix.length),
    revision: Number(event.revision),
    occurredAt,
    actor,
    source,
    correlationId,
    ...(causationId !== undefined && { causationId }),
  }
  const data: unknown = event.data
  return {
    ...envelope,
    data,
    position: positionOf(resolved),
    recordedAt: event.created.toISOString(),
    raw: lazyTexts(envelope, data),
  }
}

/** Made when somebody asks: most readers fold the data and never do, and it is a third of the cost of a read. */
function lazyTexts(envelope: Envelope, data: unknown): RecordedEvent['raw'] {
  let envelopeText: string | undefined
  let dataText: string | undefined
  return {
    get envelope() {
      return (envelopeText ??= canonicalJson(envelope))
    },
    get data() {
      return (dataText ??= canonicalJson(data))
    },
  }
}

/** Where the event stands in the log; commit and prepare are the same for everything that is written over gRPC. */
export function positionOf({ event, commitPosition }: ResolvedEvent): bigint {
  return commitPosition ?? event?.position?.commit ?? 0n
}

function isOurs(event: NonNullable<ResolvedEvent['event']>, prefix: string): boolean {
  return event.isJson && event.streamId.startsWith(prefix) && !event.type.startsWith('$')
}

/** `format` is in every envelope of ours since the first event. */
function hasMetadata(metadata: unknown): metadata is Metadata {
  return typeof metadata === 'object' && metadata !== null && 'format' in metadata && metadata.format === 1
}
