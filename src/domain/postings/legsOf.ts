import type { SettlementEvent } from '../rebates/events.ts'
import type { ReceivableEvent } from '../receivables/events.ts'
import type { PostingRole } from './postingRole.ts'

/** One side of an entry: minor units of the currency, a debit positive, a credit negative. */
export interface Leg {
  readonly companyId: string
  readonly dealerId: string
  readonly currency: string
  readonly role: PostingRole
  readonly amount: bigint
  readonly documentId: string
  /** code of a tax */
  readonly detail?: string
}

export type PostingEvent = ReceivableEvent | SettlementEvent
type CreditNoteReason = Extract<ReceivableEvent, { type: 'CreditNoteIssued' }>['data']['reason']

/** Complete by its type: a new reason does not compile without an account. */
const creditNoteRoles: Readonly<Record<CreditNoteReason, PostingRole>> = {
  return: 'returns',
  correction: 'corrections',
  price_protection: 'price-protection',
  // differences of price, whatever they are called
  ship_and_debit: 'price-protection',
  special_price: 'price-protection',
  stock_rotation: 'returns',
  // what is paid to a customer lowers revenue, as a rebate does (IFRS 15 §70)
  fund: 'rebates',
  rebate: 'rebates',
}

/**
 * The balanced entry that an event is in the general ledger: its legs add up to zero. Empty for what moves nothing there, and
 * for a cancelled invoice, which takes back the entry of another event (`takesBack`).
 */
export function legsOf(event: PostingEvent): readonly Leg[] {
  const { companyId, dealerId, currency } = event.data
  return movesOf(event).flatMap(([role, amount, documentId, detail]) =>
    amount === 0n
      ? []
      : [{ companyId, dealerId, currency, role, amount, documentId, ...(detail !== undefined && { detail }) }],
  )
}

/** The invoice whose entry an event takes back. */
export function takesBack({ type, data }: PostingEvent): string | undefined {
  return type === 'InvoiceCancelled' ? data.invoiceId : undefined
}

export function reversed(legs: readonly Leg[]): readonly Leg[] {
  return legs.map((leg) => ({ ...leg, amount: -leg.amount }))
}

type Move = readonly [role: PostingRole, amount: bigint, documentId: string, detail?: string]

function movesOf(event: PostingEvent): readonly Move[] {
  const { type, data } = event
  switch (type) {
    case 'InvoiceIssued': {
      const { invoiceId, kind, settlement, gross, net, freight, taxes } = data
      // a clawback was taken off what is accrued when it was posted
      const earned = settlement ? 'accrued-rebates' : kind === 'debit_note' ? 'other-income' : 'revenue'
      const parts: Move[] = [
        [earned, -BigInt(net), invoiceId],
        ['freight', -BigInt(freight), invoiceId],
        ...taxes.map((tax): Move => ['tax', -BigInt(tax.amount), invoiceId, tax.code]),
      ]
      return complete(['receivable', BigInt(gross), invoiceId], parts)
    }
    case 'CreditNoteIssued': {
      const { creditNoteId, reason, settlement, offset, amount, net, taxes } = data
      const parts: Move[] = [
        [settlement ? 'accrued-rebates' : creditNoteRoles[reason], BigInt(net), creditNoteId],
        ...taxes.map((tax): Move => ['tax', BigInt(tax.amount), creditNoteId, tax.code]),
      ]
      return complete([offset ? 'offset-credits' : 'receivable', -BigInt(amount), creditNoteId], parts)
    }
    // one that counted since it was issued moves nothing
    case 'CreditNoteApplied':
      return data.offset ? move('offset-credits', 'receivable', data.amount, data.creditNoteId) : []
    case 'CreditNoteExpired':
      return move('offset-credits', 'rebates', data.amount, data.creditNoteId)
    case 'PaymentReceived':
      return move('cash', 'unapplied-receipts', data.amount, data.paymentId)
    case 'PaymentReversed':
      return move('unapplied-receipts', 'cash', data.amount, data.paymentId)
    case 'PaymentAllocated':
      return move('unapplied-receipts', 'receivable', data.amount, data.paymentId)
    case 'PaymentUnallocated':
      return move('receivable', 'unapplied-receipts', data.amount, data.paymentId)
    case 'AccrualPosted':
    case 'SettlementApproved':
    case 'DisputedPartPaid':
      return move('rebates', 'accrued-rebates', data.amount, settlementOf(data))
    case 'AccrualReversed':
    case 'ClawbackPosted':
      return move('accrued-rebates', 'rebates', data.amount, settlementOf(data))
    case 'SettlementPaid':
      return move('accrued-rebates', 'cash', data.amount, settlementOf(data))
    // a payout in goods is revenue when they have arrived
    case 'GrantedGoodsDelivered':
      return move('accrued-rebates', 'revenue', data.amount, settlementOf(data))
    case 'GrantedGoodsTakenBack':
      return move('revenue', 'accrued-rebates', data.undelivered, settlementOf(data))
    // what a dispute holds back stays accrued until it ends
    case 'DisputeOpened':
    case 'DisputeAnswered':
    case 'DisputeUpheld':
    case 'DisputeRejected':
    case 'DisputeWithdrawn':
    case 'InvoiceCancelled':
    case 'TargetSet':
    case 'TargetRevised':
    case 'BaselineFixed':
    case 'SettlementCalculated':
    case 'SettlementEndorsed':
    case 'SettlementCredited':
    case 'GoodsGranted':
    case 'GoodsRestReleased':
      return []
    default:
      return event satisfies never
  }
}

function move(debit: PostingRole, credit: PostingRole, amount: string, documentId: string): readonly Move[] {
  return [
    [debit, BigInt(amount), documentId],
    [credit, -BigInt(amount), documentId],
  ]
}

/** What a recorded paper owes beside its parts is a difference, so that the entry balances. */
function complete(whole: Move, parts: readonly Move[]): readonly Move[] {
  const rest = parts.reduce((sum, [, amount]) => sum + amount, whole[1])
  return [whole, ...parts, ['differences', -rest, whole[2]]]
}

/** As long as an identifier may be, of four, and three slashes. */
function settlementOf({ programmeId, dealerId, currency, periodId }: SettlementEvent['data']): string {
  return `${programmeId}/${dealerId}/${currency}/${periodId}`
}
