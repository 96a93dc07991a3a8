import { grouped } from '../../domain/kernel/decimalText.ts'
import type { PaperTable } from '../../domain/kernel/paper.ts'
import type { Glyph, Weight } from './openFonts.ts'
import { ink, leading, type Pages, sheet } from './pages.ts'
import { brokenInto, type TextSetter, widthOf } from './setText.ts'

interface Column {
  readonly title: string
  readonly digits: number | undefined
  readonly n: number
  /** points, with its margins */
  readonly width: number
}

const margin = 4.5
const above = 2
const sizes = [8, 7.5, 7, 6.5, 6, 5.5, 5] as const
const available = sheet.right - sheet.left

/** A table over as many pages as it takes, its head on each; columns are as wide as what stands in them asks for. */
export function drawTable(pages: Pages, setter: TextSetter, table: PaperTable, none: string): void {
  const { rows, totals = [] } = table
  const { columns, size } = fitted(setter, table)
  const height = size * leading
  const most = Math.floor((sheet.bottom - sheet.top) / height) - 6

  drawHead()
  if (rows.length === 0) drawLines([[setter.glyphs(none, 'regular')]], 'regular')
  for (const row of rows) drawRow(row, 'regular')
  if (totals.length > 0) pages.rule(pages.y + 0.4, 0.9, ink.accent)
  for (const row of totals) drawRow(row, 'bold')

  function drawHead(): void {
    const lines = columns.map(({ title, width }) => broken(title, 'bold', width))
    const count = Math.max(...lines.map((one) => one.length))
    pages.make((count + 2) * height)
    // titles stand on the line below them
    drawCells(
      lines.map((one) => [...Array.from({ length: count - one.length }, (): readonly Glyph[] => []), ...one]),
      ink.accent,
    )
    pages.rule(pages.y, 0.9, ink.accent)
  }

  function drawRow(row: readonly string[], weight: Weight): void {
    const lines = columns.map(({ digits, n, width }) => broken(shown(row[n] ?? '', digits), weight, width))
    drawLines(lines, weight)
  }

  function drawLines(lines: readonly (readonly (readonly Glyph[])[])[], weight: Weight): void {
    // a row that is longer than a page goes on on the next
    const count = Math.max(...lines.map((one) => one.length))
    for (let from = 0; from < count; from += most) {
      const part = lines.map((one) => one.slice(from, from + most))
      const room = Math.max(...part.map((one) => one.length)) * height + 2 * above
      if (pages.make(room)) pages.aside(drawHead)
      drawCells(part, ink.text)
    }
    if (weight === 'regular') pages.rule(pages.y, 0.35, ink.line)
  }

  function drawCells(lines: readonly (readonly (readonly Glyph[])[])[], colour: string): void {
    const top = pages.y + above
    let x = sheet.left
    for (const [index, cell] of lines.entries()) {
      const { digits, width = available } = columns[index] ?? {}
      for (const [no, line] of cell.entries()) {
        const left = digits === undefined ? x + margin : x + width - margin - widthOf(line, size)
        pages.text(line, left, top + no * height + size * 1.05, { size, colour })
      }
      x += width
    }
    pages.y = top + Math.max(...lines.map((one) => one.length)) * height + above
  }

  function broken(text: string, weight: Weight, width: number): (readonly Glyph[])[] {
    return brokenInto(setter.glyphs(text, weight), size, width - 2 * margin)
  }
}

function shown(cell: string, digits: number | undefined): string {
  return digits === undefined || cell === '' ? cell : grouped(cell, digits)
}

/** Figures stand on one line where any size allows it; texts share what is left and are broken. */
function fitted(setter: TextSetter, { columns, rows, totals = [] }: PaperTable): { columns: Column[]; size: number } {
  const wishes = columns.flatMap(({ title, digits, filesOnly }, n) => {
    if (filesOnly) return []
    let natural = Math.max(...title.split(/\s/).map((word) => widthOf(setter.glyphs(word, 'bold'), 1)))
    if (digits === undefined) natural = Math.max(natural, widthOf(setter.glyphs(title, 'bold'), 1))
    for (const row of rows)
      natural = Math.max(natural, widthOf(setter.glyphs(shown(row[n] ?? '', digits), 'regular'), 1))
    for (const row of totals)
      natural = Math.max(natural, widthOf(setter.glyphs(shown(row[n] ?? '', digits), 'bold'), 1))
    return [{ title, digits, n, natural }]
  })
  const least = 56
  for (const size of sizes) {
    const wanted = wishes.map(({ natural }) => natural * size + 2 * margin + 0.1)
    const total = sum(wanted)
    if (total <= available) {
      const widens = (digits: number | undefined): boolean =>
        digits === undefined || wishes.every((wish) => wish.digits !== undefined)
      const extra = (available - total) / wishes.filter(({ digits }) => widens(digits)).length
      return {
        size,
        columns: wishes.map((wish, n) => ({ ...wish, width: (wanted[n] ?? 0) + (widens(wish.digits) ? extra : 0) })),
      }
    }
    const mayBreak = (n: number): boolean => wishes[n]?.digits === undefined && (wanted[n] ?? 0) > least
    const fixed = sum(wanted.filter((_width, n) => !mayBreak(n)))
    const breakable = wanted.filter((_width, n) => mayBreak(n))
    const share = (available - fixed) / sum(breakable)
    // smaller letters rather than columns of a few letters
    if (breakable.some((width) => Math.max(width * share, least) < Math.min(width, 110)) && size > 6.5) continue
    if (breakable.every((width) => width * share >= least))
      return {
        size,
        columns: wishes.map((wish, n) => ({ ...wish, width: (wanted[n] ?? 0) * (mayBreak(n) ? share : 1) })),
      }
  }
  const wanted = wishes.map(({ natural }) => Math.min(natural * 5 + 2 * margin, 90))
  return {
    size: 5,
    columns: wishes.map((wish, n) => ({ ...wish, width: ((wanted[n] ?? 0) * available) / sum(wanted) })),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((so, value) => so + value, 0)
}
