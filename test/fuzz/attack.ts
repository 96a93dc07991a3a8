import fc from 'fast-check'
import { type Draft, draftOf } from './arbitraries.ts'
import { hostile, hostileValues, withHostile } from './hostile.ts'
import type { Operation } from './operations.ts'
import type { Pool } from './pool.ts'

/** A request as it goes over the wire, but for what only its sender knows: who, the key, the revision. */
export interface Attack {
  /** what was done to it; `none` for a request that fits its schemas */
  readonly kind: string
  readonly url: string
  readonly payload: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** must not be accepted, whoever sends it */
  readonly isRefused: boolean
  /** leave out what a well-meaning sender adds */
  readonly without: readonly string[]
}

export function attackOn(
  operation: Operation,
  pool: Pool,
  recipes: readonly Partial<Draft>[] = [],
): fc.Arbitrary<Attack> {
  const drawn = draftOf(operation, pool)
  const cooked = fc.tuple(drawn, fc.constantFrom(...(recipes.length > 0 ? recipes : [{}]))).map(([one, recipe]) => ({
    ...one,
    ...recipe,
    path: { ...one.path, ...recipe.path },
  }))
  const draft =
    recipes.length === 0 ? drawn : fc.oneof({ weight: 2, arbitrary: drawn }, { weight: 1, arbitrary: cooked })
  const plain = draft.map((one): Attack => ({ ...written(operation, one), kind: 'none' }))
  const queries = fc.tuple(draft, fc.nat(1000), hostile).map(([one, choice, value]) => {
    const names = [...Object.keys(operation.query), 'unknown']
    const name = names[choice % names.length] ?? 'unknown'
    const text = textOf(value.raw).slice(0, 2000)
    const changed = written(operation, { ...one, query: { ...one.query, [name]: text } })
    return { ...changed, kind: `query: ${value.name}`, isRefused: name === 'unknown' }
  })
  const repeated = draft.map((one) => {
    const { url, ...rest } = written(operation, { ...one, query: { ...one.query, limit: '1' } })
    return { ...rest, url: `${url}&limit=2&limit[]=3`, kind: 'query: repeated', isRefused: true }
  })
  const broken = fc.tuple(draft, fc.constantFrom('%00', '%ff', '%E0%A4%A', '%ed%a0%80', '%')).map(([one, text]) => {
    const { url, ...rest } = written(operation, one)
    return { ...rest, url: `${url}${url.includes('?') ? '&' : '?'}search=${text}`, kind: `query: ${text}` }
  })
  const paths = fc.tuple(draft, fc.nat(1000), hostile).map(([one, choice, value]) => {
    const names = Object.keys(one.path)
    const name = names[choice % Math.max(1, names.length)] ?? ''
    const text = textOf(value.raw).slice(0, 400)
    return { ...written(operation, { ...one, path: { ...one.path, [name]: text } }), kind: `path: ${value.name}` }
  })
  const isGet = operation.method === 'GET'
  const more = [
    ...(isGet ? [queries, repeated, broken] : [...bodies(operation, draft), headers(operation, draft)]),
    ...(Object.keys(operation.path).length > 0 ? [paths] : []),
  ]
  return fc.oneof(
    { weight: 5, arbitrary: plain },
    ...more.map((arbitrary) => ({ weight: Math.max(1, Math.round(5 / more.length)), arbitrary })),
  )
}

