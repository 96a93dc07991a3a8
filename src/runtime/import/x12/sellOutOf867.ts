import { negated } from '../../../domain/kernel/decimalText.ts'
import { isDecimal } from '../../../domain/kernel/decimal.ts'
import { isCalendarDate } from '../../../domain/kernel/businessTime.ts'
import { segmentsOf, type Segment, type X12Fault } from './segments.ts'

/** What a transaction set says, as rows of `sell-out.csv`, each with the number of its segment; or why it cannot be taken. */
export interface TransactionSet {
  readonly control: string
  readonly rows: readonly { readonly no: number; readonly values: Readonly<Record<string, string>> }[]
  readonly fault?: X12Fault
}

class Unreadable extends Error {
  readonly fault: X12Fault
  constructor({ name, no }: Segment, rule: string) {
    super(rule)
    this.fault = { segment: name, no, rule }
  }
}

/** N101 of who reports: distributor or selling party; and of an outlet: store or reporting location. */
const reporters = ['DS', 'SE']
const places = ['SN', 'RL']
/** LIN: the maker's own numbers, first to last. */
const productCodes = ['VP', 'VN', 'MG', 'SK']
/** QTY01: sold or shipped, brought back, on hand. */
const quantityKinds: Readonly<Record<string, 'sold' | 'returned' | 'shelf'>> = {
  '32': 'sold',
  '39': 'sold',
  '76': 'returned',
  '17': 'shelf',
}
/** DTM01 of a report: its first and last day, or both as a range */
const [reportStart, reportEnd, reportRange] = ['090', '091', '582']

/**
 * Product transfer and resale reports (X12 867) as sell-out: docs/import.md says which segment becomes what. A set is taken whole
 * or not at all; the others of the file are not affected. The envelope must be whole.
 */
export function sellOutOf867(text: string): readonly TransactionSet[] | X12Fault {
  const segments = segmentsOf(text)
  if (!Array.isArray(segments)) return segments as X12Fault // an array or a fault
  const sets: TransactionSet[] = []
  let open: Segment[] | undefined
  for (const segment of segments as readonly Segment[]) {
    if (segment.name === 'ST') {
      if (open) return { segment: 'ST', no: segment.no, rule: 'the set before has no SE' }
      open = [segment]
    } else if (open) {
      open.push(segment)
      if (segment.name !== 'SE') continue
      sets.push(setOf(open))
      open = undefined
    } else if (!['ISA', 'GS', 'GE', 'IEA', 'TA1'].includes(segment.name))
      return { segment: segment.name, no: segment.no, rule: 'stands outside of a transaction set' }
  }
  if (open) return { segment: 'SE', no: segments.length, rule: 'the last transaction set has no SE' }
  return sets
}

function setOf(segments: readonly Segment[]): TransactionSet {
  const control = segments[0]?.elements[2] ?? ''
  try {
    return { control, rows: rowsOf(segments) }
  } catch (error) {
    if (error instanceof Unreadable) return { control, rows: [], fault: error.fault }
    throw error
  }
}

type Values = Readonly<Record<string, string>>

function rowsOf(segments: readonly Segment[]): TransactionSet['rows'] {
  const [head, end] = [segments[0], segments.at(-1)]
  if (!head || !end) return []
  if (head.elements[1] !== '867') throw new Unreadable(head, `only 867 is taken, not ${head.elements[1] ?? ''}`)
  if (end.elements[1] !== String(segments.length) || end.elements[2] !== head.elements[2])
    throw new Unreadable(
      end,
      `says ${end.elements[1] ?? ''} segments of ${end.elements[2] ?? ''}: there are ${segments.length}`,
    )
  const firstDetail = segments.findIndex(({ name }) => name === 'PTD')
  const heading = headingOf(segments.slice(0, firstDetail === -1 ? -1 : firstDetail), head)
  const details = firstDetail === -1 ? [] : segments.slice(firstDetail, -1)
  const rows = heading.purpose === '01' ? [] : detailRows(details, heading)
  if (rows.length > 0) return rows
  return [{ no: head.no, values: { ...heading.values, kind: heading.purpose === '01' ? 'withdrawn' : 'none' } }]
}

interface Heading {
  readonly purpose: string
  readonly values: Values
  readonly currency: string | undefined
}

