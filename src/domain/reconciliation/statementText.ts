import { minorToMicros } from '../kernel/currency.ts'
import { csvText, type CsvCell } from '../kernel/csvText.ts'
import { formatDecimal } from '../kernel/decimal.ts'
import type { StatementLine } from './drawStatement.ts'

/** What stands above the lines. */
export interface StatementHead {
  readonly companyId: string
  readonly dealerId: string
  readonly currency: string
  readonly statementNo: number
  readonly version: number
  readonly periodId?: string | undefined
  readonly from: string
  readonly until: string
  /** minor units */
  readonly opening: string
  readonly closing: string
}

/** The columns of the text, in order. */
const columns = [
  'record',
  'no',
  'kind',
  'occurredAt',
  'document',
  'order',
  'detail',
  'reference',
  'dueOn',
  'value',
  'effect',
  'balance',
  'id',
] as const
type Row = Partial<Record<(typeof columns)[number], CsvCell>>

/**
 * The canonical text of a statement, over which its fingerprint is taken: it is the CSV export, byte for byte. Amounts are
 * decimals of the currency. docs/api-guide.md describes it for those who check it.
 */
export function statementText(head: StatementHead, lines: readonly StatementLine[]): string {
  const { companyId, dealerId, currency, statementNo, version, periodId, from, until, opening, closing } = head
  const amount = (minor: string): CsvCell => ({ figure: formatDecimal(minorToMicros(BigInt(minor), currency)) })
  const told = { companyId, dealerId, currency, statementNo, version, period: periodId ?? '', from, until }
  const rows: readonly Row[] = [
    ...Object.entries(told).map(([kind, document]) => ({ record: 'head', kind, document: String(document) })),
    { record: 'opening', balance: amount(opening) },
    ...lines.map((line): Row => ({
      record: line.record,
      no: { figure: String(line.lineNo) },
      kind: line.kind,
      occurredAt: line.occurredAt,
      document: line.documentId,
      order: line.orderId,
      detail: line.detail,
      reference: line.reference,
      dueOn: line.dueOn,
      value: line.value === undefined ? undefined : { figure: line.value },
      effect: amount(line.effect),
      balance: amount(line.balance),
      id: line.lineId,
    })),
    { record: 'closing', balance: amount(closing) },
  ]
  return csvText([columns, ...rows.map((row) => columns.map((column) => row[column]))])
}
