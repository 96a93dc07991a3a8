import pg from 'pg'
import { expect, it } from 'vitest'
import { outlastConnections } from '../../../src/ledger/postgres/outlastConnections.ts'
import { freshDatabase } from '../../support/database.ts'

// Without the listener the error of the held connection is an uncaught one: it ended workers when PostgreSQL was killed.
it('a connection that breaks while it is held fails its next query and nothing else', async () => {
  const database = await freshDatabase()
  const pool = new pg.Pool({ connectionString: database.url, max: 2 })
  outlastConnections(pool)
  const held = await pool.connect()
  await held.query('begin')
  const { rows } = await held.query<{ pid: number }>('select pg_backend_pid() as pid')
  const ended = new Promise((resolve) => held.once('end', resolve))
  await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  await ended
  await expect(held.query('commit')).rejects.toThrow('not queryable')
  held.release(true)
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await pool.end()
  await database.drop()
})
