import type { CalendarEvent } from '../../../domain/calendars/events.ts'
import type { ProductEvent } from '../../../domain/catalogue/events.ts'
import { conductRulesEvents, type ConductEvent, type ConductRulesEvent } from '../../../domain/conduct/events.ts'
import type { DealerEvent } from '../../../domain/dealers/events.ts'
import { formatDecimal, parseDecimal } from '../../../domain/kernel/decimal.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import {
  basisEventTypes,
  basisFacts,
  type BasisEvent,
  type KnownLine,
  type KnownOrder,
} from '../../../domain/rebates/basisFacts.ts'
import { categoryCode } from '../../../domain/rebates/categoryCode.ts'
import {
  type ProgrammeEvent,
  programmeEvents,
  type SettlementEvent,
  settlementEvents,
  type StackingEvent,
  stackingEvents,
} from '../../../domain/rebates/events.ts'
import { standingEventTypes, standingFacts } from '../../../domain/rebates/standingFacts.ts'
import type { Terms } from '../../../domain/rebates/terms.ts'
import type { ReceivableEvent } from '../../../domain/receivables/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'
import { standingRow, standingTables } from './standingRows.ts'

const programmes = factTable(
  'programmes',
  { programme_id: 'text' },
  { lasts: { company_id: 'text', is_active: 'boolean', ends_at: 'timestamptz', end_reason: 'jsonb' } },
)
/** Every version with its terms, those to come included. */
const versions = factTable(
  'versions',
  { programme_id: 'text', version: 'bigint' },
  {
    lasts: {
      terms: 'jsonb',
      calendar_id: 'text',
      grain: 'text',
      effective_from: 'timestamptz',
      is_active: 'boolean',
      retroactive: 'boolean',
      set_at: 'timestamptz',
    },
  },
)
/** In which order programmes count the same sale, those to come included. */
const stackings = factTable(
  'stackings',
  { group_id: 'text', version: 'bigint' },
  { lasts: { company_id: 'text', effective_from: 'timestamptz', programmes: 'jsonb' } },
)
const members = factTable(
  'members',
  { programme_id: 'text', dealer_id: 'text' },
  { lasts: { is_member: 'boolean', since: 'timestamptz' }, time: 'versioned' },
)
const periods = factTable(
  'periods',
  { calendar_id: 'text', period_id: 'text' },
  { lasts: { grain: 'text', starts_at: 'timestamptz', ends_at: 'timestamptz', is_closed: 'boolean' } },
)
const products = factTable(
  'products',
  { sku: 'text' },
  { lasts: { categories: 'jsonb', launched_on: 'text', company_id: 'text', unit: 'text' }, time: 'versioned' },
)
const dealers = factTable(
  'dealers',
  { dealer_id: 'text' },
  { lasts: { tier: 'text', territory_id: 'text' }, time: 'versioned' },
)
/** Whose an order is: some of its later events leave it unsaid. */
const orders = factTable(
  'orders',
  { order_id: 'text' },
  { lasts: { company_id: 'text', dealer_id: 'text', currency: 'text', placed_at: 'text' }, time: 'versioned' },
)
/**
 * The volume of all bases, line by line; only its facts are asked for. What an event leaves unsaid (owner, sku, unit, instant
 * of the sale) is null and found in `volumeSql`: `sale_from` says where the instant of the sale is to be looked up.
 */
