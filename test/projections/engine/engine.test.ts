import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { businessTime, instantOf } from '../../../src/domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../../src/ledger/envelope.ts'
import type { EventStore } from '../../../src/ledger/eventStore.ts'
import { openMemoryStore } from '../../../src/ledger/memory/memoryStore.ts'
import { migrate } from '../../../src/ledger/postgres/migrate.ts'
import { AsOfRefused, ModelBehind, openReader } from '../../../src/projections/engine/ask.ts'
import { type EngineOptions, runEngine } from '../../../src/projections/engine/engine.ts'
import { factTable, type ReadModel } from '../../../src/projections/engine/factTable.ts'
import { finishFilling } from '../../../src/projections/engine/finishFilling.ts'
import { ensureGenerations, startRebuild, takeLeases } from '../../../src/projections/engine/generations.ts'
import { listParked, retryParked, skipParked } from '../../../src/projections/engine/parking.ts'
import { projectionPool } from '../../../src/projections/engine/projectionPool.ts'
import { engineMigrations } from '../../../src/projections/engine/schema.ts'
import { projectionStatus } from '../../../src/projections/engine/status.ts'
import { waitForPosition } from '../../../src/projections/engine/waitForPosition.ts'
import { freshDatabase } from '../../support/database.ts'
import { comparable, naiveFold } from '../../support/naiveFold.ts'

type Moved = { sku: string; by?: string; count?: string; label?: string }

const levels = factTable('levels', { sku: 'text' }, { sums: ['moves'], lasts: { label: 'text' }, levels: ['on_hand'] })
const versions = factTable('versions', { sku: 'text' }, { lasts: { label: 'text' }, time: 'versioned' })
const seen = factTable('seen', { sku: 'text' }, { sums: ['times'], lasts: { label: 'text' }, time: 'known-only' })

const toyFacts = (table: string) => (event: RecordedEvent) => {
  const data = event.data as Moved
  if (data.label === 'poison') throw new Error('cannot fold poison')
  const lasts = { label: data.label }
  if (table === 'versions') return [{ table, key: { sku: data.sku }, lasts }]
  if (table === 'seen') return [{ table, key: { sku: data.sku }, lasts, sums: { times: '1' } }]
  const on_hand = data.count !== undefined ? { assert: data.count } : { add: data.by ?? '0' }
  return [{ table, key: { sku: data.sku }, lasts, sums: { moves: '1' }, levels: { on_hand } }]
}
const toy = (name: string, table: typeof levels, version = 1): ReadModel => ({
  name,
  version,
  events: ['Moved'],
  tables: [table],
  facts: toyFacts(table.name),
})
const models = [toy('toy-levels', levels), toy('toy-versions', versions), toy('toy-seen', seen)]

let database: Awaited<ReturnType<typeof freshDatabase>>
let pool: pg.Pool
let store: EventStore
let clock = 1_700_000_000_000
const stops: (() => Promise<void>)[] = []
let ids = 0

beforeAll(async () => {
  database = await freshDatabase()
  pool = projectionPool({ connectionString: database.url, max: 6 })
  await migrate(pool, 'projections', engineMigrations)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop() // one that a failed test left
})
beforeEach(async () => {
  const { rows } = await pool.query<{ nspname: string }>(`select nspname from pg_namespace where nspname like 'rm\\_%'`)
  for (const { nspname } of rows) await pool.query(`drop schema ${nspname} cascade`)
  await pool.query('truncate projections.generations, projections.parked, projections.skipped')
  store = openMemoryStore({ clock: () => clock++ })
})

const nextId = (): string => `00000000-0000-7000-8000-${(++ids).toString(16).padStart(12, '0')}`

async function record(stream: string, type: string, data: unknown, at: number): Promise<string> {
  const id = nextId()
  const revision = (await store.readStream(stream)).length - 1
  const event = {
    id,
    type,
    schemaVersion: 1,
    occurredAt: businessTime(at, 'UTC'),
    actor: 'tester',
    source: { kind: 'command' as const },
    correlationId: 'test',
    data,
  }
  expect(await store.append(stream, [event], { expectedRevision: revision })).toMatchObject({ outcome: 'appended' })
  return id
}
const moved = (data: Moved, at = 1_700_000_000_000) => record(`stock-${data.sku}`, 'Moved', data, at)

