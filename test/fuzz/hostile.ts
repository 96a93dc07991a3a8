import fc from 'fast-check'

/** Stands in a body until it is text, where `raw` takes its place: what JSON.stringify cannot write. */
const mark = '\u{10ffff}raw\u{10ffff}'

/** A value for one field that nobody should send. `raw` is JSON text. */
export interface Hostile {
  readonly name: string
  readonly raw: string
  /** no field of the API takes it, whatever its schema */
  readonly isRefused?: true
}

const json = (name: string, value: unknown): Hostile => ({ name, raw: JSON.stringify(value) })

export const hostileValues: readonly Hostile[] = [
  ...[17, true, null, [], {}, 'x', '', [[]], { $gt: '' }].map((value) => json(`another type`, value)),
  ...['-1', '0', '0.0000001', '1.1234567', '1e3', '+1', ' 1', '１２', '1,000', '0x10', 'NaN', 'Infinity'].map((value) =>
    json('a number in another coat', value),
  ),
  ...['99999999999999999999', '9223372036854775807', '9223372036854775808', '-9223372036854775809'].map((value) =>
    json('beyond 64 bits', value),
  ),
  ...[2 ** 53 - 1, -1, 0, 1, 2 ** 31, 2 ** 31 - 1].map((value) => json('a boundary', value)),
  { name: '2^53 + 1', raw: '9007199254740993' },
  { name: 'a number without an end', raw: '1e400', isRefused: true },
  { name: 'negative zero', raw: '-0' },
  { name: 'a lone surrogate', raw: String.raw`"\ud800"`, isRefused: true },
  { name: 'NUL', raw: String.raw`"a\u0000b"`, isRefused: true },
  { name: 'deep nesting', raw: `${'['.repeat(5_000)}${']'.repeat(5_000)}`, isRefused: true },
  { name: 'a million characters', raw: JSON.stringify('x'.repeat(1_000_000)), isRefused: true },
  ...['\u202e\u202dabc', 'e\u0301'.repeat(20), '\u200b', '\ufeff', '\u2028', '👩‍👩‍👧‍👦'].map((value) =>
    json('odd text', value),
  ),
  ...[
    "' or '1'='1",
    '"; drop table ledger_events; --',
    '1); select pg_sleep(5); --',
    '${7*7}',
    '{{7*7}}',
    '$(id)',
    '../../etc/passwd',
    '%00',
    '<script>alert(1)</script>',
    '\r\nx-injected: 1',
    '%s%n',
    '{"$ne":null}',
    'constructor',
    '__proto__',
    'hasOwnProperty',
    'toString',
  ].map((value) => json('another language', value)),
  ...['9999-12-31T23:59:59.999Z[UTC]', '0000-01-01T00:00:00.000Z[UTC]', '2025-02-30', '10000-01-01', '0000-01-01'].map(
    (value) => json('the end of time', value),
  ),
]

export const hostile: fc.Arbitrary<Hostile> = fc.constantFrom(...hostileValues)

/** The body with one of its fields, or an item of a list in it, replaced: as JSON text. `choice` says which. */
export function withHostile(body: unknown, choice: number, { raw }: Hostile): string {
  const places = placesIn(body)
  if (places.length === 0) return raw
  const place = places[choice % places.length] ?? []
  return JSON.stringify(replaced(body, place)).replace(JSON.stringify(mark), () => raw)
}

function placesIn(value: unknown): (string | number)[][] {
  const entries = Array.isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : []
  return entries.flatMap(([key, inner]) => [[key], ...placesIn(inner).map((rest) => [key, ...rest])])
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[]): unknown {
  if (key === undefined) return mark
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? replaced(item, rest) : item))
  const from = value as Record<string, unknown> // an object: placesIn made the path
  return { ...from, [key]: replaced(from[key], rest) }
}
