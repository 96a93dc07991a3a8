import { grouped } from '../../domain/kernel/decimalText.ts'
import type { Paper, PaperFacts, PaperNode, PaperPart, PaperText } from '../../domain/kernel/paper.ts'
import { paperWords } from '../paperWords.ts'
import { drawBars } from './drawBars.ts'
import { drawTable } from './drawTable.ts'
import { ink, leading, type Pages, sheet, type Style } from './pages.ts'
import { brokenInto, codeOf, type TextSetter, widthOf } from './setText.ts'

const title: Style = { size: 19, weight: 'bold', colour: ink.accent }
const subtitle: Style = { size: 10.5, weight: 'regular', colour: ink.soft }
const heading: Style = { size: 11, weight: 'bold', colour: ink.accent }
const plain: Style = { size: 9, weight: 'regular', colour: ink.text }
const bold: Style = { ...plain, weight: 'bold' }
const strong: Style = { size: 14, weight: 'bold', colour: ink.text }
const small: Style = { size: 7.5, weight: 'regular', colour: ink.soft }
const width = sheet.right - sheet.left
const gap = 18
const indent = 13

/** The content of a paper from top to bottom, in the order of its HTML. */
export function drawPaper(pages: Pages, setter: TextSetter, paper: Paper): void {
  const words = paperWords[paper.language]
  pages.paragraph(paper.title, sheet.left, width, title)
  if (paper.subtitle !== undefined) pages.paragraph(paper.subtitle, sheet.left, width, subtitle)
  pages.y += 5
  pages.rule(pages.y, 1.3, ink.accent)
  pages.y += 9
  for (const part of paper.parts) drawPart(part)
  const missing = setter.missing()
  if (missing.length > 0) {
    pages.y += 8
    pages.paragraph(words.missing(missing.map(codeOf).join(' ')), sheet.left, width, small)
  }

  function drawPart(part: PaperPart): void {
    if (part.heading !== undefined) {
      pages.make(80) // never alone at the foot of a page
      pages.y += 9
      pages.paragraph(part.heading, sheet.left, width, heading)
      pages.y += 3
    }
    switch (part.kind) {
      case 'facts':
        drawFacts(part)
        break
      case 'text':
        drawText(part)
        break
      case 'table':
        drawTable(pages, setter, part, words.none)
        break
      case 'bars':
        drawBars(pages, setter, part)
        break
      case 'tree':
        for (const node of part.nodes) drawNode(node, part.digits, 0)
        break
    }
    pages.y += 6
  }

  function drawFacts({ facts }: PaperFacts): void {
    const half = (width - gap) / 2
    for (let n = 0; n < facts.length; n += 2) {
      const pair = facts.slice(n, n + 2).map(({ label, value, ...fact }) => {
        const style = fact.strong ? strong : plain
        return {
          style,
          label: brokenInto(setter.glyphs(label, small.weight), small.size, half),
          value: brokenInto(setter.glyphs(value, style.weight), style.size, half),
        }
      })
      const heightOf = ({ style, label, value }: (typeof pair)[number]): number =>
        label.length * small.size * leading + value.length * style.size * leading
      const height = Math.max(...pair.map(heightOf))
      pages.make(height)
      for (const [column, { style, label, value }] of pair.entries()) {
        const x = sheet.left + column * (half + gap)
        let y = pages.y
        for (const line of label) {
          pages.text(line, x, y + small.size * 1.05, small)
          y += small.size * leading
        }
        for (const line of value) {
          pages.text(line, x, y + style.size * 1.05, style)
          y += style.size * leading
        }
      }
      pages.y += height + 4
    }
  }

  function drawText({ lines }: PaperText): void {
    for (const line of lines) {
      if (typeof line === 'string') pages.paragraph(line, sheet.left, width, plain)
      else
        for (const point of line) {
          pages.make(plain.size * leading)
          pages.rule(pages.y + 8.2, 2.4, ink.soft, sheet.left + 5, sheet.left + 7.4)
          pages.paragraph(point, sheet.left + indent, width - indent, plain)
        }
      pages.y += 2
    }
  }

  function drawNode({ text, note, figure, children = [] }: PaperNode, digits: number, depth: number): void {
    const style = depth === 0 ? bold : plain
    const x = sheet.left + depth * indent
    const amount = setter.glyphs(grouped(figure, digits), style.weight)
    const amountWidth = widthOf(amount, style.size)
    const lines = brokenInto(setter.glyphs(text, style.weight), style.size, sheet.right - x - amountWidth - 14)
    const height = style.size * leading
    pages.make(lines.length * height + 4)
    for (const [no, line] of lines.entries()) pages.text(line, x, pages.y + 2 + no * height + style.size, style)
    const last = pages.y + 2 + (lines.length - 1) * height + style.size
    pages.text(amount, sheet.right - amountWidth, last, style)
    pages.y += lines.length * height + 2
    if (note !== undefined) pages.paragraph(note, x, sheet.right - x - amountWidth - 14, small)
    pages.y += 1.5
    pages.rule(pages.y, 0.35, ink.line, x)
    for (const child of children) drawNode(child, digits, depth + 1)
  }
}
