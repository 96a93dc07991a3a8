import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildMetrics } from '../../src/api/buildMetrics.ts'
import { createMetrics, meteredStore } from '../../src/api/metrics.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import type { ModelStatus } from '../../src/projections/engine/status.ts'
import { openTestApi, testNow, type TestApi } from '../support/api.ts'
import { bike } from '../support/channelByApi.ts'

const status: ModelStatus = {
  model: 'orders',
  version: 1,
  generation: '1',
  state: 'active',
  position: 5n,
  eventsBehind: 3,
  secondsBehind: 1.5,
  secondsSinceProgress: 0.2,
  parkedEvents: 2,
  waitingFor: undefined,
  difference: undefined,
}
let isAway = false
const errors: unknown[] = []
const metrics = createMetrics({
  projectionStatus: async () => {
    if (isAway) throw new Error('away')
    return [status]
  },
  jobCounts: async () => ({ 'work.queued': 4, 'schedule.failed': 1 }),
  onError: (error) => errors.push(error),
})
let api: TestApi
beforeAll(async () => {
  api = await openTestApi({ metrics, store: meteredStore(openMemoryStore({ clock: () => testNow }), metrics) })
})
afterAll(() => api.close())

const scrape = async (): Promise<string> => {
  const app = buildMetrics(metrics)
  const answer = await app.inject({ url: '/metrics' })
  await app.close()
  expect(answer.headers['content-type']).toContain('text/plain')
  return answer.body
}

test('a scrape shows requests by route, appends, lag and queues', async () => {
  await api.send('admin', 'POST', '/v1/products', { body: bike })
  await api.send('admin', 'GET', '/v1/products/BIKE/revision')
  await api.send('admin', 'GET', '/v1/products/HELMET/revision')
  const text = await scrape()
  expect(text).toContain(
    'channel_ledger_http_request_duration_seconds_count{route="/v1/products/:sku/revision",method="GET",status="200"} 1',
  )
  expect(text).toContain(
    'channel_ledger_http_request_duration_seconds_count{route="/v1/products/:sku/revision",method="GET",status="404"} 1',
  )
  expect(text).toContain('channel_ledger_append_duration_seconds_count{outcome="appended"} 1')
  expect(text).toContain('channel_ledger_appended_events_total 1')
  expect(text).toContain('channel_ledger_projection_lag_events{model="orders",state="active"} 3')
  expect(text).toContain('channel_ledger_projection_parked_events{model="orders",state="active"} 2')
  expect(text).toContain('channel_ledger_jobs{queue="work",state="queued"} 4')
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds')
})

test('a source that is away is left out, the rest is shown', async () => {
  isAway = true
  const text = await scrape()
  expect(text).not.toContain('channel_ledger_projection_lag_events{')
  expect(text).toContain('channel_ledger_jobs{queue="schedule",state="failed"} 1')
  expect(errors).toHaveLength(1)
})

test('the documentation lists exactly the names that a scrape has', async () => {
  const document = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
  const documented = [...document.matchAll(/^\| `(channel_ledger_\w+)`/gm)].map((match) => match[1] ?? '')
  const shown = [...(await scrape()).matchAll(/^# TYPE (channel_ledger_\w+)/gm)].map((match) => match[1] ?? '')
  expect(documented.toSorted()).toEqual(shown.toSorted())
})
