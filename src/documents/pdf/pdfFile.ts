import { createHash } from 'node:crypto'
import { zlibSync } from 'fflate'

/** A PDF while it is written: numbered objects one after another (ISO 32000-1 §7.5). Nothing in it depends on when or where. */
export interface PdfFile {
  /** A number for an object that others name before it is written. */
  reserve(): number
  /** Writes an object, or a `packed` stream with what its dictionary holds beside the usual, and gives its number. */
  add(dictionary: string, options?: { readonly stream?: Uint8Array; readonly as?: number }): number
  /** The file; `dictionary` is what its trailer says beside the usual. */
  finish(dictionary: string): Uint8Array
}

export function createPdfFile(): PdfFile {
  const offsets: number[] = []
  const chunks: Uint8Array[] = []
  const hash = createHash('sha256')
  let length = 0
  write(latin1('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n'))

  function write(bytes: Uint8Array): void {
    chunks.push(bytes)
    hash.update(bytes)
    length += bytes.length
  }

  function reserve(): number {
    return offsets.push(-1)
  }

  return {
    reserve,
    add(dictionary, { stream, as = reserve() } = {}) {
      offsets[as - 1] = length
      if (stream) {
        write(latin1(`${as} 0 obj\n<<${dictionary}/Filter/FlateDecode/Length ${stream.length}>>stream\n`))
        write(stream)
        write(latin1('\nendstream\nendobj\n'))
      } else write(latin1(`${as} 0 obj\n${dictionary}\nendobj\n`))
      return as
    },
    finish(dictionary) {
      const start = length
      const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`)
      write(latin1(`xref\n0 ${offsets.length + 1}\n0000000000 65535 f \n${rows.join('')}`))
      const id = hash.copy().digest('hex').slice(0, 32)
      write(
        latin1(
          `trailer\n<</Size ${offsets.length + 1}${dictionary}/ID[<${id}><${id}>]>>\nstartxref\n${start}\n%%EOF\n`,
        ),
      )
      return Buffer.concat(chunks)
    },
  }
}

/** By fflate and not by Node's zlib, whose bytes differ between its versions and between processors. */
export function packed(bytes: Uint8Array): Uint8Array {
  return zlibSync(bytes, { level: 6 })
}

/** A text of the document's information: UTF-16 with its mark, as hexadecimal. */
export function pdfText(text: string): string {
  return `<feff${[...Array(text.length).keys()].map((n) => hex4(text.charCodeAt(n))).join('')}>`
}

export function hex4(value: number): string {
  return value.toString(16).padStart(4, '0')
}

export function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}
