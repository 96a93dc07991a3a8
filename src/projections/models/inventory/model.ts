import { instantOf } from '../../../domain/kernel/businessTime.ts'
import { negated, sumOf } from '../../../domain/kernel/decimalText.ts'
import { type Measure, type StockEffect, stockEffects } from '../../../domain/stock/effects.ts'
import { goodsMoved } from '../../../domain/stock/goodsMoved.ts'
import type { StockPlanEvent, StockPlanPolicyEvent } from '../../../domain/replenishment/events.ts'
import { type StockEvent, stockEvents } from '../../../domain/stock/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** Columns of the quantities; `on_hand` is a level: the newest assertion plus the movements after it (domain.md §2.5). */
export const measureColumns: Readonly<Record<Measure, string>> = {
  onHand: 'on_hand',
  reserved: 'reserved',
  allocated: 'allocated',
  blocked: 'blocked',
  inTransit: 'in_transit',
  onOrder: 'on_order',
  backordered: 'backordered',
}
const sums = Object.values(measureColumns).filter((column) => column !== 'on_hand')
const place = { party: 'text', location: 'text', sku: 'text' } as const

const levels = factTable(
  'levels',
  { ...place, lot: 'text' },
  {
    sums,
    levels: ['on_hand'],
    lasts: {
      event_type: 'text',
      moved_at: 'timestamptz',
      /** when goods came or left, and left, by trade */ goods_at: 'timestamptz',
      left_at: 'timestamptz',
    },
    indexes: [['sku']],
  },
)
/** What is known of a lot beside its quantity. */
const lots = factTable(
  'lots',
  { ...place, lot: 'text' },
  { lasts: { received_on: 'date', expires_on: 'date', ownership: 'text' }, indexes: [['expires_on']] },
)
/** Supply on its way: ordered, then shipped, then received; transfers are supply of the place they go to. */
const supplies = factTable(
  'supplies',
  { ...place, supply_id: 'text' },
  { sums: ['on_order', 'in_transit'], lasts: { kind: 'text', expected_on: 'date' } },
)
/** How a stock is kept, when its party counted and reported last, and its open alert (`none` when it closed). */
const policies = factTable('policies', place, {
  lasts: {
    unit: 'text',
    allow_negative: 'boolean',
    minimum_remaining_life_days: 'integer',
    safety_stock: 'numeric',
    reorder_point: 'numeric',
    policy_version: 'bigint',
    inputs: 'jsonb',
    counted_at: 'timestamptz',
    reported_at: 'timestamptz',
    report_source: 'text',
    alert: 'text',
    /** what the alert was judged by: position, available, reorder point, safety stock, policy version */
    alert_inputs: 'jsonb',
  },
})
const reservations = factTable(
  'reservations',
  { ...place, reservation_id: 'text' },
  { sums: ['quantity'], lasts: { order_id: 'text', expires_at: 'timestamptz' } },
)
const breaches = factTable(
  'breaches',
  { ...place, breached_by: 'text' },
  { lasts: { event_type: 'text', breached_at: 'timestamptz', breaches: 'jsonb' } },
)

/** The newest plan of a party; lines of older months stand beside it no longer. */
const planHeads = factTable(
  'plan_heads',
  { party: 'text' },
  {
    lasts: {
      company_id: 'text',
      basis: 'text',
      seen_month: 'text',
      watermark: 'text',
      service_level: 'text',
      lead_months: 'integer',
      dead_days: 'integer',
    },
  },
)
/** What is planned of a product; `location` is empty where the locations of a party are planned together. */
const plans = factTable('plans', place, {
  lasts: {
    seen_month: 'text',
    unit: 'text',
    demand_class: 'text',
    method: 'text',
    monthly: 'numeric',
    review: 'numeric',
    excess_from: 'numeric',
    levels: 'jsonb',
  },
})
const planPolicies = factTable(
  'plan_policies',
  { company_id: 'text' },
  { lasts: { dealers: 'jsonb', own: 'jsonb', review_days: 'integer', excess_days: 'integer', dead_days: 'integer' } },
)

