import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDirectory } from '../../../src/api/directory.ts'
import { accessModel } from '../../../src/projections/models/access/model.ts'
import { webhooksModel } from '../../../src/projections/models/webhooks/model.ts'
import { openTestApi, staff, staffDirectory, testNow, type TestApi } from '../../support/api.ts'
import { fillChannel } from '../../support/channelByApi.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'
import { until } from '../../support/until.ts'

let api: TestApi
let models: OpenReadModels
let now = testNow
const known = staffDirectory(staff)

/** What a process knows of the ledger's people. */
const directoryOver = () =>
  openDirectory({
    reader: models.reader(accessModel),
    load: (aggregate, id) => api.ports.handler.load(aggregate, id),
    now: () => now,
  })

/** The people of the tests, and everybody whom the ledger knows. */
const project = async (): Promise<void> => {
  await models.fold((await api.store.readAll({ after: 0n, limit: 5000 })).events)
  now += 10_000 // past what the directory holds
}

beforeAll(async () => {
  models = await openReadModels([accessModel, webhooksModel], testNow)
  const ledger = directoryOver()
  api = await openTestApi({
    readerOf: (model) => models.reader(model),
    directory: {
      byKey: async (keyId) => (await known.byKey(keyId)) ?? ledger.byKey(keyId),
      byIdentity: (issuer, subject) => ledger.byIdentity(issuer, subject),
      byId: (id) => ledger.byId(id),
    },
  })
  await fillChannel(api)
})
afterAll(async () => {
  await api.close()
  await models.close()
})

const withKey = async (apiKey: string) =>
  api.send(undefined, 'GET', '/v1/me', { headers: { authorization: `ApiKey ${apiKey}` } })