const volume = factTable(
  'volume',
  { basis: 'text', order_id: 'text', line_no: 'integer' },
  {
    sums: ['quantity', 'net', 'gross'],
    lasts: {
      company_id: 'text',
      dealer_id: 'text',
      currency: 'text',
      sku: 'text',
      unit: 'text',
      kind: 'text',
      happened_at: 'text',
      sale_at: 'text',
      sale_instant: 'timestamptz',
      sale_from: 'text',
      invoiced_at: 'text',
      due_at: 'text',
    },
    time: 'versioned',
    indexes: [
      ['basis', 'sale_instant'],
      ['dealer_id', 'basis', 'sale_instant'],
    ],
  },
)
const dealerPeriod = { programme_id: 'text', dealer_id: 'text', currency: 'text', period_id: 'text' } as const
/** Minor units: what is accrued and not settled, what approved settlements paid, what was taken back, what disputes awarded, what left. */
const positions = factTable('positions', dealerPeriod, {
  sums: ['accrued', 'settled', 'clawed_back', 'awarded', 'credited'],
  lasts: {
    company_id: 'text',
    event_type: 'text',
    volume: 'numeric',
    target: 'numeric',
    baseline: 'numeric',
    is_final: 'boolean',
    settlement_no: 'bigint',
  },
  indexes: [['dealer_id']],
})
const settlements = factTable(
  'settlements',
  { ...dealerPeriod, settlement_no: 'bigint' },
  {
    /** of a payout in goods: what was granted and not taken back, what of it has arrived, what left as a credit note instead */
    sums: ['paid', 'clawed_back', 'granted', 'arrived', 'released'],
    lasts: {
      /** what was calculated: kind, programme version, calculation, due, hash of the explanation, cut-off, watermark … */
      content: 'jsonb',
      status: 'text',
      calculated_at: 'timestamptz',
      approved_at: 'timestamptz',
      credit_note_id: 'text',
      payment_reference: 'text',
      /** at its approval: what disputes held back of it */
      held: 'numeric',
    },
    indexes: [['dealer_id']],
  },
)
/** Minor units. */
const disputes = factTable(
  'disputes',
  { ...dealerPeriod, dispute_id: 'text' },
  {
    sums: ['paid', 'clawed_back'],
    lasts: {
      settlement_no: 'bigint',
      side: 'text',
      node: 'text',
      difference: 'numeric',
      reason: 'jsonb',
      evidence: 'jsonb',
      status: 'text',
      opened_at: 'timestamptz',
      answered_by: 'text',
      answer: 'jsonb',
      awarded: 'numeric',
      ended_at: 'timestamptz',
      end_reason: 'jsonb',
    },
    indexes: [['dealer_id']],
  },
)

/** By what a company judges its dealers, and whether resale prices may be looked at. */
const evaluationKinds = factTable(
  'evaluation_kinds',
  { company_id: 'text', evaluation: 'text', version: 'bigint' },
  { lasts: { name: 'jsonb', from_resale_price: 'boolean' } },
)
const resalePricePolicies = factTable(
  'resale_price_policies',
  { company_id: 'text' },
  { lasts: { enforcement: 'text', rests_on: 'text', set_at: 'timestamptz' } },
)

/** Programmes, the volume behind them, and what was accrued and settled per dealer, currency and period. */
export const rebatesModel: ReadModel = {
  name: 'rebates',
  version: 5,
  events: [
    ...new Set<string>([
      ...[...programmeEvents, ...stackingEvents, ...settlementEvents, ...conductRulesEvents].map(({ type }) => type),
      ...basisEventTypes,
      ...standingEventTypes,
    ]),
    'PeriodOpened',
    'PeriodClosed',
    'ProductPublished',
    'ProductRevised',
    'TierAssigned',
    'TerritoryAssigned',
  ],
  tables: [
    programmes,
    versions,
    stackings,
    members,
    periods,
    products,
    dealers,
    orders,
    volume,
    positions,
    settlements,
    disputes,
    ...standingTables,
    evaluationKinds,
    resalePricePolicies,
  ],
  facts: (event) => rebateFacts(event as RecordedEvent & RebateEvent), // the types it declares, checked when appended
}

type RebateEvent =
  | ProgrammeEvent
  | StackingEvent
  | SettlementEvent
  | ConductRulesEvent
  | Extract<BasisEvent, { type: (typeof basisEventTypes)[number] }>
  | Extract<ConductEvent | ReceivableEvent, { type: (typeof standingEventTypes)[number] }>
  | Extract<CalendarEvent, { type: 'PeriodOpened' | 'PeriodClosed' }>
  | Extract<ProductEvent, { type: 'ProductPublished' | 'ProductRevised' }>
  | Extract<DealerEvent, { type: 'TierAssigned' | 'TerritoryAssigned' }>
type Lasts = NonNullable<Fact['lasts']>

