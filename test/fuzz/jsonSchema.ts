/** The part of JSON Schema 2020-12 that the OpenAPI document uses; anything else in it is an error of the checks here. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly propertyNames?: JsonSchema
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly default?: unknown
  readonly description?: string
}

const understood: ReadonlySet<string> = new Set(
  (
    'type properties required additionalProperties propertyNames items prefixItems minItems maxItems anyOf oneOf allOf enum const ' +
    'pattern format minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum default description personal readOnly'
  ).split(' '),
)

const patterns = new Map<string, RegExp>()

/** Where a value does not fit a schema: an empty list when it does. Throws on a keyword that it does not know. */
export function mismatches(schema: JsonSchema, value: unknown, path = '$'): readonly string[] {
  for (const keyword of Object.keys(schema)) if (!understood.has(keyword)) throw new Error(`${keyword} at ${path}`)
  const { anyOf, oneOf, allOf = [] } = schema
  const found = allOf.flatMap((one) => mismatches(one, value, path))
  const choices = anyOf ?? oneOf
  if (choices && !choices.some((one) => fits(one, value))) found.push(`${path}: no alternative fits`)
  if (schema.enum && !schema.enum.includes(value)) found.push(`${path}: ${text(value)} is none of the enum`)
  if ('const' in schema && schema.const !== value) found.push(`${path}: ${text(value)} is not the constant`)
  const types = [schema.type ?? []].flat()
  if (types.length > 0 && !types.includes(typeOf(value)) && !(types.includes('number') && isInteger(value)))
    return [...found, `${path}: ${typeOf(value)} instead of ${types.join(' or ')}`]
  if (typeof value === 'string') found.push(...ofText(schema, value, path))
  if (typeof value === 'number') found.push(...ofNumber(schema, value, path))
  if (Array.isArray(value)) found.push(...ofArray(schema, value, path))
  else if (typeof value === 'object' && value !== null) found.push(...ofObject(schema, value, path))
  return found
}

export function fits(schema: JsonSchema, value: unknown): boolean {
  return mismatches(schema, value).length === 0
}

function ofText({ pattern, minLength = 0, maxLength = Infinity }: JsonSchema, value: string, path: string): string[] {
  const regex = pattern === undefined ? undefined : (patterns.get(pattern) ?? new RegExp(pattern, 'u'))
  if (regex && pattern !== undefined) patterns.set(pattern, regex)
  return [
    ...(regex && !regex.test(value) ? [`${path}: ${text(value)} does not match ${pattern ?? ''}`] : []),
    ...(value.length < minLength || value.length > maxLength ? [`${path}: length ${value.length}`] : []),
  ]
}

function ofNumber(schema: JsonSchema, value: number, path: string): string[] {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = schema
  const inRange = value >= minimum && value <= maximum && value > exclusiveMinimum && value < exclusiveMaximum
  return inRange ? [] : [`${path}: ${value} is out of range`]
}

function ofArray(schema: JsonSchema, value: readonly unknown[], path: string): string[] {
  const { items, prefixItems, minItems = 0, maxItems = Infinity } = schema
  return [
    ...(value.length < minItems || value.length > maxItems ? [`${path}: ${value.length} items`] : []),
    ...value.flatMap((item, index) => {
      const of = prefixItems?.[index] ?? items
      return of ? mismatches(of, item, `${path}[${index}]`) : []
    }),
  ]
}

function ofObject(schema: JsonSchema, value: object, path: string): string[] {
  const { properties = {}, required = [], additionalProperties = true, propertyNames } = schema
  return [
    ...required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, of]) => {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (known) return mismatches(known, of, `${path}.${name}`)
      if (additionalProperties === false) return [`${path}.${name} is not documented`]
      return [
        ...(propertyNames ? mismatches(propertyNames, name, `${path} key ${name}`) : []),
        ...(additionalProperties === true ? [] : mismatches(additionalProperties, of, `${path}.${name}`)),
      ]
    }),
  ]
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return isInteger(value) ? 'integer' : typeof value
}

function isInteger(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value)
}

function text(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 120)
}
