import type { PaperBars } from '../../domain/kernel/paper.ts'
import { barPlaces, barShapes } from '../barShapes.ts'
import { ink, type Pages, sheet, type Style } from './pages.ts'
import { brokenInto, type TextSetter } from './setText.ts'

const label: Style = { size: 8, weight: 'regular', colour: ink.text }
const soft: Style = { size: 8, weight: 'regular', colour: ink.soft }
const colours = { bar: '.23 .43 .65', track: '.93 .945 .96', mark: '.75 .22 .17' } as const

/** Bars from filled rectangles, where the HTML has them. A label that is too long for its place is cut. */
export function drawBars(pages: Pages, setter: TextSetter, part: PaperBars): void {
  const { labels, bar, row, thickness } = barPlaces
  for (const { label: name, text, textAt, width, markAt } of barShapes(part)) {
    pages.make(row)
    const top = pages.y + (row - thickness) / 2
    const baseline = pages.y + row - 4
    write(name, sheet.left, baseline, labels - 6, label)
    block(sheet.left + labels, top, bar, thickness, colours.track)
    if (width !== undefined) block(sheet.left + labels, top, width, thickness, colours.bar)
    if (markAt !== undefined) block(sheet.left + markAt - 0.75, top - 2, 1.5, thickness + 4, colours.mark)
    write(text, sheet.left + textAt, baseline, sheet.right - sheet.left - textAt, soft)
    pages.y += row
  }
  if (part.markedBy === undefined) return
  pages.make(row)
  block(sheet.left + labels, pages.y + 2, 1.5, thickness + 2, colours.mark)
  write(part.markedBy, sheet.left + labels + 6, pages.y + row - 4, bar, soft)
  pages.y += row

  function block(x: number, y: number, width: number, height: number, colour: string): void {
    pages.rule(y + height, height, colour, x, x + width)
  }

  function write(text: string, x: number, baseline: number, width: number, style: Style): void {
    const [line] = brokenInto(setter.glyphs(text, style.weight), style.size, width)
    if (line) pages.text(line, x, baseline, style)
  }
}