function rebateFacts(event: RecordedEvent & RebateEvent): readonly Fact[] {
  switch (event.type) {
    case 'RebateProgrammeDrafted':
    case 'RebateProgrammeActivated':
    case 'RebateProgrammeAmended': {
      const { programmeId, companyId, terms } = event.data
      const isActive = event.type !== 'RebateProgrammeDrafted'
      const retroactive = event.type === 'RebateProgrammeAmended' && event.data.retroactive
      const lasts = { ...versionColumns(terms), is_active: isActive, retroactive, set_at: utc(event.occurredAt) }
      return [
        {
          table: 'programmes',
          key: { programme_id: programmeId },
          lasts: { company_id: companyId, is_active: isActive },
        },
        { table: 'versions', key: { programme_id: programmeId, version: terms.version }, lasts },
      ]
    }
    case 'RebateProgrammeEnded': {
      const { programmeId, endsAt, reason } = event.data
      return [
        {
          table: 'programmes',
          key: { programme_id: programmeId },
          lasts: { ends_at: utc(endsAt), end_reason: reason },
        },
      ]
    }
    case 'StackingDefined': {
      const { groupId, companyId, version, effectiveFrom, programmes } = event.data
      const lasts = { company_id: companyId, effective_from: utc(effectiveFrom), programmes }
      return [{ table: 'stackings', key: { group_id: groupId, version }, lasts }]
    }
    case 'MemberEnrolled':
      return [memberFact(event.data, event.data.from, { is_member: true, since: utc(event.data.from) })]
    case 'MemberWithdrawn':
      return [memberFact(event.data, event.data.until, { is_member: false })]
    case 'PeriodOpened': {
      const { calendarId, periodId, grain, startInstant, endInstant } = event.data
      const lasts = {
        grain,
        starts_at: new Date(startInstant).toISOString(),
        ends_at: new Date(endInstant).toISOString(),
        is_closed: false,
      }
      return [{ table: 'periods', key: { calendar_id: calendarId, period_id: periodId }, lasts }]
    }
    case 'PeriodClosed': {
      const { calendarId, periodId } = event.data
      return [{ table: 'periods', key: { calendar_id: calendarId, period_id: periodId }, lasts: { is_closed: true } }]
    }
    case 'ProductPublished':
    case 'ProductRevised': {
      const { sku, category, subcategory, unit, launchedOn, effectiveAt } = event.data
      const categories = [category, subcategory].filter((one) => one !== undefined).map(categoryCode)
      const company_id = event.type === 'ProductPublished' ? event.data.companyId : undefined
      const lasts = { categories, launched_on: launchedOn, company_id, unit }
      return [{ table: 'products', key: { sku }, at: instantOf(effectiveAt), lasts }]
    }
    case 'EvaluationDefined': {
      const { companyId: company_id, evaluation, version, name, fromResalePrice } = event.data
      const lasts = { name, from_resale_price: fromResalePrice }
      return [{ table: 'evaluation_kinds', key: { company_id, evaluation, version }, lasts }]
    }
    case 'ResalePricePolicySet': {
      const { companyId: company_id, resalePriceEnforcement: enforcement, restsOn } = event.data
      const lasts = { enforcement, rests_on: restsOn, set_at: utc(event.occurredAt) }
      return [{ table: 'resale_price_policies', key: { company_id }, lasts }]
    }
    case 'EvidenceRecorded':
    case 'EvidenceWithdrawn':
    case 'EvaluationRecorded':
    case 'CreditNoteApplied':
    case 'InvoiceIssued':
    case 'InvoiceCancelled':
    case 'PaymentAllocated':
    case 'PaymentUnallocated':
      return [...volumeFacts(event), ...standingFacts(event).map((fact) => standingRow(fact, hashOf(event.data)))]
    case 'TierAssigned': {
      const { dealerId, tier, effectiveAt } = event.data
      return [{ table: 'dealers', key: { dealer_id: dealerId }, at: instantOf(effectiveAt), lasts: { tier } }]
    }
    case 'TerritoryAssigned': {
      const { dealerId, territoryId, effectiveAt } = event.data
      const at = instantOf(effectiveAt)
      return [{ table: 'dealers', key: { dealer_id: dealerId }, at, lasts: { territory_id: territoryId } }]
    }
    case 'TargetSet':
    case 'TargetRevised':
    case 'BaselineFixed':
    case 'AccrualPosted':
    case 'AccrualReversed':
    case 'SettlementCalculated':
    case 'SettlementEndorsed':
    case 'SettlementApproved':
    case 'SettlementCredited':
    case 'SettlementPaid':
    case 'GoodsGranted':
    case 'GrantedGoodsDelivered':
    case 'GrantedGoodsTakenBack':
    case 'GoodsRestReleased':
    case 'ClawbackPosted':
    case 'DisputeOpened':
    case 'DisputeAnswered':
    case 'DisputeUpheld':
    case 'DisputeRejected':
    case 'DisputeWithdrawn':
    case 'DisputedPartPaid':
      return settlementFacts(event)
    case 'OrderPlaced': {
      const { orderId, companyId, dealerId, currency } = event.data
      const lasts = { company_id: companyId, dealer_id: dealerId, currency, placed_at: event.occurredAt }
      return [{ table: 'orders', key: { order_id: orderId }, lasts }, ...volumeFacts(event)]
    }
    default:
      return volumeFacts(event)
  }
}

