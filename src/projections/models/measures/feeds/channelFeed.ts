import type { PrincipalEvent } from '../../../../domain/access/events.ts'
import type { CalendarEvent } from '../../../../domain/calendars/events.ts'
import type { ProductEvent } from '../../../../domain/catalogue/events.ts'
import type { ConductEvent } from '../../../../domain/conduct/events.ts'
import type { ForecastEvent } from '../../../../domain/forecasting/events.ts'
import type { OutletEvent } from '../../../../domain/outlets/events.ts'
import type { ViolationEvent } from '../../../../domain/violations/events.ts'
import type { DealerEvent, TerritoryEvent } from '../../../../domain/dealers/events.ts'
import { instantOf } from '../../../../domain/kernel/businessTime.ts'
import type { ErrorDeclared } from '../../../../domain/kernel/errorDeclaration.ts'
import { exclusiveShare } from '../../../../domain/metrics/measures.ts'
import { compare, sumOf } from '../../../../domain/kernel/decimalText.ts'
import type { PostingsEvent } from '../../../../domain/postings/events.ts'
import type { PriceEvent, PromotionsEvent } from '../../../../domain/pricing/events.ts'
import type { RatesEvent } from '../../../../domain/rates/events.ts'
import type { ReconciliationEvent } from '../../../../domain/reconciliation/events.ts'
import type { WebhookEvent } from '../../../../domain/webhooks/events.ts'
import type { Fact } from '../../../engine/factTable.ts'
import { begins, change, dayOf, ends, type Feed, minusOne, money, one, type Owner } from './measureFacts.ts'

type ChannelEvent =
  DealerEvent | TerritoryEvent | ConductEvent | ProductEvent | ViolationEvent | OutletEvent | ForecastEvent

export const channelFeed: Feed<ChannelEvent> = {
  DealerRegistered: (event) => {
    const { dealerId, companyId, country, region, effectiveAt } = event.data
    const [owner, day] = [{ dealerId, companyId }, dayOf(effectiveAt)]
    return [
      change(event, 'dealers', owner, one, day),
      change(event, 'dealers-registered', owner, one, day),
      effective('dealers', { dealer_id: dealerId }, effectiveAt, { country, region }),
    ]
  },
  DealerProfileRevised: (event) => {
    const { dealerId, country, region, effectiveAt } = event.data
    return [effective('dealers', { dealer_id: dealerId }, effectiveAt, { country, region })]
  },
  TierAssigned: (event) => {
    const { dealerId, tier, effectiveAt } = event.data
    return [
      change(event, 'tier-changes', { dealerId }, one, dayOf(effectiveAt)),
      effective('dealers', { dealer_id: dealerId }, effectiveAt, { tier }),
    ]
  },
  TerritoryAssigned: (event) => {
    const { dealerId, territoryId, effectiveAt } = event.data
    return [effective('dealers', { dealer_id: dealerId }, effectiveAt, { territory_id: territoryId })]
  },
  DealerSuspended: (event) => [change(event, 'dealers-suspended', event.data, one, dayOf(event.data.effectiveAt))],
  DealerReinstated: (event) => [
    change(event, 'dealers-suspended', event.data, minusOne, dayOf(event.data.effectiveAt)),
  ],
  DealerExited: (event) => {
    const { dealerId, effectiveAt } = event.data
    return [
      change(event, 'dealers', { dealerId }, minusOne, dayOf(effectiveAt)),
      change(event, 'dealers-exited', { dealerId }, one, dayOf(effectiveAt)),
    ]
  },
  TerritoryGranted: (event) => [change(event, 'territory-grants', event.data, one, dayOf(event.data.effectiveAt))],
  TerritoryReleased: (event) => [
    change(event, 'territory-grants', event.data, minusOne, dayOf(event.data.effectiveAt)),
  ],
  EvidenceRecorded: (event) => [change(event, 'evidence', event.data, one)],
  EvidenceWithdrawn: (event) => [change(event, 'evidence-withdrawn', event.data, one)],
  EvaluationRecorded: (event) => [
    change(event, 'evaluations', event.data, one),
    change(event, 'evaluation-points', event.data, { count: event.data.score }),
    ...(event.data.evaluation === exclusiveShare
      ? [
          change(event, 'exclusive-shares', event.data, one),
          change(event, 'exclusive-share-points', event.data, { count: event.data.score }),
        ]
      : []),
  ],
  // what derives from a resale price and may not count is shown apart, and is no point of anything (domain.md §2.7)
  ViolationConfirmed: (event) => [
    event.data.counts
      ? change(event, 'violation-points', event.data, { count: String(event.data.repeats + 1) })
      : change(event, 'violations-apart', event.data, one),
  ],
  OutletRegistered: (event) => [change(event, 'outlets', event.data, one, dayOf(event.data.effectiveAt))],
  OutletAssigned: (event) => [change(event, 'outlets', event.data, one, dayOf(event.data.effectiveAt))],
  OutletReleased: (event) => [change(event, 'outlets', event.data, minusOne, dayOf(event.data.effectiveAt))],
  OutletClosed: (event) => [change(event, 'outlets', event.data, minusOne, dayOf(event.data.effectiveAt))],
  ForecastPublished: (event) =>
    event.data.lines.flatMap(({ sku, unit, ahead }) => {
      const owner = { ...event.data, sku, unit }
      const total = (of: 'quantity' | 'naive'): string => sumOf(ahead.map((one) => one[of]))
      return [
        change(event, 'forecast-demand', owner, { quantity: total('quantity') }),
        change(event, 'forecast-naive', owner, { quantity: total('naive') }),
      ]
    }),
  ProductPublished: (event) => {
    const { sku, companyId, effectiveAt } = event.data
    const [owner, day] = [{ sku, companyId }, dayOf(effectiveAt)]
    return [
      change(event, 'products', owner, one, day),
      change(event, 'products-published', owner, one, day),
      picture(event.data),
    ]
  },
  ProductRevised: (event) => [picture(event.data)],
  ProductWithdrawn: (event) => [
    change(event, 'products', { sku: event.data.sku }, minusOne, dayOf(event.data.effectiveAt)),
  ],
  ProductReinstated: (event) => [
    change(event, 'products', { sku: event.data.sku }, one, dayOf(event.data.effectiveAt)),
  ],
}

