import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RecordedEvent } from '../../../src/ledger/envelope.ts'
import { alertsModel } from '../../../src/projections/models/alerts/model.ts'
import { alertsQueries } from '../../../src/projections/models/alerts/queries.ts'
import {
  type HistoryEvent,
  historyId,
  openReadModels,
  type OpenReadModels,
  recordHistory,
} from '../../support/readModels.ts'
import { at } from '../../support/smallChannel.ts'

const [list, , counts, rules] = alertsQueries
const levels = {
  onHand: '1',
  reserved: '0',
  allocated: '0',
  blocked: '0',
  inTransit: '0',
  onOrder: '0',
  backordered: '0',
}
const stock = (type: string, party: string, when: string, more: object = {}): HistoryEvent => ({
  stream: `stock-${party}/MAIN/BIKE`,
  type,
  at: at(when),
  data: {
    party,
    location: 'MAIN',
    sku: 'BIKE',
    position: '1',
    available: '1',
    levels,
    safetyStock: '2',
    reorderPoint: '4',
    policyVersion: 1,
    ...more,
  },
})
const fulfilment = (type: string, when: string, data: object): HistoryEvent => ({
  stream: 'fulfilment-O1',
  type,
  at: at(when),
  data: { orderId: 'O1', attempt: 1, ...data },
})
/** What was done about the alert that the nth event raised. */
const handled = (type: string, alert: number, data: object): HistoryEvent => ({
  stream: `alert-${historyId(alert)}/${JSON.stringify(data).length}`,
  type,
  at: at('2026-01-04T00:00'),
  data: { alertId: historyId(alert), kind: 'low_stock', subject: 'O1', ...data },
})
const hold = { accountId: 'G', holdId: 'over_limit/party/D2', kind: 'over_limit', party: 'D2' }
const small: readonly HistoryEvent[] = [
  stock('LowStockDetected', 'D1', '2026-01-01T00:00', { level: 'low' }),
  stock('LowStockDetected', 'D2', '2026-01-01T01:00', { level: 'low' }),
  stock('LowStockDetected', 'D1', '2026-01-01T02:00', { level: 'out' }),
  stock('StockReplenished', 'D2', '2026-01-02T00:00'),
  { stream: 'account-G', type: 'CreditHoldPlaced', at: at('2026-01-02T00:00'), data: { ...hold, exposures: [] } },
  fulfilment('FulfilmentStarted', '2026-01-03T00:00', {
    dealerId: 'D1',
    creditAccount: 'G',
    currency: 'USD',
    amount: '1',
    policy: 'backorder',
    affectsStock: true,
    shipFrom: { party: 'ACME', location: 'MAIN' },
    lines: [],
    cause: 'placed',
    deadline: at('2026-01-03T01:00'),
    reservedUntil: at('2026-01-03T04:00'),
  }),
  fulfilment('FulfilmentDeadlinePassed', '2026-01-03T01:00', { deadline: at('2026-01-03T01:00'), phase: 'stock' }),
  handled('AlertAcknowledged', 3, {}),
  handled('AlertSnoozed', 5, { until: at('2026-01-09T00:00') }),
  handled('AlertSnoozed', 7, { until: at('2026-01-11T00:00') }),
  handled('AlertAssigned', 7, { assignee: 'chen', dealerId: 'D1' }),
  {
    stream: 'alertrules-ACME',
    type: 'AlertRulesSet',
    at: at('2026-01-04T00:00'),
    data: {
      companyId: 'ACME',
      role: 'finance',
      version: 1,
      rules: [{ kind: 'credit_hold', from: 'info', live: true, digest: 'weekly' }],
    },
  },
]

let models: OpenReadModels
let log: readonly RecordedEvent[]
beforeAll(async () => {
  models = await openReadModels([alertsModel], Date.UTC(2026, 0, 10))
  log = await recordHistory(small)
  await models.fold(log)
})
afterAll(() => models.close())

describe('the alerts', () => {
  const brief = async (params: object): Promise<unknown[]> =>
    (await models.list(list, params)).map((row) => [
      row['kind'],
      row['code'],
      row['dealerId'],
      row['open'],
      row['raisedBy'],
    ])

  test('stand with the event that raised them, the newest first, until another closes them', async () => {
    expect(await brief({})).toEqual([
      ['fulfilment_late', 'stock', 'D1', true, historyId(7)],
      ['credit_hold', 'over_limit', 'D2', true, historyId(5)],
      ['low_stock', 'out', 'D1', true, historyId(3)],
      ['low_stock', 'low', 'D2', false, historyId(2)],
    ])
    expect(await models.list(list, { kind: 'low_stock', open: 'false' })).toMatchObject([
      { closedAt: '2026-01-02T00:00:00.000Z', details: { party: 'D2', reorderPoint: '4' } },
    ])
  })

  test('show a dealer its own alone', async () => {
    expect((await brief({ dealerId: 'D1' })).length).toBe(2)
    expect(await models.list(counts, { dealerId: 'D2' })).toEqual([
      { kind: 'credit_hold', code: 'over_limit', open: 1, waiting: 1 },
    ])
  })

  test('stand with what was done about them by the side that asks; a snooze ends when its time comes', async () => {
    const states = async (params: object): Promise<unknown[]> =>
      (await models.list(list, { open: 'true', ...params })).map(({ kind, handling, assignment }) => [
        kind,
        (handling as { state: string } | null)?.state,
        (assignment as { assignee: string } | null)?.assignee,
      ])
    expect(await states({})).toEqual([
      ['fulfilment_late', 'snoozed', undefined],
      ['credit_hold', 'snoozed', undefined],
      ['low_stock', 'acknowledged', undefined],
    ])
    expect(await states({ waiting: 'true' })).toEqual([['credit_hold', 'snoozed', undefined]])
    expect(await states({ side: 'D1', dealerId: 'D1' })).toEqual([
      ['fulfilment_late', undefined, 'chen'],
      ['low_stock', undefined, undefined],
    ])
    expect(await states({ side: 'D1', assignee: 'chen' })).toHaveLength(1)
  })

  test('are told as the company said, else by default', async () => {
    const brief = (await models.list(rules, { companyId: 'ACME' })).map(({ role, kind, from, digest, isDefault }) =>
      [role, kind, from, digest, isDefault].join(' '),
    )
    expect(brief.filter((line) => line.startsWith('finance'))).toEqual(['finance credit_hold info weekly false'])
    expect(brief.filter((line) => line.startsWith('dealer'))).toContain('dealer low_stock warning daily true')
    expect(brief.filter((line) => line.startsWith('supplier'))).toEqual([])
  })

  test('are not raised by recorded facts', () => {
    const imported = log.map((event) => ({ ...event, source: { kind: 'import' as const } }))
    const raised = imported
      .flatMap((event) => alertsModel.facts(event))
      .filter(({ lasts }) => lasts?.['is_open'] === true)
    expect(raised).toEqual([])
  })
})
