import { z } from 'zod'
import { role } from '../access/role.ts'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, identifier, plainText } from '../kernel/fields.ts'
import { alertKindNames } from './alertKinds.ts'
import { alertRule, handled } from './events.ts'

/** `alert`: what it is about and who handles it; whoever gives the command looks it up. */
const one = { alertId: identifier, alert: handled, note: plainText.optional() }
const handlingId = ({ alertId, alert: { dealerId } }: z.infer<z.ZodObject<typeof one>>): string =>
  dealerId === undefined ? alertId : `${alertId}/${dealerId}`

export const acknowledgeAlert = defineCommand('AcknowledgeAlert', z.strictObject(one), handlingId)
export const snoozeAlert = defineCommand('SnoozeAlert', z.strictObject({ ...one, until: businessTime }), handlingId)
export const assignAlert = defineCommand('AssignAlert', z.strictObject({ ...one, assignee: identifier }), handlingId)
export const reopenAlert = defineCommand('ReopenAlert', z.strictObject(one), handlingId)

export const alertCommands = [acknowledgeAlert, snoozeAlert, assignAlert, reopenAlert] as const
export type AlertCommand = CommandOf<(typeof alertCommands)[number]>

export const setAlertRules = defineCommand(
  'SetAlertRules',
  z.strictObject({
    companyId: identifier,
    role,
    rules: z
      .array(alertRule.extend({ kind: z.enum(alertKindNames) }))
      .max(100)
      .refine((rules) => new Set(rules.map(({ kind }) => kind)).size === rules.length, 'a kind once'),
  }),
  ({ companyId }) => companyId,
)
export const alertRulesCommands = [setAlertRules] as const
export type AlertRulesCommand = CommandOf<(typeof alertRulesCommands)[number]>
