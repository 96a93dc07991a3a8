/** One segment of an interchange: its place in the file, counted from 1, and its elements, the name being the first. */
export interface Segment {
  readonly no: number
  readonly name: string
  readonly elements: readonly string[]
}

/** Why a file, or a transaction set of it, cannot be taken: the segment and what is wrong with it. */
export interface X12Fault {
  readonly segment: string
  readonly no: number
  readonly rule: string
}

/** Characters of ISA, whose elements have fixed lengths: the file says there by which characters it is divided. */
const isaLength = 106

/** The segments of an X12 interchange, from ISA to IEA; or why it is none. */
export function segmentsOf(text: string): readonly Segment[] | X12Fault {
  const start = text.trimStart()
  const [element, terminator] = [start.charAt(3), start.charAt(isaLength - 1)]
  if (!start.startsWith('ISA') || terminator === '' || /[A-Za-z0-9]/.test(element + terminator))
    return { segment: 'ISA', no: 1, rule: `an interchange begins with an ISA segment of ${isaLength} characters` }
  const segments = start
    .split(terminator)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part, index): Segment => {
      const elements = part.split(element).map((value) => value.trim())
      return { no: index + 1, name: elements[0] ?? '', elements }
    })
  const [first, last] = [segments[0], segments.at(-1)]
  if (first?.elements.length !== 17)
    return { segment: 'ISA', no: 1, rule: `16 elements, not ${(first?.elements.length ?? 1) - 1}` }
  if (last?.name !== 'IEA')
    return { segment: last?.name ?? '', no: segments.length, rule: 'the file ends without IEA: it is not whole' }
  return segments
}
