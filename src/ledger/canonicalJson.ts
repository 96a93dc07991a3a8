/** Deeper values are refused: nothing in the ledger nests like that, and a cycle ends here too. */
const depthLimit = 64

/** Printable ASCII without quote and backslash: needs no escape and holds no surrogate. Most texts of an event are such. */
const plain = /^[ !#-[\]-~]*$/
const loneSurrogate = /\p{Cs}/u

/**
 * The canonical JSON text of a value (RFC 8785): keys in the order of their UTF-16 code units, numbers and strings as
 * ECMAScript writes them, no white space. It never holds a raw control character. Properties that are `undefined` are
 * left out. Throws a TypeError on what has no such text: lone surrogates, non-finite numbers, bigints, functions,
 * objects that are not plain, and cycles.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeString(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON text`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (depth === depthLimit) throw new TypeError(`a value nested deeper than ${depthLimit} levels, or a cycle`)
      return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1)
    default:
      throw new TypeError(`a ${typeof value} has no JSON text`)
  }
}

function writeString(text: string): string {
  if (plain.test(text)) return `"${text}"`
  if (loneSurrogate.test(text)) throw new TypeError('a text with a lone surrogate has no UTF-8 bytes')
  return JSON.stringify(text)
}

function writeArray(items: readonly unknown[], depth: number): string {
  let text = ''
  for (const item of items) text += `${text === '' ? '' : ','}${write(item, depth)}`
  return `[${text}]`
}

function writeObject(object: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('only plain objects have a JSON text')
  // Plain: its keys are its members.
  const members = object as Readonly<Record<string, unknown>>
  let text = ''
  // Without a comparer sort goes by UTF-16 code units, as RFC 8785 §3.2.3 asks.
  for (const key of Object.keys(members).sort()) {
    const value = members[key]
    if (value !== undefined) text += `${text === '' ? '' : ','}${writeString(key)}:${write(value, depth)}`
  }
  return `{${text}}`
}