function hashOf(data: object): string | undefined {
  return 'documentHash' in data && typeof data.documentHash === 'string' ? data.documentHash : undefined
}

function versionColumns(terms: Terms): Lasts {
  const { calendarId, grain, effectiveFrom } = terms
  return { terms, calendar_id: calendarId, grain, effective_from: utc(effectiveFrom) }
}

function memberFact(
  { programmeId, dealerId }: { programmeId: string; dealerId: string },
  at: string,
  lasts: Lasts,
): Fact {
  return { table: 'members', key: { programme_id: programmeId, dealer_id: dealerId }, at: instantOf(at), lasts }
}

const placed = 'placed'
const delivered = 'delivered'

/** `basisFacts` of the domain over an order of which only the event's own words are known; what it would look up stays a name here. */
function volumeFacts(event: RecordedEvent & BasisEvent): readonly Fact[] {
  return basisFacts(event, unsaidOrder(event)).map((fact): Fact => {
    const { basis, lineNo, orderId = '', companyId, dealerId, currency, sku, unit, kind, quantity, net, gross } = fact
    const isLookedUp = fact.saleAt === placed || fact.saleAt === delivered
    return {
      table: 'volume',
      key: { basis, order_id: orderId, line_no: lineNo },
      sums: { quantity, net, gross },
      lasts: {
        company_id: said(companyId),
        dealer_id: said(dealerId),
        currency: said(currency),
        sku: said(sku),
        unit: said(unit),
        kind,
        happened_at: event.occurredAt,
        invoiced_at: fact.invoicedAt,
        due_at: fact.dueAt,
        ...(isLookedUp ? { sale_from: fact.saleAt } : { sale_at: fact.saleAt, sale_instant: utc(fact.saleAt) }),
      },
    }
  })
}

const said = (text: string): string | undefined => (text === '' ? undefined : text)

function unsaidOrder({ type, data }: BasisEvent): KnownOrder {
  const line = (lineNo: number, tax: string | undefined): [number, KnownLine] => [
    lineNo,
    { sku: '', unit: '', deliveredAt: delivered, ...(tax !== undefined && { tax }) },
  ]
  const lines =
    type === 'OrderAmended' || type === 'RepriceApplied'
      ? data.changes.map(({ lineNo, before }) => line(lineNo, before?.tax?.amount))
      : type === 'PriceOverrideApproved'
        ? [line(data.lineNo, data.before.tax?.amount)]
        : type === 'OrderLinesCancelled' || type === 'GoodsReturned'
          ? data.lines.map(({ lineNo }) => line(lineNo, undefined))
          : []
  return { companyId: '', dealerId: '', currency: '', placedAt: placed, lines: Object.fromEntries(lines) }
}

