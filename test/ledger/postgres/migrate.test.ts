import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../../../src/ledger/postgres/migrate.ts'
import { freshDatabase } from '../../support/database.ts'

const first = { name: '0001-first', sql: 'CREATE TABLE a (n integer); INSERT INTO a VALUES (1)' }
const second = { name: '0002-second', sql: 'INSERT INTO a VALUES (2)' }
const broken = { name: '0003-broken', sql: 'INSERT INTO a VALUES (3); SELECT nonsense' }

describe('migrations', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let pool: pg.Pool

  beforeEach(async () => {
    database = await freshDatabase()
    pool = new pg.Pool({ connectionString: database.url, max: 8 })
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })

  const values = async (): Promise<number[]> =>
    (await pool.query<{ n: number }>('SELECT n FROM a ORDER BY n')).rows.map(({ n }) => n)

  test('run once each, in order, whoever comes first', async () => {
    await Promise.all(Array.from({ length: 8 }, () => migrate(pool, 'test', [first])))
    expect(await values()).toEqual([1])
    await Promise.all(Array.from({ length: 8 }, () => migrate(pool, 'test', [first, second])))
    expect(await values()).toEqual([1, 2])
  })

  test('of one component do not concern another', async () => {
    await migrate(pool, 'test', [first])
    await migrate(pool, 'other', [{ name: '0001-first', sql: 'INSERT INTO a VALUES (9)' }])
    expect(await values()).toEqual([1, 9])
  })

  test('that fail leave nothing behind', async () => {
    await migrate(pool, 'test', [first])
    await expect(migrate(pool, 'test', [first, second, broken])).rejects.toThrow(/nonsense/)
    expect(await values()).toEqual([1])
    await migrate(pool, 'test', [first, second])
    expect(await values()).toEqual([1, 2])
  })

  test('refuse a database of a newer program, and one that has gone another way', async () => {
    await migrate(pool, 'test', [first, second])
    await expect(migrate(pool, 'test', [first])).rejects.toThrow(/0002-second.*newer version/)
    await expect(migrate(pool, 'test', [second, first])).rejects.toThrow(/0001-first/)
    expect(await values()).toEqual([1, 2])
  })
})
