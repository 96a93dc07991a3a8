import { smaller } from '../kernel/bounds.ts'
import { addDays, businessTime, startOfDay } from '../kernel/businessTime.ts'
import { isRefusal, refuse, type Circumstances, type Decision } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { row, type Table } from '../kernel/table.ts'
import type { ReceivableCommand } from './commands.ts'
import { applyOffsets } from './creditNotes.ts'
import { amountsOf, totalsOf } from './documentTotals.ts'
import type { ReceivableEvent } from './events.ts'
import type { Receivables } from './state.ts'

/** What receivables need of the account's orders: how much of an order an invoice takes over. */
export interface OrderValues {
  readonly orders: Table<{
    readonly currency: string
    readonly stage: 'placed' | 'confirmed'
    readonly open: string
    readonly delivered: string
    readonly invoiced: string
  }>
}

type Command<Name extends ReceivableCommand['type']> = Extract<ReceivableCommand, { type: Name }>
type Event<Name extends ReceivableEvent['type']> = Extract<ReceivableEvent, { type: Name }>

export function issueInvoice(
  command: Command<'IssueInvoice'>,
  state: Receivables & OrderValues,
  { at, recorded }: Pick<Circumstances, 'at' | 'recorded'>,
): Decision<ReceivableEvent> {
  const { accountId, companyId, dealerId, currency, invoiceId, kind, orderId, shipmentId, settlement } = command
  const totals = totalsOf(command)
  const known = row(state.invoices, invoiceId)
  if (known) {
    const same = known.dealerId === dealerId && known.currency === currency && known.gross === totals.gross.toString()
    return same ? [] : refuse('object.exists', { invoiceId })
  }
  const order = orderId === undefined ? undefined : row(state.orders, orderId)
  const breaches = enforce(
    [
      totals.mismatch,
      order && order.currency !== currency && refuse('receivables.document_mismatch', { invoiceId, orderId, currency }),
    ],
    recorded,
  )
  if (isRefusal(breaches)) return breaches
  const counted = order?.currency === currency && kind === 'invoice' ? order : undefined
  const delivered = smaller(totals.gross, BigInt(counted?.delivered ?? '0'))
  const open = smaller(totals.gross - delivered, BigInt(counted?.open ?? '0'))
  const data: Event<'InvoiceIssued'>['data'] = {
    accountId,
    companyId,
    dealerId,
    currency,
    invoiceId,
    kind,
    ...(orderId !== undefined && { orderId }),
    ...(shipmentId !== undefined && { shipmentId }),
    ...(settlement && { settlement }),
    lines: command.lines,
    ...amountsOf(totals),
    freight: totals.freight.toString(),
    gross: totals.gross.toString(),
    dueOn: command.dueOn,
    dueAt: businessTime(startOfDay(addDays(command.dueOn, 1), command.zone), command.zone),
    takesOver: { open: open.toString(), delivered: delivered.toString(), stage: counted?.stage ?? 'placed' },
    breaches,
  }
  const issued: Event<'InvoiceIssued'> = { type: 'InvoiceIssued', data }
  // what happened elsewhere was paid as it was paid there
  if (kind !== 'invoice' || recorded) return [issued]
  return [issued, ...applyOffsets(issued, state, at)]
}

export function cancelInvoice(
  command: Command<'CancelInvoice'>,
  state: Receivables & OrderValues,
): Decision<ReceivableEvent> {
  const { accountId, invoiceId, reason } = command
  const invoice = row(state.invoices, invoiceId)
  if (!invoice) return refuse('object.not_found', { invoiceId })
  if (invoice.void) return []
  if (invoice.open !== invoice.gross) return refuse('receivables.settled', { invoiceId, open: invoice.open })
  const { companyId, dealerId, currency, orderId, shipmentId, gross, takesOver, issuedAt } = invoice
  // of what was invoiced before it arrived, the part that arrived since is delivered, not open
  const order = orderId === undefined ? undefined : row(state.orders, orderId)
  const open = smaller(BigInt(takesOver.open), BigInt(order?.invoiced ?? '0'))
  const delivered = BigInt(takesOver.delivered) + BigInt(takesOver.open) - open
  const data: Event<'InvoiceCancelled'>['data'] = {
    accountId,
    companyId,
    dealerId,
    currency,
    invoiceId,
    ...(orderId !== undefined && { orderId }),
    ...(shipmentId !== undefined && { shipmentId }),
    gross,
    givesBack: { open: open.toString(), delivered: delivered.toString(), stage: order?.stage ?? takesOver.stage },
    issuedAt,
    lines: [...invoice.lines],
    reason,
  }
  return [{ type: 'InvoiceCancelled', data }]
}