function settlementFacts(event: RecordedEvent & SettlementEvent): readonly Fact[] {
  const { programmeId, companyId, dealerId, currency, periodId } = event.data
  const key = { programme_id: programmeId, dealer_id: dealerId, currency, period_id: periodId }
  const position = (sums: NonNullable<Fact['sums']>, lasts: Lasts = {}): Fact => ({
    table: 'positions',
    key,
    sums,
    lasts: { company_id: companyId, event_type: event.type, ...lasts },
  })
  const settlement = (no: number, lasts: Lasts, sums: NonNullable<Fact['sums']> = {}): Fact => ({
    table: 'settlements',
    key: { ...key, settlement_no: no },
    sums,
    lasts,
  })
  const dispute = (id: string, lasts: Lasts, sums: NonNullable<Fact['sums']> = {}): Fact => ({
    table: 'disputes',
    key: { ...key, dispute_id: id },
    sums,
    lasts,
  })
  switch (event.type) {
    case 'TargetSet':
    case 'TargetRevised':
      return [position({}, { target: event.data.amount })]
    case 'BaselineFixed':
      return [position({}, { baseline: event.data.amount })]
    case 'AccrualPosted':
      return [position({ accrued: event.data.amount }, { volume: event.data.volume })]
    case 'AccrualReversed':
      return [position({ accrued: `-${event.data.amount}` }, { settlement_no: event.data.settlementNo })]
    case 'SettlementCalculated': {
      const { settlementNo, supersedes, calculation } = event.data
      const { programmeId: _p, dealerId: _d, currency: _c, periodId: _i, settlementNo: _n, ...content } = event.data
      return [
        position({}, { volume: calculation.volume, settlement_no: settlementNo }),
        settlement(settlementNo, { content, status: 'calculated', calculated_at: utc(event.occurredAt) }),
        ...(supersedes === undefined ? [] : [settlement(supersedes, { status: 'superseded' })]),
      ]
    }
    case 'SettlementEndorsed':
      return [position({}, { settlement_no: event.data.settlementNo })]
    case 'SettlementApproved': {
      const { settlementNo, kind, amount, held } = event.data
      const isFinal = kind === 'final' ? true : undefined
      return [
        position({ settled: amount }, { is_final: isFinal, settlement_no: settlementNo }),
        settlement(settlementNo, { status: 'approved', approved_at: utc(event.occurredAt), held }, { paid: amount }),
      ]
    }
    case 'SettlementCredited': {
      const { settlementNo, creditNoteId, amount } = event.data
      return [
        position({ credited: amount }, { settlement_no: settlementNo }),
        settlement(settlementNo, { credit_note_id: creditNoteId }),
      ]
    }
    case 'SettlementPaid': {
      const { settlementNo, reference, amount } = event.data
      return [
        position({ credited: amount }, { settlement_no: settlementNo }),
        settlement(settlementNo, { payment_reference: reference }),
      ]
    }
    case 'GoodsGranted': {
      const { settlementNo, amount } = event.data
      return [position({}, { settlement_no: settlementNo }), settlement(settlementNo, {}, { granted: amount })]
    }
    case 'GrantedGoodsDelivered': {
      const { settlementNo, amount } = event.data
      return [
        position({ credited: amount }, { settlement_no: settlementNo }),
        settlement(settlementNo, {}, { arrived: amount }),
      ]
    }
    case 'GrantedGoodsTakenBack': {
      const { settlementNo, amount, undelivered } = event.data
      const arrived = formatDecimal(-parseDecimal(undelivered))
      return [
        position({ credited: arrived }, { settlement_no: settlementNo }),
        settlement(settlementNo, {}, { granted: formatDecimal(-parseDecimal(amount)), arrived }),
      ]
    }
    case 'GoodsRestReleased': {
      const { settlementNo, amount } = event.data
      return [
        position({ credited: amount }, { settlement_no: settlementNo }),
        settlement(settlementNo, {}, { released: amount }),
      ]
    }
    case 'ClawbackPosted': {
      const { settlementNo, disputeId, amount } = event.data
      return [
        position({ clawed_back: amount }, { settlement_no: settlementNo }),
        settlement(settlementNo, {}, { clawed_back: amount }),
        ...(disputeId === undefined ? [] : [dispute(disputeId, {}, { clawed_back: amount })]),
      ]
    }
    case 'DisputeOpened': {
      const { settlementNo, disputeId, side, node, difference, reason, evidence } = event.data
      const said = { settlement_no: settlementNo, side, node, difference, reason, evidence }
      return [
        position({}, { settlement_no: settlementNo }),
        dispute(disputeId, { ...said, status: 'open', opened_at: utc(event.occurredAt) }),
      ]
    }
    case 'DisputeAnswered': {
      const { settlementNo, disputeId, answeredBy, answer } = event.data
      return [position({}, { settlement_no: settlementNo }), dispute(disputeId, { answered_by: answeredBy, answer })]
    }
    case 'DisputeUpheld':
    case 'DisputeRejected':
    case 'DisputeWithdrawn': {
      const { settlementNo, disputeId } = event.data
      const awarded = event.type === 'DisputeUpheld' ? event.data.awarded : undefined
      const reason = event.type === 'DisputeWithdrawn' ? undefined : event.data.reason
      return [
        position(awarded === undefined ? {} : { awarded }, { settlement_no: settlementNo }),
        dispute(disputeId, {
          status: outcomes[event.type],
          awarded,
          ended_at: utc(event.occurredAt),
          end_reason: reason,
        }),
      ]
    }
    case 'DisputedPartPaid': {
      const { settlementNo, disputeId, amount } = event.data
      return [
        position({ settled: amount }, { settlement_no: settlementNo }),
        settlement(settlementNo, {}, { paid: amount }),
        dispute(disputeId, {}, { paid: amount }),
      ]
    }
    default:
      return event satisfies never
  }
}

const outcomes = { DisputeUpheld: 'upheld', DisputeRejected: 'rejected', DisputeWithdrawn: 'withdrawn' } as const

function utc(businessTime: string): string {
  return new Date(instantOf(businessTime)).toISOString()
}
