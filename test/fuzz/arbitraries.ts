import fc from 'fast-check'
import { fits, type JsonSchema } from './jsonSchema.ts'
import type { Operation } from './operations.ts'
import type { Context, Pool } from './pool.ts'

/** A request as its operation describes it, before anything is done to it. */
export interface Draft {
  readonly path: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Requests that fit the schemas of an operation, about real objects where their names are known. */
export function draftOf(operation: Operation, pool: Pool): fc.Arbitrary<Draft> {
  const { path, query, requiredQuery, body } = operation
  const isKnown = (name: string): boolean => pool.values(name).length > 0
  const inPath = Object.keys(path).filter(isKnown)
  const contexts = pool.contexts([...inPath, ...namesIn(body).filter(isKnown)], inPath)
  return fc.integer({ min: 0, max: contexts.length - 1 }).chain((index) => {
    const make = valueMaker(pool, contexts[index] ?? {})
    // a cursor is made by the page before it
    const asked = Object.fromEntries(Object.entries(query).filter(([name]) => name !== 'cursor'))
    return fc.record({
      path: some(path, Object.keys(path), make).map(texts),
      query: some(asked, requiredQuery, make).map(texts),
      body: body ? make(body, 'body') : fc.constant(undefined),
    })
  })
}

/** The scalars that a body must have, wherever they stand in it. */
function namesIn({ properties = {}, required = [], items, type }: JsonSchema = {}): string[] {
  if (items) return namesIn(items)
  if (type !== 'object') return []
  return required.flatMap((name) => {
    const inner = properties[name] ?? {}
    const isScalar = [inner.type].flat().some((one) => one === 'string' || one === 'integer')
    return isScalar ? [name] : namesIn(inner)
  })
}

/** The required ones, and at most three of the others: whoever says everything at once is seldom right. */
function some(
  schemas: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
  make: Make,
): fc.Arbitrary<Record<string, unknown>> {
  const optional = Object.keys(schemas).filter((name) => !required.includes(name))
  return fc
    .subarray(optional, { maxLength: Math.min(3, optional.length) })
    .chain((chosen) =>
      fc.record(Object.fromEntries([...required, ...chosen].map((name) => [name, make(schemas[name] ?? {}, name)]))),
    )
}

function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}

type Make = (schema: JsonSchema, name: string) => fc.Arbitrary<unknown>

function valueMaker(pool: Pool, context: Context): Make {
  const make: Make = (schema, name) => {
    const { enum: options, anyOf, oneOf, properties, items } = schema
    const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
    if ('const' in schema) return fc.constant(schema.const)
    if (options) return fc.constantFrom(...preferred(options, context[name]))
    const choices = anyOf ?? oneOf
    if (choices) return fc.oneof(...choices.map((one) => make(one, name)))
    if (type === 'object') return properties ? some(properties, schema.required ?? [], make) : dictionary(schema)
    if (type === 'array') return list(schema, items ?? {}, name)
    if (type === 'boolean') return fc.boolean()
    if (type === 'null') return fc.constant(null)
    if (type === 'string' || type === 'integer' || type === 'number') return scalar(schema, name)
    return fc.jsonValue({ maxDepth: 2 })
  }

  function dictionary({ propertyNames = {}, additionalProperties }: JsonSchema): fc.Arbitrary<unknown> {
    const of = typeof additionalProperties === 'object' ? make(additionalProperties, 'value') : fc.string()
    return fc.dictionary(make({ type: 'string', maxLength: 40, ...propertyNames }, 'key') as fc.Arbitrary<string>, of, {
      maxKeys: 2,
    })
  }

  function list({ minItems = 0, maxItems = 3 }: JsonSchema, items: JsonSchema, name: string): fc.Arbitrary<unknown> {
    const some = fc.array(make(items, name), { minLength: minItems, maxLength: Math.min(maxItems, minItems + 2) })
    return some.map(numbered)
  }

  function scalar(schema: JsonSchema, name: string): fc.Arbitrary<unknown> {
    const near = [...new Set(context[name] ?? [])].filter((one) => fits(schema, one))
    const { known, general } = candidatesFor(pool, schema, name)
    if (general.length + known.length + near.length === 0)
      throw new Error(`nothing to say for ${name}: ${JSON.stringify(schema)}`)
    // of its own context mostly; a fresh name now and then, for what is to be made
    const fresh = fc.nat(999_999_999).map((n) => `N-${n}`)
    const isId = name.endsWith('Id') && fits(schema, 'N-1')
    return fc.oneof(
      ...weighted(near, 12),
      ...weighted(known, 4),
      ...weighted(general, known.length + near.length > 0 ? 1 : 8),
      ...(isId ? [{ weight: 4, arbitrary: fresh }] : []),
    )
  }

  return make
}

