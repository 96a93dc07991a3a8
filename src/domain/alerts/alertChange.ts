import type { CreditEvent } from '../credit/events.ts'
import { diversionKinds, tradeKinds, type ViolationKind } from '../detection/rules.ts'
import type { DemandEvent } from '../forecasting/events.ts'
import type { FulfilmentEvent } from '../fulfilment/events.ts'
import { adviceId, type PlannedStock } from '../replenishment/adviceId.ts'
import { adviceKind } from '../replenishment/adviceKind.ts'
import type { StockAdviceEvent } from '../replenishment/events.ts'
import type { StockEvent } from '../stock/events.ts'
import { compare } from '../kernel/decimalText.ts'
import { stockId } from '../stock/stockKey.ts'
import type { ViolationEvent } from '../violations/events.ts'
import type { AlertKind } from './alertKinds.ts'

/** An alert is known by the id of the event that raised it. Of one kind there is one at a time about one subject. */
export type AlertChange =
  | {
      readonly change: 'raised'
      readonly kind: AlertKind
      /** what it is about: the stock, the hold, the order */
      readonly subject: string
      /** whose it is; where only the order is named, the order's */
      readonly dealerId?: string | undefined
      readonly orderId?: string | undefined
      /** which one of its kind: the stock level, the hold, the phase, the refused step */
      readonly code: string
      /** ids and figures of the event that raised it; nothing personal, nothing of another dealer */
      readonly details: Readonly<Record<string, string | number>>
    }
  | { readonly change: 'closed'; readonly kind: AlertKind; readonly subject: string }

const types = [
  'LowStockDetected',
  'StockReplenished',
  'StockAdviceGiven',
  'StockAdviceWithdrawn',
  'DemandJudged',
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
] as const
/** The types of events that raise or close alerts. */
export const alertingTypes: readonly string[] = types

type AlertingEvent = Extract<
  StockEvent | StockAdviceEvent | DemandEvent | CreditEvent | FulfilmentEvent | ViolationEvent,
  { type: (typeof types)[number] }
>

/** What an event means for the alerts; undefined when nothing. Recorded facts raise none (domain.md §2.14). */
export function alertChangeOf(event: {
  readonly type: string
  readonly data: unknown
  readonly source: { readonly kind: string }
}): AlertChange | undefined {
  if (!alertingTypes.includes(event.type)) return undefined
  const change = changeOf(event as AlertingEvent) // of one of the types, checked when it was appended
  return change.change === 'raised' && event.source.kind === 'import' ? undefined : change
}

function changeOf(event: AlertingEvent): AlertChange {
  switch (event.type) {
    case 'LowStockDetected': {
      const { party, location, sku, level, position, available, reorderPoint } = event.data
      const details = { party, location, sku, position, available, reorderPoint }
      return raised('low_stock', stockId(event.data), { dealerId: party, code: level, details })
    }
    case 'StockReplenished':
      return closed('low_stock', stockId(event.data))
    case 'StockAdviceGiven': {
      const { party, sku, location, advice, position, available, reorderPoint, excessFrom } = event.data
      const about = { party, sku, ...(location !== undefined && { location }), position, available }
      const against = {
        ...(reorderPoint !== undefined && { reorderPoint }),
        ...(excessFrom !== undefined && { excessFrom }),
      }
      const details = { ...about, ...against }
      return raised(adviceKind(advice), plannedSubject(event.data), { dealerId: party, code: advice, details })
    }
    case 'StockAdviceWithdrawn':
      return closed(adviceKind(event.data.advice), plannedSubject(event.data))
    case 'DemandJudged': {
      // a month without findings that stand closes that of the month before
      const { dealerId, month, findings } = event.data
      const standing = findings.filter(({ stands }) => stands)
      const [rarest] = standing
      if (!rarest) return closed('demand_anomaly', dealerId)
      const { sku, unit, actual, expected, low, high, oneIn } = rarest
      const code = compare(actual, expected) > 0 ? 'above' : 'below'
      const details = { month, sku, unit, actual, expected, low, high, oneIn, findings: standing.length }
      return raised('demand_anomaly', dealerId, { dealerId, code, details })
    }
    case 'CreditHoldPlaced': {
      const { accountId, holdId, kind, party, orderId, dealerId = party } = event.data
      const details = { party, ...(orderId !== undefined && { orderId }) }
      return raised('credit_hold', `${accountId}/${holdId}`, { dealerId, orderId, code: kind, details })
    }
    case 'CreditHoldReleased':
      return closed('credit_hold', `${event.data.accountId}/${event.data.holdId}`)
    case 'FulfilmentStarted':
    case 'FulfilmentRetried':
      return closed('fulfilment_refused', event.data.orderId)
    case 'FulfilmentDeadlinePassed': {
      const { orderId, attempt, deadline, phase } = event.data
      return raised('fulfilment_late', orderId, { orderId, code: phase, details: { attempt, deadline } })
    }
    case 'FulfilmentStepRefused': {
      const { orderId, attempt, step, code } = event.data
      return raised('fulfilment_refused', orderId, { orderId, code, details: { attempt, step } })
    }
    case 'FulfilmentCompleted':
      return closed('fulfilment_late', event.data.orderId)
    case 'ViolationDetected': {
      const { dealerId, violationId, kind, sku, region, policyVersion, score } = event.data
      const about = { ...(sku !== undefined && { sku }), ...(region !== undefined && { region }) }
      const details = { violationId, policyVersion, score, ...about }
      return raised(alertOf(kind), `${dealerId}/${violationId}`, { dealerId, code: kind, details })
    }
    case 'ViolationConfirmed':
    case 'ViolationDismissed': {
      const { dealerId, violationId, kind } = event.data
      return closed(alertOf(kind), `${dealerId}/${violationId}`)
    }
    default:
      return event satisfies never
  }
}

/** Beside an alert by the stock's own policy, which is about the stock's own name. */
function plannedSubject(stock: PlannedStock): string {
  return `plan/${adviceId(stock)}`
}

function alertOf(kind: ViolationKind): AlertKind {
  if (diversionKinds.some((one) => one === kind)) return 'diversion'
  return tradeKinds.some((one) => one === kind) ? 'abnormal_trade' : 'price_violation'
}

function raised(
  kind: AlertKind,
  subject: string,
  rest: Omit<Extract<AlertChange, { change: 'raised' }>, 'change' | 'kind' | 'subject'>,
): AlertChange {
  return { change: 'raised', kind, subject, ...rest }
}

function closed(kind: AlertKind, subject: string): AlertChange {
  return { change: 'closed', kind, subject }
}
