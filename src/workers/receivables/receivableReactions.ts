import { accountAggregate } from '../../domain/credit/account.ts'
import { accountOf } from '../../domain/credit/parties.ts'
import type { AccountState } from '../../domain/credit/state.ts'
import { dealerAggregate } from '../../domain/dealers/decide.ts'
import { dealerAt } from '../../domain/dealers/state.ts'
import { standardTerms } from '../../domain/dealers/terms.ts'
import { addDays, calendarDate, instantOf, zoneOf } from '../../domain/kernel/businessTime.ts'
import { compare, minus, sumOf } from '../../domain/kernel/decimalText.ts'
import type { Happened } from '../../domain/kernel/event.ts'
import { own, row, rows } from '../../domain/kernel/table.ts'
import type { OrderEvent } from '../../domain/orders/events.ts'
import type { Placed } from '../../domain/orders/state.ts'
import type { ReceivableCommand } from '../../domain/receivables/commands.ts'
import { documentTotals } from '../../domain/receivables/documentTotals.ts'
import type { Invoice } from '../../domain/receivables/state.ts'
import { keyedEventId } from '../../ledger/commandIds.ts'
import { metaOf, type WorkContext } from '../context.ts'
import { orderUpTo } from '../fulfilment/orderUpTo.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import type { Fact, Reaction } from '../reactor.ts'
import { documentId } from './documentId.ts'

type Of<Type extends OrderEvent['type']> = Extract<Happened<OrderEvent>, { type: Type }>
type Goods = Of<'ShipmentDispatched'> | Of<'ShipmentDelivered'>

/** lines of one document; an order may have twice as many */
const linesPerDocument = 1_000

/** Money follows the goods: an invoice per shipment or per delivery, a credit note for what comes back or is lost. */
export function receivableReactions(context: WorkContext): readonly Reaction[] {
  return [
    {
      name: 'receivables',
      types: ['ShipmentDispatched', 'ShipmentDelivered', 'GoodsReturned', 'ShipmentLost'],
      run: (fact) => follow(context, fact),
    },
  ]
}

async function follow(context: WorkContext, fact: Fact): Promise<void> {
  const { order, event, events } = await orderUpTo(context, fact)
  if (order.phase !== 'placed' || event === undefined) return
  // goods that a payout pays for: nothing is owed for them
  if (order.header.grant) return
  const accountId = await accountOf(context.handler.load, order.header.dealerId, event.occurredAt)
  const books: Books = { ...context, accountId, order, events, execute: (command) => execute(context, fact, command) }
  switch (event.type) {
    case 'ShipmentDispatched':
    case 'ShipmentDelivered':
      return invoice(books, event)
    case 'ShipmentLost':
      return correct(books, event)
    case 'GoodsReturned':
      return credit(books, event, 'return', [event.data.returnId], undefined)
    default:
      return undefined
  }
}

interface Books extends WorkContext {
  readonly accountId: string
  readonly order: Placed
  /** the order's, up to the one that is followed */
  readonly events: readonly Happened<OrderEvent>[]
  readonly execute: (command: ReceivableCommand) => Promise<void>
}

/**
 * Whether the shipment or its deliveries are invoiced is a matter of the dealer's terms when the goods left: a change on
 * the way neither bills them twice nor forgets them.
 */
async function billingOf({ handler, order, events }: Books, shipmentId: string) {
  const left = events.find(
    (one): one is Of<'ShipmentDispatched'> => one.type === 'ShipmentDispatched' && one.data.shipmentId === shipmentId,
  )
  if (left === undefined) return undefined
  const dealer = dealerAt(await handler.load(dealerAggregate, order.header.dealerId), left.occurredAt)
  return { left, zone: dealer?.zone ?? zoneOf(left.occurredAt), ...(dealer?.terms ?? standardTerms) }
}

async function invoice(books: Books, event: Goods): Promise<void> {
  const { shipmentId } = event.data
  const billing = await billingOf(books, shipmentId)
  if (billing === undefined) return
  if ((billing.invoiceOn === 'shipment') !== (event.type === 'ShipmentDispatched')) return
  const parts = event.type === 'ShipmentDelivered' ? [shipmentId, event.data.deliveryId] : [shipmentId]
  await issue(books, event.data.lines, parts, shipmentId, dueDate(billing, event.occurredAt), billing.zone)
}

