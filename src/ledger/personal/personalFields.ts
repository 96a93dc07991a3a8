import type { EventDefinition } from '../../domain/kernel/event.ts'

/** One personal field as it stands in the data of an event; `path` has indexes where its definition has `*`. */
export interface PersonalField {
  readonly path: string
  readonly value: unknown
  /** id of the person; undefined when the data names none */
  readonly subject: string | undefined
}

/** The personal fields of an event that are there (optional ones may be absent or null). */
export function personalFieldsOf(
  definition: Pick<EventDefinition, 'personal'>,
  data: unknown,
  actor: string | undefined,
): readonly PersonalField[] {
  return Object.entries(definition.personal).flatMap(([pattern, subjectPattern]) =>
    placesOf(data, pattern.split('.')).map(({ keys, value }) => ({
      path: keys.join('.'),
      value,
      subject: subjectPattern === 'actor' ? actor : subjectAt(data, subjectPattern, keys),
    })),
  )
}

/** A copy of the data with these values at their paths; what does not change is shared. */
export function withFields(data: unknown, replacements: ReadonlyMap<string, unknown>): unknown {
  let copy = data
  for (const [path, value] of replacements) copy = withValue(copy, path.split('.'), value)
  return copy
}

function placesOf(
  data: unknown,
  pattern: readonly string[],
  keys: readonly string[] = [],
): readonly { readonly keys: readonly string[]; readonly value: unknown }[] {
  if (data === undefined || data === null) return []
  const [first, ...rest] = pattern
  if (first === undefined) return [{ keys, value: data }]
  if (first !== '*') return placesOf(child(data, first), rest, [...keys, first])
  if (!Array.isArray(data)) return []
  return data.flatMap((item: unknown, index) => placesOf(item, rest, [...keys, String(index)]))
}

/** The subject's path follows the field's: its n-th `*` is the index the field has at its own n-th `*`. */
function subjectAt(data: unknown, pattern: string, keys: readonly string[]): string | undefined {
  const indexes = keys.filter((key) => /^\d+$/.test(key))
  let value = data
  for (const part of pattern.split('.')) value = child(value, part === '*' ? (indexes.shift() ?? '') : part)
  return typeof value === 'string' ? value : undefined
}

function child(data: unknown, key: string): unknown {
  // Object.hasOwn on the checked object; a cast because TypeScript does not narrow to an index signature
  return typeof data === 'object' && data !== null && Object.hasOwn(data, key)
    ? (data as Record<string, unknown>)[key]
    : undefined
}

function withValue(data: unknown, keys: readonly string[], value: unknown): unknown {
  const [key, ...rest] = keys
  if (key === undefined) return value
  const inner = withValue(child(data, key), rest, value)
  return Array.isArray(data) ? data.with(Number(key), inner) : { ...(data as object), [key]: inner }
}
