import pg from 'pg'
import type { ColumnType, Value } from './factTable.ts'

/** A value as COPY takes it: its text, or null. */
export type Cell = string | null

/** What `pg` has for COPY and its types leave out. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** Characters of a chunk, about: the server reads one while the next is written. */
const chunkLength = 65_536

/**
 * Writes rows with COPY: the server inserts them a page at a time, and nothing is parsed or planned per statement
 * (docs/decisions/0005-rebuilds.md has what it saves against `insert … select from unnest`).
 */
export async function copyRows(
  tx: pg.ClientBase,
  table: string,
  columns: readonly string[],
  rows: Iterable<readonly Cell[]>,
): Promise<void> {
  const chunks = encode(rows) // before the first byte is sent: a row that cannot be written leaves nothing half done
  await new Promise<void>((resolve, reject) => {
    const query = new pg.Query(`copy ${table} (${columns.join(', ')}) from stdin`, (error) =>
      error ? reject(error) : resolve(),
    )
    tx.query(
      Object.assign(query, {
        handleCopyInResponse(connection: CopyConnection) {
          for (const chunk of chunks) connection.sendCopyFromChunk(chunk)
          connection.endCopyFrom()
        },
      }),
    )
  })
}

export function cellOf(value: Value | undefined, type: ColumnType): Cell {
  if (value === null || value === undefined) return null
  return type === 'jsonb' ? JSON.stringify(value) : String(value)
}

function encode(rows: Iterable<readonly Cell[]>): Buffer[] {
  const chunks: Buffer[] = []
  let text = ''
  for (const row of rows) {
    let separator = ''
    for (const cell of row) {
      text += separator + (cell === null ? '\\N' : special.test(cell) ? cell.replace(/[\\\n\r\t]/g, escaped) : cell)
      separator = '\t'
    }
    text += '\n'
    if (text.length > chunkLength) {
      chunks.push(Buffer.from(text))
      text = ''
    }
  }
  if (text !== '') chunks.push(Buffer.from(text))
  return chunks
}

const special = /[\\\n\r\t]/
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const escaped = (found: string): string => escapes[found] ?? found
