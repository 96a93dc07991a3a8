import type { Envelope, RecordedEvent } from './envelope.ts'

/** The event behind its two stored texts. `recordedAt` in ms since 1970. Each text is parsed once. */
export function decodeEvent(envelope: string, data: string, position: bigint, recordedAt: number): RecordedEvent {
  // The text was written by encodeEvent, which checked every field.
  const event = JSON.parse(envelope) as Envelope
  return Object.assign(event, {
    data: JSON.parse(data) as unknown,
    position,
    recordedAt: new Date(recordedAt).toISOString(),
    raw: { envelope, data },
  })
}
