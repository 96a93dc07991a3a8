import type { NewEvent, RecordedEvent } from './envelope.ts'

/** The event as it was before it was recorded, to be appended once more elsewhere under its id. */
export function asNewEvent(event: RecordedEvent): NewEvent {
  const { id, type, schemaVersion, occurredAt, actor, source, correlationId, causationId, data } = event
  const cause = causationId !== undefined && { causationId }
  return { id, type, schemaVersion, occurredAt, actor, source, correlationId, data, ...cause }
}
