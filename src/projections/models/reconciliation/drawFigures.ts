import { createHash } from 'node:crypto'
import { instantOf, type Instant } from '../../../domain/kernel/businessTime.ts'
import type { NextStatement } from '../../../domain/reconciliation/chain.ts'
import type { publishStatement } from '../../../domain/reconciliation/commands.ts'
import { drawStatement, type Cut, type StatementLine } from '../../../domain/reconciliation/drawStatement.ts'
import type { RecordedEntry } from '../../../domain/reconciliation/entryOf.ts'
import { statementText, type StatementHead } from '../../../domain/reconciliation/statementText.ts'
import type { z } from 'zod'

/** Whose account with whom. */
export interface Chain {
  readonly companyId: string
  readonly dealerId: string
  readonly currency: string
}

/** Where the entries of statements come from. Answers rest on everything up to the watermark, and on nothing after it. */
export interface StatementEntries {
  /** Σ effects of what happened before an instant, minor units */
  owedAt(of: Chain, before: Instant, watermark: bigint): Promise<string>
  /** every entry that may be in the statement (`drawStatement` chooses) */
  entries(of: Chain, cut: Cut): Promise<readonly RecordedEntry[]>
}

export type Figures = NonNullable<z.infer<typeof publishStatement.schema>['figures']>

/** What a statement comes to, drawn from the log as known at the watermark. */
export async function drawFigures(
  source: StatementEntries,
  of: Chain,
  next: NextStatement,
  periodId: string | undefined,
  watermark: bigint,
): Promise<Figures> {
  const { statementNo, version, from, until } = next
  const prior = next.prior ?? watermark.toString()
  const opening = next.opening ?? (await source.owedAt(of, instantOf(from), watermark))
  const place = { statementNo, version, from, until, prior, watermark: watermark.toString(), opening }
  const { head, lines, totals, fingerprint } = await drawnFor(source, { ...of, ...place, periodId })
  return { ...place, closing: head.closing, lineCount: lines.length, totals: [...totals], fingerprint }
}

/** What a statement stands on. */
export type Placed = Omit<StatementHead, 'closing'> & { readonly prior: string; readonly watermark: string }

export interface Drawn {
  readonly head: StatementHead
  readonly lines: readonly StatementLine[]
  readonly totals: Figures['totals']
  /** the canonical text, and its SHA-256, hex */
  readonly text: string
  readonly fingerprint: string
}

/** The lines of a statement, drawn once more. */
export async function drawnFor(source: StatementEntries, placed: Placed): Promise<Drawn> {
  const { from, until, opening, prior, watermark } = placed
  const cut: Cut = {
    from: instantOf(from),
    until: instantOf(until),
    prior: BigInt(prior),
    watermark: BigInt(watermark),
  }
  const { lines, closing, totals } = drawStatement(await source.entries(placed, cut), cut, opening)
  const head: StatementHead = { ...placed, closing }
  const text = statementText(head, lines)
  return { head, lines, totals: [...totals], text, fingerprint: createHash('sha256').update(text).digest('hex') }
}