function headingOf(segments: readonly Segment[], head: Segment): Heading {
  const find = (name: string, first?: readonly string[]): Segment | undefined =>
    segments.find((one) => one.name === name && (!first || first.includes(one.elements[1] ?? '')))
  const bpt = find('BPT')
  if (!bpt) throw new Unreadable(head, 'there is no BPT segment')
  const [, purpose = '', number = '', date = ''] = bpt.elements
  if (!['00', '01', '05'].includes(purpose))
    throw new Unreadable(bpt, 'BPT01 is 00 (original), 05 (replace) or 01 (cancellation)')
  if (number === '') throw new Unreadable(bpt, 'BPT02, the number of the report, is missing')
  const version = find('REF', ['V0'])?.elements[2]
  if (version === undefined && purpose !== '00')
    throw new Unreadable(bpt, 'a replacement or cancellation needs its revision: REF*V0*n')
  const reporter = find('N1', reporters)
  const dealer = reporter?.elements[4]
  if (dealer === undefined || dealer === '')
    throw new Unreadable(reporter ?? head, 'N1*DS or N1*SE with the id of the dealer in N104 is missing')
  const range = find('DTM', [reportRange])
  const [rangeFrom, rangeTo] = range?.elements[6]?.split('-') ?? []
  const [start, stop] = [find('DTM', [reportStart]), find('DTM', [reportEnd])]
  if (!range && (!start || !stop))
    throw new Unreadable(bpt, 'the days of the report are missing: DTM*090 and DTM*091, or DTM*582')
  return {
    purpose,
    currency: find('CUR')?.elements[2],
    values: {
      document_type: 'x12-867',
      dealer_id: dealer,
      report_number: number,
      revision: version ?? '0',
      reported_on: dayOf(date, bpt),
      from: range ? dayOf(rangeFrom, range) : dayOf(start?.elements[2], start ?? bpt),
      to: range ? dayOf(rangeTo, range) : dayOf(stop?.elements[2], stop ?? bpt),
    },
  }
}

/** A quantity of a PTD loop with what its loop said so far. */
interface Line {
  readonly segment: Segment
  readonly values: Record<string, string>
}

function detailRows(segments: readonly Segment[], heading: Heading): TransactionSet['rows'] {
  const lines: Line[] = []
  let loop: { day?: string; outlet?: string } = {}
  let line: Line | undefined
  for (const segment of segments) {
    const [, first = '', second = '', third = '', fourth = ''] = segment.elements
    switch (segment.name) {
      case 'PTD':
        loop = {}
        line = undefined
        break
      case 'DTM':
        if (!line) loop.day = dayOf(second, segment)
        break
      case 'N1':
        if (!places.includes(first)) break
        if (fourth === '') throw new Unreadable(segment, 'N104, the id of the outlet, is missing')
        loop.outlet = fourth
        break
      case 'QTY':
        line = lineOf(segment, loop, lines.length + 1, heading)
        lines.push(line)
        break
      case 'LIN': {
        if (!line) throw new Unreadable(segment, 'LIN stands before its QTY')
        line.values['sku'] = productOf(segment)
        break
      }
      case 'UIT':
        if (!line) throw new Unreadable(segment, 'UIT stands before its QTY')
        if (first !== '') line.values['unit'] = first.split(/[^A-Z0-9]/)[0] ?? ''
        if (second === '' || line.values['kind'] === 'shelf') break
        if (heading.currency === undefined) throw new Unreadable(segment, 'a price needs a currency: CUR*SE*code')
        line.values['unit_price'] = decimalIn(second, segment, 'UIT02')
        line.values['currency'] = heading.currency
        break
      default:
        // further segments of the standard say nothing that is kept
        if (third.length > 4_000) throw new Unreadable(segment, 'an element is too long')
    }
  }
  return lines.map(({ segment, values }) => {
    if (values['sku'] === undefined) throw new Unreadable(segment, 'the quantity has no LIN')
    if (values['unit'] === undefined) throw new Unreadable(segment, 'the quantity has no unit: QTY03 or UIT01')
    return { no: segment.no, values }
  })
}

function lineOf(segment: Segment, loop: { day?: string; outlet?: string }, lineNo: number, heading: Heading): Line {
  const [, qualifier = '', amount = '', unit = ''] = segment.elements
  const kind = quantityKinds[qualifier]
  if (!kind) throw new Unreadable(segment, `QTY01 is ${Object.keys(quantityKinds).join(', ')}, not ${qualifier}`)
  const quantity = decimalIn(amount, segment, 'QTY02')
  return {
    segment,
    values: {
      ...heading.values,
      kind: kind === 'shelf' ? 'shelf' : 'sold',
      line_number: String(lineNo),
      quantity: kind === 'returned' ? negated(quantity) : quantity,
      day: loop.day ?? heading.values['to'] ?? '',
      ...(loop.outlet !== undefined && { outlet_id: loop.outlet }),
      ...(unit !== '' && { unit: unit.split(/[^A-Z0-9]/)[0] ?? '' }),
    },
  }
}

function productOf(segment: Segment): string {
  for (const code of productCodes) {
    // pairs of qualifier and number from LIN02 on
    const at = segment.elements.findIndex((element, index) => index >= 2 && index % 2 === 0 && element === code)
    const number = at === -1 ? undefined : segment.elements[at + 1]
    if (number !== undefined && number !== '') return number
  }
  throw new Unreadable(segment, `no product number: one of ${productCodes.join(', ')} in LIN`)
}

function dayOf(text: string | undefined, segment: Segment): string {
  const day = /^(\d{4})(\d{2})(\d{2})$/.exec(text ?? '')
  const date = day ? `${day[1]}-${day[2]}-${day[3]}` : ''
  if (!isCalendarDate(date)) throw new Unreadable(segment, `a day is CCYYMMDD, not ${text ?? ''}`)
  return date
}

function decimalIn(text: string, segment: Segment, element: string): string {
  const plain = text.startsWith('.') ? `0${text}` : text
  if (!isDecimal(plain, 6)) throw new Unreadable(segment, `${element} is a number, not ${text}`)
  return plain
}
