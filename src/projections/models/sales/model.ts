import type { DemandEvent, ForecastEvent, ForecastPolicyEvent } from '../../../domain/forecasting/events.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { ProductEvent } from '../../../domain/catalogue/events.ts'
import type { DealerEvent, TerritoryEvent } from '../../../domain/dealers/events.ts'
import { negated, plus } from '../../../domain/kernel/decimalText.ts'
import type { OrderEvent } from '../../../domain/orders/events.ts'
import { lineEffects } from '../../../domain/orders/lineEffects.ts'
import type { ReceivableEvent } from '../../../domain/receivables/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** What an order line orders, net of amendments and new prices; the changes of a line count on the day of its order. */
const ordered = factTable(
  'ordered',
  { order_id: 'text', line_no: 'integer' },
  { sums: ['quantity', 'value', 'cancelled_quantity', 'cancelled_value'], lasts: { sku: 'text', unit: 'text' } },
)
/** Where an order belongs. Its territory is the one frozen when it was placed. */
const orders = factTable(
  'orders',
  { order_id: 'text' },
  {
    lasts: {
      dealer_id: 'text',
      company_id: 'text',
      currency: 'text',
      day: 'date',
      territory_id: 'text',
      from_party: 'text',
      from_location: 'text',
    },
  },
)
export const movementKinds = ['shipped', 'delivered', 'returned', 'invoiced', 'credited'] as const
/** What left, arrived, came back, was invoiced and credited, per day; `order_id` is empty for documents without one. */
const movements = factTable(
  'movements',
  { dealer_id: 'text', currency: 'text', order_id: 'text', sku: 'text', unit: 'text', day: 'date' },
  {
    sums: movementKinds.flatMap((kind) => [`${kind}_quantity`, `${kind}_value`]),
    lasts: { company_id: 'text' },
    indexes: [['day']],
  },
)
const products = factTable(
  'products',
  { sku: 'text' },
  { lasts: { name: 'jsonb', category: 'text', subcategory: 'text' }, time: 'versioned' },
)
const dealers = factTable(
  'dealers',
  { dealer_id: 'text' },
  { lasts: { name: 'jsonb', country: 'text', region: 'text', tier: 'text', territory_id: 'text' }, time: 'versioned' },
)
const territories = factTable('territories', { territory_id: 'text' }, { lasts: { name: 'jsonb' }, time: 'versioned' })

/** What was expected of a month, and what a forecast without thought would have been: beside what is ordered then. */
const forecasts = factTable(
  'forecasts',
  { dealer_id: 'text', sku: 'text', unit: 'text', seen_month: 'text', month: 'text' },
  {
    lasts: {
      company_id: 'text',
      quantity: 'numeric',
      low: 'numeric',
      high: 'numeric',
      naive: 'numeric',
      demand_class: 'text',
      notes: 'jsonb',
      model_version: 'bigint',
      watermark: 'text',
    },
  },
)
const forecastPolicies = factTable(
  'forecast_policies',
  { company_id: 'text' },
  { lasts: { dealers: 'jsonb', horizon: 'integer', least_months: 'integer' } },
)

/** What was unusual in a month, by what was expected of it before. */
const judgements = factTable(
  'judgements',
  { dealer_id: 'text', month: 'text' },
  {
    lasts: {
      company_id: 'text',
      watermark: 'text',
      series: 'bigint',
      outside: 'bigint',
      findings: 'jsonb',
    },
  },
)

type SalesEvent =
  | DemandEvent
  | ForecastEvent
  | ForecastPolicyEvent
  | OrderEvent
  | Extract<ReceivableEvent, { type: 'InvoiceIssued' | 'InvoiceCancelled' | 'CreditNoteIssued' }>
  | Extract<ProductEvent, { type: 'ProductPublished' | 'ProductRevised' }>
  | Extract<DealerEvent, { type: 'DealerRegistered' | 'DealerProfileRevised' | 'TierAssigned' | 'TerritoryAssigned' }>
  | Extract<TerritoryEvent, { type: 'TerritoryDefined' | 'TerritoryRevised' }>

