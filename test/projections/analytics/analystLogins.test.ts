import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endExcesses, keepLogins, wantedLogins } from '../../../src/projections/analytics/analystLogins.ts'
import { accessModel } from '../../../src/projections/models/access/model.ts'
import { readModels } from '../../../src/projections/registry.ts'
import { openAnalysts, testLimits, type OpenAnalysts } from '../../support/analysts.ts'
import { openReadModels, recordHistory, type HistoryEvent, type OpenReadModels } from '../../support/readModels.ts'
import { until } from '../../support/until.ts'

const now = Date.UTC(2026, 5, 1)
const verifier = (letter: string): string =>
  `SCRAM-SHA-256$4096:${'A'.repeat(22)}==$${letter.repeat(43)}=:${'C'.repeat(43)}=`
const own = (): string => `analyst_${randomBytes(6).toString('hex')}`

let models: OpenReadModels
let analysts: OpenAnalysts

beforeAll(async () => {
  models = await openReadModels(readModels, now)
  await models.fold([])
  analysts = await openAnalysts(models)
})
afterAll(async () => {
  await analysts.close()
  await models.close()
})

const event = (principalId: string, type: string, data: object): HistoryEvent => ({
  stream: `principal-${principalId}`,
  type,
  at: '2026-01-01T00:00:00.000Z[UTC]',
  data: { principalId, ...data },
})
const registered = (principalId: string, role = 'analyst'): HistoryEvent =>
  event(principalId, 'PrincipalRegistered', { role, rights: [], displayName: 'Ann' })

describe('the logins that there should be', () => {
  const issued = (principalId: string, n: number, more: object = {}): HistoryEvent =>
    event(principalId, 'DatabaseLoginIssued', {
      login: `analyst_00000000000${n}`,
      verifier: verifier('B'),
      expiresAt: '2027-01-01T00:00:00.000Z[UTC]',
      ...more,
    })

  test('are those of analysts who are neither disabled nor revoked nor past their time, with the newest password and scope', async () => {
    const history = [
      ...['a1', 'a2', 'a3', 'a4', 'a5', 'a6'].map((id) => registered(id)),
      issued('a1', 1),
      issued('a1', 1, { verifier: verifier('D') }),
      event('a1', 'ReadingScopeSet', { territories: ['NW'] }),
      issued('a2', 2),
      event('a2', 'ReadingScopeSet', { territories: ['NW'] }),
      event('a2', 'ReadingScopeSet', {}),
      issued('a3', 3, { expiresAt: '2026-05-31T23:59:59.000Z[UTC]' }),
      issued('a4', 4),
      event('a4', 'DatabaseLoginRevoked', { login: 'analyst_000000000004', reason: 'left' }),
      issued('a5', 5),
      event('a5', 'PrincipalDisabled', { reason: 'left' }),
      issued('a6', 6),
      event('a6', 'RoleChanged', { role: 'finance', rights: [] }),
    ]
    await models.fold(await recordHistory(history))
    expect(await wantedLogins(models.reader(accessModel))).toEqual([
      {
        login: 'analyst_000000000001',
        verifier: verifier('D'),
        expiresAt: '2027-01-01T00:00:00.000Z',
        territories: ['NW'],
      },
      {
        login: 'analyst_000000000002',
        verifier: verifier('B'),
        expiresAt: '2027-01-01T00:00:00.000Z',
        territories: null,
      },
    ])
  })
})

