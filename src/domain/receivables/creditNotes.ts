import { smaller } from '../kernel/bounds.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { minorDigits } from '../kernel/currency.ts'
import { divideRounded, parseDecimal } from '../kernel/decimal.ts'
import { isRefusal, refuse, type Circumstances, type Decision } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { own, row, rows } from '../kernel/table.ts'
import type { ReceivableCommand } from './commands.ts'
import { amountsOf, totalsOf } from './documentTotals.ts'
import type { ReceivableEvent } from './events.ts'
import { evolveReceivables, linePartOf, sameParties, type CreditNote, type Invoice, type Receivables } from './state.ts'

type Command<Name extends ReceivableCommand['type']> = Extract<ReceivableCommand, { type: Name }>
type Event<Name extends ReceivableEvent['type']> = Extract<ReceivableEvent, { type: Name }>

export function issueCreditNote(
  command: Command<'IssueCreditNote'>,
  state: Receivables,
  { at, recorded }: Pick<Circumstances, 'at' | 'recorded'>,
): Decision<ReceivableEvent> {
  const { accountId, companyId, dealerId, currency, creditNoteId, reason, orderId, returnId, settlement } = command
  const { invoiceId, claim } = command
  const totals = totalsOf(command)
  const amount = totals.gross.toString()
  const known = row(state.creditNotes, creditNoteId)
  if (known) {
    const same = known.dealerId === dealerId && known.currency === currency && known.amount === amount
    return same ? [] : refuse('object.exists', { creditNoteId })
  }
  const invoice = invoiceId === undefined ? undefined : row(state.invoices, invoiceId)
  const parties = { companyId, dealerId, currency }
  const breaches = enforce(
    [
      totals.mismatch,
      totals.gross === 0n && refuse('receivables.totals_mismatch', { creditNoteId, gross: '0' }),
      invoice && !sameParties(parties, invoice) && refuse('receivables.document_mismatch', { creditNoteId, invoiceId }),
    ],
    recorded && totals.gross > 0n,
  )
  if (isRefusal(breaches)) return breaches
  const issued: Event<'CreditNoteIssued'> = {
    type: 'CreditNoteIssued',
    data: {
      accountId,
      ...parties,
      creditNoteId,
      reason,
      amount,
      ...amountsOf(totals),
      taxes: totals.taxes.map(({ base: _base, ...tax }) => ({ ...tax, amount: tax.amount.toString() })),
      lines: command.lines.map(linePartOf),
      ...(invoiceId !== undefined && { invoiceId }),
      ...(invoice && { invoiceIssuedAt: invoice.issuedAt }),
      ...(orderId !== undefined && { orderId }),
      ...(returnId !== undefined && { returnId }),
      ...(settlement && { settlement }),
      ...(command.offset && { offset: command.offset }),
      ...(claim && { claim }),
      breaches,
    },
  }
  if (!command.apply || invoiceId === undefined || !invoice || !sameParties(parties, invoice)) return [issued]
  const after = evolveReceivables(state, { ...issued, id: '', revision: 0, occurredAt: at })
  const applied = applyCreditNote({ type: 'ApplyCreditNote', accountId, creditNoteId, invoiceId }, after, { at })
  return isRefusal(applied) ? applied : [issued, ...applied]
}

