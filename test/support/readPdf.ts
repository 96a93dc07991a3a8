import { inflateSync } from 'node:zlib'

export interface ReadPdf {
  /** what a reader of each page reads, without repeated heads and feet, in the order of the file */
  readonly pages: readonly string[]
  /** what stands aside on each page */
  readonly asides: readonly string[]
  readonly fonts: readonly { readonly name: string; readonly program: Uint8Array; readonly glyphs: number }[]
  readonly raw: string
}

/** Reads a PDF back from its bytes: objects, streams, the fonts' maps to Unicode and the text that is shown. */
export function readPdf(bytes: Uint8Array): ReadPdf {
  const raw = Buffer.from(bytes).toString('latin1')
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(raw)?.[1])
  const table = /^xref\n0 (\d+)\n((?:\d{10} \d{5} [nf] \n)+)trailer/.exec(raw.slice(start))
  if (!table) throw new Error('no cross-reference table')
  const offsets = [...(table[2] ?? '').matchAll(/(\d{10}) 00000 n/g)].map((match) => Number(match[1]))
  const objects = offsets.map((offset, n) => {
    const head = `${n + 1} 0 obj\n`
    if (!raw.startsWith(head, offset)) throw new Error(`object ${n + 1} is not where the table says`)
    const end = raw.indexOf('\n', offset + head.length)
    const dictionary = raw.slice(offset + head.length, end)
    const length = /\/Length (\d+)>>stream$/.exec(dictionary)?.[1]
    return {
      dictionary,
      stream: length === undefined ? undefined : inflateSync(bytes.subarray(end + 1, end + 1 + Number(length))),
    }
  })
  const object = (text: string, key: string): (typeof objects)[number] => {
    const found = objects[Number(new RegExp(`${key}[ [/]*(\\d+) 0 R`).exec(text)?.[1]) - 1]
    if (!found) throw new Error(`${text} names no ${key}`)
    return found
  }
  const root = object(raw.slice(start), '/Root').dictionary
  const tree = object(root, '/Pages').dictionary
  const resources = object(tree, '/Resources').dictionary
  const fonts = [...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, key = '', no]) => {
    const font = objects[Number(no) - 1]?.dictionary ?? ''
    const map = object(font, '/ToUnicode').stream?.toString('latin1') ?? ''
    const descriptor = object(object(font, '/DescendantFonts').dictionary, '/FontDescriptor').dictionary
    const unicode = new Map(
      [...map.matchAll(/^<(\w{4})> <(\w+)>$/gm)].map(([, cid = '', hex = '']) => [cid, utf16(hex)]),
    )
    return {
      key,
      unicode,
      name: /\/FontName\/(\S+?)\//.exec(descriptor)?.[1] ?? '',
      program: object(descriptor, '/FontFile[23]').stream,
    }
  })
  const kids = [...(/\/Kids\[([^\]]*)\]/.exec(tree)?.[1] ?? '').matchAll(/(\d+) 0 R/g)].map(
    ([, no]) => objects[Number(no) - 1],
  )
  const texts = kids.map((kid) => {
    const contents = /\/Contents\[([^\]]*)\]/.exec(kid?.dictionary ?? '')?.[1] ?? ''
    const ops = [...contents.matchAll(/(\d+) 0 R/g)].map(
      ([, no]) => objects[Number(no) - 1]?.stream?.toString('latin1') ?? '',
    )
    return textOf(ops.join('\n'))
  })
  return {
    pages: texts.map(({ text }) => text),
    asides: texts.map(({ aside }) => aside),
    fonts: fonts.map(({ name, program, unicode }) => ({
      name,
      program: program ?? new Uint8Array(),
      glyphs: unicode.size,
    })),
    raw,
  }

  function textOf(ops: string): { text: string; aside: string } {
    let isAside = false
    const found = { text: '', aside: '' }
    for (const line of ops.split('\n')) {
      if (line.startsWith('/Artifact')) isAside = true
      if (line === 'EMC') isAside = false
      const shown = /^BT\/(F\d+) .*<(\w+)>Tj ET$/.exec(line)
      if (!shown) continue
      const unicode = fonts.find(({ key }) => key === shown[1])?.unicode
      const cids = shown[2]?.match(/.{4}/g) ?? []
      found[isAside ? 'aside' : 'text'] += cids.map((cid) => unicode?.get(cid) ?? '\uFFFF').join('')
    }
    return found
  }
}

function utf16(hex: string): string {
  return String.fromCharCode(...(hex.match(/.{4}/g) ?? []).map((unit) => parseInt(unit, 16)))
}
