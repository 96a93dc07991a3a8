import type { Kind } from './kind.ts'
import { isFinding, type Fault, type Finding, type Row } from './row.ts'

/** What becomes one fact (or one object's facts): a row, or a header with its lines. */
export interface Document {
  readonly head: Row
  readonly lines: readonly Row[]
}

export type Rows = AsyncIterable<readonly (Row | Finding)[]>

/** Headers without lines, or lines without header, that are remembered while their other half is looked for. */
const waitingLimit = 10_000

/**
 * The documents of a kind, in the order of their rows, and the findings on the way. A document is taken whole or not at
 * all: when one of its lines cannot be read, its other lines are reported too, so that it can be mended and imported.
 */
export function documentsOf(kind: Kind, heads: Rows, lines?: Rows): AsyncGenerator<Document | Finding> {
  if (kind.lines) return joined(kind, heads, lines ?? none())
  return kind.document ? contiguous(kind.document, heads) : single(heads)
}

export function rejected(row: Row, { code, values }: Fault): Finding {
  return { file: row.file, line: row.line, code, values, consequence: 'rejected' }
}

async function* single(rows: Rows): AsyncGenerator<Document | Finding> {
  for await (const row of flat(rows)) {
    if (isFinding(row)) yield row
    else if (row.broken) yield rejected(row, row.broken)
    else yield { head: row, lines: [] }
  }
}

async function* contiguous(columns: readonly string[], rows: Rows): AsyncGenerator<Document | Finding> {
  for await (const group of groupsOf(columns, rows)) {
    if (isFinding(group)) yield group
    else yield* documentOrFindings(group.rows[0], group.rows)
  }
}

/** Both files name their documents in about the same order: what has no other half within the limit never gets one. */
async function* joined(kind: Kind, heads: Rows, lines: Rows): AsyncGenerator<Document | Finding> {
  const columns = kind.document ?? []
  const ofHeads: Side = { groups: groupsOf(columns, heads, true), waiting: new Map(), ended: false }
  const ofLines: Side = { groups: groupsOf(columns, lines), waiting: new Map(), ended: false }
  const alone = function* (side: Side, limit: number): Generator<Finding> {
    for (const [id, { rows }] of side.waiting) {
      if (side.waiting.size <= limit) return
      side.waiting.delete(id)
      const code = side === ofHeads ? 'import.lines_missing' : 'import.header_missing'
      for (const row of rows) yield rejected(row, row.broken ?? { code, values: { document: id } })
    }
  }
  while (!ofHeads.ended || !ofLines.ended) {
    for (const side of [ofHeads, ofLines]) {
      if (side.ended) continue
      const next = await side.groups.next()
      if (next.done) {
        side.ended = true
        continue
      }
      const group = next.value
      if (isFinding(group)) {
        yield group
        continue
      }
      const other = side === ofHeads ? ofLines : ofHeads
      const match = other.waiting.get(group.id)
      if (match) {
        other.waiting.delete(group.id)
        const [head, body] = side === ofHeads ? [group, match] : [match, group]
        yield* documentOrFindings(head.rows[0], body.rows)
      } else if (side.waiting.has(group.id)) {
        // of two with one number the first waits on: which of them its lines belong to, nothing says
        for (const row of group.rows) yield rejected(row, { code: 'object.exists', values: { document: group.id } })
      } else {
        side.waiting.set(group.id, group)
        yield* alone(side, waitingLimit)
      }
    }
  }
  yield* alone(ofHeads, 0)
  yield* alone(ofLines, 0)
}

function* documentOrFindings(head: Row | undefined, lines: readonly Row[]): Generator<Document | Finding> {
  if (!head) return
  const rows = [...new Set([head, ...lines])]
  const broken = rows.find((row) => row.broken)
  if (!broken) {
    yield { head, lines }
    return
  }
  const because = { code: 'import.document_incomplete', values: { because: `${broken.file}:${broken.line}` } } as const
  for (const row of rows) yield rejected(row, row.broken ?? because)
}

interface Group {
  readonly id: string
  readonly rows: Row[]
}

interface Side {
  readonly groups: AsyncGenerator<Group | Finding, undefined>
  readonly waiting: Map<string, Group>
  ended: boolean
}

/** Rows that follow one another and name the same document; each row for itself when `separate`. */
async function* groupsOf(
  columns: readonly string[],
  rows: Rows,
  separate = false,
): AsyncGenerator<Group | Finding, undefined> {
  let group: Group | undefined
  for await (const row of flat(rows)) {
    if (isFinding(row)) {
      yield row
      continue
    }
    const names = columns.map((column) => row.values[column])
    const id = names.join(' ')
    // a file that breaks off leaves the document at hand incomplete, whatever is left of the last line
    const isLost = row.broken?.code === 'import.truncated' || names.includes(undefined)
    if (group && !separate && (group.id === id || (row.broken && isLost))) {
      group.rows.push(row)
      continue
    }
    if (isLost) {
      yield rejected(
        row,
        row.broken ?? { code: 'import.value', values: { field: columns.join(', '), rule: 'required' } },
      )
      continue
    }
    if (group) yield group
    group = { id, rows: [row] }
  }
  if (group) yield group
}

async function* flat(batches: Rows): AsyncGenerator<Row | Finding> {
  for await (const batch of batches) yield* batch
}

async function* none(): AsyncGenerator<readonly Row[]> {}
