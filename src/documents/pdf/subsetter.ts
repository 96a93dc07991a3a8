import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/** Cuts a font down to some of its characters: HarfBuzz's own subsetter, which comes as WebAssembly without a wrapper. */
export interface Subsetter {
  /** The smaller font. With `keepsIds` glyphs have the numbers that they had. */
  subset(font: Uint8Array, codePoints: Iterable<number>, keepsIds: boolean): Uint8Array
}

/** What of hb-subset.h is used; numbers are addresses in its memory. */
interface HarfBuzz {
  readonly memory: { readonly buffer: ArrayBuffer }
  _initialize(): void
  malloc(size: number): number
  free(at: number): void
  hb_blob_create(data: number, length: number, mode: number, user: number, destroy: number): number
  hb_blob_destroy(blob: number): void
  hb_blob_get_data(blob: number, length: number): number
  hb_blob_get_length(blob: number): number
  hb_face_create(blob: number, index: number): number
  hb_face_destroy(face: number): void
  hb_face_reference_blob(face: number): number
  hb_set_add(set: number, value: number): void
  hb_subset_input_create_or_fail(): number
  hb_subset_input_destroy(input: number): void
  hb_subset_input_unicode_set(input: number): number
  hb_subset_input_set(input: number, which: number): number
  hb_subset_input_set_flags(input: number, flags: number): void
  hb_subset_or_fail(face: number, input: number): number
}

/** Node's; its types come with those of browsers only. */
declare const WebAssembly: {
  instantiate(program: Uint8Array): Promise<{ readonly instance: { readonly exports: object } }>
}

const readOnly = 1
const noHinting = 0x1
const retainIds = 0x2
const noLayoutClosure = 0x200
const tablesToDrop = 3
/** a PDF places glyphs one by one: it has no use for substitution, positioning and vertical writing */
const unused = ['GSUB', 'GPOS', 'GDEF', 'BASE', 'VORG', 'vhea', 'vmtx', 'DSIG', 'STAT', 'name']

export async function openSubsetter(): Promise<Subsetter> {
  const file = createRequire(import.meta.url).resolve('harfbuzzjs/dist/harfbuzz-subset.wasm')
  const { instance } = await WebAssembly.instantiate(await readFile(file))
  const hb = instance.exports as unknown as HarfBuzz // what the file exports
  hb._initialize()
  return {
    subset(font, codePoints, keepsIds) {
      const held = hb.malloc(font.length)
      if (held === 0) throw new Error('no memory for the font')
      new Uint8Array(hb.memory.buffer).set(font, held)
      const blob = hb.hb_blob_create(held, font.length, readOnly, 0, 0)
      const face = hb.hb_face_create(blob, 0)
      const input = hb.hb_subset_input_create_or_fail()
      const wanted = hb.hb_subset_input_unicode_set(input)
      for (const codePoint of codePoints) hb.hb_set_add(wanted, codePoint)
      const dropped = hb.hb_subset_input_set(input, tablesToDrop)
      for (const tag of unused) hb.hb_set_add(dropped, Buffer.from(tag).readUInt32BE())
      hb.hb_subset_input_set_flags(input, noHinting | noLayoutClosure | (keepsIds ? retainIds : 0))
      const smaller = hb.hb_subset_or_fail(face, input)
      hb.hb_subset_input_destroy(input)
      hb.hb_face_destroy(face)
      hb.hb_blob_destroy(blob)
      const result = smaller === 0 ? 0 : hb.hb_face_reference_blob(smaller)
      const bytes = new Uint8Array(
        hb.memory.buffer,
        hb.hb_blob_get_data(result, 0),
        hb.hb_blob_get_length(result),
      ).slice()
      if (result !== 0) hb.hb_blob_destroy(result)
      if (smaller !== 0) hb.hb_face_destroy(smaller)
      hb.free(held)
      if (bytes.length === 0) throw new Error('the font cannot be cut down')
      return bytes
    },
  }
}
