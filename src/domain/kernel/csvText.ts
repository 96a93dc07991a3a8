import { harmlessCell } from './harmlessCell.ts'

/** A cell: text, or a figure, which stays one in a spreadsheet. */
export type CsvCell = string | { readonly figure: string } | undefined

/** RFC 4180 text of rows, each ended by a line feed: the same bytes every time. Texts are no formulas to a spreadsheet. */
export function csvText(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\n`).join('')
}

function cellText(cell: CsvCell): string {
  if (cell === undefined) return ''
  if (typeof cell !== 'string') return cell.figure
  const safe = harmlessCell(cell)
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
