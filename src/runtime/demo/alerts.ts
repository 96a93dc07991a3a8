import { alertAggregate } from '../../domain/alerts/alert.ts'
import { alertChangeOf, alertingTypes } from '../../domain/alerts/alertChange.ts'
import { alertRulesAggregate } from '../../domain/alerts/alertRules.ts'
import { businessTime, startOfDay } from '../../domain/kernel/businessTime.ts'
import { admin, finance, sales } from './names.ts'
import { company, companyZone, day, hour, type World } from './world.ts'

const midday = (date: string): number => startOfDay(date, companyZone) + 12 * hour

/** Finance wants to hear of credit holds alone. A few days of alerts are looked at: some are seen, one is put off, one given to somebody. */
export function lookAtAlerts(world: World): void {
  world.plan(midday('2024-11-04'), async () => {
    const rules = [{ kind: 'credit_hold', from: 'info', live: true, digest: 'daily' } as const]
    await world.run(alertRulesAggregate, { type: 'SetAlertRules', companyId: company, role: 'finance', rules }, admin)
  })
  for (const date of ['2024-12-16', '2025-01-13', '2026-10-29']) world.plan(midday(date), () => look(world))
}

async function look(world: World): Promise<void> {
  const [first, second, third] = await newest(world)
  if (!first || !second || !third) return
  const by = sales

  await world.run(alertAggregate, { type: 'AcknowledgeAlert', ...first, note: 'The supplier was called' }, by)
  const until = businessTime(world.now() + 3 * day, companyZone)
  await world.run(alertAggregate, { type: 'SnoozeAlert', ...second, until }, by)
  await world.run(alertAggregate, { type: 'ReopenAlert', ...second }, by)
  await world.run(alertAggregate, { type: 'AssignAlert', ...third, assignee: finance.id }, by)
}

/** The newest alerts, as the manufacturer handles them. */
async function newest({ store }: World) {
  const head = await store.head()
  const found = []
  for (let after = 0n; after < head;) {
    const page = await store.readAll({ after, limit: 5_000, types: alertingTypes })
    for (const event of page.events) {
      const change = alertChangeOf(event)
      if (change?.change !== 'raised') continue
      const { kind, subject } = change
      found.push({ alertId: event.id, alert: { kind, subject } })
    }
    after = page.position
  }
  return found.slice(-3)
}
