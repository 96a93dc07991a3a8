import type { Paper } from '../domain/kernel/paper.ts'
import { paperWords } from './paperWords.ts'
import { drawPaper } from './pdf/drawPaper.ts'
import { embedFont } from './pdf/embedFont.ts'
import type { Fonts } from './pdf/openFonts.ts'
import { createPages, ink, sheet } from './pdf/pages.ts'
import { createPdfFile, pdfText } from './pdf/pdfFile.ts'
import { brokenInto, createTextSetter, widthOf } from './pdf/setText.ts'

const small = { size: 6.5, colour: ink.soft } as const
const footTop = 797
const footWidth = sheet.right - sheet.left - 90

/**
 * A paper as a PDF: what its HTML shows, in the same order, on A4 with a foot on every page. Its fonts are in it, cut down to the
 * characters that occur. No time, no place and no chance goes into it: the same paper gives the same bytes on every machine.
 */
export function paperPdf(paper: Paper, fonts: Fonts): Uint8Array {
  const { title, language, footer } = paper
  const setter = createTextSetter(fonts, language)
  const pages = createPages(setter)
  drawPaper(pages, setter, paper)
  const drawn = pages.done(drawFoot)

  const file = createPdfFile()
  const catalogue = file.reserve()
  const tree = file.reserve()
  const resources = file.reserve()
  const kids = drawn.pages.map((streams) => {
    const contents = streams.map((stream) => `${file.add('', { stream })} 0 R`)
    return file.add(`<</Type/Page/Parent ${tree} 0 R/Contents[${contents.join(' ')}]>>`)
  })
  const named = drawn.used.map(([font, used], n) => `/F${n + 1} ${embedFont(file, font, used)} 0 R`)
  file.add(`<</Font<<${named.join('')}>>>>`, { as: resources })
  file.add(
    `<</Type/Pages/Count ${kids.length}/Kids[${kids.map((kid) => `${kid} 0 R`).join(' ')}]` +
      `/MediaBox[0 0 ${sheet.width} ${sheet.height}]/Resources ${resources} 0 R>>`,
    { as: tree },
  )
  file.add(
    `<</Type/Catalog/Pages ${tree} 0 R/Lang(${language})/ViewerPreferences<</DisplayDocTitle true>>/PageMode/UseNone>>`,
    { as: catalogue },
  )
  const information = file.add(`<</Title ${pdfText(title)}/Producer ${pdfText('Channel ledger')}>>`)
  return file.finish(`/Root ${catalogue} 0 R/Info ${information} 0 R`)

  function drawFoot(no: number, of: number): void {
    pages.rule(footTop - 4, 0.35, ink.line)
    let y = footTop
    for (const line of footer.flatMap((text) => brokenInto(setter.glyphs(text, 'regular'), small.size, footWidth))) {
      pages.text(line, sheet.left, y + small.size, small)
      y += small.size * 1.35
    }
    const page = setter.glyphs(paperWords[language].page(no, of), 'regular')
    pages.text(page, sheet.right - widthOf(page, small.size), footTop + small.size, small)
  }
}
