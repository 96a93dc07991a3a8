import { z } from 'zod'
import { role } from '../access/role.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, identifier, personalText } from '../kernel/fields.ts'
import { severity } from './severity.ts'

/**
 * What people did about alerts: `alert-<alertId>` for the manufacturer's, `alert-<alertId>/<dealerId>` for a dealer's. Neither
 * sees what the other did. And `alertrules-<companyId>`: who is told of which.
 */

/** Wider than the kinds of today: what stands in the log outlives the table of kinds. */
const kind = z.string().regex(/^[a-z][a-z_]{0,63}$/, 'a kind of alert')
/** the stock, the hold or the order that it is about */
const subject = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}.:_/~-]{0,399}$/u, 'what an alert is about')

/** Which alert, and whose handling of it this is. `dealerId`: of this dealer's staff; the manufacturer's when absent. */
export const handled = z.strictObject({ kind, subject, dealerId: identifier.optional() })
const of = { alertId: identifier, ...handled.shape, note: personalText.optional() }
const ofAuthor = { personal: { note: 'actor' } }

export const alertAcknowledged = defineEvent('AlertAcknowledged', z.strictObject(of), ofAuthor)
/** It asks for nothing until then. */
export const alertSnoozed = defineEvent('AlertSnoozed', z.strictObject({ ...of, until: businessTime }), ofAuthor)
export const alertAssigned = defineEvent('AlertAssigned', z.strictObject({ ...of, assignee: identifier }), ofAuthor)
/** Neither acknowledged nor snoozed any more. */
export const alertReopened = defineEvent('AlertReopened', z.strictObject(of), ofAuthor)

export const alertEvents = [alertAcknowledged, alertSnoozed, alertAssigned, alertReopened] as const
export type AlertEvent = EventOf<(typeof alertEvents)[number]>
/** What each of them makes of an alert, in the words of read model and stream. */
export const handlings = {
  AlertAcknowledged: 'acknowledged',
  AlertSnoozed: 'snoozed',
  AlertAssigned: 'assigned',
  AlertReopened: 'reopened',
} as const satisfies Record<AlertEvent['type'], string>

export const alertRule = z.strictObject({
  kind,
  /** what is less severe is not told */
  from: severity,
  /** on the live stream */
  live: z.boolean(),
  digest: z.enum(['none', 'daily', 'weekly']),
})
export type AlertRule = z.infer<typeof alertRule>

/** What a role is told of from now on; a kind that is not named it is not told of. */
export const alertRulesSet = defineEvent(
  'AlertRulesSet',
  z.strictObject({ companyId: identifier, role, version: z.int().min(1), rules: z.array(alertRule).max(100) }),
)
export const alertRulesEvents = [alertRulesSet] as const
export type AlertRulesEvent = EventOf<(typeof alertRulesEvents)[number]>
