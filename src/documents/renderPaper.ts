import type { Paper, PaperTable } from '../domain/kernel/paper.ts'
import { paperHtml } from './paperHtml.ts'
import { paperPdf } from './paperPdf.ts'
import { paperXlsx } from './paperXlsx.ts'
import { openFonts, type Fonts } from './pdf/openFonts.ts'
import { tableCsv } from './tableCsv.ts'

export const paperFormats = ['html', 'pdf', 'xlsx', 'csv'] as const
export type PaperFormat = (typeof paperFormats)[number]

let fonts: Promise<Fonts> | undefined

/** The bytes of a paper in a format; as CSV its first table. */
export async function renderPaper(paper: Paper, format: PaperFormat): Promise<Uint8Array> {
  switch (format) {
    case 'html':
      return Buffer.from(paperHtml(paper))
    case 'pdf':
      fonts ??= openFonts()
      return paperPdf(paper, await fonts)
    case 'xlsx':
      return paperXlsx(paper)
    case 'csv':
      return Buffer.from(tableCsv(paper.parts.find((part): part is PaperTable => part.kind === 'table') ?? empty))
  }
}

const empty: PaperTable = { kind: 'table', heading: '', columns: [], rows: [] }
