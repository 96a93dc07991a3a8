/**
 * A document for people, in one language: what stands on it and in which order, not how it looks. Whoever knows the subject
 * makes one; `src/documents/` turns it into HTML, PDF, XLSX or CSV and knows no subject. The same paper gives the same bytes.
 *
 * A figure is an exact decimal string (`formatDecimal`), never grouped and never rounded: the renderers write it as
 * `1,234.50` on paper and as a number into spreadsheets. Text is any text; the renderers escape it.
 */
export interface Paper {
  readonly language: PaperLanguage
  /** of the file, without its ending: `settlement-GROWTH-D1-2025Q1-1` */
  readonly name: string
  readonly title: string
  /** below the title: in a word what it is about */
  readonly subtitle?: string
  readonly parts: readonly PaperPart[]
  /** at the foot of every page, a line each: a fingerprint, what the figures rest on */
  readonly footer: readonly string[]
}

export type PaperLanguage = 'en' | 'zh-CN'

export type PaperPart = PaperFacts | PaperText | PaperTable | PaperTree | PaperBars

/** Names and values, two beside each other: who, whom, when. */
export interface PaperFacts {
  readonly kind: 'facts'
  readonly heading?: string
  readonly facts: readonly {
    readonly label: string
    readonly value: string
    /** the one figure that the reader looks for */
    readonly strong?: boolean
  }[]
}

/** Sentences; a list in between is a list of points. */
export interface PaperText {
  readonly kind: 'text'
  readonly heading?: string
  readonly lines: readonly (string | readonly string[])[]
}

/** On paper its head is repeated on every page; in a spreadsheet it is a sheet, as CSV a file. */
export interface PaperTable {
  readonly kind: 'table'
  readonly heading: string
  readonly columns: readonly PaperColumn[]
  readonly rows: readonly PaperRow[]
  /** below the rows, set off from them */
  readonly totals?: readonly PaperRow[]
}

export interface PaperColumn {
  readonly title: string
  /** of a column of figures: the digits shown after the point at least; a figure that has more shows them all. Absent: text */
  readonly digits?: number
  /** in spreadsheets and CSV only: on paper there is no room for it */
  readonly filesOnly?: boolean
}

/** A cell for each column; `''` is an empty one. */
export type PaperRow = readonly string[]

/** Figures that add up, each below what it is a part of. */
export interface PaperTree {
  readonly kind: 'tree'
  readonly heading: string
  /** digits shown after the point at least */
  readonly digits: number
  readonly nodes: readonly PaperNode[]
}

export interface PaperNode {
  readonly text: string
  /** smaller, below the text: how the figure came to be */
  readonly note?: string
  /** a figure */
  readonly figure: string
  readonly children?: readonly PaperNode[]
}

/** Bars beside each other, from zero to `most`; drawn from rectangles alone, at the same places in every format. */
export interface PaperBars {
  readonly kind: 'bars'
  readonly heading: string
  /** the length of a full bar, a decimal above zero */
  readonly most: string
  /** what the upright stroke across a bar stands for */
  readonly markedBy?: string
  readonly bars: readonly {
    readonly label: string
    /** a decimal from 0 to `most`; without one there is no bar, which is not a bar of zero */
    readonly figure?: string
    /** stands behind the bar, or in its place */
    readonly text: string
    readonly mark?: string
  }[]
}