function dueDate({ zone, paymentTermDays }: { zone: string; paymentTermDays: number }, at: string): string {
  return addDays(calendarDate(instantOf(at), zone), paymentTermDays)
}

type Line = Of<'ShipmentDelivered'>['data']['lines'][number]

async function issue(
  { order, accountId, execute }: Books,
  lines: readonly Line[],
  parts: readonly string[],
  shipmentId: string,
  dueOn: string,
  zone: string,
): Promise<void> {
  const { orderId, companyId, dealerId, currency } = order.header
  for (const [number, chunk] of chunksOf(lines)) {
    await execute({
      type: 'IssueInvoice',
      accountId,
      companyId,
      dealerId,
      currency,
      orderId,
      shipmentId,
      zone,
      dueOn,
      invoiceId: documentId('INV', orderId, ...parts, ...number),
      kind: 'invoice',
      rounding: 'half-up',
      lines: chunk.map(({ lineNo, sku, unit, quantity, value, tax, freight }, index) => ({
        lineNo: index + 1,
        orderLineNo: lineNo,
        sku,
        unit,
        quantity,
        unitPrice: own(order.lines, lineNo)?.terms.unitPrice ?? '0',
        lineValue: value,
        ...(tax && { tax }),
        ...(freight !== undefined && { freight }),
      })),
    })
  }
}

/**
 * Goods that were invoiced when they left and never arrived. Invoices that nothing was paid on are taken back, and what is
 * left of the shipment is invoiced anew; otherwise a credit note corrects them.
 */
async function correct(books: Books, event: Of<'ShipmentLost'>): Promise<void> {
  const { handler, accountId, events, execute } = books
  const { orderId, shipmentId, lossId } = event.data
  const billing = await billingOf(books, shipmentId)
  if (billing?.invoiceOn !== 'shipment') return
  const account = await handler.load(accountAggregate, accountId)
  const billed = invoicesOf(account, orderId).filter(([, one]) => one.shipmentId === shipmentId)
  const known = [...rows(account.invoices)].filter(
    ([, one]) => one.shipmentId === shipmentId && one.orderId === orderId,
  )
  if (billed.some(([, one]) => one.open !== one.gross))
    return credit(books, event, 'correction', ['lost', lossId], shipmentId)
  // settled so long ago that the account has dropped it from its state; the log knows
  const first = documentId('INV', orderId, shipmentId)
  if (known.length === 0) {
    const commandId = keyedEventId('receivables', 'IssueInvoice', first, 0)
    const issued = await books.store.findCommand(commandId, `account-${accountId}`)
    return issued.length === 0 ? undefined : credit(books, event, 'correction', ['lost', lossId], shipmentId, first)
  }
  // what was taken back by an earlier run that was stopped before the new one is in `known` still
  for (const [invoiceId] of billed) {
    if (invoiceId === documentId('INV', orderId, shipmentId, 'without', lossId)) continue
    await execute({ type: 'CancelInvoice', accountId, invoiceId, reason: 'lost' })
  }
  const lost = events.flatMap((one) =>
    one.type === 'ShipmentLost' && one.data.shipmentId === shipmentId ? one.data.lines : [],
  )
  const rest = billing.left.data.lines.flatMap((line) =>
    without(
      line,
      lost.filter(({ lineNo }) => lineNo === line.lineNo),
    ),
  )
  if (rest.length > 0)
    await issue(
      books,
      rest,
      [shipmentId, 'without', lossId],
      shipmentId,
      dueDate(billing, billing.left.occurredAt),
      billing.zone,
    )
}

function without(line: Line, lost: readonly Line[]): readonly Line[] {
  const less = (value: string, of: (line: Line) => string): string => minus(value, sumOf(lost.map(of)))
  const quantity = less(line.quantity, (one) => one.quantity)
  if (compare(quantity, '0') <= 0) return []
  const { lineNo, sku, unit, value, tax, freight } = line
  return [
    {
      lineNo,
      sku,
      unit,
      quantity,
      value: less(value, (one) => one.value),
      ...(tax && {
        tax: {
          ...tax,
          amount: less(tax.amount, (one) => one.tax?.amount ?? '0'),
        },
      }),
      ...(freight !== undefined && { freight: less(freight, (one) => one.freight ?? '0') }),
    },
  ]
}

