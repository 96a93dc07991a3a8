import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LedgerCommandHandler } from '../../../src/ledger/commandHandler.ts'
import { openPostgresKeyStore } from '../../../src/ledger/personal/postgresKeyStore.ts'
import { createKeyring } from '../../../src/ledger/personal/keyring.ts'
import { openPostgresStore } from '../../../src/ledger/postgres/postgresStore.ts'
import { openPostgresSnapshots } from '../../../src/ledger/postgres/snapshots.ts'
import { meta, seededRandom, testHandler } from '../../support/commandHandling.ts'
import { counter, type CounterCommand } from '../../support/counter.ts'
import { freshDatabase } from '../../support/database.ts'

/** A command handler with its own connections, as a process has it. */
async function openProcess(url: string, seed: number) {
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  const store = await openPostgresStore({ connection: url, unsafeForTests: true })
  const random = seededRandom(seed)
  const handler = testHandler(store, {
    seed,
    snapshots: await openPostgresSnapshots(pool),
    keyring: createKeyring({
      keyStore: await openPostgresKeyStore(pool),
      kek: Buffer.alloc(32, 1),
      random,
      now: () => 0,
    }),
    limits: { snapshotEvery: 20 },
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  })
  const close = async (): Promise<void> => {
    await handler.idle()
    await Promise.all([store.close(), pool.end()])
  }
  return { handler, store, close }
}

describe('the command handler on PostgreSQL, in two processes', () => {
  let processes: Awaited<ReturnType<typeof openProcess>>[]
  let drop: () => Promise<void>
  beforeAll(async () => {
    const database = await freshDatabase()
    drop = database.drop
    processes = [await openProcess(database.url, 1), await openProcess(database.url, 2)]
  })
  afterAll(async () => {
    for (const { close } of processes) await close()
    await drop()
  })
  const at = (n: number): LedgerCommandHandler => {
    const chosen = processes[n % 2]
    if (!chosen) throw new Error('there are two')
    return chosen.handler
  }
  const open = (id: string, available: number): CounterCommand => ({ type: 'Open', id, owner: 'd', available })
  const take = (id: string, count: number, by = 'x'): CounterCommand => ({ type: 'Take', id, by, count })

  it('never oversells: 64 callers reserving one thing, each answer right', async () => {
    await at(0).execute(counter, open('hot', 100), meta())
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, (_, n) =>
        at(n).execute(counter, take('hot', 1 + (n % 3), `by-${n}`), meta({ key: `hot-${n}` })),
      ),
    )
    const events = (await processes[0]?.store.readStream('counter-hot', { from: 1 })) ?? []
    const sold = events.map(({ data }) => data as { by: string; count: number })
    expect(sold.reduce((sum, { count }) => sum + count, 0)).toBe(100)
    expect(sold.map(({ by }) => by).toSorted()).toEqual(
      outcomes.flatMap(({ ok }, n) => (ok ? [`by-${n}`] : [])).toSorted(),
    )
    expect(
      outcomes.flatMap((outcome) => (outcome.ok ? outcome.events : [])).toSorted((a, b) => a.revision - b.revision),
    ).toEqual(events)
    for (const n of [0, 1]) expect(await at(n).load(counter, 'hot')).toMatchObject({ available: 0, taken: 100 })
  })

  it('gives a repeated key its first answer, from either process and from a new one', async () => {
    await at(0).execute(counter, open('again', 9), meta())
    const first = await at(0).execute(
      counter,
      { type: 'TakeEach', id: 'again', by: 'x', count: 3 },
      meta({ key: 'again' }),
    )
    await at(1).execute(counter, take('again', 1), meta())
    for (const n of [0, 1]) {
      const repeated = await at(n).execute(
        counter,
        { type: 'TakeEach', id: 'again', by: 'x', count: 3 },
        meta({ key: 'again' }),
      )
      expect(repeated).toEqual({ ...first, replayed: true })
    }
    expect(await at(1).execute(counter, take('again', 1), meta({ key: 'again', request: 'other' }))).toMatchObject({
      refusal: { refused: 'idempotency.key_reused' },
    })
  })

  it('folds a stream without what the other process declared in error', async () => {
    await at(0).execute(counter, open('wrong', 9), meta())
    const taken = await at(0).execute(counter, take('wrong', 5), meta())
    const eventId = (taken.ok && taken.events[0]?.id) || ''
    expect(await at(1).execute(counter, take('wrong', 5), meta())).toMatchObject({ ok: false })
    await at(1).declareError(counter, 'wrong', { eventId, reason: 'did_not_occur' }, meta())
    expect(await at(0).execute(counter, take('wrong', 9), meta())).toMatchObject({ ok: true, revision: 3 })
  })
})
