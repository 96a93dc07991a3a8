import { csvText, type CsvCell } from '../kernel/csvText.ts'
import { minorToMicros } from '../kernel/currency.ts'
import { formatDecimal } from '../kernel/decimal.ts'
import type { Leg } from './legsOf.ts'
import type { PostingsState } from './postings.ts'

/** A leg with its place in the log. */
export interface Posting extends Leg {
  readonly position: bigint
  readonly legNo: number
  readonly eventId: string
  readonly eventType: string
  readonly occurredAt: string
  /** the event whose entry it takes back */
  readonly reverses?: string
}

const columns =
  'entry leg day company dealer account role currency debit credit document detail type event reverses'.split(' ')

/** A batch as CSV: its hash is taken over these bytes. Amounts are decimals of the currency, the day is the document's own. */
export function batchText(postings: readonly Posting[], chart: PostingsState['charts'][number]): string {
  const accounts = new Map(chart.map(({ role, account }) => [role, account]))
  const amount = (minor: bigint, currency: string): CsvCell =>
    minor > 0n ? { figure: formatDecimal(minorToMicros(minor, currency)) } : undefined
  const rows = postings.map((one): readonly CsvCell[] => [
    { figure: one.position.toString() },
    { figure: String(one.legNo) },
    one.occurredAt.slice(0, 10),
    one.companyId,
    one.dealerId,
    accounts.get(one.role),
    one.role,
    one.currency,
    amount(one.amount, one.currency),
    amount(-one.amount, one.currency),
    one.documentId,
    one.detail,
    one.eventType,
    one.eventId,
    one.reverses,
  ])
  return csvText([columns, ...rows])
}

/** Σ debits and Σ credits per currency, minor units. */
export function totalsOf(postings: readonly Posting[]): { currency: string; debit: string; credit: string }[] {
  const sums = new Map<string, { debit: bigint; credit: bigint }>()
  for (const { currency, amount } of postings) {
    const { debit, credit } = sums.get(currency) ?? { debit: 0n, credit: 0n }
    sums.set(currency, amount > 0n ? { debit: debit + amount, credit } : { debit, credit: credit - amount })
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, { debit, credit }]) => ({ currency, debit: debit.toString(), credit: credit.toString() }))
}
