import { expect, test } from 'vitest'
import { paperHtml, paperPolicy } from '../../src/documents/paperHtml.ts'
import { htmlText, withoutBlanks } from '../support/htmlText.ts'
import { names, samplePaper } from '../support/samplePaper.ts'

test('text is text: markup in a name is shown and not read, and every name is there', () => {
  const html = paperHtml(samplePaper(3))
  expect(html).not.toContain('<script')
  expect(html).toContain('&#60;script&#62;alert(&#34;1 &#38; 2&#34;)')
  for (const name of Object.values(names)) expect(htmlText(html)).toContain(withoutBlanks(name))
  // a name from right to left does not turn what stands beside it
  expect(html).toMatch(/dd,[^{]*\{ unicode-bidi: isolate \}/)
})

test('the page loads nothing, runs nothing, and its policy lets in its own style alone', () => {
  const html = paperHtml(samplePaper(3))
  expect(html).not.toMatch(/<(script|link|img|iframe|form|a) |https?:|url\(/)
  expect(paperPolicy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'/)
})

test('figures are grouped and have their digits, none cut off; columns for files are not there', () => {
  const html = paperHtml(samplePaper(3, 'zh-CN'))
  expect(html).toContain('<html lang="zh-CN">')
  expect(html).toContain('<td class="figure">-1,000.50</td>')
  expect(html).toContain('<span class="figure">1,234.499999</span>')
  expect(html).toContain('<td class="figure">12,345,678,901.25</td>')
  expect(html).not.toContain('event-1')
})

test('a table without rows says so', () => {
  expect(htmlText(paperHtml(samplePaper(0, 'zh-CN')))).toContain('Value无Total')
})
