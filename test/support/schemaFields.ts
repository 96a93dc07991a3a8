import type { z } from 'zod'

/** A leaf of a schema: its path has `*` for the items of an array and `{}` for the values of a record. */
export interface SchemaField {
  readonly path: string
  readonly personal: boolean
  readonly kind: string
  /** a text with a pattern or refinement, or anything that is not a text */
  readonly classed: boolean
}

/** All leaves of a schema; a field marked personal is one leaf. */
export function schemaFields(schema: z.core.$ZodType, path: readonly string[] = []): readonly SchemaField[] {
  // every schema of zod 4 is one of its own $ZodTypes, whose union discriminates on the definition's type
  const { def } = (schema as z.core.$ZodTypes)._zod
  const personal = (schema as z.ZodType).meta()?.['personal'] === true
  const leaf = (classed: boolean): readonly SchemaField[] => [
    { path: path.join('.'), personal, kind: def.type, classed },
  ]
  if (personal) return leaf(true)
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).flatMap(([key, inner]) => schemaFields(inner, [...path, key]))
    case 'array':
      return schemaFields(def.element, [...path, '*'])
    case 'tuple':
      return def.items.flatMap((item, index) => schemaFields(item, [...path, String(index)]))
    case 'record':
      return [...schemaFields(def.keyType, [...path, '{key}']), ...schemaFields(def.valueType, [...path, '{}'])]
    case 'union':
      return def.options.flatMap((option) => schemaFields(option, path))
    case 'intersection':
      return [...schemaFields(def.left, path), ...schemaFields(def.right, path)]
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
      return schemaFields(def.innerType, path)
    case 'lazy':
      return leaf(false)
    case 'string':
      return leaf(isClassed(def))
    case 'number':
    case 'boolean':
    case 'enum':
    case 'literal':
    case 'null':
    case 'template_literal':
      return leaf(true)
    default:
      // any, unknown, custom, transforms …: nothing that a storage format may hold
      return leaf(false)
  }
}

function isClassed(def: z.core.$ZodStringDef): boolean {
  const kinds = (def.checks ?? []).map((check) => check._zod.def.check)
  return 'format' in def || kinds.includes('custom') || kinds.includes('string_format')
}