describe('an API key', () => {
  test('is shown once, the same to a repeat, works, and stops working when it is revoked', async () => {
    await api.send('admin', 'POST', '/v1/principals', {
      body: { principalId: 'machine', role: 'analyst', displayName: 'Reports' },
    })
    const make = () =>
      api.send('admin', 'POST', '/v1/principals/machine/api-keys', { body: { label: 'nightly' }, key: 'make' })
    const made = await make()
    expect(made.statusCode, `answered ${made.body}`).toBe(201)
    expect((await make()).body).toBe(made.body)
    const { apiKey, keyId } = made.json()
    expect(apiKey).toMatch(new RegExp(`^${keyId}\\.[\\w-]{43}$`))

    const log = await api.store.readStream('principal-machine')
    expect(JSON.stringify(log.map(({ raw }) => raw)), 'only its hash is kept').not.toContain(apiKey.split('.')[1])
    await project()
    expect((await withKey(apiKey)).json()).toMatchObject({ id: 'machine', role: 'analyst' })
    expect((await withKey(`${keyId}.${'x'.repeat(43)}`)).statusCode).toBe(401)

    const [listed] = (await api.send('admin', 'GET', '/v1/principals/machine/api-keys')).json().items
    expect(listed).toMatchObject({ keyId, label: 'nightly', status: 'valid' })
    expect(JSON.stringify(listed)).not.toContain('hash')

    await api.send('admin', 'POST', `/v1/principals/machine/api-keys/${keyId}/revocation`, { body: { reason: 'lost' } })
    await project()
    expect((await withKey(apiKey)).statusCode).toBe(401)
  })

  test('of its own id and secret cannot be asked for', async () => {
    for (const field of ['keyId', 'hash']) {
      const answer = await api.send('admin', 'POST', '/v1/principals/machine/api-keys', {
        body: { label: 'x', [field]: 'f'.repeat(64) },
      })
      expect(answer.statusCode).toBe(400)
    }
  })

  test('follows its principal: another role counts at once, a disabled one is nobody', async () => {
    await api.send('admin', 'POST', '/v1/principals', {
      body: { principalId: 'p2', role: 'analyst', displayName: 'P2' },
    })
    const { apiKey } = (await api.send('admin', 'POST', '/v1/principals/p2/api-keys', { body: { label: 'x' } })).json()
    await api.send('admin', 'PUT', '/v1/principals/p2/role', { body: { role: 'auditor' }, revision: 1 })
    await project()
    expect((await withKey(apiKey)).json()).toMatchObject({ role: 'auditor' })
    await api.send('admin', 'POST', '/v1/principals/p2/disabling', { body: { reason: 'left' } })
    await project()
    expect((await withKey(apiKey)).statusCode).toBe(401)
  })

  test('stops working as soon as the ledger says so: no read model between, and nothing held', async () => {
    const body = { principalId: 'p3', role: 'analyst', displayName: 'P3' }
    await api.send('admin', 'POST', '/v1/principals', { body })
    const issue = async () =>
      (await api.send('admin', 'POST', '/v1/principals/p3/api-keys', { body: { label: 'x' } })).json()
    const [first, second] = [await issue(), await issue()]
    await project()
    const directory = directoryOver()
    const ending = new AbortController()
    const followed = directory.follow(api.store, ending.signal, (error) => expect.unreachable(String(error)))
    expect((await directory.byKey(first.keyId))?.principal.role).toBe('analyst')
    expect((await directory.byKey(second.keyId))?.principal.role).toBe('analyst')
    // from here on the read model stands still, and so does the clock
    await api.send('admin', 'POST', `/v1/principals/p3/api-keys/${first.keyId}/revocation`, {
      body: { reason: 'lost' },
    })
    await until(async () => (await directory.byKey(first.keyId)) === undefined)
    await api.send('admin', 'PUT', '/v1/principals/p3/role', { body: { role: 'auditor' }, revision: 3 })
    await until(async () => (await directory.byKey(second.keyId))?.principal.role === 'auditor')
    await api.send('admin', 'POST', '/v1/principals/p3/disabling', { body: { reason: 'left' } })
    await until(async () => (await directory.byKey(second.keyId)) === undefined)
    ending.abort()
    await followed
  })

  test('ends at its time', async () => {
    const expiresAt = '2026-04-01T13:00:00.000Z[UTC]'
    const { apiKey } = (
      await api.send('admin', 'POST', '/v1/principals/machine/api-keys', { body: { label: 'x', expiresAt } })
    ).json()
    await project()
    expect((await withKey(apiKey)).statusCode).toBe(200)
    const later = await openTestApi({
      store: api.store,
      now: () => testNow + 3_600_000,
      directory: directoryOver(),
    })
    const answer = await later.send(undefined, 'GET', '/v1/me', { headers: { authorization: `ApiKey ${apiKey}` } })
    expect(answer.statusCode).toBe(401)
    await later.app.close()
  })
})

