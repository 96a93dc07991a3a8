import type { Role } from '../access/role.ts'
import { refuse, type Aggregate, type Decision } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { alertKindNames, alertKinds, dealersKinds } from './alertKinds.ts'
import { alertRulesCommands, type AlertRulesCommand } from './commands.ts'
import { alertRulesEvents, type AlertRule, type AlertRulesEvent } from './events.ts'

export interface AlertRulesState {
  readonly byRole: Readonly<Partial<Record<Role, { readonly version: number; readonly rules: readonly AlertRule[] }>>>
}

/** Who of a company and its dealers is told of which alerts. */
export const alertRulesAggregate: Aggregate<AlertRulesCommand, AlertRulesEvent, AlertRulesState> = {
  category: 'alertrules',
  stateVersion: 1,
  initialState: { byRole: {} },
  evolve: ({ byRole }, { data: { role, version, rules } }: Happened<AlertRulesEvent>) => ({
    byRole: { ...byRole, [role]: { version, rules } },
  }),
  decide,
  events: alertRulesEvents,
  commands: alertRulesCommands,
}

function decide({ companyId, role, rules }: AlertRulesCommand, { byRole }: AlertRulesState): Decision<AlertRulesEvent> {
  const before = byRole[role]
  const kept = role === 'dealer' && rules.find(({ kind }) => !dealersKinds.includes(kind))
  if (kept) return refuse('alerts.not_for_dealers', { kind: kept.kind })
  if (before && sameData(before.rules, rules)) return []
  return [{ type: 'AlertRulesSet', data: { companyId, role, version: (before?.version ?? 0) + 1, rules } }]
}

/** What a role is told of: as its company said, else by default. */
export function rulesFor({ byRole }: AlertRulesState, role: Role): readonly AlertRule[] {
  return byRole[role]?.rules ?? defaultRules[role]
}

/**
 * Without a word of the company: whom a kind concerns hears of it at once and finds it in the daily digest, from warnings on;
 * those who watch over the whole, in the weekly one. A supplier, whom nothing ties to a dealer, hears of nothing.
 */
export const defaultRules: Readonly<Record<Role, readonly AlertRule[]>> = {
  admin: watching(),
  sales: concerned('sales'),
  finance: concerned('finance'),
  dealer: concerned('dealer'),
  supplier: [],
  analyst: watching(),
  auditor: watching(),
}

function watching(): AlertRule[] {
  return alertKindNames.map((kind) => ({ kind, from: 'warning', live: true, digest: 'weekly' }))
}

function concerned(role: Role): AlertRule[] {
  const kinds = alertKindNames.filter((kind) => alertKinds[kind].tells.includes(role))
  return kinds.map((kind) => ({ kind, from: 'warning', live: true, digest: 'daily' }))
}
