import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import type { Fault, Row } from './row.ts'

export interface Columns {
  readonly required: readonly string[]
  readonly optional: readonly string[]
  /** columns whose names begin with it are taken too */
  readonly prefix?: string
}

export interface ReadOptions {
  /** hears of what was read from the disk */
  readonly onBytes?: ((bytes: number) => void) | undefined
  /** other columns are left out */
  readonly only?: readonly string[]
  /** given the header, tells of whole lines without quotation marks that they are not wanted: no rows are made of them */
  readonly skip?: (names: readonly string[]) => (text: string) => boolean
}

/** Of a header; undefined for a column that is left out. */
type Names = readonly (string | undefined)[]

/** Longer lines are not rows: a quotation mark that is never closed must not take the rest of the file with it. */
const lineLimit = 65_536
/** Lines that one quoted field may run over. */
const quotedLines = 100

/**
 * The rows of a CSV file (RFC 4180, UTF-8 with or without a byte order mark, LF or CRLF, gzip when the name ends in
 * `.gz`) as a stream of batches. A line that cannot be read is a broken row, and the next line stands for itself again:
 * after an unclosed quotation mark too. A truncated file ends in a broken row. The header must have passed `headerFault`.
 */
export async function* readRows(
  path: string,
  file: string,
  { onBytes, only, skip }: ReadOptions = {},
): AsyncGenerator<readonly Row[]> {
  let names: Names | undefined
  let isSkipped: ((text: string) => boolean) | undefined
  let held: { line: number; text: string }[] = []
  let lastLine = 0
  for await (const { lines, fault } of readLines(path, onBytes)) {
    const rows: Row[] = []
    const take = (line: number, text: string): void => {
      if (names === undefined) {
        const header = fieldsOf(text) ?? []
        isSkipped = skip?.(header)
        names = only ? header.map((name) => (only.includes(name) ? name : undefined)) : header
      } else rows.push(rowOf(file, line, text, names))
    }
    for (const next of lines) {
      const isPlain = held.length === 0 && !fault && !next.text.includes('"')
      if (isPlain && isSkipped && names && isWhole(next.text, names.length) && isSkipped(next.text)) continue
      if (isPlain) {
        take(next.line, next.text)
        continue
      }
      held.push(next)
      // what stands right before a break may be half a row
      if (!fault) settle(held, take, false)
    }
    if (fault) {
      for (const { line, text } of held) rows.push(broken(file, line, names ?? [], fieldsOf(text) ?? [], fault))
      if (held.length === 0) rows.push(broken(file, lastLine + 1, [], [], fault))
      held = []
    }
    lastLine = lines.at(-1)?.line ?? lastLine
    if (rows.length > 0) yield rows
  }
  const rows: Row[] = []
  settle(held, (line, text) => names !== undefined && rows.push(rowOf(file, line, text, names)), true)
  if (rows.length > 0) yield rows
}

/** What is wrong with the first line of a file; undefined when its rows can be read. */
export async function headerFault(path: string, { required, optional, prefix }: Columns): Promise<Fault | undefined> {
  for await (const { lines, fault } of readLines(path)) {
    if (fault && lines.length === 0) return fault
    const [first] = lines
    if (!first) continue
    const names = fieldsOf(first.text)
    if (!names) return { code: 'import.unparsable', values: { text: shown(first.text) } }
    const known = new Set([...required, ...optional])
    const unknown = names.filter((name) => !known.has(name) && !(prefix !== undefined && name.startsWith(prefix)))
    const missing = required.filter((name) => !names.includes(name))
    const repeated = names.filter((name, index) => names.indexOf(name) !== index)
    if (unknown.length + missing.length + repeated.length === 0) return undefined
    const values = Object.entries({ unknown, missing, repeated }).flatMap(([key, list]) =>
      list.length === 0 ? [] : [[key, shown(list.join(', '))]],
    )
    return { code: 'import.columns', values: Object.fromEntries(values) as Record<string, string> }
  }
  return { code: 'import.columns', values: { missing: required.join(', ') } }
}

/** Hands on the lines that make whole rows. A row whose quotation never ends gives its first line back alone. */
function settle(
  held: { line: number; text: string }[],
  take: (line: number, text: string) => void,
  atEnd: boolean,
): void {
  for (let first = held[0]; first; first = held[0]) {
    let count = 0
    let open = false
    do {
      open = isOpen(held[count]?.text ?? '', open)
      count += 1
    } while (open && count < held.length)
    const text = held
      .slice(0, count)
      .map((one) => one.text)
      .join('\n')
    if (open && !atEnd && count < quotedLines && text.length < lineLimit) return
    if (open) count = 1
    take(first.line, open ? first.text : text)
    held.splice(0, count)
  }
}

