import type { ProductEvent } from '../../../domain/catalogue/events.ts'
import type { DealerEvent } from '../../../domain/dealers/events.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import { negated, sumOf } from '../../../domain/kernel/decimalText.ts'
import type { OrderEvent } from '../../../domain/orders/events.ts'
import { outletEvents, type OutletEvent } from '../../../domain/outlets/events.ts'
import { outletProfileOf, type OutletProfile } from '../../../domain/outlets/profile.ts'
import { sellOutEvents, type SellOutEvent } from '../../../domain/sellout/events.ts'
import { onHandEventTypes, stockEffects, type OnHandEventType } from '../../../domain/stock/effects.ts'
import type { StockEvent } from '../../../domain/stock/events.ts'
import type { TransferEvent } from '../../../domain/stock/transferEvents.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** Who stands below whom. */
const dealers = factTable(
  'dealers',
  { dealer_id: 'text' },
  {
    lasts: { company_id: 'text', name: 'jsonb', region: 'text', tier_level: 'integer', parent_id: 'text' },
    time: 'versioned',
  },
)
const outlets = factTable(
  'outlets',
  { outlet_id: 'text' },
  {
    lasts: {
      company_id: 'text',
      /** empty between a release and the assignment that follows it */
      dealer_id: 'text',
      /** the dealer whom the fact itself is about: others do not hear of it */
      said_of: 'text',
      profile: 'jsonb',
      /** lower case: id, names, city */
      search: 'text',
      territory: 'jsonb',
      closed: 'boolean',
      reason: 'text',
      breaches: 'jsonb',
    },
    time: 'versioned',
  },
)
const products = factTable(
  'products',
  { sku: 'text' },
  { lasts: { name: 'jsonb', unit: 'text', category: 'text' }, time: 'versioned' },
)
/** On hand at each place of a party, and when somebody last said how much it was. */
const stock = factTable(
  'stock',
  { party: 'text', location: 'text', sku: 'text', lot: 'text' },
  { levels: ['on_hand'], lasts: { said_at: 'timestamptz' }, indexes: [['sku']] },
)
export const moveKinds = ['delivered', 'returned', 'transferred', 'resold'] as const
/** Goods from one party to another, per day, as `by_party` recorded it; the unit is empty where it is that of the product. */
const moved = factTable(
  'moved',
  {
    kind: 'text',
    by_party: 'text',
    from_party: 'text',
    to_party: 'text',
    sku: 'text',
    unit: 'text',
    day: 'date',
  },
  { sums: ['quantity'], indexes: [['by_party'], ['sku']] },
)
/** Sold to consumers per day; the outlet is empty where the dealer itself sold. */
const sold = factTable(
  'sold',
  { dealer_id: 'text', outlet_id: 'text', sku: 'text', unit: 'text', day: 'date' },
  { sums: ['quantity'], indexes: [['outlet_id'], ['sku']] },
)
const report = { dealer_id: 'text', source: 'text', document_type: 'text', number: 'text' } as const
const shelves = factTable(
  'shelves',
  { ...report, revision: 'integer', outlet_id: 'text', sku: 'text', unit: 'text', day: 'date' },
  { lasts: { on_hand: 'numeric', stands: 'boolean', reported_at: 'timestamptz' }, indexes: [['outlet_id']] },
)
const reports = factTable(
  'reports',
  { ...report, revision: 'integer' },
  {
    lasts: {
      company_id: 'text',
      from_day: 'date',
      to_day: 'date',
      line_count: 'integer',
      said_by: 'text',
      reported_at: 'timestamptz',
      stands: 'boolean',
      withdrawn_at: 'timestamptz',
      replaced_by: 'integer',
      reason: 'text',
      breaches: 'jsonb',
    },
  },
)
/** The newest report of a dealer (without an outlet) and of each outlet that it names. */
const heard = factTable(
  'heard',
  { dealer_id: 'text', outlet_id: 'text' },
  { lasts: { reported_at: 'timestamptz', to_day: 'date' } },
)

type ChannelEvent =
  | OutletEvent
  | SellOutEvent
  | Extract<DealerEvent, { type: 'DealerRegistered' | 'DealerProfileRevised' | 'DealerParentAssigned' }>
  | Extract<ProductEvent, { type: 'ProductPublished' | 'ProductRevised' }>
  | Extract<OrderEvent, { type: 'ShipmentDelivered' | 'GoodsReturned' }>
  | Extract<TransferEvent, { type: 'TransferReceived' }>
  | Extract<StockEvent, { type: OnHandEventType }>