export const priceFeed: Feed<PriceEvent | PromotionsEvent | RatesEvent> = {
  PriceChanged: (event) => {
    const { companyId, sku, oldPrice, newPrice, retroactive, overridden, effectiveAt } = event.data
    const [owner, day] = [{ companyId, sku }, dayOf(effectiveAt)]
    const direction = oldPrice === undefined ? 0 : compare(newPrice, oldPrice)
    return [
      change(event, 'price-changes', owner, one, day),
      ...(direction < 0 ? [change(event, 'price-cuts', owner, one, day)] : []),
      ...(direction > 0 ? [change(event, 'price-rises', owner, one, day)] : []),
      ...(retroactive ? [change(event, 'retroactive-prices', owner, one, day)] : []),
      ...(overridden ? [change(event, 'bounds-overridden', owner, one, day)] : []),
    ]
  },
  PriceEnded: (event) => {
    const { companyId, sku, effectiveAt } = event.data
    return [change(event, 'prices-ended', { companyId, sku }, one, dayOf(effectiveAt))]
  },
  PromotionScheduled: (event) => [
    change(event, 'promotions', { companyId: event.data.companyId }, one, dayOf(event.data.startsAt)),
  ],
  PromotionCancelled: (event) => [
    change(event, 'promotions-cancelled', { companyId: event.data.companyId }, one, dayOf(event.data.effectiveAt)),
  ],
  ExchangeRatePublished: (event) => {
    const { base, quote, kind, rate, effectiveAt } = event.data
    return [effective('rates', { base, quote, kind }, effectiveAt, { rate, effective_at: utc(effectiveAt) })]
  },
}

