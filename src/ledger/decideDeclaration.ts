import { refuse, type Decision } from '../domain/kernel/decider.ts'
import { errorDeclared, type ErrorDeclared } from '../domain/kernel/errorDeclaration.ts'
import type { CommandMeta } from './commands.ts'
import type { RecordedEvent } from './envelope.ts'
import type { EventRegistry } from './eventRegistry.ts'
import { noStream, type EventStore } from './eventStore.ts'
import type { Folded } from './foldStream.ts'

/** May this event of this stream be declared in error? `owner` is the dealer whose object the stream is. */
export async function decideDeclaration(
  { store, registry }: { readonly store: EventStore; readonly registry: EventRegistry },
  stream: string,
  declaration: ErrorDeclared['data'],
  meta: CommandMeta,
  { revision, declared }: Folded<unknown>,
  owner: string | undefined,
): Promise<Decision<ErrorDeclared>> {
  const { eventId } = declaration
  if (revision === noStream || (meta.onBehalfOf !== undefined && owner !== meta.onBehalfOf))
    return refuse('object.not_found')
  if (meta.expectedRevision !== undefined && meta.expectedRevision !== revision) {
    return refuse('revision.conflict', { actualRevision: revision })
  }
  if (declared.has(eventId)) return refuse('correction.already_declared', { eventId })
  const event = await findEvent(store, stream, eventId, revision)
  if (!event) return refuse('correction.unknown_event', { eventId })
  if (!registry.definition(event.type).correctable) {
    return refuse('correction.not_correctable', { eventId, type: event.type })
  }
  return [{ type: errorDeclared.type, data: declaration }]
}

/** Declarations are rare and mostly name a recent event: the stream is searched from its end. */
async function findEvent(
  store: EventStore,
  stream: string,
  eventId: string,
  last: number,
): Promise<RecordedEvent | undefined> {
  const pageSize = 1_000
  for (let end = last + 1; end > 0; end -= pageSize) {
    const from = Math.max(0, end - pageSize)
    const page = await store.readStream(stream, { from, limit: end - from })
    const found = page.find(({ id }) => id === eventId)
    if (found) return found
  }
  return undefined
}
