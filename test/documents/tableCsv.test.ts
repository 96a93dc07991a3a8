import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { tableCsv } from '../../src/documents/tableCsv.ts'

const csvOf = (...rows: string[][]): string =>
  tableCsv({
    kind: 'table',
    heading: 'T',
    columns: [{ title: 'Text, "a"' }, { title: 'Figure', digits: 2 }],
    rows,
    totals: [['', '9']],
  })
const readBack = (csv: string): string[][] => parse(csv, { bom: true, record_delimiter: '\r\n' })

test('a spreadsheet reads back what was written: commas, quotes, line ends, Chinese; figures exactly', () => {
  const rows = [
    ['a,b', '1234.5'],
    ['say "no"', '-0.000001'],
    ['two\nlines', '123456789012345678.123456'],
    ["O'Neill", ''],
    ['山地车', '0'],
  ]
  const csv = csvOf(...rows)
  expect(csv.startsWith('\uFEFF')).toBe(true)
  expect(readBack(csv)).toEqual([['Text, "a"', 'Figure'], ...rows])
})

test('text that would be a formula is text; a negative figure stays a figure', () => {
  const evil = [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    ' =cmd|x',
    '＝1',
    '=HYPERLINK("http://x","y")',
    '\uFEFF=1',
  ]
  const [, ...rows] = readBack(csvOf(...evil.map((text) => [text, '-1.5']), ['plain - text', '1']))
  expect(rows.slice(0, -1)).toEqual(evil.map((text) => [`'${text}`, '-1.5']))
  expect(rows.at(-1)).toEqual(['plain - text', '1'])
})
