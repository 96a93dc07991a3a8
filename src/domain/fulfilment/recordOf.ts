import { sumOf } from '../kernel/decimalText.ts'
import type { FulfilmentCommand } from './commands.ts'
import type { Running } from './state.ts'
import type { Step } from './step.ts'

/** What became of a step's command: its events (the first time's, when it was repeated), or the code that refused it. */
export type StepOutcome =
  | { readonly ok: true; readonly events: readonly { readonly type: string; readonly data: unknown }[] }
  | { readonly ok: false; readonly code: string }

type Lines = readonly { readonly lineNo: number; readonly quantity: string }[]

/** The `RecordStep` that tells the process how a step went. */
export function recordOf(
  state: Running,
  { step }: Step,
  outcome: StepOutcome,
): Extract<FulfilmentCommand, { type: 'RecordStep' }> {
  const { orderId, attempt } = state.attempt
  return { type: 'RecordStep', orderId, attempt, step, result: resultOf(step, outcome) }
}

function resultOf(step: string, outcome: StepOutcome): Extract<FulfilmentCommand, { type: 'RecordStep' }>['result'] {
  if (!outcome.ok) return { kind: 'refused', code: outcome.code }
  // asked only to have the hold on the account; meanwhile the limit may have room again
  if (step === 'credit-hold' && !outcome.events.some(({ type }) => type === 'CreditCleared'))
    return { kind: 'refused', code: 'credit.on_hold' }
  if (!step.startsWith('reserve:') && !step.startsWith('allocate:')) return { kind: 'done' }
  const answer = outcome.events.find(({ type }) => type === 'StockReserved' || type === 'StockAllocated')
  // a stock stream that had nothing to say has ended this reservation before
  if (answer === undefined) return { kind: 'refused', code: 'stock.reservation_unknown' }
  // both events carry these fields, and were checked against their schemas when they were written
  const { lines, short } = answer.data as { lines: Lines; short: Lines }
  return { kind: 'quantities', lines: byLine(lines), short: byLine(short) }
}

/** An allocation stands once per lot; the process counts per line. */
function byLine(lines: Lines): { lineNo: number; quantity: string }[] {
  return [...new Set(lines.map((line) => line.lineNo))].map((lineNo) => ({
    lineNo,
    quantity: sumOf(lines.filter((line) => line.lineNo === lineNo).map((line) => line.quantity)),
  }))
}