/**
 * One credit note per invoice that the goods stood on, at the values of the sale. What was never invoiced is a matter of the
 * order's credit alone (`stepsAfterOrder`).
 */
async function credit(
  { handler, accountId, execute }: Books,
  event: Of<'GoodsReturned'> | Of<'ShipmentLost'>,
  reason: 'return' | 'correction',
  parts: readonly string[],
  shipmentId: string | undefined,
  dropped?: string,
): Promise<void> {
  const { orderId, companyId, dealerId, currency } = event.data
  const account = await handler.load(accountAggregate, accountId)
  const invoices = invoicesOf(account, orderId)
  const isOpen = BigInt(row(account.orders, orderId)?.delivered ?? '0') > 0n
  const byInvoice = new Map<string | undefined, Line[]>()
  for (const line of event.data.lines) {
    const found = invoiceOf(invoices, line, shipmentId) ?? dropped
    if (found === undefined && (isOpen || reason === 'correction')) continue
    byInvoice.set(found, [...(byInvoice.get(found) ?? []), line])
  }
  let document = 0
  for (const [invoiceId, lines] of byInvoice) {
    for (const [, chunk] of chunksOf(lines)) {
      document += 1
      const goods = chunk.map(({ value, tax }) => ({ lineValue: value, tax }))
      // worth less than the smallest coin: no document says so
      if (documentTotals(goods, currency, 'half-up').gross <= 0n) continue
      await execute({
        type: 'IssueCreditNote',
        accountId,
        companyId,
        dealerId,
        currency,
        orderId,
        reason,
        creditNoteId: documentId('CN', orderId, ...parts, ...(document === 1 ? [] : [document])),
        rounding: 'half-up',
        lines: chunk.map(({ lineNo, sku, unit, quantity, value, tax }, index) => ({
          lineNo: index + 1,
          orderLineNo: lineNo,
          sku,
          unit,
          quantity,
          lineValue: value,
          ...(tax && { tax }),
        })),
        ...(event.type === 'GoodsReturned' && { returnId: event.data.returnId }),
        ...(invoiceId !== undefined && { invoiceId }),
        apply: invoiceId !== undefined,
      })
    }
  }
}

/** The order's invoices that stand, the oldest first. */
function invoicesOf(account: AccountState, orderId: string): readonly (readonly [string, Invoice])[] {
  return [...rows(account.invoices)]
    .filter(([, one]) => one.orderId === orderId && one.kind === 'invoice' && !one.void)
    .sort(([a, x], [b, y]) => instantOf(x.issuedAt) - instantOf(y.issuedAt) || (a < b ? -1 : 1))
}

/** The first that bills as much of the order line, or any of it. */
function invoiceOf(
  invoices: readonly (readonly [string, Invoice])[],
  { lineNo, quantity }: { lineNo: number; quantity: string },
  shipmentId: string | undefined,
): string | undefined {
  const billing = invoices.filter(
    ([, one]) =>
      (shipmentId === undefined || one.shipmentId === shipmentId) &&
      one.lines.some((line) => line.orderLineNo === lineNo),
  )
  const whole = billing.find(([, one]) =>
    one.lines.some((line) => line.orderLineNo === lineNo && compare(line.quantity, quantity) >= 0),
  )
  return (whole ?? billing[0])?.[0]
}

async function execute({ handler }: WorkContext, fact: Fact, command: ReceivableCommand): Promise<void> {
  const key =
    command.type === 'IssueInvoice'
      ? command.invoiceId
      : command.type === 'IssueCreditNote'
        ? command.creditNoteId
        : `${fact.event.id}/${command.type}/${'invoiceId' in command ? (command.invoiceId ?? '') : ''}`
  const outcome = await processCommand(handler, accountAggregate, command, key, metaOf('receivables', fact))
  if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
}

/** Parts that fit one document, each with what its id gets: nothing for the first. */
function chunksOf<T>(lines: readonly T[]): readonly (readonly [readonly number[], readonly T[]])[] {
  return Array.from({ length: Math.ceil(lines.length / linesPerDocument) }, (_, index) => [
    index === 0 ? [] : [index + 1],
    lines.slice(index * linesPerDocument, (index + 1) * linesPerDocument),
  ])
}
