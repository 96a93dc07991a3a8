import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  planConnections,
  refuseTooFewConnections,
  type Role,
  TooFewConnections,
} from '../../src/runtime/connections.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { freshDatabase } from '../support/database.ts'

const sum = (environment: Record<string, string>, ...roles: Role[]): number =>
  planConnections(readSettings(environment), roles).reduce((total, { connections }) => total + connections, 0)

describe('the plan of connections', () => {
  test('of one process that does everything fits the embedded server beside a command', () => {
    const reserved = 3
    expect(sum({}, 'api', 'worker') + sum({})).toBeLessThanOrEqual(60 - reserved)
  })

  test('is what docs/operations.md says per role', () => {
    const pools = (...roles: Role[]) => planConnections(readSettings({}), roles).map(({ pool }) => pool)
    expect(pools()).toEqual(['keys and snapshots', 'watch of the link', 'log: writer, bell and readers'])
    expect(pools('api')).toEqual([...pools(), 'queries', 'jobs'])
    expect(pools('worker')).toEqual([...pools(), 'queries', 'projections', 'processes and webhooks', 'jobs'])
    expect(pools('api', 'worker')).toEqual(pools('worker'))
  })

  test('has no pool for what lives elsewhere', () => {
    const elsewhere = { EVENTSTORE_URL: 'esdb://127.0.0.1:2113', REDIS_URL: 'redis://127.0.0.1' }
    expect(planConnections(readSettings(elsewhere), ['api']).map(({ pool }) => pool)).toEqual([
      'keys and snapshots',
      'watch of the link',
      'queries',
    ])
  })

  test('follows the settings', () => {
    const more = { CHANNEL_LEDGER_READER_CONNECTIONS: '16', CHANNEL_LEDGER_PROJECTION_CONNECTIONS: '5' }
    expect(sum(more, 'api') - sum({}, 'api')).toBe(10)
    expect(sum(more, 'worker') - sum({}, 'worker')).toBe(12)
  })
})

describe('a start', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(() => database.drop())

  test('goes on when the pools fit', async () => {
    await refuseTooFewConnections(database.url, [{ pool: 'queries', connections: 1 }])
  })

  test('is refused when they do not, with the figures and what to do', async () => {
    const plan = [
      { pool: 'queries', connections: 4_000 },
      { pool: 'jobs', connections: 2_000 },
    ]
    const start = refuseTooFewConnections(database.url, plan)
    await expect(start).rejects.toThrow(TooFewConnections)
    await expect(start).rejects.toThrow(
      /needs 6000 connections.*queries: 4000, jobs: 2000.*\d+ are open and \d+ are allowed: raise max_connections/,
    )
  })
})