/** Every quantity of every stock, folded from the same rows as the decider's state. */
export const inventoryModel: ReadModel = {
  name: 'inventory',
  version: 3,
  events: [...stockEvents.map(({ type }) => type), 'StockPlanned', 'StockPlanPolicySet'],
  tables: [levels, lots, supplies, policies, reservations, breaches, planHeads, plans, planPolicies],
  facts: (event) => factsOf(event as RecordedEvent & (StockEvent | StockPlanEvent | StockPlanPolicyEvent)), // the types it declares, checked when appended
}

function factsOf(event: RecordedEvent & (StockEvent | StockPlanEvent | StockPlanPolicyEvent)): Fact[] {
  switch (event.type) {
    case 'StockPlanned':
      return planFacts(event)
    case 'StockPlanPolicySet': {
      const { companyId, dealers, own, reviewDays, excessDays, deadDays } = event.data
      const lasts = { dealers, own, review_days: reviewDays, excess_days: excessDays, dead_days: deadDays }
      return [{ table: 'plan_policies', key: { company_id: companyId }, lasts }]
    }
    default:
      return stockFacts(event)
  }
}

function planFacts({ data }: StockPlanEvent): Fact[] {
  const { companyId, party, basis, seenMonth, watermark, serviceLevel, leadMonths, deadDays, lines } = data
  const head = {
    company_id: companyId,
    basis,
    seen_month: seenMonth,
    watermark,
    service_level: serviceLevel,
    lead_months: leadMonths,
    dead_days: deadDays,
  }
  return [
    { table: 'plan_heads', key: { party }, lasts: head },
    ...lines.map(({ sku, location = '', unit, demandClass, method, monthly, review, excessFrom, levels = {} }) => ({
      table: 'plans',
      key: { party, location, sku },
      lasts: {
        seen_month: seenMonth,
        unit,
        demand_class: demandClass,
        method,
        monthly,
        review,
        excess_from: excessFrom,
        levels,
      },
    })),
  ]
}

function stockFacts(event: RecordedEvent & StockEvent): Fact[] {
  const { party, location, sku } = event.data
  const key = { party, location, sku }
  return [
    ...levelFacts(event, key),
    ...lotFacts(event, key),
    ...supplyFacts(event, key),
    ...policyFacts(event, key),
    ...reservationFacts(event, key),
    ...('breaches' in event.data && event.data.breaches.length > 0
      ? [
          {
            table: 'breaches',
            key: { ...key, breached_by: event.id },
            lasts: { event_type: event.type, breached_at: isoInstant(event), breaches: event.data.breaches },
          },
        ]
      : []),
  ]
}

type Key = Readonly<Record<keyof typeof place, string>>

/** One fact per lot and, where an event asserts, the assertion alone: a fact either adds or asserts. */
function levelFacts(event: RecordedEvent & StockEvent, key: Key): Fact[] {
  const effects = stockEffects(event)
  const moved = goodsMoved(event.type)
  return [...new Set(effects.map(({ lot }) => lot))].map((lot): Fact => {
    const own = effects.filter((effect) => effect.lot === lot)
    const onHand = own.filter(({ measure }) => measure === 'onHand')
    const asserted = onHand.find(({ kind }) => kind === 'assertion')
    return {
      table: 'levels',
      key: { ...key, lot },
      sums: Object.fromEntries(
        Object.entries(measureColumns)
          .filter(([measure]) => measure !== 'onHand')
          .flatMap(([measure, column]) => {
            const moved = own.filter((effect) => effect.measure === measure)
            return moved.length > 0 ? [[column, total(moved)]] : []
          }),
      ),
      ...(onHand.length > 0 && {
        levels: { on_hand: asserted ? { assert: asserted.quantity } : { add: total(onHand) } },
      }),
      lasts: {
        event_type: event.type,
        moved_at: isoInstant(event),
        ...(moved && { goods_at: isoInstant(event) }),
        ...(moved === 'left' && { left_at: isoInstant(event) }),
      },
    }
  })
}

const total = (effects: readonly StockEffect[]): string => sumOf(effects.map(({ quantity }) => quantity))
const isoInstant = (event: RecordedEvent): string => new Date(instantOf(event.occurredAt)).toISOString()