/** From the maker down to the consumer: who stands where, what each has, what moved between them, and when they were heard of. */
export const channelModel: ReadModel = {
  name: 'channel',
  version: 1,
  events: [
    ...outletEvents.map(({ type }) => type),
    ...sellOutEvents.map(({ type }) => type),
    'DealerRegistered',
    'DealerProfileRevised',
    'DealerParentAssigned',
    'ProductPublished',
    'ProductRevised',
    'ShipmentDelivered',
    'GoodsReturned',
    'TransferReceived',
    ...onHandEventTypes,
  ],
  tables: [dealers, outlets, products, stock, moved, sold, shelves, reports, heard],
  facts: (event) => channelFacts(event as RecordedEvent & ChannelEvent), // the types it declares, checked when appended
}

function channelFacts(event: RecordedEvent & ChannelEvent): readonly Fact[] {
  switch (event.type) {
    case 'DealerRegistered':
    case 'DealerProfileRevised':
    case 'DealerParentAssigned':
      return [dealerFact(event)]
    case 'ProductPublished':
    case 'ProductRevised': {
      const { sku, name, unit, category, effectiveAt } = event.data
      return [{ table: 'products', key: { sku }, at: instantOf(effectiveAt), lasts: { name, unit, category } }]
    }
    case 'ShipmentDelivered':
    case 'GoodsReturned': {
      const { dealerId, companyId, lines } = event.data
      const [from, to] = event.type === 'GoodsReturned' ? [dealerId, companyId] : [companyId, dealerId]
      const kind = event.type === 'GoodsReturned' ? 'returned' : 'delivered'
      return movedFacts(event, { kind, by: dealerId, from, to }, lines)
    }
    case 'TransferReceived': {
      const { from, to, lines } = event.data
      if (from.party === to.party) return []
      const parts = lines.map(({ sku, lots }) => ({ sku, quantity: sumOf(lots.map(({ quantity }) => quantity)) }))
      return movedFacts(event, { kind: 'transferred', by: from.party, from: from.party, to: to.party }, parts)
    }
    case 'ResaleReported': {
      const { party, sku, endCustomer = '', lines } = event.data
      const quantity = sumOf(lines.map((line) => line.quantity))
      const ends = { kind: 'resold', by: party, from: party, to: endCustomer } as const
      return [...stockFacts(event), ...movedFacts(event, ends, [{ sku, quantity }])]
    }
    case 'SellOutReported':
    case 'SellOutWithdrawn':
      return sellOutFacts(event)
    case 'OutletRegistered':
    case 'OutletRevised':
    case 'OutletReleased':
    case 'OutletAssigned':
    case 'OutletClosed':
      return [outletFact(event)]
    default:
      return stockFacts(event)
  }
}

function dealerFact(
  event: Extract<ChannelEvent, { type: 'DealerRegistered' | 'DealerProfileRevised' | 'DealerParentAssigned' }>,
): Fact {
  const { dealerId, effectiveAt } = event.data
  const place =
    event.type === 'DealerProfileRevised'
      ? {}
      : { tier_level: event.data.tierLevel, parent_id: event.data.parentDealerId ?? '' }
  const profile = event.type === 'DealerParentAssigned' ? {} : { name: event.data.legalName, region: event.data.region }
  const company = event.type === 'DealerRegistered' ? { company_id: event.data.companyId } : {}
  const lasts = { ...company, ...profile, ...place }
  return { table: 'dealers', key: { dealer_id: dealerId }, at: instantOf(effectiveAt), lasts }
}

function outletFact(event: OutletEvent): Fact {
  const { outletId, dealerId, effectiveAt } = event.data
  const fact = (lasts: NonNullable<Fact['lasts']>): Fact => ({
    table: 'outlets',
    key: { outlet_id: outletId },
    at: instantOf(effectiveAt),
    lasts: { ...lasts, said_of: dealerId, breaches: 'breaches' in event.data ? event.data.breaches : [] },
  })
  switch (event.type) {
    case 'OutletRegistered':
    case 'OutletAssigned': {
      const { companyId, territory = {} } = event.data
      const reason = event.type === 'OutletAssigned' ? event.data.reason : undefined
      const profile = profileColumns(outletId, event.data)
      return fact({ company_id: companyId, dealer_id: dealerId, ...profile, territory, closed: false, reason })
    }
    case 'OutletRevised':
      return fact(profileColumns(outletId, event.data))
    case 'OutletReleased':
      return fact({ dealer_id: '', reason: event.data.reason })
    case 'OutletClosed':
      return fact({ closed: true, reason: event.data.reason })
    default:
      return event satisfies never
  }
}

