import pg from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { openTestService, type TestService } from '../support/service.ts'
import { until } from '../support/until.ts'

// a whole program starts
vi.setConfig({ testTimeout: 120_000 })

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

interface Login {
  readonly login: string
  readonly password: string
}

async function start(url: string, more: Readonly<Record<string, string>>): Promise<TestService> {
  const service = await openTestService(url, { more })
  closers.push(() => service.stop())
  await service.startWorkers()
  return service
}

async function makeAnalyst(service: TestService, principalId: string): Promise<Login> {
  const body = { principalId, role: 'analyst', displayName: 'Ann' }
  expect((await service.send('POST', '/v1/principals', { body })).status).toBe(201)
  const path = `/v1/principals/${principalId}/database-login`
  const issue = () =>
    service.send('POST', path, { body: { expiresAt: '2099-01-01T00:00:00.000Z[UTC]' }, key: `login-${principalId}` })
  const answer = await issue()
  expect(answer.status, `answered ${JSON.stringify(answer.body)}`).toBe(200)
  expect((await issue()).body).toEqual(answer.body)
  return answer.body as Login // as the route says
}

async function signIn(url: string, { login, password }: Login): Promise<pg.Client> {
  const address = new URL(url)
  Object.assign(address, { username: login, password })
  const client = new pg.Client({ connectionString: address.href })
  client.on('error', () => undefined) // ended from outside
  await client.connect()
  closers.push(() => client.end().catch(() => undefined))
  return client
}

const canSignIn = (url: string, login: Login): Promise<boolean> =>
  signIn(url, login).then(
    async (client) => {
      await client.end()
      return true
    },
    () => false,
  )

describe('an analyst who was given a login by the API', () => {
  test('signs in with the password that was shown, reads, and is out when it is revoked', async () => {
    const database = await freshDatabase()
    closers.push(database.drop)
    const service = await start(database.url, { CHANNEL_LEDGER_ANALYST_LOGINS: 'true' })
    const login = await makeAnalyst(service, 'ann')
    expect(login.login).toMatch(/^analyst_[0-9a-f]{12}$/)
    await until(() => canSignIn(database.url, login), 60_000)
    const client = await signIn(database.url, login)
    const { rows } = await client.query<{ models: string }>('select count(*) as models from freshness')
    expect(Number(rows[0]?.models)).toBeGreaterThan(10)
    expect((await client.query('select * from orders')).rows).toEqual([])
    // the verifier is of this password: PostgreSQL itself says so where it asks for one
    const { rows: kept } = await service.projections.pool.query<{ rolpassword: string }>(
      'select rolpassword from pg_authid where rolname = $1',
      [login.login],
    )
    expect(kept[0]?.rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/)
    const log = await service.projections.pool.query<{ found: boolean }>(
      `select exists (select from ledger_events where data like '%' || $1 || '%' or envelope like '%' || $1 || '%') as found`,
      [login.password],
    )
    expect(log.rows).toEqual([{ found: false }])

    await service.send('POST', '/v1/principals/ann/database-login/revocation', { body: { reason: 'left' } })
    await until(async () => !(await canSignIn(database.url, login)), 60_000)
    await until(() =>
      client.query('select 1').then(
        () => false,
        () => true,
      ),
    )
  })

  test('has none where analysts are not let in', async () => {
    const database = await freshDatabase()
    closers.push(database.drop)
    const service = await start(database.url, {})
    const login = await makeAnalyst(service, 'ben')
    await service.caughtUp()
    const { rowCount } = await service.projections.pool.query('select from pg_roles where rolname = $1', [login.login])
    expect(rowCount).toBe(0)
    expect((await service.projections.pool.query(`select to_regnamespace('analytics') as schema`)).rows).toEqual([
      { schema: null },
    ])
  })
})