function lotFacts(event: RecordedEvent & StockEvent, key: Key): Fact[] {
  const fact = (
    lot: string,
    known: { receivedOn?: string | undefined; expiresOn?: string | undefined; ownership?: string | undefined },
  ): Fact => ({
    table: 'lots',
    key: { ...key, lot },
    lasts: { received_on: known.receivedOn, expires_on: known.expiresOn, ownership: known.ownership },
  })
  switch (event.type) {
    case 'StockOpened':
      return [fact(event.data.lot, event.data)]
    case 'StockReceived':
    case 'StockTransferredIn':
    case 'GoodsReturnedToStock':
      return event.data.lines.map((line) => fact(line.lot, line))
    default:
      return []
  }
}

function supplyFacts(event: RecordedEvent & StockEvent, key: Key): Fact[] {
  const fact = (
    supplyId: string | undefined,
    sums: Record<string, string>,
    lasts: NonNullable<Fact['lasts']> = {},
  ): Fact[] =>
    supplyId === undefined ? [] : [{ table: 'supplies', key: { ...key, supply_id: supplyId }, sums, lasts }]
  switch (event.type) {
    case 'SupplyExpected': {
      const { supplyId, kind, quantity, expectedOn } = event.data
      return fact(supplyId, { on_order: quantity }, { kind, expected_on: expectedOn })
    }
    case 'SupplyShipped': {
      const { supplyId, quantity, fromOnOrder, expectedOn } = event.data
      return fact(supplyId, { on_order: negated(fromOnOrder), in_transit: quantity }, { expected_on: expectedOn })
    }
    case 'SupplyReduced':
    case 'StockReceived': {
      const { supplyId, fromOnOrder, fromInTransit } = event.data
      return fact(supplyId, { on_order: negated(fromOnOrder), in_transit: negated(fromInTransit) })
    }
    case 'StockTransferredIn':
      return fact(event.data.transferId, { in_transit: negated(event.data.fromInTransit) })
    default:
      return []
  }
}

function policyFacts(event: RecordedEvent & StockEvent, key: Key): Fact[] {
  const fact = (lasts: NonNullable<Fact['lasts']>): Fact[] => [{ table: 'policies', key, lasts }]
  switch (event.type) {
    case 'StockRulesSet':
      return fact({
        unit: event.data.unit,
        allow_negative: event.data.allowNegative,
        minimum_remaining_life_days: event.data.minimumRemainingLifeDays,
      })
    case 'ReplenishmentPolicySet':
      return fact({
        safety_stock: event.data.safetyStock,
        reorder_point: event.data.reorderPoint,
        policy_version: event.data.policyVersion,
        inputs: event.data.inputs,
      })
    case 'StockReported':
      return fact({ reported_at: isoInstant(event), report_source: event.data.source })
    case 'StockCounted':
      return fact({ counted_at: isoInstant(event) })
    case 'LowStockDetected':
      return fact({ alert: event.data.level, alert_inputs: alertInputs(event.data) })
    case 'StockReplenished':
      return fact({ alert: 'none', alert_inputs: alertInputs(event.data) })
    default:
      return []
  }
}

type Alert = Extract<StockEvent, { type: 'LowStockDetected' | 'StockReplenished' }>['data']

function alertInputs({ position, available, safetyStock, reorderPoint, policyVersion }: Alert): object {
  return { position, available, safetyStock, reorderPoint, policyVersion }
}

function reservationFacts(event: RecordedEvent & StockEvent, key: Key): Fact[] {
  const fact = (reservationId: string, quantity: string, lasts: NonNullable<Fact['lasts']> = {}): Fact[] => [
    { table: 'reservations', key: { ...key, reservation_id: reservationId }, sums: { quantity }, lasts },
  ]
  switch (event.type) {
    case 'StockReserved':
      return fact(event.data.reservationId, sumOf(event.data.lines.map(({ quantity }) => quantity)), {
        order_id: event.data.orderId,
        expires_at: new Date(instantOf(event.data.expiresAt)).toISOString(),
      })
    case 'ReservationReleased':
    case 'ReservationExpired':
      return fact(event.data.reservationId, negated(sumOf(event.data.lines.map(({ quantity }) => quantity))))
    case 'StockAllocated':
      return event.data.reservationId === undefined
        ? []
        : fact(event.data.reservationId, negated(event.data.reservedReleased))
    default:
      return []
  }
}
