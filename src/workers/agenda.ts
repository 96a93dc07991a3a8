import type { CalendarEvent } from '../domain/calendars/events.ts'
import type { FulfilmentEvent } from '../domain/fulfilment/events.ts'
import type { ForecastPolicyEvent } from '../domain/forecasting/events.ts'
import type { HealthModelEvent } from '../domain/health/events.ts'
import { instantOf } from '../domain/kernel/businessTime.ts'
import type { FundEvent } from '../domain/funds/events.ts'
import type { OrderEvent } from '../domain/orders/events.ts'
import type { PriceEvent } from '../domain/pricing/events.ts'
import type { ProgrammeEvent, SettlementEvent } from '../domain/rebates/events.ts'
import type { ReceivableEvent } from '../domain/receivables/events.ts'
import type { StockEvent } from '../domain/stock/events.ts'
import { stockId } from '../domain/stock/stockKey.ts'
import type { PlannedStock } from '../domain/replenishment/adviceId.ts'
import {
  advice,
  type StockAdviceEvent,
  type StockPlanEvent,
  type StockPlanPolicyEvent,
} from '../domain/replenishment/events.ts'
import { policyOf, type WorkerPorts } from './ports.ts'
import type { AgendaChange } from './progress/progressStore.ts'
import type { AgendaNotes, Fact } from './reactor.ts'
import { adviceEntry } from './replenishment/adviceEntry.ts'

type Any =
  | PriceEvent
  | FundEvent
  | ForecastPolicyEvent
  | HealthModelEvent
  | StockPlanPolicyEvent
  | StockPlanEvent
  | StockAdviceEvent
  | FulfilmentEvent
  | ReceivableEvent
  | OrderEvent
  | StockEvent
  | CalendarEvent
  | ProgrammeEvent
  | SettlementEvent

const types = [
  'FulfilmentStarted',
  'FulfilmentRetried',
  'FulfilmentRetryRequested',
  'StockLineReserved',
  'StockLineShort',
  'StockLineAllocated',
  'FulfilmentCompleted',
  'OrderCancelled',
  'OrderClosed',
  'StockReserved',
  'ReservationReleased',
  'ReservationExpired',
  'StockAllocated',
  'CreditNoteIssued',
  'CreditNoteExpired',
  'CalendarDefined',
  'RebateProgrammeActivated',
  'AccrualPosted',
  'SettlementCalculated',
  'PriceChanged',
  'FundBudgeted',
  'FundExpired',
  'ForecastPolicySet',
  'StockPlanPolicySet',
  'StockPlanned',
  'StockAdviceGiven',
  'StockAdviceWithdrawn',
  'HealthModelDefined',
] as const satisfies readonly Any['type'][]

type Noted = Extract<Any, { type: (typeof types)[number] }>

/** What the schedules have to come back to: derived from events, so that it can be lost and read again from the log. */
export function agendaNotes(ports: Pick<WorkerPorts, 'policy'>): AgendaNotes {
  const { stalledAfter } = policyOf(ports)
  return { types, notesOf: (fact) => changesOf(fact, stalledAfter) }
}

function changesOf({ event, type, data }: Fact, stalledAfter: number): AgendaChange[] {
  // registered types: the data fits its schema
  const noted = { type, data } as Noted
  const happened = instantOf(event.occurredAt)
  switch (noted.type) {
    case 'FulfilmentStarted':
    case 'FulfilmentRetried': {
      const { orderId, deadline } = noted.data
      return [put('deadline', '', orderId, instantOf(deadline)), put('stalled', '', orderId, happened + stalledAfter)]
    }
    case 'FulfilmentRetryRequested':
    case 'StockLineReserved':
      return [put('stalled', '', noted.data.orderId, happened + stalledAfter)]
    case 'StockLineShort':
    case 'StockLineAllocated': {
      const { orderId } = noted.data
      const waits = noted.type === 'StockLineShort' || noted.data.short.length > 0
      return [
        put('stalled', '', orderId, happened + stalledAfter),
        ...(waits ? [{ ...put('waiting', stockId(noted.data), orderId, happened), change: 'put-first' as const }] : []),
      ]
    }
    case 'FulfilmentCompleted':
      return [remove('deadline', noted.data.orderId), remove('stalled', noted.data.orderId)]
    case 'OrderCancelled':
    case 'OrderClosed':
      return [remove('waiting', noted.data.orderId)]
    case 'StockReserved': {
      const { reservationId, expiresAt } = noted.data
      return [put('reservation', stockId(noted.data), reservationId, instantOf(expiresAt))]
    }
    case 'ReservationReleased':
    case 'ReservationExpired':
      return [remove('reservation', noted.data.reservationId, stockId(noted.data))]
    case 'StockAllocated': {
      const { reservationId } = noted.data
      return reservationId === undefined ? [] : [remove('reservation', reservationId, stockId(noted.data))]
    }
    case 'CreditNoteIssued': {
      const { accountId, creditNoteId, offset } = noted.data
      return offset?.until === undefined ? [] : [put('credit', accountId, creditNoteId, instantOf(offset.until))]
    }
    case 'CreditNoteExpired':
      return [remove('credit', noted.data.creditNoteId, noted.data.accountId)]
    case 'CalendarDefined':
      return [put('calendar', '', noted.data.calendarId, happened)]
    case 'RebateProgrammeActivated':
      return [put('programme', '', noted.data.programmeId, happened)]
    case 'AccrualPosted':
    case 'SettlementCalculated': {
      const { programmeId, periodId, dealerId, currency } = noted.data
      return [put('dealer-period', `${programmeId} ${periodId}`, `${dealerId} ${currency}`, happened)]
    }
    case 'PriceChanged': {
      // imported prices wake nobody
      if (event.source.kind === 'import') return []
      const { companyId, listId, sku, effectiveAt } = noted.data
      const group = JSON.stringify([companyId, listId, sku])
      return [put('price-change', group, event.id, Math.max(happened, instantOf(effectiveAt)))]
    }
    case 'FundBudgeted':
      return event.source.kind === 'import' ? [] : [put('fund', '', noted.data.fundId, happened)]
    case 'FundExpired':
      return [remove('fund', noted.data.fundId)]
    case 'ForecastPolicySet':
      return [put('forecast-policy', '', noted.data.companyId, happened)]
    case 'StockPlanPolicySet':
      return [put('stock-plan-policy', '', noted.data.companyId, happened)]
    case 'StockPlanned':
      return [put('stock-plan', noted.data.companyId, noted.data.party, happened)]
    case 'StockAdviceGiven':
      return [...withoutAdvice(noted.data), put('stock-advice', noted.data.party, adviceEntry(noted.data), happened)]
    case 'StockAdviceWithdrawn':
      return withoutAdvice(noted.data)
    case 'HealthModelDefined':
      return [put('health-model', '', noted.data.companyId, happened)]
    default:
      return noted satisfies never
  }
}

function withoutAdvice(stock: PlannedStock): AgendaChange[] {
  return advice.options.map((one) => remove('stock-advice', adviceEntry({ ...stock, advice: one }), stock.party))
}

function put(
  kind: AgendaChange['kind'],
  group: string,
  subject: string,
  at: number,
): Extract<AgendaChange, { change: 'put' }> {
  return { change: 'put', kind, group, subject, at }
}

function remove(kind: AgendaChange['kind'], subject: string, group?: string): AgendaChange {
  return { change: 'remove', kind, subject, ...(group !== undefined && { group }) }
}
