import { instantOf } from '../../../../domain/kernel/businessTime.ts'
import { divideRounded, formatDecimal, multiply, parseDecimal } from '../../../../domain/kernel/decimal.ts'
import { sumOf } from '../../../../domain/kernel/decimalText.ts'
import type { MeasureCode } from '../../../../domain/metrics/measures.ts'
import { type Measure, stockEffects } from '../../../../domain/stock/effects.ts'
import { type StockEvent, unlotted } from '../../../../domain/stock/events.ts'
import type { TransferEvent } from '../../../../domain/stock/transferEvents.ts'
import type { RecordedEvent } from '../../../../ledger/envelope.ts'
import type { Fact } from '../../../engine/factTable.ts'
import { begins, change, ends, type Feed, leaves, level, one, type Owner } from './measureFacts.ts'

/**
 * Stock belongs to whoever holds it; whether that is a dealer or a warehouse of the manufacturer is told when it is asked.
 */
export const stockFeed: Feed<StockEvent> = {
  StockOpened: (event) => stockLevels(event),
  StockReceived: (event) => [moved(event, 'stock-received'), ...stockLevels(event)],
  StockIssued: (event) => {
    const { orderId, cost, sku } = event.data
    const quantity = sumOf(event.data.lines.map((line) => line.quantity))
    const sold: Owner = { sku, ...(orderId !== undefined && { doc: ['order', orderId] }) }
    return [
      moved(event, 'stock-issued'),
      ...(orderId === undefined ? [] : [change(event, 'issued-for-orders', sold, { quantity })]),
      ...(orderId === undefined || cost === undefined
        ? []
        : [
            change(
              event,
              'cost',
              { ...sold, currency: cost.currency },
              { amount: product(quantity, cost.unitPrice), quantity },
            ),
          ]),
      ...stockLevels(event),
    ]
  },
  StockTransferredOut: (event) => stockLevels(event),
  StockTransferredIn: (event) => stockLevels(event),
  ResaleReported: (event) => [
    moved(event, 'stock-sold'),
    lag(event, 'sell-out-lag', event.occurredAt),
    ...stockLevels(event),
  ],
  GoodsReturnedToStock: (event) => stockLevels(event),
  StockScrapped: (event) => [moved(event, 'stock-scrapped'), ...stockLevels(event)],
  StockCounted: (event) => [
    change(event, 'stock-counts', held(event), one),
    change(event, 'stock-asserted', held(event), {
      quantity: sumOf(event.data.lines.map(({ counted }) => counted)),
      count: '1',
    }),
    ...stockLevels(event),
  ],
  StockReported: (event) => [
    change(event, 'stock-reports', held(event), one),
    change(event, 'stock-asserted', held(event), {
      quantity: sumOf(event.data.lines.map(({ onHand }) => onHand)),
      count: '1',
    }),
    lag(event, 'stock-report-lag', event.data.asOf),
    ...stockLevels(event),
  ],
  StockReserved: (event) => [moved(event, 'stock-reservations'), ...stockLevels(event)],
  ReservationReleased: (event) => stockLevels(event),
  ReservationExpired: (event) => [moved(event, 'reservations-expired'), ...stockLevels(event)],
  StockAllocated: (event) => stockLevels(event),
  StockDeallocated: (event) => stockLevels(event),
  StockBackorderChanged: (event) => stockLevels(event),
  StockBlocked: (event) => stockLevels(event),
  StockUnblocked: (event) => stockLevels(event),
  SupplyExpected: (event) => [
    change(event, 'supplies-expected', held(event), { quantity: event.data.quantity, count: '1' }),
    ...stockLevels(event),
  ],
  SupplyShipped: (event) => stockLevels(event),
  SupplyReduced: (event) => [
    change(event, 'supplies-reduced', held(event), {
      quantity: sumOf([event.data.fromOnOrder, event.data.fromInTransit]),
      count: '1',
    }),
    ...stockLevels(event),
  ],
  ReplenishmentPolicySet: (event) => [
    level(event, 'safety-stock', held(event), event.data.location, { assert: event.data.safetyStock }),
    level(event, 'reorder-point', held(event), event.data.location, { assert: event.data.reorderPoint }),
  ],
  LowStockDetected: (event) => [
    change(event, 'low-stock-alerts', held(event), one),
    ...(event.data.level === 'out' ? [change(event, 'out-of-stock-alerts', held(event), one)] : []),
  ],
  StockReplenished: (event) => [change(event, 'stock-replenishments', held(event), one)],
}

export const transferFeed: Feed<TransferEvent> = {
  TransferRequested: (event) => [
    begins(event, 'transfer', event.data.transferId, {
      companyId: event.data.companyId,
      dealerId: event.data.to.party,
    }),
  ],
  TransferDispatched: (event) => carried(event, 'transfers-dispatched'),
  TransferReceived: (event) => carried(event, 'transfers-received'),
  TransferLost: (event) => carried(event, 'transfers-lost'),
  TransferCancelled: (event) => [leaves(event, 'transfer', event.data.transferId)],
  TransferCompleted: (event) => [ends(event, 'transfer', event.data.transferId)],
}

const held = ({ data: { party, sku } }: StockEvent): Owner => ({ dealerId: party, sku })

const total = (lines: readonly { readonly quantity: string }[]): string => sumOf(lines.map(({ quantity }) => quantity))

function moved(
  event: RecordedEvent & StockEvent & { readonly data: { readonly lines: readonly { readonly quantity: string }[] } },
  measure: MeasureCode,
): Fact {
  return change(event, measure, held(event), { quantity: total(event.data.lines), count: '1' })
}

const levelMeasures = {
  reserved: 'stock-reserved',
  allocated: 'stock-allocated',
  blocked: 'stock-blocked',
  inTransit: 'stock-in-transit',
  onOrder: 'stock-on-order',
  backordered: 'stock-backordered',
} as const satisfies Readonly<Record<Exclude<Measure, 'onHand'>, MeasureCode>>

function stockLevels(event: RecordedEvent & StockEvent): readonly Fact[] {
  return stockEffects(event).map(({ lot, measure, kind, quantity }) => {
    if (measure !== 'onHand') return change(event, levelMeasures[measure], held(event), { quantity })
    const item = lot === unlotted ? event.data.location : `${event.data.location}/${lot}`
    return level(
      event,
      'stock-on-hand',
      held(event),
      item,
      kind === 'assertion' ? { assert: quantity } : { add: quantity },
    )
  })
}

/** Hours from an instant until it was recorded; what was recorded at once, or before, is no lag. */
function lag(event: RecordedEvent & StockEvent, measure: MeasureCode, since: string): Fact {
  const late = Math.max(0, Date.parse(event.recordedAt) - instantOf(since))
  const { value } = divideRounded(BigInt(late) * 1_000_000n, 3_600_000n, 'half-up')
  return change(event, measure, held(event), { count: formatDecimal(value) })
}

function product(quantity: string, price: string): string {
  return formatDecimal(multiply(parseDecimal(quantity), parseDecimal(price), 'half-up').value)
}

function carried(
  event: RecordedEvent & Extract<TransferEvent, { type: 'TransferDispatched' | 'TransferReceived' | 'TransferLost' }>,
  measure: MeasureCode,
): readonly Fact[] {
  return event.data.lines.map(({ sku, lots }) =>
    change(event, measure, { dealerId: event.data.to.party, sku }, { quantity: total(lots), count: '1' }),
  )
}
