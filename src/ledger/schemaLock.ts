import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { EventDefinition } from '../domain/kernel/event.ts'
import { canonicalJson } from './canonicalJson.ts'

/** Fingerprints of published event schemas, by `<Type>.v<version>`. */
export type SchemaLock = Readonly<Record<string, string>>

/**
 * The fingerprint of a schema with what must not change once events of it are written: SHA-256 over its JSON Schema, its
 * personal fields included. A refinement is a function, which has no fingerprint; its message stands for it.
 */
export function schemaFingerprint({ schema, personal }: EventDefinition): string {
  const shape = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const rules = refinementsOf(zodSchema)
      if (rules.length > 0) jsonSchema['x-refinements'] = rules
    },
  })
  // through JSON: zod's result holds accessors that are not data
  return createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify({ shape, personal }))))
    .digest('hex')
}

export function schemaLockOf(definitions: Iterable<EventDefinition>): SchemaLock {
  return Object.fromEntries(
    [...definitions]
      .map((definition) => [`${definition.type}.v${definition.version}`, schemaFingerprint(definition)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/**
 * What breaks the promise that a published schema never changes: one sentence for each. A new type or version that is
 * not in the lock yet is one of them: the lock is committed with it.
 */
export function schemaLockBreaches(
  lock: SchemaLock,
  definitions: ReadonlyMap<string, EventDefinition>,
): readonly string[] {
  const current = schemaLockOf(definitions.values())
  const added = Object.keys(current)
    .filter((name) => !Object.hasOwn(lock, name))
    .map((name) => `${name} is not in the lock`)
  const broken = Object.entries(lock).flatMap(([name, fingerprint]) => {
    const [type = '', version = ''] = name.split('.v')
    const definition = definitions.get(type)
    if (!definition) return [`${name} was published and is gone`]
    if (definition.version < Number(version))
      return [`${name} was published and the newest is version ${definition.version}`]
    if (definition.version > Number(version))
      return definition.upcasts[Number(version)] ? [] : [`${name} has no upcast`]
    return current[name] === fingerprint
      ? []
      : [`${name} was published and its schema has changed: make it a new version`]
  })
  return [...added, ...broken]
}

/** The messages of a schema's refinements (zod keeps them behind the function that makes the issue). */
function refinementsOf(schema: z.core.$ZodType): readonly string[] {
  return (schema._zod.def.checks ?? []).flatMap((check) => {
    const { check: kind, error } = check._zod.def
    if (kind !== 'custom') return []
    // a refinement's message is a constant, given back for whatever issue
    const message = (error as ((issue: object) => string | { message?: string }) | undefined)?.({ code: 'custom' })
    return [typeof message === 'string' ? message : (message?.message ?? '')]
  })
}
