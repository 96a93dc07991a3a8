import { strToU8, zipSync, type Zippable } from 'fflate'
import type { Paper, PaperNode, PaperPart, PaperTable } from '../domain/kernel/paper.ts'
import { isDecimal } from '../domain/kernel/decimal.ts'
import { escapeHtml } from './escapeHtml.ts'
import { paperWords } from './paperWords.ts'

/**
 * A paper as an Office Open XML workbook (ECMA-376): a sheet for each table, and one before them for the rest. A figure of at most
 * 15 significant digits is a number, which is all that spreadsheets can hold exactly, shown with all its digits; a longer one is text.
 * Text is never a formula. The same paper gives the same bytes.
 */
export function paperXlsx(paper: Paper): Uint8Array {
  const { parts, language } = paper
  const tables = parts.filter((part) => part.kind === 'table')
  const sheets = [
    { name: paperWords[language].overview, xml: overviewOf(paper) },
    ...tables.map((table) => ({ name: table.heading, xml: sheetOf(table) })),
  ]
  const names = distinct(sheets.map(({ name }) => name))
  const files: Readonly<Record<string, string>> = {
    '[Content_Types].xml': contentTypes(sheets.length),
    '_rels/.rels': relations([['officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': workbook(names),
    'xl/_rels/workbook.xml.rels': relations([
      ...sheets.map((_sheet, n) => ['worksheet', `worksheets/sheet${n + 1}.xml`] as const),
      ['styles', 'styles.xml'],
    ]),
    'xl/styles.xml': styles,
    ...Object.fromEntries(sheets.map(({ xml }, n) => [`xl/worksheets/sheet${n + 1}.xml`, xml])),
  }
  const zipped: Zippable = {}
  for (const [path, xml] of Object.entries(files)) zipped[path] = [strToU8(xml), packing]
  return zipSync(zipped)
}

/** The earliest time that a ZIP file can name, in the machine's own zone as fflate reads it. */
const packing = { level: 6, mtime: new Date(1980, 0, 1) } as const
const header = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const related = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

/** Cell formats, by their place in `styles`: a figure's is its number of digits after the point. */
const style = { figure: 0, text: 7, head: 8, title: 9, wrapped: 10, figureHead: 11, bold: 12, boldFigure: 13 } as const

const styles = (() => {
  const digits = [0, 1, 2, 3, 4, 5, 6]
  const formats = digits.map(
    (n) => `<numFmt numFmtId="${164 + n}" formatCode="#,##0${n === 0 ? '' : `.${'0'.repeat(n)}`}"/>`,
  )
  const figures = (font: number): string =>
    digits
      .map((n) => `<xf numFmtId="${164 + n}" fontId="${font}" fillId="0" borderId="0" applyNumberFormat="1"/>`)
      .join('')
  const text = (font: number, border: number, alignment: string): string =>
    `<xf numFmtId="49" fontId="${font}" fillId="0" borderId="${border}" applyNumberFormat="1">${alignment}</xf>`
  const wrap = '<alignment vertical="top" wrapText="1"/>'
  const right = '<alignment horizontal="right" wrapText="1"/>'
  const font = (extra: string, size: number): string => `<font>${extra}<sz val="${size}"/><name val="Arial"/></font>`
  const line = '<bottom style="thin"><color rgb="FF16325C"/></bottom>'
  return `${header}<styleSheet xmlns="${main}"><numFmts count="7">${formats.join('')}</numFmts><fonts count="3">${font('', 10)}${font('<b/>', 10)}${font('<b/>', 16)}</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top/>${line}<diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="20">${figures(0)}${text(0, 0, '')}${text(1, 1, wrap)}${text(2, 0, '')}${text(0, 0, wrap)}${text(1, 1, right)}${text(1, 0, '')}${figures(1)}</cellXfs></styleSheet>`
})()

interface Cell {
  readonly value: string
  readonly style: number
  /** digits after the point at least, of a figure */
  readonly digits?: number | undefined
}

function sheetOf({ columns, rows, totals = [] }: PaperTable): string {
  const lines = [
    columns.map(({ title, digits }) => ({ value: title, style: digits === undefined ? style.head : style.figureHead })),
  ]
  const cells = (row: readonly string[], isTotal: boolean): Cell[] =>
    columns.map(({ digits }, n) => {
      const text = isTotal ? style.bold : style.text
      return {
        value: row[n] ?? '',
        style: digits === undefined ? text : isTotal ? style.boldFigure : style.figure,
        digits,
      }
    })
  const xml = [
    ...lines.map((line, n) => rowXml(line, n + 1)),
    ...rows.map((row, n) => rowXml(cells(row, false), n + 2)),
    ...totals.map((row, n) => rowXml(cells(row, true), n + rows.length + 2)),
  ]
  const widths = columns.map(({ title, digits = 0 }, n) => {
    let widest = width(title)
    for (const row of [...rows, ...totals]) widest = Math.max(widest, width(row[n] ?? '') + digits * 0.7)
    return Math.min(60, widest + 3)
  })
  const frozen =
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
  return worksheet(xml, widths, frozen)
}

/** What is not a table, from top to bottom: names in the first column, values in the second, figures in the third. */
function overviewOf({ title, subtitle, parts, footer }: Paper): string {
  const text = (value: string): Cell => ({ value, style: style.text })
  const blank: Cell[] = []
  const lines: Cell[][] = [
    [{ value: title, style: style.title }],
    ...(subtitle === undefined ? [] : [[text(subtitle)]]),
    ...parts.flatMap((part) => linesOf(part)),
    blank,
    ...footer.map((line) => [text(line)]),
  ]
  return worksheet(
    lines.map((line, n) => rowXml(line, n + 1)),
    [40, 60, 22],
  )

  function linesOf(part: PaperPart): Cell[][] {
    const heading = part.heading === undefined ? [blank] : [blank, [{ value: part.heading, style: style.head }]]
    switch (part.kind) {
      case 'facts':
        return [...heading, ...part.facts.map(({ label, value }) => [text(label), text(value)])]
      case 'text':
        return [...heading, ...part.lines.flat().map((line) => [text(line)])]
      case 'tree':
        return [...heading, ...part.nodes.flatMap((node) => nodeLines(node, part.digits, 0))]
      case 'bars':
        return [...heading, ...part.bars.map(({ label, text: shown }) => [text(label), text(shown)])]
      case 'table':
        return []
    }
  }

  function nodeLines(
    { text: name, note = '', figure, children = [] }: PaperNode,
    digits: number,
    depth: number,
  ): Cell[][] {
    const line = [text('    '.repeat(depth) + name), text(note), { value: figure, style: style.figure, digits }]
    return [line, ...children.flatMap((child) => nodeLines(child, digits, depth + 1))]
  }
}

function worksheet(rows: readonly string[], widths: readonly number[], views = ''): string {
  const columns = widths.map(
    (width, n) => `<col min="${n + 1}" max="${n + 1}" width="${Math.round(width * 10) / 10}" customWidth="1"/>`,
  )
  return `${header}<worksheet xmlns="${main}">${views}<cols>${columns.join('')}</cols><sheetData>${rows.join('\n')}</sheetData></worksheet>`
}

function rowXml(cells: readonly Cell[], no: number): string {
  return `<row r="${no}">${cells.map((cell, n) => cellXml(cell, `${columnName(n)}${no}`)).join('')}</row>`
}

function cellXml({ value, style: s, digits }: Cell, at: string): string {
  if (value === '') return ''
  const [whole = '', fraction = ''] = value.split('.')
  if (digits !== undefined && isDecimal(value) && significant(whole + fraction) <= 15)
    return `<c r="${at}" s="${s + Math.max(digits, fraction.length)}"><v>${value}</v></c>`
  const isText = digits === undefined
  return `<c r="${at}" s="${isText ? s : s === style.boldFigure ? style.bold : style.text}" t="inlineStr"><is><t xml:space="preserve">${plain(value)}</t></is></c>`
}

function significant(figure: string): number {
  return figure.replace(/^-?0*/, '').length
}

/** XML has no control characters, and spreadsheets read `_x0041_` as a character. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const legal = text.replaceAll(/\p{Cs}|[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/gu, '\uFFFD')
  return escapeHtml(legal.replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_'))
}

/** In characters of the standard font, a Chinese one counting as two. */
function width(text: string): number {
  let sum = 0
  for (const character of text) sum += (character.codePointAt(0) ?? 0) >= 0x2e80 ? 2 : 1.1
  return sum
}

function columnName(n: number): string {
  return n < 26 ? String.fromCharCode(65 + n) : columnName(Math.floor(n / 26) - 1) + columnName(n % 26)
}

/** Sheet names: at most 31 characters, without those that formulas use, no two alike in any case. */
function distinct(wanted: readonly string[]): string[] {
  const taken = new Set<string>()
  return wanted.map((name) => {
    const base = name.replaceAll(/[[\]:*?/\\']/g, ' ').trim() || '1'
    for (let no = 1; ; no += 1) {
      const suffix = no === 1 ? '' : ` ${no}`
      const free = base.slice(0, 31 - suffix.length).replace(/\p{Cs}$/u, '') + suffix
      if (taken.has(free.toLowerCase())) continue
      taken.add(free.toLowerCase())
      return free
    }
  })
}

function workbook(names: readonly string[]): string {
  const sheets = names.map((name, n) => `<sheet name="${plain(name)}" sheetId="${n + 1}" r:id="rId${n + 1}"/>`)
  return `${header}<workbook xmlns="${main}" xmlns:r="${related}"><sheets>${sheets.join('')}</sheets></workbook>`
}

function relations(targets: readonly (readonly [type: string, target: string])[]): string {
  const all = targets.map(
    ([type, target], n) => `<Relationship Id="rId${n + 1}" Type="${related}/${type}" Target="${target}"/>`,
  )
  return `${header}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.join('')}</Relationships>`
}

function contentTypes(sheets: number): string {
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  const parts = [
    ['xl/workbook.xml', 'sheet.main'],
    ['xl/styles.xml', 'styles'],
    ...[...Array(sheets).keys()].map((n) => [`xl/worksheets/sheet${n + 1}.xml`, 'worksheet']),
  ]
  return (
    `${header}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    `<Default Extension="xml" ContentType="application/xml"/>${parts.map(([path, kind]) => `<Override PartName="/${path}" ContentType="${type}.${kind}+xml"/>`).join('')}</Types>`
  )
}
