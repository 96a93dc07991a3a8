import { alertChangeOf, alertingTypes } from '../../../domain/alerts/alertChange.ts'
import { handlings, type AlertEvent, type AlertRulesEvent } from '../../../domain/alerts/events.ts'
import { severityOf } from '../../../domain/alerts/alertKinds.ts'
import type { FulfilmentEvent } from '../../../domain/fulfilment/events.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** The newest alert of a kind about a subject. */
const alerts = factTable(
  'alerts',
  { kind: 'text', subject: 'text' },
  {
    lasts: {
      dealer_id: 'text',
      order_id: 'text',
      code: 'text',
      severity: 'text',
      details: 'jsonb',
      is_open: 'boolean',
      raised_at: 'timestamptz',
      /** the event, and with it the alert */
      raised_by: 'text',
      raised_position: 'bigint',
      closed_at: 'timestamptz',
    },
    time: 'known-only',
    indexes: [['dealer_id'], ['raised_by'], ['is_open']],
  },
)
/** Whose the process of an order is: its alerts name only the order. */
const owners = factTable('owners', { order_id: 'text' }, { lasts: { dealer_id: 'text' }, time: 'known-only' })
/** What was said of an alert last; `side`: the dealer whose staff said it, empty for the manufacturer's. */
const handling = factTable(
  'handling',
  { alert_id: 'text', side: 'text' },
  {
    lasts: {
      /** state, by whom and when, until when, and the note, which is sealed */
      handled: 'jsonb',
      assigned: 'jsonb',
    },
    time: 'known-only',
  },
)
const rules = factTable(
  'rules',
  { company_id: 'text', role: 'text' },
  { lasts: { version: 'bigint', rules: 'jsonb', set_at: 'timestamptz', set_by: 'text' }, time: 'known-only' },
)

/** What somebody has to look at, what was done about it, and who is told. */
export const alertsModel: ReadModel = {
  name: 'alerts',
  version: 4,
  events: [...alertingTypes, 'AlertAcknowledged', 'AlertSnoozed', 'AlertAssigned', 'AlertReopened', 'AlertRulesSet'],
  tables: [alerts, owners, handling, rules],
  facts: (event) => [...ownerFacts(event), ...alertFacts(event), ...handlingFacts(event as RecordedEvent & Handling)], // the types it declares, checked when appended
}

type Handling = AlertEvent | AlertRulesEvent

function ownerFacts({ type, data }: RecordedEvent): readonly Fact[] {
  if (type !== 'FulfilmentStarted' && type !== 'FulfilmentRetried') return []
  const { orderId, dealerId } = data as Extract<FulfilmentEvent, { type: typeof type }>['data']
  return [{ table: 'owners', key: { order_id: orderId }, lasts: { dealer_id: dealerId } }]
}

function alertFacts(event: RecordedEvent): readonly Fact[] {
  const change = alertChangeOf(event)
  if (!change) return []
  const { kind, subject } = change
  const at = isoOf(event)
  if (change.change === 'closed')
    return [{ table: 'alerts', key: { kind, subject }, lasts: { is_open: false, closed_at: at } }]
  const { dealerId, orderId, code, details } = change
  const lasts = {
    dealer_id: dealerId,
    order_id: orderId,
    code,
    severity: severityOf(kind, code),
    details,
    is_open: true,
    raised_at: at,
    raised_by: event.id,
    raised_position: event.position.toString(),
  }
  return [{ table: 'alerts', key: { kind, subject }, lasts }]
}

function handlingFacts(event: RecordedEvent & Handling): readonly Fact[] {
  const at = isoOf(event)
  const by = event.actor
  if (event.type === 'AlertRulesSet') {
    const { companyId, role, version, rules } = event.data
    const lasts = { version, rules, set_at: at, set_by: by }
    return [{ table: 'rules', key: { company_id: companyId, role }, lasts }]
  }
  if (!Object.hasOwn(handlings, event.type)) return []
  const { alertId, dealerId = '', note } = event.data
  const said = { by, at, ...(note !== undefined && { note }) }
  const until = event.type === 'AlertSnoozed' && { until: new Date(instantOf(event.data.until)).toISOString() }
  const lasts =
    event.type === 'AlertAssigned'
      ? { assigned: { assignee: event.data.assignee, ...said } }
      : { handled: { state: handlings[event.type], ...said, ...until } }
  return [{ table: 'handling', key: { alert_id: alertId, side: dealerId }, lasts }]
}

function isoOf({ occurredAt }: RecordedEvent): string {
  return new Date(instantOf(occurredAt)).toISOString()
}
