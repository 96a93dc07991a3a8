import * as commands from '../../domain/alerts/commands.ts'
import { alertAggregate } from '../../domain/alerts/alert.ts'
import { alertRulesAggregate } from '../../domain/alerts/alertRules.ts'
import type { handled } from '../../domain/alerts/events.ts'
import { askOne } from '../../projections/engine/query.ts'
import { waitForPosition } from '../../projections/engine/waitForPosition.ts'
import { alertsModel } from '../../projections/models/alerts/model.ts'
import { alertQuery } from '../../projections/models/alerts/queries.ts'
import type { Call, CommandRoute } from '../commandRoute.ts'
import { Problem } from '../problem.ts'
import { admin, claimants } from '../roles.ts'
import type { z } from 'zod'

const one = '/v1/alerts/:alertId'
const base = {
  aggregate: alertAggregate,
  roles: claimants,
  kind: 'record',
  method: 'POST',
  given: { alert: alertOf },
} as const
const waitMilliseconds = 2_000

export const alertRoutes: readonly CommandRoute[] = [
  {
    ...base,
    path: `${one}/acknowledgement`,
    command: commands.acknowledgeAlert,
    summary: 'Acknowledge an alert; raised anew it is another one',
  },
  { ...base, path: `${one}/snooze`, command: commands.snoozeAlert, summary: 'Put an alert off until a time' },
  { ...base, path: `${one}/assignment`, command: commands.assignAlert, summary: 'Give an alert to somebody' },
  {
    ...base,
    path: `${one}/reopening`,
    command: commands.reopenAlert,
    summary: 'Take up again what was acknowledged or put off',
  },
  {
    aggregate: alertRulesAggregate,
    roles: admin,
    kind: 'record',
    method: 'PUT',
    path: '/v1/alert-rules/:companyId/:role',
    command: commands.setAlertRules,
    summary: 'Say what a role is told of, live and in digests; what is not named it is not told of',
  },
]

/** What the alert is about. Who hears of it on the live stream may be ahead of the read model, which then catches up. */
async function alertOf({ ports, principal, sent }: Call): Promise<z.infer<typeof handled>> {
  const { dealerId } = principal
  const reader = ports.readerOf(alertsModel)
  const asked = { alertId: String(sent['alertId']), side: dealerId ?? '', ...(dealerId !== undefined && { dealerId }) }
  const find = async () => (await askOne(reader, alertQuery, asked, {})).row
  let found = await find()
  if (!found) {
    await waitForPosition(reader, alertsModel.name, await ports.store.head(), waitMilliseconds)
    found = await find()
  }
  if (!found) throw new Problem('object.not_found')
  return { kind: found.kind, subject: found.subject, ...(dealerId !== undefined && { dealerId }) }
}
