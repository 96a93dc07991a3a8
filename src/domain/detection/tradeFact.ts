import { instantOf } from '../kernel/businessTime.ts'
import type { OrderEvent } from '../orders/events.ts'
import type { OrderLine } from '../orders/orderLine.ts'
import type { SettlementEvent } from '../rebates/events.ts'
import type { ReceivableEvent } from '../receivables/events.ts'
import type { StockEvent } from '../stock/events.ts'
import type { MarketPriceEvent } from '../violations/marketPrice.ts'

interface Of {
  /** empty where the event does not say so: of a line that changed, whose order does; of an observation at a stranger's */
  readonly dealerId: string
  /** empty for what is about no product */
  readonly sku: string
}
interface Sold extends Of {
  readonly orderId: string
  readonly lineNo: number
  readonly unit: string
  readonly currency: string
  readonly quantity: string
  readonly unitPrice: string
  readonly value: string
  /** of the price resolution, or as the source gave it */
  readonly listPrice?: string
  readonly listId?: string
  readonly breakFrom?: string
  readonly floor?: string
  readonly ceiling?: string
  readonly tier?: string
  readonly promotions: readonly string[]
  /** what promotions take off, together */
  readonly promoted: string
}
export interface SellIn extends Sold {
  readonly kind: 'sell-in'
}
/** A line of an order that got another price or quantity; its volume is that of the order as it was placed. */
export interface Repriced extends Sold {
  readonly kind: 'repriced'
  /** of a price that somebody approved */
  readonly approvedBy?: string
}
export interface Returned extends Of {
  readonly kind: 'returned'
  readonly orderId: string
  readonly lineNo: number
  readonly quantity: string
}
/** What it was sold for is not here: it is read from the log alone, where the law allows it (domain.md §2.7). */
export interface Resale extends Of {
  readonly kind: 'resale'
  readonly quantity: string
  readonly endCustomer?: string
}
export interface Observed extends Of {
  readonly kind: 'observed'
  readonly companyId: string
  readonly observationId: string
  readonly outletId?: string
  readonly offer: 'advertised' | 'sold'
  readonly unit: string
  readonly price: string
  readonly currency: string
  readonly confidence: string
}
/** A credit that lowers what a dealer owes. */
export interface Benefit extends Of {
  readonly kind: 'benefit'
  readonly documentId: string
  readonly reason: string
  /** minor units */
  readonly amount: string
  readonly currency: string
  /** a settlement, a claim, a return or an invoice stands behind it */
  readonly hasSource: boolean
}
export interface Paid extends Of {
  readonly kind: 'paid'
  readonly invoiceId: string
  /** minor units */
  readonly amount: string
  readonly currency: string
  readonly dueAt: string
  readonly receivedAt: string
}
/** What a period of a programme came to. */
export interface Settled extends Of {
  readonly kind: 'settled'
  readonly programmeId: string
  readonly version: number
  readonly periodId: string
  readonly currency: string
  readonly volume: string
  /** minor units */
  readonly earned: string
}
export type TradeFact = SellIn | Repriced | Returned | Resale | Observed | Benefit | Paid | Settled

/** Where a fact stands in the log. */
export interface Place {
  readonly eventId: string
  readonly stream: string
  readonly revision: number
  /** business time */
  readonly at: string
  readonly position: bigint
}
export type Standing<F extends TradeFact = TradeFact> = F & Place

export const tradeEventTypes = [
  'OrderPlaced',
  'OrderAmended',
  'PriceOverrideApproved',
  'RepriceApplied',
  'GoodsReturned',
  'ResaleReported',
  'MarketPriceObserved',
  'CreditNoteIssued',
  'PaymentAllocated',
  'SettlementCalculated',
] as const
type Any = OrderEvent | StockEvent | ReceivableEvent | SettlementEvent | MarketPriceEvent
export type TradeEvent = Extract<Any, { type: (typeof tradeEventTypes)[number] }> & { readonly actor: string }

