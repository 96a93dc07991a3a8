import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandRoutes } from '../../src/api/routes/commandRoutes.ts'
import { openTestApi, type TestApi } from '../support/api.ts'
import { fillChannel, order } from '../support/channelByApi.ts'

// API3:2023 Broken object property level authorization: what a body may set, and what an answer shows.

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
  await fillChannel(api)
})
afterAll(() => api.close())

describe('a body', () => {
  test('sets no field that the server gives', async () => {
    for (const { method, path, given = {}, command } of commandRoutes) {
      for (const field of Object.keys(given)) {
        const answer = await api.send('admin', method, path.replace(':currency', 'CNY').replaceAll(/:\w+/g, '1'), {
          body: { [field]: 'chosen-by-the-caller' },
          revision: 0,
        })
        const issues = JSON.stringify(answer.json().details?.issues ?? '')
        expect([answer.statusCode, issues.includes(field)], `${command.name}.${field}`).toEqual([400, true])
      }
    }
  })

  test.each(['recorded', 'actor', 'onBehalfOf', 'source', 'stream', 'revision', 'unitPrice', 'breaches', 'isAdmin'])(
    'sets no %s: an order is priced, dated and attributed by the ledger',
    async (field) => {
      const answer = await api.send('d1', 'POST', '/v1/orders', { body: { ...order, [field]: '1' } })
      expect([answer.statusCode, answer.json().code], `answered ${answer.body}`).toEqual([400, 'request.invalid'])
    },
  )

  test('gives nobody another role through a dealer’s route', async () => {
    for (const role of ['admin', 'sales', 'finance', 'supplier', 'auditor', 'analyst']) {
      const answer = await api.send('d1', 'POST', '/v1/principals', { body: { role, displayName: 'Eve' } })
      expect(answer.statusCode, `${role} ${answer.body}`).toBe(400)
    }
  })
})

describe('an answer', () => {
  test('shows of a key its secret once, and its hash never', async () => {
    await api.send('admin', 'POST', '/v1/principals', {
      body: { principalId: 'erp', role: 'sales', displayName: 'ERP' },
    })
    const made = await api.send('admin', 'POST', '/v1/principals/erp/api-keys', { body: { label: 'x' } })
    const { apiKey } = made.json<{ apiKey: string }>()
    const log = await api.send('auditor', 'GET', '/v1/events?stream=principal-erp')
    expect(log.body).not.toContain(apiKey.split('.')[1])
    const document = await api.send(undefined, 'GET', '/openapi.json')
    const rows = JSON.stringify(document.json().paths['/v1/principals/{principalId}/api-keys'].get.responses)
    expect(rows).not.toContain('"hash"')
  })
})
