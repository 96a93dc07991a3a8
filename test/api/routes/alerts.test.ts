import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { violationsAggregate } from '../../../src/domain/violations/violations.ts'
import { alertsModel } from '../../../src/projections/models/alerts/model.ts'
import { type AlertsApi, openAlertsApi } from '../../support/alertsApi.ts'
import type { StaffName } from '../../support/api.ts'
import { type Listener, listenToEvents } from '../../support/listenToEvents.ts'
import { until } from '../../support/until.ts'

interface News {
  readonly position: string
  readonly change?: string
  readonly alertId?: string
  readonly dealerId?: string | null
  readonly code?: string
  readonly by?: string
  readonly before?: string
  readonly severity?: string
}

let world: AlertsApi
const listening: Listener<News>[] = []
beforeEach(async () => {
  world = await openAlertsApi([alertsModel])
})
afterEach(async () => {
  for (const one of listening.splice(0)) one.stop()
  await world.close()
})

async function listen(as: StaffName, after: bigint, headers: Record<string, string> = {}): Promise<Listener<News>> {
  const url = `${world.server.url}/v1/alerts/stream?after=${after}`
  const listener = await listenToEvents<News>(url, { authorization: `ApiKey ${as}.${as}`, ...headers })
  listening.push(listener)
  return listener
}

const brief = ({ messages }: Listener<News>): unknown[] =>
  messages.map(({ data }) => [data?.change, data?.dealerId, data?.code ?? data?.by].filter((one) => one !== undefined))

async function act(as: StaffName, alertId: string, what: string, body: object = {}): Promise<number> {
  return (await world.api.send(as, 'POST', `/v1/alerts/${alertId}/${what}`, { body })).statusCode
}
async function shown(as: StaffName, query = ''): Promise<Record<string, unknown>[]> {
  const answer = await world.api.send(as, 'GET', `/v1/alerts${query}`)
  expect(answer.statusCode, `answered ${answer.body}`).toBe(200)
  return answer.json<{ items: Record<string, unknown>[] }>().items
}

describe('handling an alert', () => {
  test('shows who did what and when to the side that did it, the note as it was written', async () => {
    const alertId = (await world.stock('D1', '1')) ?? ''
    await world.register('colleague', 'sales')
    await world.project()
    expect(await act('sales', alertId, 'acknowledgement', { note: 'The supplier was called' })).toBe(200)
    expect(await act('sales', alertId, 'assignment', { assignee: 'colleague' })).toBe(200)
    expect(await act('d1', alertId, 'snooze', { until: '2026-04-02T00:00:00.000Z[UTC]', note: 'Tomorrow' })).toBe(200)
    await world.project()
    const at = '2026-04-01T12:00:00.000Z'
    const [ofSales] = await shown('finance')
    expect(ofSales).toMatchObject({
      alertId,
      severity: 'warning',
      handling: { state: 'acknowledged', by: 'sales', at, note: 'The supplier was called' },
      assignment: { assignee: 'colleague', by: 'sales', at },
    })
    const [ofDealer] = await shown('clerk')
    expect(ofDealer).toMatchObject({
      alertId,
      handling: { state: 'snoozed', by: 'd1', until: '2026-04-02T00:00:00.000Z', note: 'Tomorrow' },
      assignment: null,
    })
    expect(await shown('finance', '?waiting=true')).toEqual([])
    expect(await shown('finance', '?assignee=colleague')).toHaveLength(1)
    // a dealer cannot ask as if it were another side
    const asked = await world.api.send('d1', 'GET', '/v1/alerts?side=')
    expect(asked.statusCode).toBe(400)
  })

  test('is for those whose alert it is: for another dealer there is none', async () => {
    const alertId = (await world.stock('D1', '1')) ?? ''
    await world.project()
    expect(await act('d2', alertId, 'acknowledgement')).toBe(404)
    expect(await act('analyst', alertId, 'acknowledgement')).toBe(403)
    expect(await act('sales', 'no-such-alert', 'acknowledgement')).toBe(404)
    expect(await act('sales', alertId, 'assignment', { assignee: 'stranger' })).toBe(422)
    expect((await world.api.send('d2', 'GET', `/v1/alerts/${alertId}`)).statusCode).toBe(404)
    expect((await world.api.send('d1', 'GET', `/v1/alerts/${alertId}`)).statusCode).toBe(200)
  })

  test('tells a dealer nothing of a case that was not put to it', async () => {
    const at = '2026-03-30T00:00:00.000Z[UTC]'
    const [subject, judged] = [
      { companyId: 'ACME', dealerId: 'D1', violationId: 'v-1', kind: 'ORDER_SPIKE' },
      { policyVersion: 1, derivesFromResale: false, repeatWithinDays: 90, explainWithinDays: 5, quietDays: 0 },
    ] as const
    const evidence = [{ eventId: '00000000-0000-4000-8000-000000000001', role: 'order' }]
    const found = { from: at, to: at, score: '1', figures: {}, evidence }
    await world.api.ports.handler.execute(
      violationsAggregate,
      { type: 'DetectViolation', ...subject, ...judged, ...found },
      { at, actor: 'violations', source: { kind: 'process', system: 'violations' }, correlationId: 'case' },
    )
    await world.project()
    const [{ alertId } = { alertId: 'none' }] = await shown('sales')
    expect((await shown('sales')).map(({ kind }) => kind)).toEqual(['abnormal_trade'])
    expect(await shown('d1')).toEqual([])
    expect((await world.api.send('d1', 'GET', '/v1/alert-counts')).json()).toMatchObject({ items: [] })
    expect((await world.api.send('d1', 'GET', `/v1/alerts/${String(alertId)}`)).statusCode).toBe(404)
    expect(await act('d1', String(alertId), 'acknowledgement')).toBe(404)
  })

  test('ends with the alert: what is raised again after closing is new', async () => {
    const first = (await world.stock('D1', '1')) ?? ''
    await world.project()
    await act('sales', first, 'acknowledgement')
    await world.stock('D1', '9')
    const second = await world.stock('D1', '1')
    await world.project()
    expect(await shown('sales', '?waiting=true')).toMatchObject([{ alertId: second, open: true, handling: null }])
    expect(await act('sales', first, 'reopening')).toBe(404)
  })
})