/** Sales per dealer, sku, currency and day. Days are local to the document (its own zone); currencies are never added. */
export const salesModel: ReadModel = {
  name: 'sales',
  version: 5,
  events: [
    'OrderPlaced',
    'OrderAmended',
    'PriceOverrideApproved',
    'RepriceApplied',
    'OrderLinesCancelled',
    'ShipmentDispatched',
    'ShipmentDelivered',
    'ShipmentLost',
    'GoodsReturned',
    'InvoiceIssued',
    'InvoiceCancelled',
    'CreditNoteIssued',
    'ProductPublished',
    'ProductRevised',
    'DealerRegistered',
    'DealerProfileRevised',
    'TierAssigned',
    'TerritoryAssigned',
    'TerritoryDefined',
    'TerritoryRevised',
    'ForecastPolicySet',
    'ForecastPublished',
    'DemandJudged',
  ],
  tables: [ordered, orders, movements, products, dealers, territories, forecasts, forecastPolicies, judgements],
  facts: (event) => salesFacts(event as RecordedEvent & SalesEvent), // the types it declares, checked when appended
}

function salesFacts(event: RecordedEvent & SalesEvent): readonly Fact[] {
  switch (event.type) {
    case 'OrderPlaced': {
      const { orderId, dealerId, companyId, currency, territory, shipFrom, lines } = event.data
      const header = {
        dealer_id: dealerId,
        company_id: companyId,
        currency,
        day: dayOf(event),
        territory_id: territory?.id ?? '',
        from_party: shipFrom.party,
        from_location: shipFrom.location,
      }
      return [{ table: 'orders', key: { order_id: orderId }, lasts: header }, ...orderedFacts(event, lines)]
    }
    case 'OrderAmended':
    case 'RepriceApplied':
      return orderedFacts(
        event,
        event.data.changes.map(({ after }) => after),
      )
    case 'PriceOverrideApproved':
    case 'OrderLinesCancelled':
      return orderedFacts(event, [])
    case 'ShipmentLost':
      return [...movementFacts(event, 'shipped', event.data.lines.map(reversed)), ...orderedFacts(event, [])]
    case 'ShipmentDispatched':
      return movementFacts(event, 'shipped', event.data.lines)
    case 'ShipmentDelivered':
      return movementFacts(event, 'delivered', event.data.lines)
    case 'GoodsReturned':
      return movementFacts(event, 'returned', event.data.lines)
    case 'InvoiceIssued':
      return movementFacts(
        event,
        'invoiced',
        event.data.lines.map(({ lineValue, ...line }) => ({ ...line, value: lineValue })),
      )
    case 'InvoiceCancelled':
      return movementFacts(
        event,
        'invoiced',
        event.data.lines.map(({ net, ...line }) => reversed({ ...line, value: net })),
      )
    case 'CreditNoteIssued':
      return movementFacts(
        event,
        'credited',
        event.data.lines.map(({ net, ...line }) => ({ ...line, value: net })),
      )
    case 'ProductPublished':
    case 'ProductRevised': {
      const { sku, name, category, subcategory, effectiveAt } = event.data
      return [effective('products', { sku }, effectiveAt, { name, category, subcategory: subcategory ?? '' })]
    }
    case 'DealerRegistered':
    case 'DealerProfileRevised': {
      const { dealerId, legalName, country, region, effectiveAt } = event.data
      return [effective('dealers', { dealer_id: dealerId }, effectiveAt, { name: legalName, country, region })]
    }
    case 'TierAssigned': {
      const { dealerId, tier, effectiveAt } = event.data
      return [effective('dealers', { dealer_id: dealerId }, effectiveAt, { tier })]
    }
    case 'TerritoryAssigned': {
      const { dealerId, territoryId, effectiveAt } = event.data
      return [effective('dealers', { dealer_id: dealerId }, effectiveAt, { territory_id: territoryId })]
    }
    case 'TerritoryDefined':
    case 'TerritoryRevised': {
      const { territoryId, name, effectiveAt } = event.data
      return [effective('territories', { territory_id: territoryId }, effectiveAt, { name })]
    }
    case 'ForecastPolicySet': {
      const { companyId, dealers, horizon, leastMonths } = event.data
      const lasts = { dealers: dealers ?? 'all', horizon, least_months: leastMonths }
      return [{ table: 'forecast_policies', key: { company_id: companyId }, lasts }]
    }
    case 'ForecastPublished':
      return forecastFacts(event)
    case 'DemandJudged': {
      const { companyId, dealerId, month, ...judged } = event.data
      return [{ table: 'judgements', key: { dealer_id: dealerId, month }, lasts: { company_id: companyId, ...judged } }]
    }
    default:
      return []
  }
}

