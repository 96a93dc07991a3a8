import { alertAggregate } from '../../domain/alerts/alert.ts'
import { alertChangeOf, alertingTypes } from '../../domain/alerts/alertChange.ts'
import { dealersKinds } from '../../domain/alerts/alertKinds.ts'
import { alertRulesAggregate } from '../../domain/alerts/alertRules.ts'
import { businessTime, startOfDay } from '../../domain/kernel/businessTime.ts'
import { plus } from '../../domain/kernel/decimalText.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import { position } from '../../domain/stock/levels.ts'
import { stockId, type StockKey } from '../../domain/stock/stockKey.ts'
import { admin, demoPrincipals, finance, sales } from './names.ts'
import { company, companyZone, day, hour, type World } from './world.ts'

const midday = (date: string): number => startOfDay(date, companyZone) + 12 * hour

/** Finance wants to hear of credit holds alone. A few days of alerts are looked at: some are seen, one is put off, one given to somebody. */
export function lookAtAlerts(world: World): void {
  world.plan(midday('2024-11-04'), async () => {
    const rules = [{ kind: 'credit_hold', from: 'info', live: true, digest: 'daily' } as const]
    await world.run(alertRulesAggregate, { type: 'SetAlertRules', companyId: company, role: 'finance', rules }, admin)
  })
  for (const date of ['2024-12-16', '2025-01-13', '2026-10-29']) world.plan(midday(date), () => look(world))
  world.plan(midday('2025-01-29'), () => setLevels(world))
  for (const date of ['2025-01-30', '2026-10-30']) world.plan(midday(date), () => lookAsDealers(world))
}

/** The manufacturer: an alert is seen, one put off and taken up again, one given to finance. */
async function look(world: World): Promise<void> {
  const [first, second, third] = (await raised(world))
    .slice(-3)
    .map(({ alertId, alert: { kind, subject } }) => ({ alertId, alert: { kind, subject } }))
  if (!first || !second || !third) return
  await world.run(alertAggregate, { type: 'AcknowledgeAlert', ...first, note: 'The supplier was called' }, sales)
  const until = businessTime(world.now() + 3 * day, companyZone)
  await world.run(alertAggregate, { type: 'SnoozeAlert', ...second, until }, sales)
  await world.run(alertAggregate, { type: 'ReopenAlert', ...second }, sales)
  await world.run(alertAggregate, { type: 'AssignAlert', ...third, assignee: finance.id }, sales)
}

/** Each dealer with people here wants one piece more than it has of something that it keeps. */
async function setLevels(world: World): Promise<void> {
  const page = await world.store.readAll({ after: 0n, limit: 5_000, types: ['StockReceived'] })
  const keys = page.events.map(({ data }) => data as StockKey) // every event of a stock stream names it
  for (const { principalId, dealerId, zone } of demoPrincipals.filter(({ rights }) => rights?.includes('stock'))) {
    const kept = keys.find(({ party }) => party === dealerId)
    if (!kept) continue
    const { party, location, sku } = kept
    const { levels: there } = await world.handler.load(stockAggregate, stockId(kept))
    const levels = { safetyStock: '1', reorderPoint: plus(position(there), '1') }
    const command = { type: 'SetReplenishmentPolicy', party, location, sku, levels } as const
    await world.run(stockAggregate, command, { id: principalId, zone })
  }
  await world.work()
}

/** Each dealer with people here has seen its own newest alert. */
async function lookAsDealers(world: World): Promise<void> {
  const all = await raised(world)
  for (const { principalId, dealerId, zone } of demoPrincipals.filter(({ rights }) => rights?.includes('orders'))) {
    const own = all.findLast(({ alert }) => alert.dealerId === dealerId && dealersKinds.includes(alert.kind))
    if (own) await world.run(alertAggregate, { type: 'AcknowledgeAlert', ...own }, { id: principalId, zone })
  }
}

/** Every alert so far, the newest last; `dealerId` of those that name one. */
async function raised({ store }: World) {
  const head = await store.head()
  const found = []
  for (let after = 0n; after < head;) {
    const page = await store.readAll({ after, limit: 5_000, types: alertingTypes })
    for (const event of page.events) {
      const change = alertChangeOf(event)
      if (change?.change !== 'raised') continue
      const { kind, subject, dealerId } = change
      found.push({ alertId: event.id, alert: { kind, subject, ...(dealerId !== undefined && { dealerId }) } })
    }
    after = page.position
  }
  return found
}
