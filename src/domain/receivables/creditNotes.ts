import { isRefusal, refuse, type Circumstances, type Decision } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { own, row } from '../kernel/table.ts'
import type { ReceivableCommand } from './commands.ts'
import { amountsOf, totalsOf } from './documentTotals.ts'
import type { ReceivableEvent } from './events.ts'
import { evolveReceivables, linePartOf, sameParties, type Receivables } from './state.ts'

type Command<Name extends ReceivableCommand['type']> = Extract<ReceivableCommand, { type: Name }>
type Event<Name extends ReceivableEvent['type']> = Extract<ReceivableEvent, { type: Name }>

export function issueCreditNote(
  command: Command<'IssueCreditNote'>,
  state: Receivables,
  { at, recorded }: Pick<Circumstances, 'at' | 'recorded'>,
): Decision<ReceivableEvent> {
  const { accountId, companyId, dealerId, currency, creditNoteId, reason, orderId, returnId, settlement } = command
  const { invoiceId } = command
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
      breaches,
    },
  }
  if (!command.apply || invoiceId === undefined || !invoice || !sameParties(parties, invoice)) return [issued]
  const after = evolveReceivables(state, { ...issued, id: '', revision: 0, occurredAt: at })
  const applied = applyCreditNote({ type: 'ApplyCreditNote', accountId, creditNoteId, invoiceId }, after)
  return isRefusal(applied) ? applied : [issued, ...applied]
}

export function applyCreditNote(command: Command<'ApplyCreditNote'>, state: Receivables): Decision<ReceivableEvent> {
  const { accountId, creditNoteId, invoiceId } = command
  const note = row(state.creditNotes, creditNoteId)
  const invoice = row(state.invoices, invoiceId)
  if (!note) return refuse('object.not_found', { creditNoteId })
  if (!invoice || invoice.void) return refuse('object.not_found', { invoiceId })
  if (!sameParties(note, invoice)) return refuse('receivables.document_mismatch', { creditNoteId, invoiceId })
  const most = smaller(BigInt(note.unapplied), BigInt(invoice.open))
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
      },
    },
  ]
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