interface Candidates {
  readonly known: readonly unknown[]
  readonly general: readonly unknown[]
}
const candidates = new WeakMap<Pool, WeakMap<JsonSchema, Candidates>>()

/** What fits a field of the document: looked up once, since each request asks for all its fields. */
function candidatesFor(pool: Pool, schema: JsonSchema, name: string): Candidates {
  const ofPool = candidates.get(pool) ?? new WeakMap<JsonSchema, Candidates>()
  candidates.set(pool, ofPool)
  const found = ofPool.get(schema)
  if (found) return found
  const isText = [schema.type ?? []].flat().includes('string')
  const fitting = (all: readonly unknown[]): unknown[] => all.filter((one) => fits(schema, one))
  const made = { known: fitting(pool.values(name)), general: fitting(isText ? generalTexts : numbersOf(schema)) }
  ofPool.set(schema, made)
  return made
}

function weighted(
  candidates: readonly unknown[],
  weight: number,
): { weight: number; arbitrary: fc.Arbitrary<unknown> }[] {
  return candidates.length > 0 ? [{ weight, arbitrary: fc.constantFrom(...candidates) }] : []
}

/** The options, those of the context four times. */
function preferred(options: readonly unknown[], near: readonly unknown[] = []): unknown[] {
  const known = options.filter((option) => near.includes(option as string)) // compared only
  return [...options, ...known, ...known, ...known]
}

/** Lines of a document are numbered: two of one number would be no document. */
function numbered(items: readonly unknown[]): unknown {
  const seen = new Set<unknown>()
  return items.map((item) => {
    if (typeof item !== 'object' || item === null || !('lineNo' in item)) return item
    let { lineNo } = item as { lineNo: number } // the documents' lines have whole numbers
    while (seen.has(lineNo)) lineNo += 1
    seen.add(lineNo)
    return { ...item, lineNo }
  })
}

function numbersOf({ minimum = 0, maximum = 1000 }: JsonSchema): number[] {
  return [0, 1, 2, 3, 7, 30, 2025, 2027, minimum, minimum + 1, maximum - 1, maximum, 4_000_000]
}

/** What strings may be that no name tells: times, dates, zones, decimals, codes, labels. */
// prettier-ignore
const generalTexts: readonly string[] = [
  '0', '1', '2', '3.5', '12.5', '100', '0.05', '0.000001', '-1', '2500000', '999999999999999.999999', '00', '7',
  '2025-01-15T00:00:00.000Z[UTC]', '2025-01-31T08:00:00.000+08:00[Asia/Shanghai]', '2025-06-01T00:00:00.000Z[UTC]',
  '2024-02-29T23:59:59.999Z[UTC]', '2024-12-30T03:00:00.000+01:00[Europe/Berlin]', '0001-01-01T00:00:00.000Z[UTC]',
  '9999-12-31T23:59:59.999Z[UTC]', '1582-10-15T00:00:00.000Z[UTC]', '2025-04-21', '2025-01-01', '2025-04-30',
  '2024-02-29', '0000-01-01', '9999-12-31', '0001-01-01', '2026-W01', '2025-Q2', '2025-04', '2025',
  'UTC', 'Asia/Shanghai', 'America/St_Johns', 'Europe/Berlin', 'USD', 'CNY', 'EUR', 'JPY', 'KWD', 'US', 'CN', 'DE',
  'EA', 'KGM', 'CN/SH', 'US/*', 'DE/BE', 'a-code', 'season', 'Some label', '某个标签', 'A1', 'x', 'true', 'false',
  'https://hooks.example.com/in', 'OrderPlaced', 'InvoiceIssued', '00000000-0000-7000-8000-000000000001',
  'f'.repeat(64), 'orders', 'order-SO-1', 'Z', '%', '_', "O'Brien", 'e\u0301', '\u202etxt', '\ud83d\ude80', ' ', '',
]