function engine(overrides: Partial<EngineOptions> = {}): { stop: () => Promise<void> } {
  const controller = new AbortController()
  const options: EngineOptions = {
    pool,
    store,
    models,
    holder: 'one',
    knows: (type) => type !== 'FromTheFuture',
    upcast: (event) => event,
    log: () => undefined,
    leaseMs: 600,
    retryMs: 20,
    ...overrides,
  }
  const running = runEngine(options, controller.signal)
  const stop = async (): Promise<void> => {
    controller.abort()
    await running
  }
  stops.push(stop)
  return { stop }
}

const reader = (model: ReadModel) => openReader(pool, model, () => 4_000_000_000_000)
async function caughtUp(which: readonly ReadModel[] = models): Promise<void> {
  const head = await store.head()
  for (const model of which) await waitForPosition(reader(model), model.name, head, 25_000)
}
const rows = async (model: ReadModel, moment = {}): Promise<string[]> => {
  const [table] = model.tables
  const answer = await reader(model).ask(moment, (from) => `select * from ${from(table!.name)} t`)
  return comparable(table!, answer.rows)
}
const naive = async (model: ReadModel, asOf: number | undefined, knownAt: bigint): Promise<string[]> => {
  const log = (await store.readAll({ after: 0n, limit: 5000 })).events
  return comparable(model.tables[0]!, naiveFold(model, model.tables[0]!, log, asOf, knownAt))
}

/** A history with late facts, counts in between and declared errors; answers how many of each it holds. */
async function randomHistory(seed: number, length: number): Promise<Record<string, number>> {
  const random = fc.sample(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { seed, numRuns: length * 6 })
  let n = 0
  const next = (below: number): number => Math.floor(random[n++]! * below)
  const recorded: { stream: string; id: string }[] = []
  const counts = { late: 0, counts: 0, errors: 0 }
  for (let i = 0; i < length; i++) {
    const sku = `S${next(5)}`
    const late = next(4) === 0
    const at = 1_700_000_000_000 + (late ? next(i + 1) : i) * 1000
    counts.late += late ? 1 : 0
    const kind = next(10)
    if (kind === 0 && recorded.length > 0) {
      const [wrong] = recorded.splice(next(recorded.length), 1)
      await record(wrong!.stream, 'ErrorDeclared', { eventId: wrong!.id, reason: 'did_not_occur' }, at)
      counts.errors++
    } else {
      const data: Moved = kind <= 2 ? { sku, count: `${next(100)}` } : { sku, by: `${next(20) - 8}.${next(999)}` }
      counts.counts += kind <= 2 ? 1 : 0
      recorded.push({ stream: `stock-${sku}`, id: await moved(next(3) === 0 ? { ...data, label: `L${i}` } : data, at) })
    }
  }
  return counts
}

/** The pool, but once: the transaction that holds the statement is committed, something happens, and then its connection breaks. */
function losingAnswerAfter(statement: string, happens: () => Promise<unknown>): pg.Pool {
  let isDue = false
  let isDone = false
  const losing = (client: pg.PoolClient): pg.PoolClient =>
    replacing(client, 'query', async (what: string | pg.Query, values?: unknown[]) => {
      if (typeof what !== 'string') return client.query(what)
      const result = await client.query(what, values)
      if (what.includes(statement)) isDue = true
      if (!isDue || isDone || what !== 'commit') return result
      isDone = true
      await happens()
      throw new Error('Connection terminated unexpectedly')
    })
  return replacing(pool, 'connect', async () => losing(await pool.connect()))
}

