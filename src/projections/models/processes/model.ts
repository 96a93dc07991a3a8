import { type FulfilmentEvent, fulfilmentEvents } from '../../../domain/fulfilment/events.ts'
import { skusOf } from '../../../domain/fulfilment/state.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import { sumOf } from '../../../domain/kernel/decimalText.ts'
import { type TransferEvent, transferEvents } from '../../../domain/stock/transferEvents.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/**
 * The process of an order. `stage` is what the newest step leads to; where that depends on other streams' answers the
 * query looks at `answers` (`phaseSql`), since a fact rests on its event alone.
 */
const fulfilments = factTable(
  'fulfilments',
  { order_id: 'text' },
  {
    lasts: {
      dealer_id: 'text',
      attempt: 'bigint',
      cause: 'text',
      credit_account: 'text',
      currency: 'text',
      amount: 'numeric',
      policy: 'text',
      affects_stock: 'boolean',
      /** stock streams that an attempt asks */
      skus: 'integer',
      deadline: 'timestamptz',
      reserved_until: 'timestamptz',
      stage: 'text',
      has_credit: 'boolean',
      has_confirmed: 'boolean',
      /** another attempt is asked for: its cause, empty when none is */
      next_cause: 'text',
      /** the completion answered a request: then no other attempt follows from it */
      answers_request: 'boolean',
      outcome: 'text',
      reason: 'text',
      step: 'text',
      code: 'text',
      event_type: 'text',
      started_at: 'timestamptz',
      progressed_at: 'timestamptz',
    },
    time: 'known-only',
    indexes: [['dealer_id'], ['progressed_at']],
  },
)
/** What the stock streams answered to an attempt. */
const answers = factTable(
  'answers',
  { order_id: 'text', attempt: 'bigint', sku: 'text' },
  {
    lasts: {
      party: 'text',
      location: 'text',
      is_answered: 'boolean',
      reserved: 'jsonb',
      short: 'jsonb',
      allocated: 'jsonb',
      code: 'text',
    },
    time: 'known-only',
  },
)
const transfers = factTable(
  'transfers',
  { transfer_id: 'text' },
  {
    lasts: {
      company_id: 'text',
      from_party: 'text',
      from_location: 'text',
      to_party: 'text',
      to_location: 'text',
      status: 'text',
      reason: 'text',
      /** sealed */
      note: 'jsonb',
      expected_on: 'date',
      requested_at: 'timestamptz',
      dispatched_at: 'timestamptz',
      ended_at: 'timestamptz',
      progressed_at: 'timestamptz',
    },
    time: 'known-only',
    indexes: [['from_party'], ['to_party']],
  },
)
export const transferMeasures = ['requested', 'dispatched', 'received', 'lost'] as const
const transferLines = factTable(
  'transfer_lines',
  { transfer_id: 'text', line_no: 'integer' },
  { sums: transferMeasures, lasts: { sku: 'text', lots: 'jsonb' }, time: 'known-only' },
)

/** Where processes stand: the fulfilment of orders, and transfers. */
export const processesModel: ReadModel = {
  name: 'processes',
  version: 2,
  events: [...fulfilmentEvents, ...transferEvents].map(({ type }) => type),
  tables: [fulfilments, answers, transfers, transferLines],
  facts: (event) => processFacts(event as RecordedEvent & (FulfilmentEvent | TransferEvent)), // the types it declares, checked when appended
}

type Lasts = NonNullable<Fact['lasts']>

function processFacts(event: RecordedEvent & (FulfilmentEvent | TransferEvent)): readonly Fact[] {
  return 'transferId' in event.data
    ? transferFacts(event as RecordedEvent & TransferEvent) // only transfers name one
    : fulfilmentFacts(event as RecordedEvent & FulfilmentEvent)
}

function fulfilmentFacts(event: RecordedEvent & FulfilmentEvent): readonly Fact[] {
  const { orderId, attempt } = event.data
  const fulfilment: Fact = {
    table: 'fulfilments',
    key: { order_id: orderId },
    lasts: { attempt, event_type: event.type, progressed_at: instant(event.occurredAt), ...fulfilmentColumns(event) },
  }
  const answer = answerColumns(event)
  if (!answer || !('sku' in event.data)) return [fulfilment]
  const { party, location, sku } = event.data
  const lasts = { party, location, ...answer }
  return [fulfilment, { table: 'answers', key: { order_id: orderId, attempt, sku }, lasts }]
}

