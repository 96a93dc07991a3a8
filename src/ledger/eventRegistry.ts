import { errorDeclared } from '../domain/kernel/errorDeclaration.ts'
import type { EventDefinition } from '../domain/kernel/event.ts'

/** Every event type this process knows, at its newest version, with the way up from older ones. */
export interface EventRegistry {
  readonly definitions: ReadonlyMap<string, EventDefinition>
  /** The definition of a type. Throws `NewerEvent` when there is none. */
  definition(type: string): EventDefinition
  /** The data as its schema gives it back. Throws `InvalidEvent`: an event about to be written that does not fit is a bug. */
  validate(type: string, data: unknown): unknown
  /** Lifts stored data to the newest version. Throws `NewerEvent` on a type or version this process does not know. */
  upcast(type: string, schemaVersion: number, data: unknown): unknown
}

/**
 * The log holds an event that a newer release wrote. Whoever reads it waits for its own release and does not park or
 * skip it (design.md §3).
 */
export class NewerEvent extends Error {
  override readonly name = 'NewerEvent'
  readonly type: string
  readonly schemaVersion: number | undefined

  constructor(type: string, schemaVersion?: number) {
    super(`this release does not know ${type}${schemaVersion === undefined ? '' : ` version ${schemaVersion}`}`)
    this.type = type
    this.schemaVersion = schemaVersion
  }
}

export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent'
}

/** Throws when two definitions share a type, or when a version cannot be reached from the one before. */
export function createEventRegistry(
  aggregates: Iterable<{ readonly category: string; readonly events: readonly EventDefinition[] }>,
): EventRegistry {
  const definitions = collect(aggregates)
  const definition = (type: string): EventDefinition => {
    const found = definitions.get(type)
    if (!found) throw new NewerEvent(type)
    return found
  }
  return {
    definitions,
    definition,
    validate(type, data) {
      const known = definitions.get(type)
      if (!known) throw new InvalidEvent(`${type} is not an event of this release`)
      const parsed = known.schema.safeParse(data)
      if (!parsed.success) throw new InvalidEvent(`${type} does not fit its schema: ${parsed.error.message}`)
      return parsed.data
    },
    upcast(type, schemaVersion, data) {
      const { version, upcasts } = definition(type)
      if (schemaVersion > version) throw new NewerEvent(type, schemaVersion)
      let lifted = data
      for (let from = schemaVersion; from < version; from += 1) {
        const lift = upcasts[from]
        if (!lift) throw new InvalidEvent(`${type} has no version ${from}`)
        lifted = lift(lifted)
      }
      return lifted
    },
  }
}

function collect(aggregates: Iterable<{ readonly category: string; readonly events: readonly EventDefinition[] }>) {
  const definitions = new Map<string, EventDefinition>([[errorDeclared.type, errorDeclared]])
  for (const { category, events } of aggregates) {
    for (const event of events) {
      const known = definitions.get(event.type)
      if (known && known !== event) throw new Error(`two definitions of the event type ${event.type} (${category})`)
      for (let from = 1; from < event.version; from += 1) {
        if (!event.upcasts[from]) throw new Error(`${event.type} has no upcast from version ${from}`)
      }
      definitions.set(event.type, event)
    }
  }
  return definitions
}