function forecastFacts({ data }: ForecastEvent): readonly Fact[] {
  const { companyId, dealerId, seenMonth, modelVersion, watermark, lines } = data
  const of = { company_id: companyId, model_version: modelVersion, watermark }
  return lines.flatMap(({ sku, unit, demandClass, notes, ahead }) =>
    ahead.map(({ month, usual: _usual, ...expected }) => ({
      table: 'forecasts',
      key: { dealer_id: dealerId, sku, unit, seen_month: seenMonth, month },
      lasts: { ...of, ...expected, demand_class: demandClass, notes },
    })),
  )
}

/** One fact per line: what it orders or no longer orders, from the same rows that the decider folds. */
function orderedFacts(
  event: OrderEvent,
  terms: readonly { lineNo: number; sku: string; unit: string }[],
): readonly Fact[] {
  const facts = new Map<number, Record<string, string>>()
  for (const { lineNo, measure, quantity, value } of lineEffects(event)) {
    if (measure !== 'ordered' && measure !== 'cancelled') continue
    const sums = facts.get(lineNo) ?? {}
    const prefix = measure === 'ordered' ? '' : 'cancelled_'
    sums[`${prefix}quantity`] = plus(sums[`${prefix}quantity`] ?? '0', quantity)
    sums[`${prefix}value`] = plus(sums[`${prefix}value`] ?? '0', value)
    facts.set(lineNo, sums)
  }
  for (const { lineNo } of terms) if (!facts.has(lineNo)) facts.set(lineNo, {})
  return [...facts].map(([lineNo, sums]) => {
    const line = terms.find((one) => one.lineNo === lineNo)
    const key = { order_id: event.data.orderId, line_no: lineNo }
    return { table: 'ordered', key, sums, ...(line && { lasts: { sku: line.sku, unit: line.unit } }) }
  })
}

interface Part {
  readonly sku: string
  readonly unit: string
  readonly quantity: string
  readonly value: string
}

/** One fact per sku and unit of the document. */
function movementFacts(
  event: RecordedEvent & {
    readonly data: { orderId?: string | undefined; dealerId: string; companyId: string; currency: string }
  },
  kind: (typeof movementKinds)[number],
  parts: readonly Part[],
): readonly Fact[] {
  const { orderId = '', dealerId, companyId, currency } = event.data
  const bySku = new Map<string, Part>()
  for (const part of parts) {
    const id = `${part.sku} ${part.unit}`
    const sum = bySku.get(id)
    const { sku, unit } = part
    const quantity = plus(sum?.quantity ?? '0', part.quantity)
    bySku.set(id, { sku, unit, quantity, value: plus(sum?.value ?? '0', part.value) })
  }
  return [...bySku.values()].map(({ sku, unit, quantity, value }) => ({
    table: 'movements',
    key: { dealer_id: dealerId, currency, order_id: orderId, sku, unit, day: dayOf(event) },
    sums: { [`${kind}_quantity`]: quantity, [`${kind}_value`]: value },
    lasts: { company_id: companyId },
  }))
}

function reversed<P extends Part>(part: P): P {
  return { ...part, quantity: negated(part.quantity), value: negated(part.value) }
}

function effective(table: string, key: Fact['key'], at: string, lasts: NonNullable<Fact['lasts']>): Fact {
  return { table, key, at: instantOf(at), lasts }
}

/** The calendar date in the document's own zone: business time is written in it. */
function dayOf({ occurredAt }: RecordedEvent): string {
  return occurredAt.slice(0, 10)
}