function fulfilmentColumns(event: RecordedEvent & FulfilmentEvent): Lasts {
  switch (event.type) {
    case 'FulfilmentStarted':
    case 'FulfilmentRetried': {
      const { dealerId, cause, creditAccount, currency, amount, policy, affectsStock, deadline, reservedUntil } =
        event.data
      return {
        dealer_id: dealerId,
        cause,
        credit_account: creditAccount,
        currency,
        amount,
        policy,
        affects_stock: affectsStock,
        skus: skusOf(event.data).length,
        deadline: instant(deadline),
        reserved_until: instant(reservedUntil),
        stage: 'begun',
        next_cause: '',
        reason: '',
        step: '',
        code: '',
        outcome: '',
        started_at: event.type === 'FulfilmentStarted' ? instant(event.occurredAt) : undefined,
      }
    }
    case 'FulfilmentRetryRequested':
      return { next_cause: event.data.cause }
    case 'CreditReservationConfirmed':
      return { stage: 'stock', step: 'credit', has_credit: true }
    case 'CreditReservationRefused':
    case 'FulfilmentStepRefused':
      return { step: event.data.step, code: event.data.code }
    case 'FulfilmentConfirmed':
      return { stage: 'allocate', has_confirmed: true }
    case 'FulfilmentStepDone':
      return { step: event.data.step, ...afterStep(event.data.step) }
    case 'CompensationStarted':
      return { stage: 'compensate', reason: event.data.reason }
    case 'CompensationCompleted':
      return { stage: 'retry' }
    case 'FulfilmentCompleted':
      return { stage: 'done', outcome: event.data.outcome, answers_request: event.data.requestId !== undefined }
    case 'StockLineReserved':
    case 'StockLineShort':
    case 'StockLineAllocated':
    case 'FulfilmentDeadlinePassed':
      return {}
    default:
      return event satisfies never
  }
}

/** As the decider's state has it: what a step without a fact of its own says of the order's credit. */
function afterStep(step: string): Lasts {
  switch (step) {
    case 'confirm':
    case 'fill':
      return { has_confirmed: true }
    case 'credit-release':
    case 'credit-undo':
      return { has_credit: false }
    case 'credit-hold':
      return { has_credit: true }
    default:
      return {}
  }
}

function answerColumns(event: FulfilmentEvent): Lasts | undefined {
  switch (event.type) {
    case 'StockLineReserved':
      return { is_answered: true, reserved: event.data.lines }
    case 'StockLineShort':
      return { is_answered: true, short: event.data.lines, code: event.data.code }
    case 'StockLineAllocated':
      return { allocated: event.data.lines, ...(event.data.short.length > 0 && { short: event.data.short }) }
    default:
      return undefined
  }
}

function transferFacts(event: RecordedEvent & TransferEvent): readonly Fact[] {
  const { transferId, from, to } = event.data
  const at = instant(event.occurredAt)
  const transfer = (lasts: Lasts): Fact => ({
    table: 'transfers',
    key: { transfer_id: transferId },
    lasts: {
      from_party: from.party,
      from_location: from.location,
      to_party: to.party,
      to_location: to.location,
      progressed_at: at,
      ...lasts,
    },
  })
  const line = (lineNo: number, sums: Record<string, string>, lasts: Lasts): Fact => ({
    table: 'transfer_lines',
    key: { transfer_id: transferId, line_no: lineNo },
    sums,
    lasts,
  })
  const moved = (measure: (typeof transferMeasures)[number], lines: Moved, withLots = false): Fact[] =>
    lines.map(({ lineNo, sku, lots }) =>
      line(lineNo, { [measure]: sumOf(lots.map(({ quantity }) => quantity)) }, { sku, ...(withLots && { lots }) }),
    )
  switch (event.type) {
    case 'TransferRequested': {
      const { companyId, reason, note, lines } = event.data
      return [
        transfer({ company_id: companyId, status: 'requested', reason, note, requested_at: at }),
        ...lines.map(({ lineNo, sku, quantity }) => line(lineNo, { requested: quantity }, { sku })),
      ]
    }
    case 'TransferDispatched': {
      const { expectedOn, lines } = event.data
      return [
        transfer({ status: 'in-transit', dispatched_at: at, expected_on: expectedOn }),
        ...moved('dispatched', lines, true),
      ]
    }
    case 'TransferReceived':
      return [transfer({}), ...moved('received', event.data.lines)]
    case 'TransferLost':
      return [transfer({}), ...moved('lost', event.data.lines)]
    case 'TransferCancelled':
      return [transfer({ status: 'cancelled', ended_at: at })]
    case 'TransferCompleted':
      return [transfer({ status: 'completed', ended_at: at })]
    default:
      return event satisfies never
  }
}

type Moved = readonly {
  readonly lineNo: number
  readonly sku: string
  readonly lots: readonly { readonly quantity: string }[]
}[]

function instant(businessTime: string): string {
  return new Date(instantOf(businessTime)).toISOString()
}
