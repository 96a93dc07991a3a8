import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../../src/ledger/postgres/migrate.ts'
import { createMemoryProgressStore } from '../../../src/workers/progress/memoryProgressStore.ts'
import { createPostgresProgressStore, progressMigrations } from '../../../src/workers/progress/postgresProgressStore.ts'
import type { AgendaChange, Lease, ProgressStore } from '../../../src/workers/progress/progressStore.ts'
import { freshDatabase } from '../../support/database.ts'

describe('progress in memory', () => {
  contract(async () => createMemoryProgressStore())
})

describe('progress in PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let pool: pg.Pool
  beforeAll(async () => {
    database = await freshDatabase()
    pool = new pg.Pool({ connectionString: database.url, max: 4 })
    await migrate(pool, 'processes', progressMigrations)
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })
  contract(async () => {
    await pool.query('truncate processes.reader, processes.lane, processes.agenda, processes.dead_task')
    return createPostgresProgressStore(pool)
  })
})

function contract(open: () => Promise<ProgressStore>): void {
  const held = (lease: Lease | undefined): Lease => {
    if (lease === undefined) throw new Error('the lease is with another')
    return lease
  }
  const put = (subject: string, at: number, change: 'put' | 'put-first' = 'put'): AgendaChange => ({
    change,
    kind: 'waiting',
    group: 'ACME/MAIN/BIKE',
    subject,
    at,
  })

  it('gives a reader to one process at a time, and fences the one that was away for too long', async () => {
    const store = await open()
    const first = held(await store.acquire('r', 1_000, 2_000))
    expect(await store.acquire('r', 1_500, 2_500)).toBeUndefined()
    expect(await store.acquire('r', 1_500, 2_500, first.token)).toMatchObject({ token: first.token })
    const second = held(await store.acquire('r', 2_500, 3_500))
    expect(await store.advance(first, 9n, [])).toBe(false)
    expect(await store.note(first, [put('O1', 1)])).toBe(false)
    expect(await store.mark(first, 'lane', 3n)).toBe(false)
    expect(await store.acquire('r', 2_600, 4_000, first.token)).toBeUndefined()
    expect(await store.advance(second, 7n, [])).toBe(true)
    expect(await store.position('r')).toBe(7n)
    await store.release(second)
    expect(await store.acquire('r', 2_700, 3_700)).toMatchObject({ position: 7n })
  })

  it('remembers how far each lane is until the reader moves on', async () => {
    const store = await open()
    const lease = held(await store.acquire('r', 0, 10))
    expect(await store.mark(lease, 'order-O1', 4n)).toBe(true)
    expect(await store.mark(lease, 'order-O1', 6n)).toBe(true)
    await store.release(lease)
    const next = held(await store.acquire('r', 1, 10))
    expect([...next.done]).toEqual([['order-O1', 6n]])
    await store.advance(next, 2n, [])
    await store.release(next)
    expect(held(await store.acquire('r', 2, 10)).done.size).toBe(0)
  })

  it('keeps the agenda: the last put counts, whoever waits keeps the place, removing takes one group or all', async () => {
    const store = await open()
    const lease = held(await store.acquire('r', 0, 10))
    await store.note(lease, [
      put('O2', 20),
      put('O1', 10),
      put('O2', 5),
      put('O1', 99, 'put-first'),
      put('O3', 30, 'put-first'),
    ])
    const subjects = async (): Promise<string[]> =>
      (await store.inGroup('waiting', 'ACME/MAIN/BIKE', 10)).map(({ subject, at }) => `${subject}@${at}`)
    expect(await subjects()).toEqual(['O2@5', 'O1@10', 'O3@30'])
    expect((await store.due('waiting', 10, 10)).map(({ subject }) => subject)).toEqual(['O2', 'O1'])
    await store.put({ kind: 'waiting', group: 'ACME/MAIN/PUMP', subject: 'O1', at: 1 })
    expect(await store.groups('waiting', '', 10)).toEqual(['ACME/MAIN/BIKE', 'ACME/MAIN/PUMP'])
    expect(await store.groups('waiting', 'ACME/MAIN/BIKE', 10)).toEqual(['ACME/MAIN/PUMP'])
    await store.forget('waiting', 'ACME/MAIN/BIKE', 'O2')
    await store.note(lease, [
      { change: 'remove', kind: 'waiting', subject: 'O1' },
      { change: 'remove', kind: 'waiting', group: 'ACME/MAIN/BIKE', subject: 'O3' },
    ])
    expect(await store.groups('waiting', '', 10)).toEqual([])
  })

  it('keeps dead letters until they are tried again', async () => {
    const store = await open()
    const lease = held(await store.acquire('r', 0, 10))
    const dead = {
      reaction: 'order-steps',
      eventId: 'e1',
      stream: 'order-O1',
      revision: 3,
      attempts: 8,
      reason: 'refused',
      at: 5,
    }
    await store.advance(lease, 1n, [dead, { ...dead, eventId: 'e2' }])
    expect((await store.deadTasks(10)).map(({ eventId }) => eventId)).toEqual(['e2', 'e1'])
    await store.dropDeadTask(dead)
    expect(await store.deadTasks(10)).toEqual([{ ...dead, eventId: 'e2' }])
  })
}
