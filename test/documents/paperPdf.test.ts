import { createHash } from 'node:crypto'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { paperHtml } from '../../src/documents/paperHtml.ts'
import { paperPdf } from '../../src/documents/paperPdf.ts'
import { openFonts, type Fonts } from '../../src/documents/pdf/openFonts.ts'
import { codeOf } from '../../src/documents/pdf/setText.ts'
import type { Paper } from '../../src/domain/kernel/paper.ts'
import { htmlText, withoutBlanks } from '../support/htmlText.ts'
import { readPdf, type ReadPdf } from '../support/readPdf.ts'
import { names, samplePaper } from '../support/samplePaper.ts'
import { compileTypeScript } from '../support/spawnTypeScript.ts'

let fonts: Fonts
beforeAll(async () => {
  fonts = await openFonts()
})

const read = (paper: Paper): ReadPdf => readPdf(paperPdf(paper, fonts))
const textOf = ({ pages }: ReadPdf): string => withoutBlanks(pages.join(''))
const saying = (...lines: string[]): Paper => ({ ...samplePaper(0), parts: [{ kind: 'text', lines }] })
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The characters of an encoding's double bytes, as Node's decoder knows them. */
function charactersOf(encoding: string, lead: readonly [number, number], trail: readonly [number, number]): string[] {
  const decoder = new TextDecoder(encoding)
  const found: string[] = []
  for (let a = lead[0]; a <= lead[1]; a += 1)
    for (let b = trail[0]; b <= trail[1]; b += 1) {
      const character = decoder.decode(Uint8Array.of(a, b))
      if (character.length === 1 && /[^\uFFFD\p{Co}]/u.test(character)) found.push(character)
    }
  return found
}

describe('a PDF', () => {
  test('shows what the HTML shows, in the same order, with missing characters as their codes and a list of them at the end', () => {
    for (const language of ['en', 'zh-CN'] as const) {
      const paper = samplePaper(130, language)
      const missing = new Set<string>()
      const html = htmlText(paperHtml(paper)).replaceAll(/[\u0590-\u05FF\u202E\u{1F000}-\u{1FFFF}]/gu, (character) => {
        const code = codeOf(character.codePointAt(0) ?? 0)
        missing.add(code)
        return code
      })
      const pdf = textOf(read(paper))
      expect(pdf.slice(0, html.length)).toBe(html)
      const rest = pdf.slice(html.length)
      expect(missing.size).toBeGreaterThan(4)
      for (const code of missing) expect(rest).toContain(code)
      expect(rest).toMatch(language === 'en' ? /^Charactersthatthefonts/ : /^本文件字体缺少/)
    }
  })

  test('of a document without such characters is the text of the HTML and nothing else', () => {
    const paper = saying(
      names.markup,
      names.rare,
      names.european,
      'a'.repeat(300),
      '一，'.repeat(200),
      'x-y/z '.repeat(99),
    )
    expect(textOf(read(paper))).toBe(htmlText(paperHtml(paper)))
  })

  test('has characters of names as glyphs: all of GB 2312, the ideographs of GBK, European letters', () => {
    const gb2312 = charactersOf('gb2312', [0xa1, 0xf7], [0xa1, 0xfe])
    const gbk = charactersOf('gbk', [0x81, 0xfe], [0x40, 0xfe]).filter((one) => /[\u3400-\u9FFF]/.test(one))
    expect([gb2312.length > 7000, gbk.length > 20_000]).toEqual([true, true])
    const european = [...Array(0x0500).keys()]
      .map((code) => String.fromCharCode(code))
      .filter((one) => /\p{L}/u.test(one))
    for (const weight of ['regular', 'bold'] as const) {
      const none = [...gb2312, ...gbk, ...european].filter(
        (one) => !fonts.glyphOf(one.codePointAt(0) ?? 0, weight, 'zh-CN'),
      )
      // letters of dead languages and of phonetics
      expect(none.filter((one) => !/[\u0370-\u03FF]/.test(one))).toEqual([])
    }
  })

  test('holds its fonts, cut down to the glyphs that occur, as programs that say so', () => {
    const { fonts: embedded, raw } = read(samplePaper(10))
    expect(embedded.map(({ name }) => name.replace(/^[A-Z]{6}\+/, '')).toSorted()).toEqual([
      'NotoSans-Bold',
      'NotoSans-Regular',
      'NotoSansHans-Bold',
      'NotoSansHans-Regular',
    ])
    for (const { name, program, glyphs } of embedded) {
      expect(name).toMatch(/^[A-Z]{6}\+/)
      expect(glyphs).toBeGreaterThan(3)
      // 8 MB and 600 KB whole
      expect(program.length).toBeLessThan(60_000)
      // the version of a TrueType font, or of a CFF table
      expect([...program.subarray(0, 3)]).toEqual(name.includes('+NotoSans-') ? [0, 1, 0] : [1, 0, 4])
    }
    expect(raw).not.toMatch(/CreationDate|ModDate|JavaScript|\/URI/)
  })

  test('repeats the head of a table on every page, and says on each which it is and what it rests on', () => {
    const { pages, asides } = read(samplePaper(200))
    expect(pages.length).toBeGreaterThan(4)
    for (const [n, aside] of asides.entries()) {
      expect(aside).toContain(`Page ${n + 1} of ${pages.length}`)
      expect(aside).toContain('Fingerprint abc')
    }
    const [first, ...others] = asides
    expect(first).not.toContain('Order')
    for (const aside of others) expect(aside).toMatch(/^No\.OrderProductValue/)
    expect(pages.join('').match(/SO-\d{6}/g)).toHaveLength(200)
  })

  test('breaks a cell that is longer than a page, and loses none of it', () => {
    const long = '经销商'.repeat(6_000)
    const table = {
      kind: 'table',
      heading: 'T',
      columns: [{ title: 'A' }, { title: 'B', digits: 2 }],
      rows: [[long, '1']],
    } as const
    const pdf = read({ ...samplePaper(0), parts: [table] })
    expect(pdf.pages.length).toBeGreaterThan(2)
    expect(textOf(pdf).match(/经销商/g)).toHaveLength(6_000)
  })

  test('fits twenty columns of long figures on the page', () => {
    const columns = [...Array(20).keys()].map((n) => ({ title: `Column ${n}`, digits: 2 }))
    const pdf = read({
      ...samplePaper(0),
      parts: [{ kind: 'table', heading: 'T', columns, rows: [columns.map(() => '123456789012345.123456')] }],
    })
    expect(textOf(pdf).match(/123,456,789,012,345\.123456/g)).toHaveLength(20)
  })

  test('has the same bytes in two other processes, in another zone and language, and those that it had before', async () => {
    const bytes = hashOf(paperPdf(samplePaper(60, 'zh-CN'), fonts))
    const compiled = await compileTypeScript('test/support/printSample.ts')
    const run = promisify(execFile)
    const others = await Promise.all([
      run(process.execPath, [compiled], { env: { ...process.env, TZ: 'Asia/Shanghai', LANG: 'zh_CN.UTF-8' } }),
      run(process.execPath, [compiled], { env: { ...process.env, TZ: 'America/New_York', LANG: 'de_DE.UTF-8' } }),
    ])
    const [first, second] = others.map(({ stdout }) => JSON.parse(stdout) as Record<string, string>)
    expect(first).toEqual(second)
    expect(first?.['pdf']).toBe(bytes)
    expect(first).toMatchSnapshot()
  }, 60_000)
})
