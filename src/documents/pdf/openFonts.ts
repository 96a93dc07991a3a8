import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Blob, Face, Font } from 'harfbuzzjs'
import type { PaperLanguage } from '../../domain/kernel/paper.ts'
import { cidsOf } from './cidsOf.ts'
import { openSubsetter } from './subsetter.ts'

export type Weight = 'regular' | 'bold'

/** A character as it is printed. */
export interface Glyph {
  readonly font: EmbeddableFont
  /** what the text of a PDF calls it by */
  readonly cid: number
  readonly codePoint: number
  /** thousandths of the size */
  readonly advance: number
}

/** A font file. Metrics are thousandths of the size. */
export interface EmbeddableFont {
  readonly name: string
  readonly kind: 'cff' | 'truetype'
  readonly ascent: number
  readonly descent: number
  readonly box: readonly number[]
  /** The program that has these characters and no other: a CFF table, or a TrueType font. */
  programFor(codePoints: Iterable<number>): Uint8Array
}

export interface Fonts {
  /** Undefined where no font has the character. */
  glyphOf(codePoint: number, weight: Weight, language: PaperLanguage): Glyph | undefined
}

/** The Chinese ones hold GB 2312 and the ideographs of GBK, with Latin letters to match; the others all Latin, Greek and Cyrillic letters. */
const files: Readonly<
  Record<Weight, Readonly<Record<'chinese' | 'european', readonly [module: string, file: string]>>>
> = {
  regular: {
    chinese: ['@embedpdf/fonts-sc', 'NotoSansHans-Regular.otf'],
    european: ['@embedpdf/fonts-latin', 'NotoSans-Regular.ttf'],
  },
  bold: {
    chinese: ['@embedpdf/fonts-sc', 'NotoSansHans-Bold.otf'],
    european: ['@embedpdf/fonts-latin', 'NotoSans-Bold.ttf'],
  },
}

/** The open fonts of printed documents; about 20 MB, so that a process opens them once. */
export async function openFonts(): Promise<Fonts> {
  const { subset } = await openSubsetter()
  const regular = await openAll('regular')
  const bold = await openAll('bold')
  const fonts = { regular, bold }
  return {
    glyphOf(codePoint, weight, language) {
      const { known, inOrder } = fonts[weight][language]
      if (!known.has(codePoint)) known.set(codePoint, glyphIn(inOrder, codePoint))
      return known.get(codePoint)
    },
  }

  /** Quotation marks and dashes are as wide as an ideograph in a Chinese text and narrow in an English one: its own font comes first. */
  async function openAll(weight: Weight): Promise<Readonly<Record<PaperLanguage, OrderedFonts>>> {
    const [chinese, european] = await Promise.all([open(files[weight].chinese), open(files[weight].european)])
    return {
      'zh-CN': { inOrder: [chinese, european], known: new Map() },
      en: { inOrder: [european, chinese], known: new Map() },
    }
  }

  async function open([module, file]: readonly [string, string]): Promise<OpenFont> {
    const bytes = await readFile(join(dirname(createRequire(import.meta.url).resolve(module)), '../fonts', file))
    const kind = file.endsWith('.otf') ? 'cff' : 'truetype'
    const face = new Face(new Blob(bytes))
    const font = new Font(face)
    const cids = kind === 'cff' ? cidsOf(tableOf(bytes, 'CFF ')) : undefined
    const perMille = (units: number): number => Math.round((units * 1000) / face.upem)
    const { ascender, descender } = font.hExtents()
    const head = tableOf(bytes, 'head')
    const box = new DataView(head.buffer, head.byteOffset, head.byteLength)
    return {
      embeddable: {
        name: file.replace(/\.\w+$/, ''),
        kind,
        ascent: perMille(ascender),
        descent: perMille(descender),
        box: [36, 38, 40, 42].map((at) => perMille(box.getInt16(at))),
        programFor: (codePoints) => {
          const smaller = subset(bytes, codePoints, kind === 'truetype')
          return kind === 'cff' ? tableOf(smaller, 'CFF ') : smaller
        },
      },
      glyph(codePoint) {
        const id = font.nominalGlyph(codePoint)
        if (id === undefined || id === 0) return undefined
        return { cid: cids?.[id] ?? id, advance: perMille(font.glyphHAdvance(id)) }
      },
    }
  }
}

interface OrderedFonts {
  readonly inOrder: readonly OpenFont[]
  readonly known: Map<number, Glyph | undefined>
}

interface OpenFont {
  readonly embeddable: EmbeddableFont
  glyph(codePoint: number): Pick<Glyph, 'cid' | 'advance'> | undefined
}

function glyphIn(fonts: readonly OpenFont[], codePoint: number): Glyph | undefined {
  for (const { embeddable, glyph } of fonts) {
    const found = glyph(codePoint)
    if (found) return { ...found, codePoint, font: embeddable }
  }
  return undefined
}

/** A table of an OpenType file. */
function tableOf(file: Uint8Array, tag: string): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  for (let at = 12; at < 12 + view.getUint16(4) * 16; at += 16) {
    if (String.fromCharCode(...file.subarray(at, at + 4)) !== tag) continue
    const offset = view.getUint32(at + 8)
    return file.subarray(offset, offset + view.getUint32(at + 12))
  }
  throw new Error(`the font has no table ${tag}`)
}
