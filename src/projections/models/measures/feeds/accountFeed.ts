import { type AccountEvent, exposureEffects } from '../../../../domain/credit/exposure.ts'
import type { CreditEvent } from '../../../../domain/credit/events.ts'
import { instantOf } from '../../../../domain/kernel/businessTime.ts'
import { minus, negated, plus, sumOf } from '../../../../domain/kernel/decimalText.ts'
import type { MeasureCode } from '../../../../domain/metrics/measures.ts'
import { receivableEffects } from '../../../../domain/receivables/effects.ts'
import type { ReceivableEvent } from '../../../../domain/receivables/events.ts'
import type { RecordedEvent } from '../../../../ledger/envelope.ts'
import type { Fact } from '../../../engine/factTable.ts'
import {
  begins,
  change,
  dayOf,
  daysBetween,
  ends,
  type Feed,
  leaves,
  level,
  money,
  one,
  type Owner,
} from './measureFacts.ts'

export const receivableFeed: Feed<ReceivableEvent> = {
  InvoiceIssued: (event) => {
    const { kind, invoiceId, orderId, shipmentId, currency, lines, dueOn } = event.data
    const owner = ownerOf(event)
    const gross = money(event.data.gross, currency)
    const whole = [
      begins(event, 'invoice', documentId(event.data, invoiceId), { ...owner, dueOn }),
      ...balances(event),
      ...credit(event),
    ]
    if (kind === 'debit_note') return [change(event, 'debit-notes', owner, { amount: gross, count: '1' }), ...whole]
    return [
      change(event, 'invoices', owner, one),
      change(event, 'invoice-gross', owner, { amount: gross }),
      change(event, 'invoice-tax', owner, {
        amount: money(
          event.data.taxes.reduce((sum, { amount }) => sum + BigInt(amount), 0n),
          currency,
        ),
      }),
      change(event, 'invoice-freight', owner, { amount: money(event.data.freight, currency) }),
      ...lines.map(({ sku, unit, quantity, lineValue }) =>
        change(event, 'invoiced', { ...owner, sku, unit }, { amount: lineValue, quantity, count: '1' }),
      ),
      ...(orderId !== undefined && shipmentId !== undefined
        ? [ends(event, 'billing', `${orderId}/${shipmentId}`)]
        : []),
      ...whole,
    ]
  },
  InvoiceCancelled: (event) => {
    const { currency, lines } = event.data
    const owner = ownerOf(event)
    const gross = money(event.data.gross, currency)
    const [withTax, net] = [sumOf(lines.map((line) => line.gross)), sumOf(lines.map((line) => line.net))]
    return [
      change(event, 'invoices-cancelled', owner, { amount: gross, count: '1' }),
      change(event, 'invoice-gross', owner, { amount: negated(gross) }),
      change(event, 'invoice-tax', owner, { amount: minus(net, withTax) }),
      change(event, 'invoice-freight', owner, { amount: minus(withTax, gross) }),
      ...lines.map(({ sku, unit, quantity, net }) =>
        change(
          event,
          'invoiced',
          { ...owner, sku, unit },
          { amount: negated(net), quantity: negated(quantity), count: '-1' },
        ),
      ),
      ...balances(event),
      ...credit(event),
    ]
  },
  PaymentReceived: (event) => [
    change(event, 'payments', ownerOf(event), { amount: money(event.data.amount, event.data.currency), count: '1' }),
    ...balances(event),
  ],
  PaymentReversed: (event) => [
    change(event, 'payments-reversed', ownerOf(event), {
      amount: money(event.data.amount, event.data.currency),
      count: '1',
    }),
    ...balances(event),
  ],
  PaymentAllocated: (event) => [
    ...paidFacts(event, (figure) => figure),
    ends(event, 'invoice', documentId(event.data, event.data.invoiceId)),
    ...balances(event),
  ],
  PaymentUnallocated: (event) => [...paidFacts(event, negated), ...balances(event)],
  CreditNoteIssued: (event) => {
    const { reason, currency, lines } = event.data
    const owner = ownerOf(event)
    const note = { amount: money(event.data.net, currency), count: '1' }
    const measure = notes[reason]
    return [
      change(event, 'credit-notes', owner, note),
      ...(measure ? [change(event, measure, owner, note)] : []),
      ...lines.map(({ sku, unit, quantity, net }) =>
        change(event, 'credited', { ...owner, sku, unit }, { amount: net, quantity }),
      ),
      ...balances(event),
    ]
  },
  CreditNoteApplied: (event) => [
    ends(event, 'invoice', documentId(event.data, event.data.invoiceId)),
    ...balances(event),
  ],
  CreditNoteExpired: (event) => [
    change(event, 'credit-expired', ownerOf(event), {
      amount: money(event.data.amount, event.data.currency),
      count: '1',
    }),
    ...balances(event),
  ],
}

