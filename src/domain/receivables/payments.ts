import { smaller } from '../kernel/bounds.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { isRefusal, refuse, type Circumstances, type Decision } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { own, row, rows } from '../kernel/table.ts'
import { allocationLines } from './allocationLines.ts'
import type { ReceivableCommand } from './commands.ts'
import type { ReceivableEvent } from './events.ts'
import { evolveReceivables, sameParties, type Invoice, type Payment, type Receivables } from './state.ts'

type Command<Name extends ReceivableCommand['type']> = Extract<ReceivableCommand, { type: Name }>
type Event<Name extends ReceivableEvent['type']> = Extract<ReceivableEvent, { type: Name }>

export function receivePayment(
  command: Command<'ReceivePayment'>,
  state: Receivables,
  { at, recorded }: Pick<Circumstances, 'at' | 'recorded'>,
): Decision<ReceivableEvent> {
  const { accountId, companyId, dealerId, currency, paymentId, amount, method, reference, allocate } = command
  const known = row(state.payments, paymentId)
  if (known) {
    const same = known.dealerId === dealerId && known.currency === currency && known.amount === amount
    return same ? [] : refuse('object.exists', { paymentId })
  }
  const document = { accountId, companyId, dealerId, currency, paymentId, amount, method }
  const received: Event<'PaymentReceived'> = {
    type: 'PaymentReceived',
    data: { ...document, ...(reference !== undefined && { reference }), breaches: [] },
  }
  if (allocate === 'none') return [received]
  const after = evolveReceivables(state, { ...received, id: '', revision: 0, occurredAt: at })
  const to = 'oldest_first' as const
  const allocated = allocatePayment({ type: 'AllocatePayment', accountId, paymentId, to }, after, { recorded })
  return isRefusal(allocated) ? allocated : [received, ...allocated]
}

export function allocatePayment(
  command: Command<'AllocatePayment'>,
  state: Receivables,
  { recorded }: Pick<Circumstances, 'recorded'>,
): Decision<ReceivableEvent> {
  const { accountId, paymentId } = command
  const payment = row(state.payments, paymentId)
  if (!payment) return refuse('object.not_found', { paymentId })
  if (payment.void) return refuse('receivables.payment_reversed', { paymentId })
  const asked = command.to === 'oldest_first' ? oldestFirst(payment, state) : command.to
  let unapplied = BigInt(payment.unapplied)
  const events: ReceivableEvent[] = []
  for (const { invoiceId, amount } of asked) {
    const invoice = row(state.invoices, invoiceId)
    if (!invoice || invoice.void) return refuse('object.not_found', { invoiceId })
    if (!sameParties(payment, invoice)) return refuse('receivables.document_mismatch', { paymentId, invoiceId })
    const wanted = BigInt(amount) - BigInt(own(payment.to, invoiceId) ?? '0')
    if (wanted <= 0n) continue
    // a recorded allocation that is too high is taken as far as both documents reach, and says what was asked
    const possible = smaller(wanted, smaller(unapplied, BigInt(invoice.open)))
    const left = { unapplied: unapplied.toString(), open: invoice.open }
    const over =
      possible < wanted && refuse('receivables.over_allocated', { paymentId, invoiceId, asked: amount, ...left })
    const breaches = enforce([over], recorded && possible > 0n)
    if (isRefusal(breaches)) return breaches
    unapplied -= possible
    const paid = BigInt(invoice.paid)
    const data: Event<'PaymentAllocated'>['data'] = {
      ...allocationOf(accountId, paymentId, payment, invoiceId, invoice),
      amount: possible.toString(),
      invoiceOpen: (BigInt(invoice.open) - possible).toString(),
      unapplied: unapplied.toString(),
      lines: allocationLines(invoice, paid, paid + possible),
      breaches,
    }
    events.push({ type: 'PaymentAllocated', data })
  }
  return events
}

export function unallocatePayment(
  command: Command<'UnallocatePayment'>,
  state: Receivables,
): Decision<ReceivableEvent> {
  const payment = row(state.payments, command.paymentId)
  if (!payment) return refuse('object.not_found', { paymentId: command.paymentId })
  return takeBack(command, payment, state, 'manual')
}

/** A receipt that was none after all: whatever it paid is owed again. */
export function reversePayment(command: Command<'ReversePayment'>, state: Receivables): Decision<ReceivableEvent> {
  const { accountId, paymentId, reason } = command
  const payment = row(state.payments, paymentId)
  if (!payment) return refuse('object.not_found', { paymentId })
  if (payment.void) return []
  const { companyId, dealerId, currency, amount } = payment
  const data = { accountId, companyId, dealerId, currency, paymentId, amount, reason, breaches: [] }
  return [...takeBack(command, payment, state, 'payment_reversed'), { type: 'PaymentReversed', data }]
}

/** The dealer's open invoices of the payment's company and currency, by due date, as far as the payment reaches. */
function oldestFirst(payment: Payment, state: Receivables): { invoiceId: string; amount: string }[] {
  const open = [...rows(state.invoices)]
    .filter(([, invoice]) => invoice.closedAt === undefined && sameParties(payment, invoice))
    .map(([invoiceId, invoice]) => ({ invoiceId, invoice, due: instantOf(invoice.dueAt) }))
    .sort((a, b) => a.due - b.due || (a.invoiceId < b.invoiceId ? -1 : 1))
  let left = BigInt(payment.unapplied)
  return open.flatMap(({ invoiceId, invoice }) => {
    const amount = smaller(left, BigInt(invoice.open))
    if (amount === 0n) return []
    left -= amount
    return [{ invoiceId, amount: (amount + BigInt(own(payment.to, invoiceId) ?? '0')).toString() }]
  })
}

function takeBack(
  command: { accountId: string; paymentId: string; invoiceId?: string | undefined },
  payment: Payment,
  state: Receivables,
  reason: Event<'PaymentUnallocated'>['data']['reason'],
): ReceivableEvent[] {
  const { accountId, paymentId, invoiceId: only } = command
  let unapplied = BigInt(payment.unapplied)
  return Object.entries(payment.to)
    .filter(([invoiceId]) => only === undefined || only === invoiceId)
    .flatMap(([invoiceId, amount]): ReceivableEvent[] => {
      const invoice = row(state.invoices, invoiceId)
      if (!invoice) return []
      unapplied += BigInt(amount)
      const paid = BigInt(invoice.paid)
      const data: Event<'PaymentUnallocated'>['data'] = {
        ...allocationOf(accountId, paymentId, payment, invoiceId, invoice),
        amount,
        invoiceOpen: (BigInt(invoice.open) + BigInt(amount)).toString(),
        unapplied: unapplied.toString(),
        lines: allocationLines(invoice, paid - BigInt(amount), paid),
        reason,
      }
      return [{ type: 'PaymentUnallocated', data }]
    })
}

function allocationOf(accountId: string, paymentId: string, payment: Payment, invoiceId: string, invoice: Invoice) {
  const { companyId, dealerId, currency, orderId, issuedAt, dueAt } = invoice
  const document = { accountId, companyId, dealerId, currency, paymentId, invoiceId }
  return { ...document, ...(orderId !== undefined && { orderId }), receivedAt: payment.receivedAt, issuedAt, dueAt }
}