export function applyCreditNote(
  command: Command<'ApplyCreditNote'>,
  state: Receivables,
  { at }: Pick<Circumstances, 'at'>,
): Decision<ReceivableEvent> {
  const { accountId, creditNoteId, invoiceId } = command
  const note = row(state.creditNotes, creditNoteId)
  const invoice = row(state.invoices, invoiceId)
  if (!note) return refuse('object.not_found', { creditNoteId })
  if (!invoice || invoice.void) return refuse('object.not_found', { invoiceId })
  if (!sameParties(note, invoice)) return refuse('receivables.document_mismatch', { creditNoteId, invoiceId })
  if (isOver(note, at) && note.unapplied !== '0') return refuse('receivables.credit_expired', { creditNoteId })
  const room = note.offset ? offsetRoom(note.offset, invoiceId, invoice, state) : BigInt(invoice.open)
  const most = smaller(BigInt(note.unapplied), smaller(room, BigInt(invoice.open)))
  const before = BigInt(own(note.to, invoiceId) ?? '0')
  const amount = command.amount === undefined ? most : BigInt(command.amount) - before
  if (amount <= 0n) return []
  if (amount > most) {
    return refuse('receivables.over_credited', {
      creditNoteId,
      invoiceId,
      unapplied: note.unapplied,
      open: invoice.open,
    })
  }
  const { companyId, dealerId, currency } = note
  return [
    {
      type: 'CreditNoteApplied',
      data: {
        accountId,
        companyId,
        dealerId,
        currency,
        creditNoteId,
        invoiceId,
        amount: amount.toString(),
        invoiceOpen: (BigInt(invoice.open) - amount).toString(),
        unapplied: (BigInt(note.unapplied) - amount).toString(),
        ...(note.offset && { offset: true }),
      },
    },
  ]
}

/** Credit for invoices to come lowers the one that comes: what runs out first, first. */
export function applyOffsets(
  issued: Event<'InvoiceIssued'>,
  state: Receivables,
  at: string,
): readonly ReceivableEvent[] {
  const { accountId, invoiceId, companyId, dealerId, currency } = issued.data
  const parties = { companyId, dealerId, currency }
  const usable = [...rows(state.creditNotes)]
    .filter(([, note]) => note.offset && note.unapplied !== '0' && sameParties(note, parties) && !isOver(note, at))
    .sort(([a, x], [b, y]) => endOf(x) - endOf(y) || (a < b ? -1 : 1))
  if (usable.length === 0) return []
  const fold = (before: Receivables, event: ReceivableEvent): Receivables =>
    evolveReceivables(before, { ...event, id: '', revision: 0, occurredAt: at })
  const events: ReceivableEvent[] = []
  let after = fold(state, issued)
  for (const [creditNoteId] of usable) {
    const applied = applyCreditNote({ type: 'ApplyCreditNote', accountId, creditNoteId, invoiceId }, after, { at })
    if (isRefusal(applied)) continue
    events.push(...applied)
    after = applied.reduce(fold, after)
  }
  return events
}

/** A credit for invoices to come ends when its time is over; what is left of it is gone. */
export function expireCreditNote(
  { accountId, creditNoteId }: Command<'ExpireCreditNote'>,
  state: Receivables,
  { at }: Pick<Circumstances, 'at'>,
): Decision<ReceivableEvent> {
  const note = row(state.creditNotes, creditNoteId)
  if (!note) return refuse('object.not_found', { creditNoteId })
  if (note.unapplied === '0') return []
  if (!isOver(note, at)) return refuse('receivables.credit_lasts', { creditNoteId, until: note.offset?.until ?? null })
  const { companyId, dealerId, currency, unapplied: amount } = note
  return [{ type: 'CreditNoteExpired', data: { accountId, companyId, dealerId, currency, creditNoteId, amount } }]
}

const endOf = ({ offset }: CreditNote): number => (offset?.until === undefined ? Infinity : instantOf(offset.until))
const isOver = (note: CreditNote, at: string): boolean => endOf(note) <= instantOf(at)

/** What of the invoice may still be set off: the share of its lines that count, rounded down, less what was set off on it. */
function offsetRoom(
  { share, skus }: NonNullable<CreditNote['offset']>,
  invoiceId: string,
  { lines, currency }: Invoice,
  { creditNotes }: Receivables,
): bigint {
  const value = lines
    .filter(({ sku }) => skus?.includes(sku) ?? true)
    .reduce((sum, { gross }) => sum + parseDecimal(gross), 0n)
  const { value: most } = divideRounded(
    value * parseDecimal(share) * 10n ** BigInt(minorDigits(currency)),
    scale * scale,
    'down',
  )
  const used = [...rows(creditNotes)].reduce(
    (sum, [, note]) => (note.offset ? sum + BigInt(own(note.to, invoiceId) ?? '0') : sum),
    0n,
  )
  return most > used ? most - used : 0n
}

const scale = 1_000_000n
