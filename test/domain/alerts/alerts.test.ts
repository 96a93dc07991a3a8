import { describe, expect, it } from 'vitest'
import type { PrincipalState } from '../../../src/domain/access/state.ts'
import { alertAggregate } from '../../../src/domain/alerts/alert.ts'
import { alertChangeOf } from '../../../src/domain/alerts/alertChange.ts'
import { severityOf } from '../../../src/domain/alerts/alertKinds.ts'
import { alertRulesAggregate, defaultRules, rulesFor } from '../../../src/domain/alerts/alertRules.ts'
import { setAlertRules } from '../../../src/domain/alerts/commands.ts'
import type { AlertEvent } from '../../../src/domain/alerts/events.ts'
import { given } from '../../support/decider.ts'

const alert = { kind: 'low_stock', subject: 'D1/MAIN/BIKE' }
const one = { alertId: 'A1', alert } as const
const data = { alertId: 'A1', ...alert }
const acknowledged: AlertEvent = { type: 'AlertAcknowledged', data }
const until = '2026-01-16T08:30:00.000+08:00[Asia/Shanghai]'
const snoozed: AlertEvent = { type: 'AlertSnoozed', data: { ...data, until } }
const reopened: AlertEvent = { type: 'AlertReopened', data }

describe('an alert', () => {
  it('is acknowledged once, with a note of its author', () => {
    const note = 'The supplier was called'
    given(alertAggregate)
      .when({ type: 'AcknowledgeAlert', ...one, note })
      .then([{ type: 'AlertAcknowledged', data: { ...data, note } }])
    given(alertAggregate, [acknowledged])
      .when({ type: 'AcknowledgeAlert', ...one })
      .thenNothing()
    given(alertAggregate, [acknowledged, reopened])
      .when({ type: 'AcknowledgeAlert', ...one })
      .then([acknowledged])
  })

  it('is put off to a time to come, which is not too far', () => {
    const snooze = (time: string) => given(alertAggregate).when({ type: 'SnoozeAlert', ...one, until: time })
    snooze(until).then([snoozed])
    snooze('2026-01-15T08:30:00.000+08:00[Asia/Shanghai]').thenRefused('alerts.snooze_until')
    snooze('2026-05-15T08:30:00.000+08:00[Asia/Shanghai]').thenRefused('alerts.snooze_until')
    given(alertAggregate, [snoozed])
      .when({ type: 'SnoozeAlert', ...one, until })
      .thenNothing()
  })

  it('is taken up again when it was acknowledged or put off', () => {
    for (const before of [acknowledged, snoozed])
      given(alertAggregate, [before])
        .when({ type: 'ReopenAlert', ...one })
        .then([reopened])
    given(alertAggregate)
      .when({ type: 'ReopenAlert', ...one })
      .thenNothing()
  })

  it('is given to somebody of the same side who may sign in', () => {
    const person: PrincipalState = {
      known: true,
      principalId: 'chen',
      role: 'sales',
      rights: [],
      registeredAs: { role: 'sales', rights: [] },
      keys: [],
      disabled: false,
    }
    const assign = (assignee: PrincipalState, dealerId?: string) =>
      given(alertAggregate).when(
        { type: 'AssignAlert', alertId: 'A1', assignee: 'chen', alert: { ...alert, dealerId } },
        { given: { assignee } },
      )
    expect(assign(person).events()).toEqual([{ type: 'AlertAssigned', data: { ...data, assignee: 'chen' } }])
    assign({ ...person, dealerId: 'D1' }, 'D1').events()
    assign(person, 'D1').thenRefused('alerts.assignee_unknown')
    assign({ ...person, dealerId: 'D2' }, 'D1').thenRefused('alerts.assignee_unknown')
    assign({ ...person, disabled: true }).thenRefused('alerts.assignee_unknown')
    assign({ known: false }).thenRefused('alerts.assignee_unknown')
  })

  it('is handled by each side in a stream of its own, which belongs to the dealer or to the manufacturer', () => {
    const command = { type: 'AcknowledgeAlert', ...one } as const
    const ofDealer = { ...command, alert: { ...alert, dealerId: 'D1' } }
    const [acknowledge] = alertAggregate.commands
    expect([acknowledge?.id(command), acknowledge?.id(ofDealer)]).toEqual(['A1', 'A1/D1'])
    expect([alertAggregate.owner?.({}, command), alertAggregate.owner?.({}, ofDealer)]).toEqual([undefined, 'D1'])
  })
})

describe('what raises an alert', () => {
  const levels = { party: 'D1', location: 'MAIN', sku: 'BIKE', position: '0', available: '0', reorderPoint: '4' }
  const low = { type: 'LowStockDetected', data: { ...levels, level: 'out' }, source: { kind: 'process' } }

  it('says what it is about and whose', () => {
    expect(alertChangeOf(low)).toEqual({
      change: 'raised',
      kind: 'low_stock',
      subject: 'D1/MAIN/BIKE',
      dealerId: 'D1',
      code: 'out',
      details: levels,
    })
    expect(severityOf('low_stock', 'out')).toBe('critical')
    expect(severityOf('low_stock', 'low')).toBe('warning')
  })

  it('is no recorded fact and nothing else', () => {
    expect(alertChangeOf({ ...low, source: { kind: 'import' } })).toBeUndefined()
    expect(alertChangeOf({ ...low, type: 'OrderPlaced' })).toBeUndefined()
  })
})

describe('the rules', () => {
  const rule = { kind: 'credit_hold', from: 'critical', live: false, digest: 'weekly' } as const
  const set = { type: 'SetAlertRules', companyId: 'ACME', role: 'finance', rules: [rule] } as const
  const first = {
    type: 'AlertRulesSet',
    data: { companyId: 'ACME', role: 'finance', version: 1, rules: [rule] },
  } as const

  it('of a role replace those before, and the defaults, which hold for the other roles', () => {
    given(alertRulesAggregate)
      .when({ ...set, rules: [...set.rules] })
      .then([{ ...first, data: { ...first.data, rules: [rule] } }])
    const state = given(alertRulesAggregate, [{ ...first, data: { ...first.data, rules: [rule] } }]).state()
    expect(rulesFor(state, 'finance')).toEqual([rule])
    expect(rulesFor(state, 'sales')).toEqual(defaultRules.sales)
    given(alertRulesAggregate, [{ ...first, data: { ...first.data, rules: [rule] } }])
      .when({ ...set, rules: [] })
      .then([{ type: 'AlertRulesSet', data: { ...first.data, version: 2, rules: [] } }])
  })

  it('tell dealers nothing of cases about themselves', () => {
    for (const kind of ['price_violation', 'abnormal_trade', 'diversion'] as const)
      given(alertRulesAggregate)
        .when({ ...set, role: 'dealer', rules: [{ ...rule, kind }] })
        .thenRefused('alerts.not_for_dealers')
    given(alertRulesAggregate)
      .when({ ...set, role: 'dealer', rules: [rule] })
      .events()
  })

  it('name a kind that there is, once; a supplier hears of nothing by default', () => {
    expect(setAlertRules.schema.safeParse({ companyId: 'ACME', role: 'finance', rules: [rule, rule] }).success).toBe(
      false,
    )
    expect(
      setAlertRules.schema.safeParse({ companyId: 'ACME', role: 'finance', rules: [{ ...rule, kind: 'x' }] }).success,
    ).toBe(false)
    expect(defaultRules.supplier).toEqual([])
  })
})
