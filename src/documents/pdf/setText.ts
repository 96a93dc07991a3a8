import type { PaperLanguage } from '../../domain/kernel/paper.ts'
import type { Fonts, Glyph, Weight } from './openFonts.ts'

/** Text as glyphs. Widths are points. */
export interface TextSetter {
  glyphs(text: string, weight: Weight): readonly Glyph[]
  /** characters that no font has, in the order in which they came up */
  missing(): readonly number[]
}

/** A character that no font has is written as its code, `[U+1F600]`: seen by the reader, and named at the end. */
export function createTextSetter(fonts: Fonts, language: PaperLanguage): TextSetter {
  const missing = new Set<number>()

  function glyphs(text: string, weight: Weight): Glyph[] {
    const set: Glyph[] = []
    for (const character of text) {
      // line ends and tabs are blanks, as in HTML
      const codePoint = /\s/.test(character) && character !== '\u00A0' ? 32 : (character.codePointAt(0) ?? 32)
      // what controls the direction or the joining of others is nothing that can be seen, though fonts have it
      const glyph =
        /\p{C}/u.test(character) && codePoint !== blank ? undefined : fonts.glyphOf(codePoint, weight, language)
      if (glyph) set.push(glyph)
      else {
        missing.add(codePoint)
        set.push(...glyphs(codeOf(codePoint), weight))
      }
    }
    return set
  }

  return { glyphs, missing: () => [...missing] }
}

export function codeOf(codePoint: number): string {
  return `[U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}]`
}

export function widthOf(glyphs: readonly Glyph[], size: number): number {
  let sum = 0
  for (const { advance } of glyphs) sum += advance
  return (sum * size) / 1000
}

/** Lines no wider than `width`: broken at blanks, after hyphens and slashes, between Chinese characters, and anywhere where nothing else helps. */
export function brokenInto(glyphs: readonly Glyph[], size: number, width: number): (readonly Glyph[])[] {
  const limit = (width * 1000) / size + 0.5
  const lines: (readonly Glyph[])[] = []
  let start = 0
  let possible = 0
  let sum = 0
  for (let at = 0; at < glyphs.length; at += 1) {
    const glyph = glyphs[at]
    if (!glyph) break
    if (at > start && mayBreak(glyphs[at - 1], glyph)) possible = at
    sum += glyph.advance
    if (sum <= limit || at === start || glyph.codePoint === blank) continue
    const end = possible > start ? possible : at
    lines.push(trimmed(glyphs.slice(start, end)))
    start = end
    while (glyphs[start]?.codePoint === blank) start += 1
    possible = start
    at = start - 1
    sum = 0
  }
  const rest = trimmed(glyphs.slice(start))
  if (rest.length > 0 || lines.length === 0) lines.push(rest)
  return lines
}

const blank = 32
const neverFirst = new Set('，。、；：？！）》」』】〕％·…—,.;:!?)]}%'.split(''))
const neverLast = new Set('（《「『【〔([{'.split(''))

function mayBreak(before: Glyph | undefined, after: Glyph): boolean {
  if (!before || after.codePoint === blank) return false
  if (before.codePoint === blank) return true
  const [last, first] = [String.fromCodePoint(before.codePoint), String.fromCodePoint(after.codePoint)]
  if (neverFirst.has(first) || neverLast.has(last)) return false
  return /[-/_]/.test(last) || isWide(before.codePoint) || isWide(after.codePoint)
}

function isWide(codePoint: number): boolean {
  return codePoint >= 0x2e80
}

function trimmed(line: readonly Glyph[]): readonly Glyph[] {
  const end = line.findLastIndex(({ codePoint }) => codePoint !== blank)
  return end === line.length - 1 ? line : line.slice(0, end + 1)
}
