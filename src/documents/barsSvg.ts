import type { PaperBars } from '../domain/kernel/paper.ts'
import { barPlaces, barShapes } from './barShapes.ts'
import { escapeHtml } from './escapeHtml.ts'

const colours = { bar: '#3a6ea5', track: '#eef1f5', mark: '#c0392b', text: '#1c2430', soft: '#5c6878' } as const

/** Bars as inline SVG; what it says is in its texts, so that a screen reader reads them. */
export function barsSvg(part: PaperBars): string {
  const { width, labels, bar, row, thickness } = barPlaces
  const shapes = barShapes(part)
  const key = part.markedBy === undefined ? 0 : row
  const rows = shapes.map(({ label, text, textAt, width: length, markAt }, n) => {
    const top = n * row + (row - thickness) / 2
    const baseline = n * row + row - 4
    return [
      svgText(label, 0, baseline, colours.text),
      rect(labels, top, bar, thickness, colours.track),
      ...(length === undefined ? [] : [rect(labels, top, length, thickness, colours.bar)]),
      ...(markAt === undefined ? [] : [rect(markAt - 0.75, top - 2, 1.5, thickness + 4, colours.mark)]),
      svgText(text, textAt, baseline, colours.soft),
    ].join('')
  })
  const legend =
    part.markedBy === undefined
      ? ''
      : rect(labels, shapes.length * row + 3, 1.5, thickness + 2, colours.mark) +
        svgText(part.markedBy, labels + 6, shapes.length * row + row - 3, colours.soft)
  return `<svg viewBox="0 0 ${width} ${shapes.length * row + key}" width="100%" font-size="9" role="group">${rows.join('')}${legend}</svg>`
}

function rect(x: number, y: number, width: number, height: number, colour: string): string {
  return `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="${colour}"/>`
}

function svgText(text: string, x: number, y: number, colour: string): string {
  return `<text x="${short(x)}" y="${short(y)}" fill="${colour}">${escapeHtml(text)}</text>`
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100)
}