describe('the stream of alerts', () => {
  test('tells of what is raised, changed, handled and closed, to a dealer of its own alone', async () => {
    const head = await world.project()
    const [sales, d1, d2] = [await listen('sales', head), await listen('d1', head), await listen('d2', head)]
    const low = (await world.stock('D1', '1')) ?? ''
    const out = (await world.stock('D1', '0')) ?? ''
    await world.stock('D2', '1')
    await world.project()
    await act('sales', out, 'acknowledgement')
    await act('d1', out, 'acknowledgement', { note: 'secret' })
    await world.stock('D1', '9')
    await until(() => sales.messages.length === 5 && d1.messages.length === 4)
    expect(brief(sales)).toEqual([
      ['raised', 'D1', 'low'],
      ['changed', 'D1', 'out'],
      ['raised', 'D2', 'low'],
      ['acknowledged', 'D1', 'out'],
      ['closed', 'D1', 'out'],
    ])
    expect(sales.messages[1]?.data).toMatchObject({ alertId: out, before: low, severity: 'critical' })
    expect(d1.messages.map(({ data }) => [data?.change, data?.by])).toEqual([
      ['raised', undefined],
      ['changed', undefined],
      ['acknowledged', 'd1'],
      ['closed', undefined],
    ])
    await until(() => d2.messages.length === 1)
    expect(brief(d2)).toEqual([['raised', 'D2', 'low']])
    expect(JSON.stringify(d1.messages)).not.toContain('secret')
  })

  test('knows what was open before it began, and tells nothing of what closes nothing', async () => {
    const alertId = await world.stock('D1', '1')
    await world.stock('D2', '9')
    const sales = await listen('sales', await world.project())
    await world.stock('D2', '8')
    await world.stock('D1', '9')
    await until(() => sales.messages.length > 0)
    expect(sales.messages).toMatchObject([{ event: 'alert', data: { change: 'closed', alertId, dealerId: 'D1' } }])
  })

  test('goes on after Last-Event-ID, and says resync to who is not in the ring', async () => {
    const head = await world.project()
    const first = await listen('sales', head)
    await world.stock('D1', '1')
    await world.stock('D2', '1')
    await until(() => first.messages.length === 2)
    const second = await listen('sales', head, { 'last-event-id': first.messages[0]?.id ?? '' })
    await until(() => second.messages.length === 1)
    expect(second.messages).toEqual(first.messages.slice(1))
    const ahead = await listen('sales', 9999n)
    await until(() => ahead.messages.length === 1)
    expect(ahead.messages[0]?.event).toBe('resync')
  })

  test('follows the rules of the role as they change', async () => {
    const head = await world.project()
    const [sales, finance] = [await listen('sales', head), await listen('finance', head)]
    const rule = { kind: 'low_stock', from: 'critical', live: true, digest: 'none' }
    for (const [role, rules] of [
      ['finance', [rule]],
      ['sales', [{ ...rule, live: false }]],
    ] as const)
      expect(
        (await world.api.send('admin', 'PUT', `/v1/alert-rules/ACME/${role}`, { body: { rules } })).statusCode,
      ).toBe(200)
    const admin = await listen('admin', head)
    await world.stock('D1', '1')
    await world.stock('D1', '0')
    await until(() => admin.messages.length === 2 && finance.messages.length === 1)
    expect(brief(finance)).toEqual([['changed', 'D1', 'out']])
    expect(sales.messages).toEqual([])
    expect(
      (await world.api.send('sales', 'PUT', '/v1/alert-rules/ACME/sales', { body: { rules: [] } })).statusCode,
    ).toBe(403)
  })
})
