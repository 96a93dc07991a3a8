import { harmlessCell } from '../domain/kernel/harmlessCell.ts'
import type { PaperTable } from '../domain/kernel/paper.ts'

/**
 * A table as CSV (RFC 4180) in UTF-8 with a byte order mark, by which spreadsheets know it: a head and the rows, without totals,
 * so that who adds up does not count twice. Figures stand as they are. Text that a spreadsheet would take for a formula gets an
 * apostrophe before it.
 */
export function tableCsv({ columns, rows }: PaperTable): string {
  const head = columns.map(({ title }) => quoted(harmlessCell(title))).join(',')
  const lines = rows.map((row) =>
    columns
      .map(({ digits }, n) => {
        const cell = row[n] ?? ''
        return digits === undefined ? quoted(harmlessCell(cell)) : cell
      })
      .join(','),
  )
  return `\uFEFF${[head, ...lines].join('\r\n')}\r\n`
}

function quoted(text: string): string {
  return /[",\r\n;\t']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
