/**
 * The character id of every glyph of a CID-keyed CFF table (Adobe technical note 5176, §13): what a PDF calls the glyph by. A
 * subset keeps the ids of the glyphs that are left, so that text can be written before it is known what else there will be.
 */
export function cidsOf(cff: Uint8Array): Uint16Array {
  const view = new DataView(cff.buffer, cff.byteOffset, cff.byteLength)
  const names = indexAt(view, view.getUint8(2))
  const topDicts = indexAt(view, names.end)
  const top = dictOf(view, topDicts.start(0), topDicts.start(1))
  const charset = top.get(15)
  const charStrings = top.get(17)
  if (!top.has(ros) || charset === undefined || charStrings === undefined) throw new Error('not a CID-keyed font')
  const cids = new Uint16Array(view.getUint16(charStrings))
  const format = view.getUint8(charset)
  for (let glyph = 1, at = charset + 1; glyph < cids.length;) {
    let cid = view.getUint16(at)
    const more = format === 0 ? 0 : format === 1 ? view.getUint8(at + 2) : view.getUint16(at + 2)
    for (let n = 0; n <= more && glyph < cids.length; n += 1) cids[glyph++] = cid++
    at += 2 + format
  }
  return cids
}

/** The operator that only CID-keyed fonts have: 12 30. */
const ros = 1200 + 30

function indexAt(view: DataView, at: number): { start: (n: number) => number; end: number } {
  const count = view.getUint16(at)
  if (count === 0) return { start: () => at + 2, end: at + 2 }
  const size = view.getUint8(at + 2)
  const base = at + 2 + (count + 1) * size // offsets count from the byte before the data
  const start = (n: number): number => {
    let offset = 0
    for (let i = 0; i < size; i += 1) offset = offset * 256 + view.getUint8(at + 3 + n * size + i)
    return base + offset
  }
  return { start, end: start(count) }
}

/** Operators with the last number before each. */
function dictOf(view: DataView, start: number, end: number): Map<number, number> {
  const found = new Map<number, number>()
  let last = 0
  for (let at = start; at < end;) {
    const b = view.getUint8(at)
    if (b <= 21) {
      found.set(b === 12 ? 1200 + view.getUint8(at + 1) : b, last)
      at += b === 12 ? 2 : 1
    } else if (b === 28) {
      last = view.getInt16(at + 1)
      at += 3
    } else if (b === 29) {
      last = view.getInt32(at + 1)
      at += 5
    } else if (b === 30) {
      // a real number ends with the half byte f
      do at += 1
      while ((view.getUint8(at) & 0x0f) !== 0x0f)
      at += 1
    } else if (b <= 246) {
      last = b - 139
      at += 1
    } else {
      const next = view.getUint8(at + 1)
      last = b <= 250 ? (b - 247) * 256 + next + 108 : -(b - 251) * 256 - next - 108
      at += 2
    }
  }
  return found
}