function bodies(operation: Operation, draft: fc.Arbitrary<Draft>): fc.Arbitrary<Attack>[] {
  if (!operation.body) return []
  const required = operation.body.required ?? []
  const field = fc.tuple(draft, fc.nat(10_000), hostile).map(([one, choice, value]): Attack => {
    const payload = withHostile(one.body, choice, value)
    const isRefused = value.isRefused === true
    return { ...written(operation, one), payload, kind: `field: ${value.name}`, isRefused }
  })
  const structure = fc
    .tuple(draft, fc.constantFrom(...structures), fc.nat(100))
    .map(([one, [kind, change], n]): Attack => {
      const payload = change(JSON.stringify(one.body), one.body as Record<string, unknown>, required, n) // bodies are objects
      const isRefused = kind !== 'a field left out' || required.length > 0
      return {
        ...written(operation, one),
        payload,
        kind: `body: ${kind}`,
        isRefused: isRefused && kind !== 'a repeated key',
      }
    })
  const type = fc
    .tuple(draft, fc.constantFrom('text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'x', 'a/b/c'))
    .map(([one, contentType]): Attack => {
      const base = written(operation, one)
      return { ...base, headers: { 'content-type': contentType }, kind: `content type ${contentType}`, isRefused: true }
    })
  return [field, field, structure, type]
}

type Structure = readonly [
  kind: string,
  change: (text: string, body: Record<string, unknown>, required: readonly string[], n: number) => string,
]
const structures: readonly Structure[] = [
  ['an unknown field', (_text, body) => JSON.stringify({ ...body, unknownField: 1 })],
  ['a field left out', (_text, body, required, n) => without(body, required[n % Math.max(1, required.length)])],
  ['a repeated key', (text, body) => text.replace('{', `{${JSON.stringify(Object.keys(body)[0] ?? 'x')}:null,`)],
  ['__proto__', (text) => text.replace('{', '{"__proto__":{"isAdmin":true},').replace(',}', '}')],
  ['constructor', (text) => text.replace('{', '{"constructor":{"prototype":{}},').replace(',}', '}')],
  ['cut off', (text, _body, _required, n) => text.slice(0, Math.max(1, Math.floor((text.length * n) / 101)))],
  ['a list', (text) => `[${text}]`],
  ['two documents', (text) => `${text}${text}`],
  ['a comment', (text) => `/* */${text}`],
]

function without(body: Record<string, unknown>, name: string | undefined): string {
  return JSON.stringify(Object.fromEntries(Object.entries(body).filter(([key]) => key !== name)))
}

function headers(operation: Operation, draft: fc.Arbitrary<Draft>): fc.Arbitrary<Attack> {
  const odd = fc.constantFrom<readonly [string, string]>(
    ...['', ' ', 'a b', 'x'.repeat(201), 'é', '{"a":1}', "' or 1=1"].map((key) => ['idempotency-key', key] as const),
    ...['7', 'W/"7"', '"-1"', '"99999999999999999999"', '"1", "2"', '*', '""'].map((tag) => ['if-match', tag] as const),
    ['if-none-match', '"1"'],
    ['accept-language', 'zh'.repeat(500)],
    ['x-correlation-id', `${'x'.repeat(300)}\t`],
    ['content-encoding', 'gzip'],
    ['accept', 'application/xml'],
  )
  const left = fc.constantFrom(...operation.headers, ...(operation.isOpen ? ['x-none'] : ['authorization']))
  return fc.oneof(
    fc.tuple(draft, odd).map(([one, [name, value]]): Attack => {
      const base = written(operation, one)
      return { ...base, headers: { ...base.headers, [name]: value }, kind: `header ${name}` }
    }),
    fc.tuple(draft, left).map(([one, name]): Attack => ({
      ...written(operation, one),
      without: name === 'if-match' ? ['if-match', 'if-none-match'] : [name],
      kind: `without ${name}`,
      isRefused: name !== 'x-none',
    })),
  )
}

/** Hostile values in addresses are texts: those of a string, else the JSON itself. */
function textOf(raw: string): string {
  if (hostileValues.length > 0 && raw.startsWith('"')) {
    const text: unknown = JSON.parse(raw)
    // an address is UTF-8: a lone surrogate has no place in it
    return String(text).replaceAll(/\p{Cs}/gu, '\ufffd')
  }
  return raw
}

function written(
  { url, body: bodySchema }: Operation,
  { path, query, body }: Draft,
): Omit<Attack, 'kind'> & { kind: string } {
  const address = url.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(path[name] ?? ''))
  const search = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return {
    kind: '',
    url: search.length > 0 ? `${address}?${search.join('&')}` : address,
    payload: bodySchema ? JSON.stringify(body) : undefined,
    headers: bodySchema ? { 'content-type': 'application/json' } : {},
    isRefused: false,
    without: [],
  }
}