function isOpen(text: string, open: boolean): boolean {
  let quotes = open ? 1 : 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) quotes += 1
  return quotes % 2 === 1
}

function isWhole(text: string, columns: number): boolean {
  let commas = 0
  for (let at = text.indexOf(','); at !== -1; at = text.indexOf(',', at + 1)) commas += 1
  return commas === columns - 1 && text.length <= lineLimit && !text.includes('\uFFFD')
}

function rowOf(file: string, line: number, text: string, names: Names): Row {
  const fields = fieldsOf(text)
  if (!fields || text.length > lineLimit)
    return broken(file, line, names, text.slice(0, 200).split(','), {
      code: 'import.unparsable',
      values: { text: shown(text) },
    })
  if (fields.length !== names.length) {
    const values = { columns: String(names.length), fields: String(fields.length), text: shown(text) }
    return broken(file, line, names, fields, { code: 'import.unparsable', values })
  }
  if (text.includes('\uFFFD'))
    return broken(file, line, names, fields, { code: 'import.encoding', values: { text: shown(text) } })
  return { file, line, values: valuesOf(names, fields) }
}

function broken(file: string, line: number, names: Names, fields: readonly string[], fault: Fault): Row {
  return { file, line, values: valuesOf(names, fields), broken: fault }
}

function valuesOf(names: Names, fields: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {}
  for (let index = 0; index < names.length; index++) {
    const name = names[index]
    const field = fields[index]
    if (name !== undefined && field !== undefined && field !== '') values[name] = field
  }
  return values
}

/** The fields of one row; undefined when its quotation marks are wrong. */
function fieldsOf(text: string): readonly string[] | undefined {
  if (!text.includes('"')) return text.split(',')
  try {
    const [fields] = parse(text, { relax_column_count: true }) // without `columns` it answers lists of fields
    return fields
  } catch {
    return undefined
  }
}

/** A field of a line without quotation marks. */
export function fieldAt(text: string, index: number): string {
  let start = 0
  for (let n = 0; n < index; n++) start = text.indexOf(',', start) + 1
  const end = text.indexOf(',', start)
  return text.slice(start, end === -1 ? undefined : end)
}

function shown(text: string): string {
  return text.slice(0, 200)
}

interface Lines {
  readonly lines: readonly { readonly line: number; readonly text: string }[]
  /** reading ended here, and not at the end of the file; what it broke off stands as the last line */
  readonly fault?: Fault
}

/** Lines of a text file without their ends; empty ones are counted and left out. */
async function* readLines(path: string, onBytes?: (bytes: number) => void): AsyncGenerator<Lines> {
  const source = createReadStream(path, { highWaterMark: 65_536 })
  if (onBytes) source.on('data', (chunk) => onBytes(chunk.length))
  const stream = path.endsWith('.gz') ? source.pipe(createGunzip({ chunkSize: 65_536 })) : source
  // a pipe does not hand on errors
  source.on('error', (error) => stream.destroy(error))
  const decoder = new TextDecoder('utf-8')
  let line = 0
  let rest = ''
  let isFirst = true
  const linesOf = (text: string): Lines['lines'] => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    const lines = []
    for (const part of parts) {
      line += 1
      const whole = part.endsWith('\r') ? part.slice(0, -1) : part
      if (whole !== '') lines.push({ line, text: whole })
    }
    // an endless line is cut: it is reported as a line that is too long, and memory stays bounded
    if (rest.length > 4 * lineLimit) rest = rest.slice(0, 2 * lineLimit)
    return lines
  }
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (isFirst && isWide(chunk)) {
        yield { lines: [], fault: { code: 'import.encoding', values: { text: 'UTF-16 or binary' } } }
        return
      }
      isFirst = false
      yield { lines: linesOf(decoder.decode(chunk, { stream: true })) }
    }
    yield { lines: linesOf(`${decoder.decode()}\n`) }
  } catch (error) {
    if (!isTruncation(error)) throw error
    const values = { reason: error.code }
    const last = rest === '' ? [] : [{ line: line + 1, text: rest }]
    yield { lines: last, fault: { code: 'import.truncated', values } }
  } finally {
    source.destroy()
  }
}

/** UTF-16 has a mark or a NUL in every second byte; UTF-8 text has neither. */
function isWide(chunk: Buffer): boolean {
  const mark = chunk.length > 1 ? chunk.readUInt16BE(0) : 0
  return mark === 0xfeff || mark === 0xfffe || chunk.subarray(0, 1024).includes(0)
}

function isTruncation(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && (error.code === 'Z_BUF_ERROR' || error.code === 'Z_DATA_ERROR')
}
