import { strFromU8, unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { paperXlsx } from '../../src/documents/paperXlsx.ts'
import type { Paper, PaperTable } from '../../src/domain/kernel/paper.ts'
import { names, samplePaper } from '../support/samplePaper.ts'

const table = (rows: PaperTable['rows'], heading = 'T'): PaperTable => ({
  kind: 'table',
  heading,
  columns: [{ title: 'Text' }, { title: 'Figure', digits: 2 }],
  rows,
})
const paperOf = (...parts: Paper['parts']): Paper => ({ ...samplePaper(0), parts })
const filesOf = (paper: Paper): Record<string, string> =>
  Object.fromEntries(Object.entries(unzipSync(paperXlsx(paper))).map(([path, bytes]) => [path, strFromU8(bytes)]))
const cells = (paper: Paper, sheet = 2): string[] =>
  [...(filesOf(paper)[`xl/worksheets/sheet${sheet}.xml`] ?? '').matchAll(/<c .*?<\/c>/g)].map(([cell]) => cell)

test('figures up to 15 digits are numbers with all their digits, longer ones text: no cent is lost', () => {
  const figures = [
    '0',
    '-0.5',
    '1234.5',
    '0.000001',
    '9999999999999.99',
    '99999999999999.99',
    '123456789012345678',
    '1.234567',
  ]
  const [, , ...found] = cells(paperOf(table(figures.map((figure) => ['', figure]))))
  expect(found.map((cell) => /<v>(.*)<\/v>|<t [^>]*>(.*)<\/t>/.exec(cell)?.slice(1))).toEqual([
    ['0', undefined],
    ['-0.5', undefined],
    ['1234.5', undefined],
    ['0.000001', undefined],
    ['9999999999999.99', undefined],
    [undefined, '99999999999999.99'],
    [undefined, '123456789012345678'],
    ['1.234567', undefined],
  ])
  // what a spreadsheet makes of them is what was meant
  const written = found.flatMap((cell) => /<v>(.*)<\/v>/.exec(cell)?.[1] ?? [])
  expect(written.map((figure) => String(Number(figure)))).toEqual(written)
  const formats = [...(filesOf(paperOf())['xl/styles.xml'] ?? '').matchAll(/formatCode="([^"]*)"/g)].map(
    ([, code]) => code,
  )
  expect(formats).toEqual(['#,##0', '#,##0.0', '#,##0.00', '#,##0.000', '#,##0.0000', '#,##0.00000', '#,##0.000000'])
  expect(found.map((cell) => Number(/ s="(\d+)"/.exec(cell)?.[1]))).toEqual([2, 2, 2, 6, 2, 7, 7, 6])
})

test('text is never a formula, nor markup, nor an escape of the format', () => {
  const texts = ['=1+1', '+1', '-1', '@SUM(A1)', names.markup, 'a_x0041_b', 'a\u0007b', names.emoji, '00123']
  const [, , ...found] = cells(paperOf(table(texts.map((text) => [text, '']))))
  expect(found).toHaveLength(texts.length)
  for (const cell of found) expect(cell).toContain('t="inlineStr"')
  const xml = found.join('')
  expect(xml).not.toContain('<f>')
  expect(xml).not.toContain('<script')
  expect(xml).toContain('a_x005F_x0041_b')
  expect(xml).toContain('a\uFFFDb')
  expect(xml).toContain(names.emoji)
})

test('a sheet for each table, with names that spreadsheets take; before them one for the rest; files-only columns are there', () => {
  const long = '结算明细'.repeat(20)
  const files = filesOf(
    paperOf(...samplePaper(2).parts, table([], 'Lines / 明细'), table([], long), table([], long), table([], "'")),
  )
  const sheets = [...(files['xl/workbook.xml'] ?? '').matchAll(/<sheet name="([^"]*)"/g)].map(([, name]) => name)
  expect(sheets).toEqual([
    'Overview',
    'Lines   明细',
    'Lines   明细 2',
    long.slice(0, 31),
    `${long.slice(0, 29)} 2`,
    '1',
  ])
  expect(files['xl/worksheets/sheet1.xml']).toContain(names.rare)
  expect(files['xl/worksheets/sheet2.xml']).toContain('event-1')
})