describe('the roles of the server', () => {
  const wanted = (login: string, more: object = {}) => ({
    login,
    verifier: verifier('B'),
    expiresAt: '2999-01-01T00:00:00.000Z',
    territories: ['NW'],
    ...more,
  })
  const roleOf = async (login: string): Promise<Record<string, unknown> | undefined> => {
    const { rows } = await models.pool.query<Record<string, unknown>>(
      `select rolcanlogin, rolsuper, rolconnlimit, rolconfig::text as settings, (select rolpassword from pg_authid a where a.oid = r.oid) as password,
         (select string_agg(roleid::regrole::text, ',') from pg_auth_members where member = r.oid) as groups from pg_roles r where rolname = $1`,
      [login],
    )
    return rows[0]
  }

  test('follow what is wanted: made, changed once, dropped', async () => {
    const login = own()
    expect(await keepLogins(models.pool, [wanted(login)], testLimits)).toMatchObject({ changed: [login] })
    expect(await roleOf(login)).toMatchObject({
      rolcanlogin: true,
      rolsuper: false,
      rolconnlimit: 4,
      password: verifier('B'),
      groups: 'channel_ledger_analysts',
      settings: expect.stringContaining('statement_timeout=60s'),
    })
    expect(await keepLogins(models.pool, [wanted(login)], testLimits)).toMatchObject({ changed: [], dropped: [] })
    const renewed = wanted(login, { verifier: verifier('E') })
    expect(await keepLogins(models.pool, [renewed], testLimits)).toMatchObject({ changed: [login] })
    expect(await roleOf(login)).toMatchObject({ password: verifier('E') })
    expect(await keepLogins(models.pool, [], testLimits)).toMatchObject({ dropped: [login] })
    expect(await roleOf(login)).toBeUndefined()
  })

  test('are set right again when somebody has changed them', async () => {
    const login = own()
    await keepLogins(models.pool, [wanted(login)], testLimits)
    await models.pool.query(
      `alter role ${login} superuser connection limit 99; alter role ${login} set statement_timeout = 0; grant pg_monitor to ${login}`,
    )
    await keepLogins(models.pool, [wanted(login)], testLimits, { repair: true })
    expect(await roleOf(login)).toMatchObject({
      rolsuper: false,
      rolconnlimit: 4,
      groups: 'channel_ledger_analysts',
      settings: expect.stringContaining('statement_timeout=60s'),
    })
    await keepLogins(models.pool, [], testLimits)
  })

  test('of the same name that are not ours are left alone', async () => {
    const login = own()
    await models.pool.query(`create role ${login} login`)
    expect(await keepLogins(models.pool, [wanted(login)], testLimits)).toMatchObject({ refused: [login], changed: [] })
    expect(await keepLogins(models.pool, [], testLimits)).toMatchObject({ dropped: [] })
    expect(await roleOf(login)).toMatchObject({ groups: null })
    await models.pool.query(`drop role ${login}`)
  })
})

describe('a session of an analyst', () => {
  const isGone = (client: pg.Client): Promise<boolean> =>
    client.query('select 1').then(
      () => false,
      () => true,
    )

  test('ends with its login', async () => {
    const session = await analysts.open(null)
    await keepLogins(
      models.pool,
      analysts.logins.filter(({ login }) => login !== session.login),
      testLimits,
    )
    expect(await isGone(session.client)).toBe(true)
  })

  test('ends when it takes longer than it may, whatever timeout it has set itself', async () => {
    const session = await analysts.open(null)
    await session.client.query('set statement_timeout = 0')
    const running = session.client
      .query('select count(*) from generate_series(1, 1000000000000) n')
      .catch(() => 'ended')
    const limits = { connections: 10, statementSeconds: 0.1 }
    await until(async () => (await endExcesses(models.pool, limits)) > 0)
    expect(await running).toBe('ended')
  })

  test('ends when it keeps a transaction open', async () => {
    const session = await analysts.open(null)
    await session.client.query('set idle_in_transaction_session_timeout = 0; begin; select 1')
    await until(async () => (await endExcesses(models.pool, { connections: 10, statementSeconds: 0.1 })) > 0)
    expect(await isGone(session.client)).toBe(true)
  })

  test('is left alone within its limits; beyond those of all together the newest ends', async () => {
    const [first, second] = [await analysts.open(null), await analysts.open(null)]
    expect(await endExcesses(models.pool, { connections: 2, statementSeconds: 60 })).toBe(0)
    expect(await endExcesses(models.pool, { connections: 1, statementSeconds: 60 })).toBe(1)
    await until(() => isGone(second.client))
    expect(await isGone(first.client)).toBe(false)
  })
})