function replacing<T extends object>(target: T, name: keyof T, by: unknown): T {
  return new Proxy(target, {
    get(_, key) {
      const value: unknown = Reflect.get(target, key)
      return key === name ? by : typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

describe('the projection engine', () => {
  test('answers every (asOf, knownAt) as the naive fold does, whatever the batch size', async () => {
    const seed = 20260101
    const counts = await randomHistory(seed, 300)
    expect(
      Math.min(...Object.values(counts)),
      `the history holds every interesting case: ${JSON.stringify(counts)}`,
    ).toBeGreaterThan(10)
    const head = await store.head()
    for (const [pageSize, filling] of [
      [1, false],
      [7, false],
      [1000, false],
      [7, true],
    ] as const) {
      await pool.query('truncate projections.generations cascade')
      if (!filling) await ensureGenerations(pool, models, 0n) // active from the first event on: nothing is filled
      const running = engine({ pageSize, fillingPageSize: pageSize })
      await caughtUp()
      await running.stop()
      for (const model of models) {
        expect(await rows(model), `${model.name} now, pages of ${pageSize}${filling ? ', filled' : ''}`).toEqual(
          await naive(model, model.name === 'toy-versions' ? 4_000_000_000_000 : undefined, head),
        )
        for (const i of Array.from({ length: 25 }, (_, k) => k)) {
          const knownAt = 1n + ((head - 1n) * BigInt((i * 7919) % 25)) / 25n
          const asOf = model.name === 'toy-seen' ? undefined : 1_700_000_000_000 + ((i * 104_729) % 300) * 1000
          expect(
            await rows(model, { knownAt, ...(asOf !== undefined && { asOf }) }),
            `${model.name} asOf ${asOf} knownAt ${knownAt} seed ${seed}`,
          ).toEqual(await naive(model, asOf, knownAt))
        }
      }
    }
  }, 120_000)

  test('refuses asOf where only knownAt makes sense, and says how far it is', async () => {
    const running = engine()
    await moved({ sku: 'A', by: '1' })
    await caughtUp()
    await expect(reader(models[2]!).ask({ asOf: 1 }, (from) => `select * from ${from('seen')} t`)).rejects.toThrow(
      AsOfRefused,
    )
    await expect(
      reader(models[0]!).ask({ knownAt: 99n }, (from) => `select * from ${from('levels')} t`),
    ).rejects.toThrow(ModelBehind)
    const answer = await reader(models[0]!).ask(
      {},
      (from, bind) => `select * from ${from('levels', { sku: 'A' })} t where on_hand > ${bind('0')}::numeric`,
    )
    expect(answer).toMatchObject({
      knownAt: 1n,
      model: { name: 'toy-levels', version: 1 },
      rows: [{ sku: 'A', on_hand: '1' }],
    })
    await running.stop()
  })

  test('parks the stream of a poison event, goes on with the others, and takes the stream back on retry', async () => {
    const running = engine()
    await moved({ sku: 'A', by: '1' })
    const bad = await moved({ sku: 'A', by: '2', label: 'poison' })
    await moved({ sku: 'A', by: '4' })
    await moved({ sku: 'B', by: '8' })
    await caughtUp()
    const parked = await listParked(pool, 100)
    expect(parked.filter((p) => p.model === 'toy-levels').map((p) => [p.stream, p.error])).toEqual([
      ['stock-A', 'Error: cannot fold poison'],
      ['stock-A', 'an earlier event of its stream is parked'],
    ])
    expect(parked[0]?.eventId).toBe(bad)
    const levelsNow = async (model = models[0]!): Promise<unknown> =>
      (await reader(model).ask({}, (from) => `select sku, on_hand from ${from('levels')} t order by sku`)).rows
    expect(await levelsNow()).toEqual([
      { sku: 'A', on_hand: '1' },
      { sku: 'B', on_hand: '8' },
    ])
    const mended: ReadModel = {
      ...models[0]!,
      facts: (event) => toyFacts('levels')({ ...event, data: { ...(event.data as Moved), label: 'fine' } }),
    }
    expect(await retryParked({ pool, store, model: mended, stream: 'stock-A', upcast: (event) => event })).toBe(2)
    expect(await levelsNow()).toEqual([
      { sku: 'A', on_hand: '7' },
      { sku: 'B', on_hand: '8' },
    ])
    const left = (await listParked(pool, 100)).find((p) => p.model === 'toy-seen')
    expect(await skipParked(pool, 'toy-seen', left!.position, 'operator')).toBe(true)
    expect((await pool.query('select model, skipped_by from projections.skipped')).rows).toEqual([
      { model: 'toy-seen', skipped_by: 'operator' },
    ])
    await running.stop()
  })

  test('a correction that waited behind a poisoned event is applied when its stream is taken back', async () => {
    const [model] = models
    const running = engine({ models: [model!] })
    const wrong = await moved({ sku: 'A', by: '1' })
    await moved({ sku: 'A', by: '2', label: 'poison' })
    await record('stock-A', 'ErrorDeclared', { eventId: wrong, reason: 'did_not_occur' }, 1_700_000_000_000)
    await caughtUp([model!])
    const mended: ReadModel = {
      ...model!,
      facts: (event) => toyFacts('levels')({ ...event, data: { ...(event.data as Moved), label: 'fine' } }),
    }
    expect(await retryParked({ pool, store, model: mended, stream: 'stock-A', upcast: (event) => event })).toBe(2)
    expect(
      (await reader(model!).ask({}, (from) => `select moves, on_hand, label from ${from('levels')} t`)).rows,
    ).toEqual([{ moves: '1', on_hand: '2', label: 'fine' }])
    await running.stop()
  })

  test('waits in front of an event that is newer than the program, and says so', async () => {
    const running = engine()
    await moved({ sku: 'A', by: '1' })
    await record('other-1', 'FromTheFuture', {}, 1_700_000_000_000)
    await moved({ sku: 'A', by: '1' })
    await waitForPosition(reader(models[0]!), 'toy-levels', 1n, 5000)
    await expect.poll(async () => (await projectionStatus(pool, store, clock))[0]?.waitingFor).toBe('FromTheFuture v1')
    expect((await projectionStatus(pool, store, clock)).map((s) => [s.position, s.eventsBehind])).toEqual(
      models.map(() => [1n, 2]),
    )
    await running.stop()
    const newer = engine({ knows: () => true })
    await caughtUp()
    await newer.stop()
  })

  test('rebuilds beside the serving generation, compares at the same position and switches', async () => {
    const running = engine({ pageSize: 5 })
    await randomHistory(7, 60)
    await caughtUp()
    const before = await rows(models[0]!)
    const old = (await projectionStatus(pool, store, clock)).find((s) => s.model === 'toy-levels')
    await startRebuild(pool, models[0]!)
    await expect
      .poll(
        async () =>
          (await projectionStatus(pool, store, clock)).filter((s) => s.model === 'toy-levels').map((s) => s.generation),
        { timeout: 20_000 },
      )
      .not.toContain(old!.generation)
    expect(await rows(models[0]!)).toEqual(before)
    await running.stop()
  })

  test('a rebuild of the same version that differs is refused and the old one goes on serving', async () => {
    const running = engine()
    await moved({ sku: 'A', by: '1' })
    await caughtUp()
    const { rows: generations } = await pool.query<{ id: string }>(
      `select id::text from projections.generations where model = 'toy-levels'`,
    )
    await pool.query(`update rm_toy_levels_${generations[0]!.id}.levels set on_hand = 99`)
    const green = await startRebuild(pool, models[0]!)
    await expect
      .poll(async () => (await projectionStatus(pool, store, clock)).find((s) => s.generation === green)?.difference, {
        timeout: 20_000,
      })
      .toEqual({
        levels: { onlyOld: 1, onlyNew: 1 },
        levels_facts: { onlyOld: 0, onlyNew: 0 },
      })
    expect((await projectionStatus(pool, store, clock)).find((s) => s.generation === green)?.state).toBe('filling')
    await running.stop()
  })

  test('a rebuild that is cut off while its rows are made is taken up again, and nothing of it shows before', async () => {
    await randomHistory(13, 200)
    const model = models[0]!
    const old = engine({ models: [model], fillingPageSize: 30 })
    await caughtUp([model])
    await old.stop()
    const green = await startRebuild(pool, model)
    const blocker = await pool.connect()
    const warnings: string[] = []
    try {
      await blocker.query(`begin; lock table rm_toy_levels_${green}.levels in access exclusive mode`)
      const running = engine({
        models: [model],
        fillingPageSize: 30,
        log: (level, message) => void (level === 'warn' && warnings.push(message)),
      })
      const waiting = async (): Promise<number[]> =>
        (
          await pool.query<{ pid: number }>(
            `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'insert into rm_toy_levels_${green}.levels %'`,
          )
        ).rows.map(({ pid }) => pid)
      await expect.poll(waiting, { timeout: 20_000 }).toHaveLength(1)
      await pool.query('select pg_terminate_backend($1)', await waiting())
      await expect.poll(() => warnings, { timeout: 20_000 }).toContain('read model not filled')
      const states = async (): Promise<unknown[]> =>
        (await pool.query('select id::text, state, ready from projections.generations order by id')).rows
      expect(await states()).toEqual([
        expect.objectContaining({ state: 'active', ready: true }),
        { id: green, state: 'filling', ready: false },
      ])
      await blocker.query('commit')
      await expect.poll(states, { timeout: 20_000 }).toContainEqual({ id: green, state: 'active', ready: true })
      await running.stop()
    } finally {
      blocker.release(true)
    }
    expect(await rows(model)).toEqual(await naive(model, undefined, await store.head()))
  })

  test('a filling whose last answer was lost is known to be finished before the next page is written', async () => {
    const [model] = models
    await moved({ sku: 'A', by: '1' })
    const lossy = losingAnswerAfter('set ready = true', () => moved({ sku: 'A', by: '2' }))
    const running = engine({ models: [model!], pool: lossy, leaseMs: 3_000, retryMs: 1 })
    await caughtUp([model!])
    expect(await store.head()).toBe(2n)
    expect(await rows(model!)).toEqual(await naive(model!, undefined, 2n))
    await running.stop()
  })

  test('rows that were made of fewer events than have come since are not taken', async () => {
    await moved({ sku: 'A', by: '1' })
    await ensureGenerations(pool, [models[0]!], 1n)
    const [lease] = await takeLeases(pool, [models[0]!], 'one', 60_000)
    expect(await finishFilling(pool, models[0]!, lease!, 1n), 'the checkpoint is still 0').toBe(false)
    expect((await pool.query('select state, ready from projections.generations')).rows).toEqual([
      { state: 'filling', ready: false },
    ])
    expect(await finishFilling(pool, models[0]!, lease!, 0n)).toBe(true)
  })

  test('a late fact of a row with a long history is folded with what came after it, not with all of it', async () => {
    const running = engine()
    const at = (n: number): number => 1_700_000_000_000 + n * 1000
    for (let n = 0; n < 60; n++) await moved({ sku: 'A', by: '1' }, at(n))
    await caughtUp()
    await moved({ sku: 'A', count: '100', label: 'late count' }, at(57) + 1)
    await moved({ sku: 'A', by: '0.5', label: 'late movement' }, at(58) + 1)
    await moved({ sku: 'A', by: '7', label: 'before the count' }, at(3) + 1)
    await caughtUp()
    expect(
      (await reader(models[0]!).ask({}, (from) => `select moves, on_hand, label from ${from('levels')} t`)).rows,
    ).toEqual([{ moves: '63', on_hand: '102.5', label: 'late movement' }])
    expect(await rows(models[0]!)).toEqual(await naive(models[0]!, undefined, await store.head()))
    await running.stop()
  })

  test('a new version fills beside the old one and takes over', async () => {
    await moved({ sku: 'A', by: '1' })
    const old = engine({ models: [models[0]!] })
    await caughtUp([models[0]!])
    await old.stop()
    const next = toy('toy-levels', levels, 2)
    const running = engine({ models: [next], holder: 'two' })
    await expect
      .poll(async () => (await projectionStatus(pool, store, clock)).map((s) => [s.version, s.state]), {
        timeout: 20_000,
      })
      .toEqual([[2, 'active']])
    await running.stop()
  })

  test('a process that lost its lease changes nothing', async () => {
    await moved({ sku: 'A', by: '1' })
    const running = engine()
    await caughtUp()
    await pool.query(
      `update projections.generations set lease_holder = 'other', fencing_token = fencing_token + 1, lease_until = now() + interval '1 hour'`,
    )
    await moved({ sku: 'A', by: '1' })
    await expect(waitForPosition(reader(models[0]!), 'toy-levels', 2n, 1500)).rejects.toThrow(ModelBehind)
    await running.stop()
    expect((await reader(models[0]!).ask({}, (from) => `select moves from ${from('levels')} t`)).rows).toEqual([
      { moves: '1' },
    ])
  })

  test('two processes share the models and never fold an event twice', async () => {
    const one = engine({ holder: 'one' })
    const two = engine({ holder: 'two' })
    await randomHistory(11, 80)
    await caughtUp()
    await one.stop()
    await randomHistory(12, 40)
    await caughtUp()
    await two.stop()
    const head = await store.head()
    expect(await rows(models[0]!)).toEqual(await naive(models[0]!, undefined, head))
    expect(instantOf(businessTime(clock, 'UTC'))).toBe(clock)
  })
})
