import { z } from 'zod'
import { defineCommand, type CommandOf } from './decider.ts'
import { defineEvent, type EventOf } from './event.ts'
import { streamName, uuid } from './fields.ts'

/**
 * Correction after EPCIS 2.0 (domain.md §2.0): nothing is edited. An error declaration names an event of its own
 * stream, and from then on the stream is folded as if that event had not been. Aggregates do not know of it: the
 * command handler and the projection engine skip what was declared.
 */
const declaration = z.strictObject({
  eventId: uuid,
  /** it never happened, or it happened otherwise than recorded: then the corrective events say how */
  reason: z.enum(['did_not_occur', 'incorrect_data']),
  correctiveEventIds: z.array(uuid).min(1).max(100).optional(),
})

export const errorDeclared = defineEvent('ErrorDeclared', declaration)
export type ErrorDeclared = EventOf<typeof errorDeclared>

/** `stream` is the whole name, such as `order-4711`; the event stands in that stream. */
export const declareError = defineCommand(
  'DeclareError',
  z.strictObject({ stream: streamName, ...declaration.shape }),
  (command) => command.stream.slice(command.stream.indexOf('-') + 1),
)
export type DeclareError = CommandOf<typeof declareError>

/** The id of the event that an error declaration names; undefined for every other event. */
export function declaredEventId(event: { readonly type: string; readonly data: unknown }): string | undefined {
  // the schema was checked before the event was appended
  return event.type === errorDeclared.type ? (event.data as ErrorDeclared['data']).eventId : undefined
}
