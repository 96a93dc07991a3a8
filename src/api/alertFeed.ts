import { type AlertChange, alertChangeOf, alertingTypes } from '../domain/alerts/alertChange.ts'
import { severityOf } from '../domain/alerts/alertKinds.ts'
import { alertRulesAggregate, rulesFor, type AlertRulesState } from '../domain/alerts/alertRules.ts'
import { type AlertEvent, handlings } from '../domain/alerts/events.ts'
import { isAtLeast } from '../domain/alerts/severity.ts'
import type { RecordedEvent } from '../ledger/envelope.ts'
import { alertsModel } from '../projections/models/alerts/model.ts'
import { type OpenAlert, openAlerts } from '../projections/models/alerts/openAlerts.ts'
import { type LiveFeed, openLiveFeed } from './liveFeed.ts'
import { createOwnerOf } from './ownerOf.ts'
import type { ApiPorts, Principal } from './ports.ts'

export interface AlertNews extends OpenAlert {
  readonly position: bigint
  /** `changed`: raised anew while it was open, and by that another alert than `before` */
  readonly change: 'raised' | 'changed' | 'closed' | (typeof handlings)[keyof typeof handlings]
  readonly before?: string
  readonly occurredAt: string
  readonly recordedAt: string
  /** who handled it, and for which side: a dealer's, or the manufacturer's where null */
  readonly by?: string
  readonly side?: string | null
  readonly assignee?: string
  readonly until?: string
}

export interface AlertFeed extends LiveFeed<AlertNews> {
  /** Does somebody hear of it, as the company's rules are now? */
  isFor(principal: Principal, news: AlertNews): boolean
}

const ringCapacity = 5_000
/** Of more open alerts than these the oldest are left out: that they close is then not told. */
const heldAtMost = 100_000

/**
 * Alerts as they come, from the log itself: the read model says what was open at its position, once, and from there on every event
 * is applied to that. So what is told does not wait for any read model, and an event that closes nothing tells nothing.
 */
export function openAlertFeed(
  { store, handler, registry, readerOf, settings }: ApiPorts,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): AlertFeed {
  const ownerOf = createOwnerOf(handler.load)
  /** by kind and subject, and by id */
  const open = new Map<string, OpenAlert>()
  const byId = new Map<string, OpenAlert>()
  let rules: AlertRulesState = alertRulesAggregate.initialState

  const feed = openLiveFeed<AlertNews>({
    store,
    types: [...alertingTypes, ...Object.keys(handlings), 'AlertRulesSet'],
    async begin() {
      rules = await handler.load(alertRulesAggregate, settings.companyId)
      const { position, alerts } = await openAlerts(readerOf(alertsModel), heldAtMost)
      for (const alert of alerts) hold(alert)
      return position
    },
    itemsOf,
    capacity: ringCapacity,
    signal,
    onError,
  })
  return { ...feed, isFor }

  function isFor({ role, dealerId }: Principal, { kind, severity, side, ...news }: AlertNews): boolean {
    if (dealerId !== undefined && news.dealerId !== dealerId) return false
    // neither side sees what the other did
    if (side !== undefined && side !== (dealerId ?? null)) return false
    return rulesFor(rules, role).some((rule) => rule.live && rule.kind === kind && isAtLeast(severity, rule.from))
  }

  async function itemsOf(events: readonly RecordedEvent[]): Promise<readonly AlertNews[]> {
    // first whatever may fail
    const isNew = events.some(({ type }) => type === 'AlertRulesSet')
    const newRules = isNew ? await handler.load(alertRulesAggregate, settings.companyId) : rules
    const changes = events.map((recorded) => {
      const { type, schemaVersion, data } = recorded
      const event = { ...recorded, data: registry.upcast(type, schemaVersion, data) }
      return { recorded, event, change: alertChangeOf(event) }
    })
    const owners = await Promise.all(
      changes.map(async ({ recorded, change }) => (namesNoDealer(change) ? ownerOf(recorded) : undefined)),
    )
    rules = newRules
    return changes.flatMap(({ event, change }, n) => newsOf(event, change, owners[n]))
  }

  function newsOf(event: RecordedEvent, change: AlertChange | undefined, owner: string | undefined): AlertNews[] {
    const { position, occurredAt, recordedAt } = event
    const at = { position, occurredAt, recordedAt }
    if (isHandling(event)) {
      const { alertId, dealerId } = event.data
      const alert = byId.get(alertId)
      if (!alert) return []
      const { assignee, until } = event.data as Partial<Record<'assignee' | 'until', string>>
      const said = { by: event.actor, side: dealerId ?? null, ...(assignee && { assignee }), ...(until && { until }) }
      return [{ ...at, ...alert, change: handlings[event.type], ...said }]
    }
    if (!change) return []
    const key = `${change.kind}/${change.subject}`
    const before = open.get(key)
    if (before) {
      open.delete(key)
      byId.delete(before.alertId)
    }
    if (change.change === 'closed') return before ? [{ ...at, ...before, change: 'closed' }] : []
    const { kind, subject, dealerId = owner ?? null, orderId = null, code, details } = change
    const severity = severityOf(kind, code)
    const alert = { alertId: event.id, kind, subject, severity, dealerId, orderId, code, details }
    hold(alert)
    return [{ ...at, ...alert, ...(before ? { change: 'changed', before: before.alertId } : { change: 'raised' }) }]
  }

  function hold(alert: OpenAlert): void {
    open.set(`${alert.kind}/${alert.subject}`, alert)
    byId.set(alert.alertId, alert)
    const [oldest] = open.size > heldAtMost ? open : []
    if (!oldest) return
    open.delete(oldest[0])
    byId.delete(oldest[1].alertId)
  }
}

function isHandling(event: RecordedEvent): event is RecordedEvent & AlertEvent {
  return Object.hasOwn(handlings, event.type)
}

/** An alert that names only its order. */
function namesNoDealer(change: AlertChange | undefined): boolean {
  return change?.change === 'raised' && change.dealerId === undefined
}