export const reconciliationFeed: Feed<ReconciliationEvent> = {
  StatementPublished: (event) => [
    begins(event, 'statement', statementKey(event), statementOwner(event)),
    change(event, 'statements', statementOwner(event), one),
    change(event, 'statement-lines', statementOwner(event), { count: event.data.lineCount.toString() }),
    ...(event.data.version > 1 ? [change(event, 'statement-revisions', statementOwner(event), one)] : []),
  ],
  StatementConfirmed: (event) =>
    event.data.side === 'manufacturer'
      ? []
      : [
          ends(event, 'statement', statementKey(event)),
          change(event, 'statements-accepted', statementOwner(event), one),
        ],
  StatementLinesConfirmed: (event) => [
    change(event, 'lines-agreed', statementOwner(event), { count: event.data.lines.length.toString() }),
  ],
  StatementLineDisputed: (event) => {
    const { currency, effect = '0', claimed, disputeId } = event.data
    return [
      begins(event, 'line-dispute', `${statementKey(event)}/${disputeId}`, statementOwner(event)),
      change(event, 'lines-disputed', statementOwner(event), {
        amount: money(size(BigInt(claimed) - BigInt(effect)), currency),
        count: '1',
      }),
    ]
  },
  StatementDisputeSettled: (event) => [
    ends(event, 'line-dispute', `${statementKey(event)}/${event.data.disputeId}`),
    change(event, 'line-disputes-settled', statementOwner(event), one),
    ...(event.data.outcome === 'accepted' ? [change(event, 'line-disputes-accepted', statementOwner(event), one)] : []),
  ],
}

export const officeFeed: Feed<PrincipalEvent | WebhookEvent | PostingsEvent | CalendarEvent | ErrorDeclared> = {
  PrincipalRegistered: (event) => {
    const { principalId, dealerId } = event.data
    return [begins(event, 'user', principalId, { dealerId }), change(event, 'users-registered', { dealerId }, one)]
  },
  PrincipalDisabled: (event) => [change(event, 'users-disabled', { doc: ['user', event.data.principalId] }, one)],
  ApiKeyIssued: (event) => [change(event, 'keys-issued', { doc: ['user', event.data.principalId] }, one)],
  WebhookRegistered: (event) => [change(event, 'webhooks-registered', { dealerId: event.data.dealerId }, one)],
  ErrorDeclared: (event) => [change(event, 'corrections', ownerOfStream(event.stream), one)],
  PostingsExported: (event) => {
    const { companyId, batchNo } = event.data
    return [
      begins(event, 'batch', `${companyId}/${batchNo}`, { companyId }),
      change(event, 'batches', { companyId }, one),
    ]
  },
  PostingsAcknowledged: (event) => [ends(event, 'batch', `${event.data.companyId}/${event.data.batchNo}`)],
  PostingsRejected: (event) => [change(event, 'batches-rejected', { companyId: event.data.companyId }, one)],
  PeriodOpened: (event) => [
    begins(event, 'period', `${event.data.calendarId}/${event.data.periodId}`, { at: event.data.end }),
  ],
  PeriodClosed: (event) => [ends(event, 'period', `${event.data.calendarId}/${event.data.periodId}`)],
}

function picture({
  sku,
  category,
  unit,
  launchedOn,
  effectiveAt,
}: Extract<ProductEvent, { type: 'ProductPublished' | 'ProductRevised' }>['data']): Fact {
  return effective('products', { sku }, effectiveAt, { category, unit, launched_on: launchedOn })
}

function effective(table: string, key: Fact['key'], at: string, lasts: NonNullable<Fact['lasts']>): Fact {
  return { table, key, at: instantOf(at), lasts }
}

function utc(businessTime: string): string {
  return new Date(instantOf(businessTime)).toISOString()
}

const statementOwner = ({ data: { companyId, dealerId, currency } }: ReconciliationEvent): Owner => ({
  companyId,
  dealerId,
  currency,
})

const statementKey = ({
  data: { companyId, dealerId, currency, statementNo },
}: {
  readonly data: ReconciliationEvent['data']
}): string => [companyId, dealerId, currency, statementNo].join('/')

function size(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}

/** Whose the corrected fact was, where the name of its stream says so. */
function ownerOfStream(stream: string): Owner {
  const dash = stream.indexOf('-')
  const [category, id] = [stream.slice(0, dash), stream.slice(dash + 1)]
  switch (category) {
    case 'order':
    case 'fulfilment':
      return { doc: ['order', id] }
    case 'dealer':
    case 'conduct':
      return { dealerId: id }
    default:
      return {}
  }
}
