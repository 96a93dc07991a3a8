import type { EmbeddableFont, Glyph, Weight } from './openFonts.ts'
import { hex4, latin1, packed } from './pdfFile.ts'
import { brokenInto, widthOf, type TextSetter } from './setText.ts'

/** A4, in points; y counts from the top. */
export const sheet = { width: 595.28, height: 841.89, left: 43, right: 552.28, top: 46, bottom: 785 } as const

export const ink = { text: '.11 .14 .19', soft: '.36 .41 .47', accent: '.09 .2 .36', line: '.87 .89 .92' } as const

export interface Style {
  readonly size: number
  readonly weight: Weight
  readonly colour: string
}

/** Pages that are filled from top to bottom. What is drawn `aside` is no content: repeated heads, page feet. */
export interface Pages {
  /** the next free place, from the top */
  y: number
  /** Goes to a new page unless `height` is free; true when it did. */
  make(height: number): boolean
  text(glyphs: readonly Glyph[], x: number, baseline: number, style: Pick<Style, 'size' | 'colour'>): void
  rule(y: number, thickness: number, colour: string, from?: number, to?: number): void
  aside(draw: () => void): void
  /** One text from `x`, broken to a width, down from `y`; each line makes its own room. */
  paragraph(text: string, x: number, width: number, style: Style): void
  /** The pages, once `foot` has drawn what stands at the foot of each. */
  done(foot: (no: number, of: number) => void): DrawnPages
}

export interface DrawnPages {
  /** content and foot of each, packed */
  readonly pages: readonly (readonly [content: Uint8Array, foot: Uint8Array])[]
  /** fonts in the order of their names F1, F2 …, with what was used of each */
  readonly used: readonly (readonly [EmbeddableFont, readonly Glyph[]])[]
}

export const leading = 1.45

export function createPages(setter: TextSetter): Pages {
  const contents: Uint8Array[] = []
  const fonts: EmbeddableFont[] = []
  const used = new Map<EmbeddableFont, Map<number, Glyph>>()
  let ops: string[] = []
  let colour = ''

  const pages: Pages = {
    y: sheet.top,
    make(height) {
      if (pages.y + height <= sheet.bottom || pages.y === sheet.top) return false
      contents.push(end())
      pages.y = sheet.top
      return true
    },
    text(glyphs, x, baseline, style) {
      fill(style.colour)
      let at = x
      for (let start = 0; start < glyphs.length;) {
        const font = glyphs[start]?.font
        if (!font) break
        let stop = start
        while (glyphs[stop]?.font === font) stop += 1
        const run = glyphs.slice(start, stop)
        use(font, run)
        const codes = run.map(({ cid }) => hex4(cid)).join('')
        ops.push(
          `BT/F${fonts.indexOf(font) + 1} ${style.size} Tf ${short(at)} ${short(sheet.height - baseline)} Td<${codes}>Tj ET`,
        )
        at += widthOf(run, style.size)
        start = stop
      }
    },
    rule(y, thickness, colour, from = sheet.left, to = sheet.right) {
      fill(colour)
      ops.push(`${short(from)} ${short(sheet.height - y)} ${short(to - from)} ${thickness} re f`)
    },
    aside(draw) {
      ops.push('/Artifact<</Type/Pagination>>BDC')
      draw()
      ops.push('EMC')
    },
    paragraph(text, x, width, style) {
      const height = style.size * leading
      for (const line of brokenInto(setter.glyphs(text, style.weight), style.size, width)) {
        pages.make(height)
        pages.text(line, x, pages.y + style.size * 1.05, style)
        pages.y += height
      }
    },
    done(foot) {
      contents.push(end())
      const drawn = contents.map((content, n) => {
        pages.aside(() => foot(n + 1, contents.length))
        return [content, end()] as const
      })
      return { pages: drawn, used: [...used].map(([font, glyphs]) => [font, [...glyphs.values()]]) }
    },
  }
  return pages

  /** Packed page by page: a long document is mostly blanks and repetition. */
  function end(): Uint8Array {
    const content = packed(latin1(ops.join('\n')))
    ops = []
    colour = ''
    return content
  }

  function fill(wanted: string): void {
    if (wanted === colour) return
    colour = wanted
    ops.push(`${wanted} rg`)
  }

  function use(font: EmbeddableFont, run: readonly Glyph[]): void {
    let glyphs = used.get(font)
    if (!glyphs) {
      glyphs = new Map()
      used.set(font, glyphs)
      fonts.push(font)
    }
    for (const glyph of run) glyphs.set(glyph.codePoint, glyph)
  }
}

/** Hundredths of a point are more than any printer shows. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100)
}
