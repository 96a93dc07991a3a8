import type { z } from 'zod'
import { minorToMicros, roundToMinor } from '../kernel/currency.ts'
import { refuse, type Refusal } from '../kernel/decider.ts'
import { formatDecimal, parseDecimal, type Micros, type RoundingMode } from '../kernel/decimal.ts'
import type { LineTax } from '../orders/orderLine.ts'
import type { ReceivableCommand } from './commands.ts'
import type { roundingNode } from './events.ts'

export interface TotalledLine {
  readonly lineValue: string
  readonly tax?: LineTax | undefined
  readonly freight?: string | undefined
}

export interface DocumentTotals {
  /** minor units */
  readonly net: bigint
  readonly freight: bigint
  readonly taxes: readonly {
    readonly code: string
    readonly rate?: string
    readonly base: bigint
    readonly amount: bigint
  }[]
  readonly gross: bigint
  readonly roundings: readonly z.infer<typeof roundingNode>[]
}

/**
 * Totals of a document from its lines: net, freight, and tax per code and rate are each rounded once, from their exact
 * sums, and the gross is the sum of those amounts. Tax is as given; there is no tax engine (domain.md §2.13).
 */
export function documentTotals(lines: readonly TotalledLine[], currency: string, mode: RoundingMode): DocumentTotals {
  const roundings: z.infer<typeof roundingNode>[] = []
  const round = (exact: Micros, node: { of: 'net' | 'freight' | 'tax'; taxCode?: string }): bigint => {
    const { value, remainder } = roundToMinor(exact, currency, mode)
    if (remainder !== 0n) roundings.push({ ...node, mode, remainder: formatDecimal(remainder) })
    return value
  }
  const net = round(sum(lines.map(({ lineValue }) => lineValue)), { of: 'net' })
  const freight = round(sum(lines.map((line) => line.freight ?? '0')), { of: 'freight' })
  const groups = new Map<string, { lineValue: string; tax: LineTax }[]>()
  for (const { lineValue, tax } of lines) {
    if (!tax) continue
    const key = `${tax.code} ${tax.rate ?? ''}`
    groups.set(key, [...(groups.get(key) ?? []), { lineValue, tax }])
  }
  const taxes = [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { code, rate } = first.tax
    const base = roundToMinor(sum(group.map(({ lineValue }) => lineValue)), currency, mode).value
    const amount = round(sum(group.map(({ tax }) => tax.amount)), { of: 'tax', taxCode: code })
    return [{ code, ...(rate !== undefined && { rate }), base, amount }]
  })
  const gross = taxes.reduce((total, { amount }) => total + amount, net + freight)
  return { net, freight, taxes, gross, roundings }
}

function sum(values: readonly string[]): Micros {
  return values.reduce((total, value) => total + parseDecimal(value), 0n)
}

/** Totals of the lines, or as stated: without lines there is nothing else, and a recorded document owes what its paper says. */
export function totalsOf(
  command: Extract<ReceivableCommand, { type: 'IssueInvoice' | 'IssueCreditNote' }>,
): DocumentTotals & { mismatch?: Refusal } {
  const { lines, currency, rounding, stated } = command
  const totals = documentTotals(lines, currency, rounding)
  if (!stated) return totals
  const gross = BigInt(stated.gross)
  if (lines.length === 0) return { ...totals, net: BigInt(stated.net ?? stated.gross), gross }
  if (gross === totals.gross && BigInt(stated.net ?? totals.net) === totals.net) return totals
  const remainder = formatDecimal(minorToMicros(totals.gross - gross, currency))
  return {
    ...totals,
    gross,
    roundings: [...totals.roundings, { of: 'stated', mode: rounding, remainder }],
    mismatch: refuse('receivables.totals_mismatch', { stated: stated.gross, computed: totals.gross.toString() }),
  }
}

/** The totals as events write them. */
export function amountsOf({ net, taxes, roundings }: DocumentTotals) {
  return {
    net: net.toString(),
    taxes: taxes.map((tax) => ({ ...tax, base: tax.base.toString(), amount: tax.amount.toString() })),
    roundings: [...roundings],
  }
}
