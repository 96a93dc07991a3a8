import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Blob, Face, Font } from 'harfbuzzjs'
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
  glyphOf(codePoint: number, weight: Weight): Glyph | undefined
}

/** In the order in which they are asked. The Chinese one holds all of GB 2312 and GBK, the other the rest of Latin, Greek and Cyrillic. */
const files: Readonly<Record<Weight, readonly (readonly [module: string, file: string])[]>> = {
  regular: [
    ['@embedpdf/fonts-sc', 'NotoSansHans-Regular.otf'],
    ['@embedpdf/fonts-latin', 'NotoSans-Regular.ttf'],
  ],
  bold: [
    ['@embedpdf/fonts-sc', 'NotoSansHans-Bold.otf'],
    ['@embedpdf/fonts-latin', 'NotoSans-Bold.ttf'],
  ],
}

/** The open fonts of printed documents; about 20 MB, so that a process opens them once. */
export async function openFonts(): Promise<Fonts> {
  const { subset } = await openSubsetter()
  const fonts = {
    regular: await Promise.all(files.regular.map(open)),
    bold: await Promise.all(files.bold.map(open)),
  }
  const known = { regular: new Map<number, Glyph | undefined>(), bold: new Map<number, Glyph | undefined>() }
  return {
    glyphOf(codePoint, weight) {
      const found = known[weight]
      if (!found.has(codePoint)) found.set(codePoint, glyphIn(fonts[weight], codePoint))
      return found.get(codePoint)
    },
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
