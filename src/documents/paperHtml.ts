import { createHash } from 'node:crypto'
import { grouped } from '../domain/kernel/decimalText.ts'
import type { Paper, PaperNode, PaperPart, PaperTable } from '../domain/kernel/paper.ts'
import { barsSvg } from './barsSvg.ts'
import { escapeHtml } from './escapeHtml.ts'
import { paperWords } from './paperWords.ts'

/**
 * A paper as one HTML page that needs nothing else: the master, which the PDF shows in the same words and order.
 * Every text stands in an element that isolates its direction, so that a name cannot turn the figures beside it around.
 */
export function paperHtml(paper: Paper): string {
  const { language, title, subtitle, parts, footer } = paper
  return [
    `<!doctype html>\n<html lang="${language}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${style}</style></head><body><main>`,
    `<header>${element('h1', title)}${subtitle === undefined ? '' : element('p', subtitle)}</header>`,
    ...parts.map((part) => `\n<section>${sectionOf(part, paper)}</section>`),
    `\n<footer>${footer.map((line) => element('p', line)).join('')}</footer></main></body></html>\n`,
  ].join('')
}

function sectionOf(part: PaperPart, { language }: Paper): string {
  const heading = part.heading === undefined ? '' : element('h2', part.heading)
  switch (part.kind) {
    case 'facts':
      return `${heading}<dl>${part.facts
        .map(
          ({ label, value, strong }) =>
            `<div${strong ? ' class="strong"' : ''}>${element('dt', label)}${element('dd', value)}</div>`,
        )
        .join('')}</dl>`
    case 'text':
      return (
        heading +
        part.lines
          .map((line) =>
            typeof line === 'string'
              ? element('p', line)
              : `<ul>${line.map((point) => element('li', point)).join('')}</ul>`,
          )
          .join('')
      )
    case 'table':
      return heading + tableOf(part, paperWords[language].none)
    case 'tree':
      return `${heading}${nodesOf(part.nodes, part.digits)}`
    case 'bars':
      return heading + barsSvg(part)
  }
}

function tableOf({ columns, rows, totals = [] }: PaperTable, none: string): string {
  const shown = columns.flatMap((column, n) => (column.filesOnly ? [] : [{ ...column, n }]))
  const head = shown
    .map(({ title, digits }) => `<th scope="col"${figureClass(digits)}>${escapeHtml(title)}</th>`)
    .join('')
  const line = (row: readonly string[]): string =>
    `<tr>${shown
      .map(({ digits, n }) => {
        const cell = row[n] ?? ''
        const text = digits === undefined || cell === '' ? cell : grouped(cell, digits)
        return `<td${figureClass(digits)}>${escapeHtml(text)}</td>`
      })
      .join('')}</tr>`
  const body = rows.length === 0 ? `<tr><td colspan="${shown.length}">${escapeHtml(none)}</td></tr>` : ''
  const foot = totals.length === 0 ? '' : `<tbody class="totals">${totals.map(line).join('\n')}</tbody>`
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}${rows.map(line).join('\n')}</tbody>${foot}</table>`
}

function nodesOf(nodes: readonly PaperNode[], digits: number): string {
  return `<ul class="tree">${nodes
    .map(
      ({ text, note, figure, children = [] }) =>
        `<li><div>${element('span', text)}<span class="figure">${grouped(figure, digits)}</span></div>` +
        `${note === undefined ? '' : element('p', note)}${children.length === 0 ? '' : nodesOf(children, digits)}</li>`,
    )
    .join('')}</ul>`
}

function element(name: string, text: string): string {
  return `<${name}>${escapeHtml(text)}</${name}>`
}

function figureClass(digits: number | undefined): string {
  return digits === undefined ? '' : ' class="figure"'
}

const style = `
@page { size: A4; margin: 16mm 15mm }
* { box-sizing: border-box }
body { margin: 0; background: #fff; color: #1c2430; font: 14px/1.5 "Noto Sans", "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif }
main { max-width: 210mm; margin: 0 auto; padding: 12mm 8mm }
h1, h2, p, dt, dd, li, td, th, span { unicode-bidi: isolate }
h1 { font-size: 24px; line-height: 1.25; margin: 0 }
header { border-bottom: 2px solid #16325c; padding-bottom: 10px }
header p { margin: 4px 0 0; color: #5c6878; font-size: 15px }
h2 { font-size: 15px; color: #16325c; margin: 26px 0 8px; break-after: avoid }
p, ul { margin: 4px 0 }
ul { padding-left: 1.3em }
dl { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 24px; margin: 14px 0 }
dt { color: #5c6878; font-size: 12px }
dd { margin: 0; overflow-wrap: anywhere }
.strong dd { font-size: 19px; font-weight: 700 }
table { width: 100%; border-collapse: collapse; font-size: 12px }
th { text-align: left; color: #16325c; border-bottom: 1.5px solid #16325c; padding: 4px 6px; vertical-align: bottom }
td { border-bottom: 1px solid #dfe4ea; padding: 3px 6px; vertical-align: top; overflow-wrap: anywhere }
tr { break-inside: avoid }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.totals td { font-weight: 700; border-top: 1.5px solid #16325c; border-bottom: 0 }
.tree { list-style: none; padding-left: 1.4em }
section > .tree { padding-left: 0 }
.tree div { display: flex; justify-content: space-between; gap: 2em; padding: 3px 6px 1px; border-top: 1px solid #dfe4ea }
.tree p { margin: 0 6px 3px; color: #5c6878; font-size: 12px }
section > .tree > li > div { font-weight: 700 }
footer { margin-top: 28px; border-top: 1px solid #dfe4ea; padding-top: 6px; color: #5c6878; font-size: 11px; overflow-wrap: anywhere }
footer p { margin: 0 }
@media print { main { max-width: none; padding: 0 } }
`

/** The Content-Security-Policy of the page: its own style and nothing else. */
export const paperPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
