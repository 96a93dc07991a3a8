import { createHash } from 'node:crypto'
import type { EmbeddableFont, Glyph } from './openFonts.ts'
import { hex4, latin1, packed, type PdfFile } from './pdfFile.ts'

/** Writes a font with the glyphs that were used of it (ISO 32000-1 §9.7), so that text can be searched and copied; gives its number. */
export function embedFont(file: PdfFile, font: EmbeddableFont, used: readonly Glyph[]): number {
  const glyphs = [...new Map(used.toSorted(byId).map((glyph) => [glyph.cid, glyph])).values()]
  const program = font.programFor(used.map(({ codePoint }) => codePoint))
  const name = `${tagOf(program)}+${font.name}`
  const isCff = font.kind === 'cff'
  const stream = file.add(isCff ? '/Subtype/CIDFontType0C' : `/Length1 ${program.length}`, { stream: packed(program) })
  const descriptor = file.add(
    `<</Type/FontDescriptor/FontName/${name}/Flags 4/FontBBox[${font.box.join(' ')}]/ItalicAngle 0/Ascent ${font.ascent}` +
      `/Descent ${font.descent}/CapHeight 733/StemV 80/FontFile${isCff ? 3 : 2} ${stream} 0 R>>`,
  )
  const widths = glyphs.map(({ cid, advance }) => `${cid}[${advance}]`).join('')
  const descendant = file.add(
    `<</Type/Font/Subtype/CIDFontType${isCff ? 0 : 2}/BaseFont/${name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>` +
      `/FontDescriptor ${descriptor} 0 R/DW 1000/W[${widths}]${isCff ? '' : '/CIDToGIDMap/Identity'}>>`,
  )
  const toUnicode = file.add('', { stream: packed(latin1(unicodeMap(glyphs))) })
  return file.add(
    `<</Type/Font/Subtype/Type0/BaseFont/${name}${isCff ? '-Identity-H' : ''}/Encoding/Identity-H` +
      `/DescendantFonts[${descendant} 0 R]/ToUnicode ${toUnicode} 0 R>>`,
  )
}

/** Of two characters that look the same and share a glyph the one with the lower code comes last, and is meant. */
function byId(a: Glyph, b: Glyph): number {
  return a.cid === b.cid ? b.codePoint - a.codePoint : a.cid - b.cid
}

function unicodeMap(glyphs: readonly Glyph[]): string {
  const blocks: string[] = []
  for (let at = 0; at < glyphs.length; at += 100) {
    const block = glyphs.slice(at, at + 100)
    const lines = block.map(({ cid, codePoint }) => `<${hex4(cid)}> <${utf16(codePoint)}>`)
    blocks.push(`${block.length} beginbfchar\n${lines.join('\n')}\nendbfchar`)
  }
  return [
    '/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
    '/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def',
    '1 begincodespacerange\n<0000> <ffff>\nendcodespacerange',
    ...blocks,
    'endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend',
  ].join('\n')
}

function utf16(codePoint: number): string {
  const text = String.fromCodePoint(codePoint)
  return [...Array(text.length).keys()].map((n) => hex4(text.charCodeAt(n))).join('')
}

/** Six letters that tell subsets of one font apart. */
function tagOf(program: Uint8Array): string {
  const digest = createHash('sha256').update(program).digest()
  return String.fromCharCode(...[...digest.subarray(0, 6)].map((byte) => 65 + (byte % 26)))
}