export const creditFeed: Feed<CreditEvent> = {
  CreditLimitSet: (event) => {
    const { accountId, party, amount, currency } = event.data
    return [level(event, 'credit-limit', { dealerId: party, currency }, accountId, { assert: money(amount, currency) })]
  },
  CreditReserved: (event) => credit(event),
  CreditReservationAdjusted: (event) => credit(event),
  CreditReservationReleased: (event) => credit(event),
  OrderValueDelivered: (event) => credit(event),
  OrderValueReturned: (event) => credit(event),
  CreditCleared: (event) => [change(event, 'credit-checks', { dealerId: event.data.dealerId }, one), ...credit(event)],
  CreditOverrideApproved: (event) => {
    const { dealerId, currency, upTo } = event.data
    return [change(event, 'credit-overrides', { dealerId, currency }, { amount: money(upTo, currency), count: '1' })]
  },
  CreditHoldPlaced: (event) => {
    const { accountId, holdId, kind, party, dealerId = party } = event.data
    return [
      begins(event, 'credit-hold', `${accountId}/${holdId}`, { dealerId }),
      change(event, 'credit-holds', { dealerId }, one),
      ...(kind === 'over_limit' ? [change(event, 'limit-holds', { dealerId }, one)] : []),
      ...(kind === 'overdue' ? [change(event, 'overdue-holds', { dealerId }, one)] : []),
    ]
  },
  CreditHoldReleased: (event) => {
    const { accountId, holdId, party, dealerId = party, cause } = event.data
    return [
      ends(event, 'credit-hold', `${accountId}/${holdId}`),
      change(event, 'hold-releases', { dealerId }, one),
      ...(cause === 'manual' || cause === 'override' ? [change(event, 'manual-releases', { dealerId }, one)] : []),
    ]
  },
}

const notes: Readonly<Record<string, MeasureCode | undefined>> = {
  rebate: 'rebate-notes',
  correction: 'correction-notes',
}

const ownerOf = ({ data }: ReceivableEvent): Owner => ({
  companyId: data.companyId,
  dealerId: data.dealerId,
  currency: data.currency,
})

/** Invoice numbers are an account's own. */
function documentId({ accountId }: { readonly accountId: string }, invoiceId: string): string {
  return `${accountId}/${invoiceId}`
}

const balanceMeasures = {
  receivable: 'invoice-open',
  unapplied: 'unapplied',
  credits: 'credits',
  offsets: 'offsets',
} as const

/** Open invoices name their document, by which it is told how long they are overdue. */
function balances(event: RecordedEvent & ReceivableEvent): readonly Fact[] {
  return receivableEffects(event).flatMap(({ balance, document, by, currency }) => {
    const amount = money(by, currency)
    if (balance !== 'receivable') return [change(event, balanceMeasures[balance], ownerOf(event), { amount })]
    const id = documentId(event.data, document.id)
    return [
      change(event, 'invoice-open', { ...ownerOf(event), doc: ['invoice', id] }, { amount }),
      leaves(event, 'invoice', id, amount),
    ]
  })
}

function credit(event: RecordedEvent & AccountEvent): readonly Fact[] {
  const sums = new Map<MeasureCode, string>()
  const effects = exposureEffects(event)
  for (const { bucket, by, currency } of effects) {
    const measure = creditMeasures[bucket]
    if (measure) sums.set(measure, plus(sums.get(measure) ?? '0', money(by, currency)))
  }
  const [first] = effects
  return [...sums].flatMap(([measure, amount]) =>
    first && amount !== '0'
      ? [change(event, measure, { dealerId: first.dealerId, currency: first.currency }, { amount })]
      : [],
  )
}

const creditMeasures: Readonly<Record<string, MeasureCode | undefined>> = {
  placed: 'credit-open',
  confirmed: 'credit-open',
  delivered: 'delivered-not-invoiced',
}

/** How much was paid on an invoice, and how long after it and after its due day. An allocation taken back takes all of it back. */
function paidFacts(
  event: RecordedEvent & Extract<ReceivableEvent, { type: 'PaymentAllocated' | 'PaymentUnallocated' }>,
  signed: (figure: string) => string,
): readonly Fact[] {
  const { currency, receivedAt, issuedAt, dueAt } = event.data
  const minor = BigInt(event.data.amount)
  const owner = ownerOf(event)
  const sum = (measure: MeasureCode, amount: bigint, count?: string): Fact =>
    change(event, measure, owner, {
      amount: signed(money(amount, currency)),
      ...(count !== undefined && { count: signed(count) }),
    })
  const received = dayOf(receivedAt)
  const isLate = dueAt !== undefined && instantOf(receivedAt) >= instantOf(dueAt)
  return [
    sum('paid-off', minor, '1'),
    sum('payment-days', minor * daysBetween(dayOf(issuedAt), received)),
    // overdue from `dueAt` on: that day is the first
    ...(isLate
      ? [sum('paid-late', minor, '1'), sum('late-days', minor * (daysBetween(dayOf(dueAt), received) + 1n))]
      : []),
  ]
}