function profileColumns(outletId: string, from: OutletProfile): NonNullable<Fact['lasts']> {
  const profile = outletProfileOf(from)
  const words = [outletId, profile.name.en, profile.name['zh-CN'], profile.city]
  const search = words.filter((word) => word !== undefined).join('\n')
  return { profile, search: search.toLowerCase() }
}

/** One fact per lot: what an event asserts of it, or what it adds. */
function stockFacts(event: RecordedEvent & Extract<StockEvent, { type: OnHandEventType }>): Fact[] {
  const { party, location, sku } = event.data
  const onHand = stockEffects(event).filter(({ measure }) => measure === 'onHand')
  return [...new Set(onHand.map(({ lot }) => lot))].map((lot): Fact => {
    const own = onHand.filter((effect) => effect.lot === lot)
    const asserted = own.find(({ kind }) => kind === 'assertion')
    const key = { party, location, sku, lot }
    if (!asserted)
      return { table: 'stock', key, levels: { on_hand: { add: sumOf(own.map(({ quantity }) => quantity)) } } }
    const lasts = { said_at: instantText(event) }
    return { table: 'stock', key, levels: { on_hand: { assert: asserted.quantity } }, lasts }
  })
}

interface Ends {
  readonly kind: (typeof moveKinds)[number]
  readonly by: string
  readonly from: string
  readonly to: string
}

function movedFacts(
  event: RecordedEvent,
  { kind, by, from, to }: Ends,
  parts: readonly { readonly sku: string; readonly unit?: string; readonly quantity: string }[],
): Fact[] {
  const day = event.occurredAt.slice(0, 10)
  return parts.map(({ sku, unit = '', quantity }) => ({
    table: 'moved',
    key: { kind, by_party: by, from_party: from, to_party: to, sku, unit, day },
    sums: { quantity },
  }))
}

function sellOutFacts(event: RecordedEvent & SellOutEvent): Fact[] {
  const { data } = event
  const { dealerId, source, documentType, number, revision, companyId, lines, shelf } = data
  const isReport = event.type === 'SellOutReported'
  const key = { dealer_id: dealerId, source, document_type: documentType, number, revision }
  const sales = lines.map(({ outletId = '', sku, unit, day, quantity }): Fact => {
    const sums = { quantity: isReport ? quantity : negated(quantity) }
    return { table: 'sold', key: { dealer_id: dealerId, outlet_id: outletId, sku, unit, day }, sums }
  })
  const said = shelf.map(({ outletId, sku, unit, day, onHand }): Fact => {
    const lasts = isReport ? { on_hand: onHand, stands: true, reported_at: instantText(event) } : { stands: false }
    return { table: 'shelves', key: { ...key, outlet_id: outletId, sku, unit, day }, lasts }
  })
  if (event.type === 'SellOutWithdrawn') {
    const { replacedBy, reason } = event.data
    const lasts = { stands: false, withdrawn_at: instantText(event), replaced_by: replacedBy, reason }
    return [{ table: 'reports', key, lasts }, ...sales, ...said]
  }
  const { from, to, breaches } = event.data
  const lasts = {
    company_id: companyId,
    from_day: from,
    to_day: to,
    line_count: lines.length,
    said_by: event.id,
    reported_at: instantText(event),
    stands: true,
    breaches,
  }
  const named = new Set(['', ...[...lines, ...shelf].map(({ outletId }) => outletId ?? '')])
  const news = [...named].map((outletId): Fact => {
    const newest = { reported_at: instantText(event), to_day: to }
    return { table: 'heard', key: { dealer_id: dealerId, outlet_id: outletId }, lasts: newest }
  })
  return [{ table: 'reports', key, lasts }, ...sales, ...said, ...news]
}

function instantText({ occurredAt }: RecordedEvent): string {
  return new Date(instantOf(occurredAt)).toISOString()
}
