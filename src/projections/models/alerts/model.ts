import type { CreditEvent } from '../../../domain/credit/events.ts'
import { diversionKinds, tradeKinds, type ViolationKind } from '../../../domain/detection/rules.ts'
import type { FulfilmentEvent } from '../../../domain/fulfilment/events.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { StockEvent } from '../../../domain/stock/events.ts'
import { stockId } from '../../../domain/stock/stockKey.ts'
import type { ViolationEvent } from '../../../domain/violations/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

export const alertKinds = [
  'low_stock',
  'credit_hold',
  'fulfilment_late',
  'fulfilment_refused',
  'price_violation',
  'abnormal_trade',
  'diversion',
] as const

const alerts = factTable(
  'alerts',
  { kind: 'text', subject: 'text' },
  {
    lasts: {
      dealer_id: 'text',
      order_id: 'text',
      /** which one of its kind: the stock level, the hold, the phase, the refused step */
      code: 'text',
      /** ids and figures of the event that raised it; nothing personal, nothing of another dealer */
      details: 'jsonb',
      is_open: 'boolean',
      raised_at: 'timestamptz',
      raised_by: 'text',
      raised_position: 'bigint',
      closed_at: 'timestamptz',
    },
    time: 'known-only',
    indexes: [['dealer_id']],
  },
)
/** Whose the process of an order is: its alerts name only the order. */
const owners = factTable('owners', { order_id: 'text' }, { lasts: { dealer_id: 'text' }, time: 'known-only' })

type AlertEvent =
  | Extract<StockEvent, { type: 'LowStockDetected' | 'StockReplenished' }>
  | Extract<CreditEvent, { type: 'CreditHoldPlaced' | 'CreditHoldReleased' }>
  | Extract<
      FulfilmentEvent,
      {
        type:
          | 'FulfilmentStarted'
          | 'FulfilmentRetried'
          | 'FulfilmentDeadlinePassed'
          | 'FulfilmentStepRefused'
          | 'FulfilmentCompleted'
      }
    >
  | Extract<ViolationEvent, { type: 'ViolationDetected' | 'ViolationConfirmed' | 'ViolationDismissed' }>

/** What somebody has to look at. Recorded facts raise nothing (domain.md §2.14). */
export const alertsModel: ReadModel = {
  name: 'alerts',
  version: 3,
  events: [
    'LowStockDetected',
    'StockReplenished',
    'CreditHoldPlaced',
    'CreditHoldReleased',
    'FulfilmentStarted',
    'FulfilmentRetried',
    'FulfilmentDeadlinePassed',
    'FulfilmentStepRefused',
    'FulfilmentCompleted',
    'ViolationDetected',
    'ViolationConfirmed',
    'ViolationDismissed',
  ],
  tables: [alerts, owners],
  facts: (event) => alertFacts(event as RecordedEvent & AlertEvent), // the types it declares, checked when appended
}

function alertFacts(event: RecordedEvent & AlertEvent): readonly Fact[] {
  const at = new Date(instantOf(event.occurredAt)).toISOString()
  const fact = (kind: (typeof alertKinds)[number], subject: string, lasts: NonNullable<Fact['lasts']>): Fact => ({
    table: 'alerts',
    key: { kind, subject },
    lasts,
  })
  const raised = (
    kind: (typeof alertKinds)[number],
    subject: string,
    lasts: { dealer_id?: string | undefined; order_id?: string | undefined; code: string; details: object },
  ): Fact[] =>
    event.source.kind === 'import'
      ? []
      : [
          fact(kind, subject, {
            ...lasts,
            is_open: true,
            raised_at: at,
            raised_by: event.id,
            raised_position: event.position.toString(),
          }),
        ]
  const closed = (kind: (typeof alertKinds)[number], subject: string): Fact =>
    fact(kind, subject, { is_open: false, closed_at: at })
  switch (event.type) {
    case 'LowStockDetected': {
      const { party, location, sku, level, position, available, reorderPoint } = event.data
      const details = { party, location, sku, position, available, reorderPoint }
      return raised('low_stock', stockId(event.data), { dealer_id: party, code: level, details })
    }
    case 'StockReplenished':
      return [closed('low_stock', stockId(event.data))]
    case 'CreditHoldPlaced': {
      const { accountId, holdId, kind, party, orderId, dealerId = party } = event.data
      const details = { party, ...(orderId !== undefined && { orderId }) }
      const lasts = { dealer_id: dealerId, order_id: orderId, code: kind, details }
      return raised('credit_hold', `${accountId}/${holdId}`, lasts)
    }
    case 'CreditHoldReleased':
      return [closed('credit_hold', `${event.data.accountId}/${event.data.holdId}`)]
    case 'FulfilmentStarted':
    case 'FulfilmentRetried':
      return [
        { table: 'owners', key: { order_id: event.data.orderId }, lasts: { dealer_id: event.data.dealerId } },
        closed('fulfilment_refused', event.data.orderId),
      ]
    case 'FulfilmentDeadlinePassed': {
      const { orderId, attempt, deadline, phase } = event.data
      return raised('fulfilment_late', orderId, { order_id: orderId, code: phase, details: { attempt, deadline } })
    }
    case 'FulfilmentStepRefused': {
      const { orderId, attempt, step, code } = event.data
      return raised('fulfilment_refused', orderId, { order_id: orderId, code, details: { attempt, step } })
    }
    case 'FulfilmentCompleted':
      return [closed('fulfilment_late', event.data.orderId)]
    case 'ViolationDetected': {
      const { dealerId, violationId, kind, sku, region, policyVersion, score } = event.data
      const about = { ...(sku !== undefined && { sku }), ...(region !== undefined && { region }) }
      const details = { violationId, policyVersion, score, ...about }
      return raised(alertOf(kind), `${dealerId}/${violationId}`, { dealer_id: dealerId, code: kind, details })
    }
    case 'ViolationConfirmed':
    case 'ViolationDismissed': {
      const { dealerId, violationId, kind } = event.data
      return [closed(alertOf(kind), `${dealerId}/${violationId}`)]
    }
    default:
      return event satisfies never
  }
}

function alertOf(kind: ViolationKind): (typeof alertKinds)[number] {
  if (diversionKinds.some((one) => one === kind)) return 'diversion'
  return tradeKinds.some((one) => one === kind) ? 'abnormal_trade' : 'price_violation'
}