/** What an event means to detection. The one place that knows it: the read model, the reader of the log and the process take these. */
export function tradeFactsOf(event: TradeEvent): readonly TradeFact[] {
  switch (event.type) {
    case 'OrderPlaced': {
      const { orderId, dealerId, currency, lines, tier, grant } = event.data
      // goods that a settlement pays for are no purchase
      if (grant) return []
      return lines.map((line) => ({ kind: 'sell-in', dealerId, ...soldOf(orderId, currency, line, tier) }))
    }
    case 'OrderAmended':
    case 'RepriceApplied': {
      const { orderId, changes } = event.data
      return changes.map(({ after }) => ({ kind: 'repriced', dealerId: '', ...soldOf(orderId, '', after) }))
    }
    case 'PriceOverrideApproved': {
      const { orderId, before, after } = event.data
      // what it would have cost is what the approval is measured by
      const sold = { ...soldOf(orderId, '', after), listPrice: before.unitPrice }
      return [{ kind: 'repriced', dealerId: '', ...sold, approvedBy: event.actor }]
    }
    case 'GoodsReturned': {
      const { orderId, dealerId, lines } = event.data
      return lines.map(({ lineNo, sku, quantity }) => ({ kind: 'returned', dealerId, sku, orderId, lineNo, quantity }))
    }
    case 'ResaleReported': {
      const { party: dealerId, sku, lines, endCustomer } = event.data
      const customer = endCustomer === undefined ? {} : { endCustomer }
      return lines.map(({ quantity }) => ({ kind: 'resale', dealerId, sku, quantity, ...customer }))
    }
    case 'MarketPriceObserved': {
      const { companyId, dealerId = '', sku, outletId, ...rest } = event.data
      const { observationId, offer, unit, price, currency, confidence } = rest
      const where = outletId === undefined ? {} : { outletId }
      const seen = { observationId, offer, unit, price, currency, confidence, ...where }
      return [{ kind: 'observed', companyId, dealerId, sku, ...seen }]
    }
    case 'CreditNoteIssued': {
      const { dealerId, creditNoteId, reason, amount, currency, settlement, claim, returnId, invoiceId, lines } =
        event.data
      const hasSource = [settlement, claim, returnId, invoiceId].some((one) => one !== undefined) || lines.length > 0
      const document = { documentId: creditNoteId, reason, amount, currency, hasSource }
      return [{ kind: 'benefit', dealerId, sku: '', ...document }]
    }
    case 'PaymentAllocated': {
      const { dealerId, invoiceId, amount, currency, dueAt, receivedAt } = event.data
      if (dueAt === undefined) return []
      return [{ kind: 'paid', dealerId, sku: '', invoiceId, amount, currency, dueAt, receivedAt }]
    }
    case 'SettlementCalculated': {
      const {
        programmeId,
        programmeVersion: version,
        dealerId,
        currency,
        periodId,
        measure,
        kind,
        calculation,
      } = event.data
      if (measure !== 'net' || kind === 'interim') return []
      const { volume, earned } = calculation
      return [{ kind: 'settled', dealerId, sku: '', programmeId, version, periodId, currency, volume, earned }]
    }
  }
}

/** The currency of a changed line is that of its order. */
function soldOf(orderId: string, currency: string, line: OrderLine, orderTier?: string): Omit<Sold, 'dealerId'> {
  const { lineNo, sku, unit, quantity, unitPrice, lineValue: value, price, discount } = line
  const tier = price?.tier ?? orderTier
  const given = price?.promotions.map(({ promotionId }) => promotionId)
  const named = discount?.promotion === undefined ? [] : [discount.promotion]
  return {
    orderId,
    lineNo,
    sku,
    unit,
    currency,
    quantity,
    unitPrice,
    value,
    promotions: given ?? named,
    promoted: price?.discount ?? (named.length > 0 ? (discount?.share ?? '0') : '0'),
    ...(price && { listPrice: price.listPrice, listId: price.listId }),
    ...(price?.breakFrom !== undefined && { breakFrom: price.breakFrom }),
    ...(price?.floor !== undefined && { floor: price.floor }),
    ...(price?.ceiling !== undefined && { ceiling: price.ceiling }),
    ...(tier !== undefined && { tier }),
  }
}

/** By business time, then as the log has them; facts of one event stay as they are. */
export function inOrderOfTrade<F extends Place>(facts: readonly F[]): F[] {
  return facts.toSorted(
    (a, b) => instantOf(a.at) - instantOf(b.at) || (a.position < b.position ? -1 : a.position > b.position ? 1 : 0),
  )
}
