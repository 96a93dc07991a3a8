import type { z } from 'zod'

/**
 * The definition of one event type at its newest version. The type name and the schema are the storage format:
 * once released they never change; a change is a new version with an upcast from the one before.
 */
export interface EventDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type
  readonly version: number
  readonly schema: Schema
  /**
   * Fields that hold personal data, as `field path → path of the person's id in the data` (or `'actor'` for free
   * text, which is personal data of its author). Items of an array are addressed by `*`: `contacts.*.name`.
   */
  readonly personal: Readonly<Record<string, string>>
  /** May be named by an error declaration (domain.md §2.0). */
  readonly correctable: boolean
  /** Lifts the data of version n to version n + 1, keyed by n. */
  readonly upcasts: Readonly<Record<number, (data: unknown) => unknown>>
}

export function defineEvent<const Type extends string, Schema extends z.ZodType>(
  type: Type,
  schema: Schema,
  options: Partial<Pick<EventDefinition, 'version' | 'personal' | 'correctable' | 'upcasts'>> = {},
): EventDefinition<Type, Schema> {
  return { type, schema, version: 1, personal: {}, correctable: false, upcasts: {}, ...options }
}

/** What a decider returns: the type and its data. The union over definitions is a discriminated union on `type`. */
export type EventOf<D extends EventDefinition> =
  D extends EventDefinition<infer Type, infer Schema>
    ? {
        readonly type: Type
        readonly data: z.infer<Schema>
        /** business time, where it differs from the command's */ readonly occurredAt?: string
      }
    : never

/** An event as `evolve` sees it: with its business time and identity. */
export type Happened<E> = E & { readonly id: string; readonly occurredAt: string; readonly revision: number }