describe('a dealer’s staff manager', () => {
  test('manages its own staff and nobody else', async () => {
    const own = await api.send('d1', 'POST', '/v1/principals', {
      body: { principalId: 'ann', role: 'dealer', rights: ['orders'], displayName: 'Ann' },
    })
    expect(own.statusCode, `answered ${own.body}`).toBe(201)
    await api.send('d2', 'POST', '/v1/principals', {
      body: { principalId: 'bob', role: 'dealer', rights: [], displayName: 'Bob' },
    })
    await project()
    const listed = (await api.send('d1', 'GET', '/v1/principals')).json().items
    expect(listed).toMatchObject([
      { principalId: 'ann', dealerId: 'D1', displayName: 'Ann', rights: ['orders'], validKeys: '0' },
    ])
    for (const [method, url, body] of [
      ['PUT', '/v1/principals/ID/rights', { rights: [] }],
      ['POST', '/v1/principals/ID/api-keys', { label: 'x' }],
      ['GET', '/v1/principals/ID', undefined],
      ['GET', '/v1/principals/ID/revision', undefined],
    ] as const) {
      const answers = await Promise.all(
        ['bob', 'nobody'].map((id) => api.send('d1', method, url.replace('ID', id), { body, revision: 0 })),
      )
      const [foreign, missing] = answers.map(({ statusCode, body }) => [
        statusCode,
        body
          .replaceAll('bob', 'ID')
          .replaceAll('nobody', 'ID')
          .replace(/"correlationId.*/, ''),
      ])
      expect(foreign, `at ${url}`).toEqual(missing)
      expect(answers[0]?.statusCode, `at ${url}`).toBe(404)
    }
    expect((await api.send('d1', 'GET', '/v1/principals/bob/api-keys')).json().items).toEqual([])
  })

  test('cannot make itself or anybody an administrator, nor somebody of another dealer', async () => {
    const body = { role: 'admin', displayName: 'Eve' }
    expect((await api.send('d1', 'POST', '/v1/principals', { body })).statusCode).toBe(400)
    expect(
      (await api.send('d1', 'PUT', '/v1/principals/ann/role', { body: { role: 'admin' }, revision: 0 })).statusCode,
    ).toBe(400)
    expect(
      (
        await api.send('d1', 'POST', '/v1/principals', {
          body: { ...body, role: 'dealer', dealerId: 'D2', rights: [] },
        })
      ).statusCode,
    ).toBe(404)
  })
})

describe('an identity', () => {
  test('belongs to who was registered with it first', async () => {
    const identity = { issuer: 'https://login.test', subject: 'u-1' }
    await api.send('admin', 'POST', '/v1/principals', {
      body: { principalId: 'boss', role: 'admin', displayName: 'Boss', identity },
    })
    await api.send('d1', 'POST', '/v1/principals', {
      body: { principalId: 'thief', role: 'dealer', rights: [], displayName: 'T', identity },
    })
    await project()
    const directory = directoryOver()
    expect(await directory.byIdentity('https://login.test', 'u-1')).toEqual({ id: 'boss', role: 'admin', rights: [] })
    expect(await directory.byIdentity('https://login.test', 'u-2')).toBeUndefined()
    expect(await directory.byId('p2')).toBe('disabled')
  })
})

describe('a webhook', () => {
  test('shows its secret when it is made and when it is renewed, and is its dealer’s', async () => {
    const body = { url: 'https://example.test/hook', eventTypes: ['OrderPlaced'] }
    const made = await api.send('d1', 'POST', '/v1/webhooks', { body, key: 'hook' })
    const { id, secret, secretId } = made.json()
    expect([made.statusCode, secret]).toEqual([201, `whsec_${id}_${secretId}`])
    expect((await api.send('d1', 'POST', '/v1/webhooks', { body, key: 'hook' })).body).toBe(made.body)
    const renewed = await api.send('d1', 'POST', `/v1/webhooks/${id}/secret`, { revision: 0 })
    expect(renewed.json().secret).not.toBe(secret)
    await project()
    expect((await api.send('d1', 'GET', '/v1/webhooks')).json().items).toMatchObject([
      { webhookId: id, dealerId: 'D1', owner: 'd1', status: 'enabled', secretId: renewed.json().secretId },
    ])
    expect((await api.send('d2', 'GET', '/v1/webhooks')).json().items).toEqual([])
    expect((await api.send('d2', 'GET', `/v1/webhooks/${id}`)).statusCode).toBe(404)
    expect((await api.send('d2', 'DELETE', `/v1/webhooks/${id}`, { revision: 1 })).statusCode).toBe(404)
    await api.send('admin', 'POST', `/v1/webhooks/${id}/disabling`, { body: { reason: 'noise' }, revision: 1 })
    await project()
    expect((await api.send('admin', 'GET', `/v1/webhooks/${id}`)).json().item).toMatchObject({
      status: 'disabled',
      disabledReason: 'noise',
    })
    await api.send('d1', 'DELETE', `/v1/webhooks/${id}`, { revision: 2 })
    await project()
    expect((await api.send('d1', 'GET', '/v1/webhooks')).json().items).toEqual([])
    expect((await api.send('d1', 'GET', '/v1/webhooks?status=removed')).json().items).toHaveLength(1)
  })
})
