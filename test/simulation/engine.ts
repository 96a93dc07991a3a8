import { businessTime } from '../../src/domain/kernel/businessTime.ts'
import { encodeAppend } from '../../src/ledger/encodeEvent.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { createMemoryLog, openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { runEngine } from '../../src/projections/engine/engine.ts'
import { factTable, type ReadModel } from '../../src/projections/engine/factTable.ts'
import { startRebuild } from '../../src/projections/engine/generations.ts'
import { retryParked, skipParked } from '../../src/projections/engine/parking.ts'
import { decodeOnce } from '../support/decodeOnce.ts'
import { historyId } from '../support/historyEvent.ts'
import { brokenGenerations, clearGenerations, whatWasSeen } from './engineCheck.ts'
import { createScheduler, type Process } from './scheduler.ts'
import { type SteppedServer, wirePool } from './enginePool.ts'
import { wireStore } from './wire.ts'

interface Engine {
  readonly process: Process
  readonly stop: AbortController
  readonly stopped: Promise<void>
}

type Told = { readonly sku: string; readonly by?: string; readonly count?: string; readonly label?: string }

const levels = factTable('levels', { sku: 'text' }, { sums: ['moves'], lasts: { label: 'text' }, levels: ['on_hand'] })
const notes = factTable('notes', { sku: 'text' }, { sums: ['times'], lasts: { label: 'text' }, time: 'known-only' })
const labels = factTable('labels', { sku: 'text' }, { lasts: { label: 'text' }, time: 'versioned' })

/** Two small models; the first cannot take a poisoned event as long as it is not mended. */
function modelsOf(isMended: () => boolean): readonly [ReadModel, ReadModel] {
  const told = (event: RecordedEvent): Told => event.data as Told
  return [
    {
      name: 'sim-levels',
      version: 1,
      events: ['Moved'],
      tables: [levels],
      facts(event) {
        const { sku, by, count, label } = told(event)
        if (label === 'poison' && !isMended()) throw new Error('cannot fold poison')
        const on_hand = count !== undefined ? { assert: count } : { add: by ?? '0' }
        return [{ table: 'levels', key: { sku }, sums: { moves: '1' }, lasts: { label }, levels: { on_hand } }]
      },
    },
    {
      name: 'sim-notes',
      version: 1,
      events: ['Noted'],
      tables: [notes, labels],
      facts(event) {
        const { sku, label } = told(event)
        const fact = { key: { sku }, lasts: { label } }
        return [
          { table: 'notes', sums: { times: '1' }, ...fact },
          { table: 'labels', ...fact },
        ]
      },
    },
  ]
}

const begin = 1_768_437_000_000

/**
 * One to three engines feed two read models from a log that grows; people rebuild, retry and skip, statements are lost and answered to
 * nobody, leases run out, engines die or leave. Throws what is broken, whenever it is looked at and once everything is at rest.
 */
export async function simulateEngine(
  seed: number,
  server: SteppedServer,
  rewrite: (sql: string) => string = (sql) => sql,
): Promise<ReadonlyMap<string, number>> {
  await clearGenerations(server.observer)
  const scheduler = createScheduler(seed, { lost: 0.004, unanswered: 0.008, late: 0.012, death: 0.006 }, begin)
  const { random, below, counts } = scheduler
  const count = (name: string, n = 1): void => void counts.set(name, (counts.get(name) ?? 0) + n)
  const log = createMemoryLog()
  const store = decodeOnce(log, openMemoryStore({ clock: scheduler.now, log }))
  const limits = {
    leaseMs: 60 + below(300),
    retryMs: 1 + below(30),
    pageSize: 1 + below(5),
    fillingPageSize: 1 + below(8),
  }
  const withPoison = below(2) === 0
  let isMended = false
  let isCalm = false
  let poisoned = 0
  const models = modelsOf(() => isMended)
  /** what may be declared in error */
  const known: { readonly id: string; readonly stream: string }[] = []
  let untold = 10 + below(20)

  function tell(): void {
    untold -= 1
    const n = log.all.length + 1
    const at = begin + (below(4) === 0 ? below(n) : n) * 1_000
    const [wrong] = below(7) === 0 ? known.splice(below(known.length), 1) : []
    const sku = `S${below(3)}`
    const stream = wrong?.stream ?? `stock-${sku}`
    const poison = withPoison && !isMended && below(6) === 0
    if (poison && !wrong) poisoned += 1
    const label = poison ? 'poison' : below(3) === 0 ? `L${n}` : undefined
    const moved = below(4) === 0 ? { count: `${below(50)}` } : { by: `${below(20) - 8}` }
    const told =
      poison || below(4) > 0
        ? { type: 'Moved', data: { sku, label, ...moved } }
        : { type: 'Noted', data: { sku, label } }
    const { type, data } = wrong
      ? { type: 'ErrorDeclared', data: { eventId: wrong.id, reason: 'did_not_occur' } }
      : told
    const event = {
      id: historyId(n),
      type,
      schemaVersion: 1,
      occurredAt: businessTime(at, 'UTC'),
      actor: 'tester',
      source: { kind: 'command' as const },
      correlationId: 'simulation',
      data: JSON.parse(JSON.stringify(data)) as object, // no member without a value
    }
    const revision = (log.streams.get(stream)?.length ?? 0) - 1
    log.append(stream, encodeAppend(stream, [event], revision), scheduler.now())
    if (!wrong) known.push({ id: event.id, stream })
  }

  const poolOf = (on: Process) =>
    wirePool(scheduler, server, on, {
      name: on.name,
      // what was retired is dropped while a seed still runs
      rewrite: (sql) => rewrite(sql.replace(`interval '1 minute'`, `interval '10 milliseconds'`)),
      delay: () => (!isCalm && random() < 0.02 ? below(limits.leaseMs * 2) : 0),
      onAnswer(sql, { rowCount, rows }) {
        // the server gives them in the order of its pages
        if (sql.includes('returning g.id::text, g.model'))
          rows.sort((a: { id: string }, b: { id: string }) => Number(a.id) - Number(b.id))
        if (sql.includes('set checkpoint = $4') && rowCount === 0) count('fenced off')
        if (sql.startsWith('delete from projections.generations')) count('retired generation dropped')
        if (sql.includes('f.at >= u.since') && rowCount !== 0) count('folded behind the newest fact')
      },
    })

  let starts = 0
  function open(): Engine {
    const process = scheduler.start(`engine ${(starts += 1)}`)
    const stop = new AbortController()
    process.signal.addEventListener('abort', () => stop.abort())
    const stopped = runEngine(
      {
        ...limits,
        pool: poolOf(process),
        store: wireStore(scheduler, process, store),
        models,
        holder: process.name,
        knows: () => true,
        upcast: (event) => event,
        now: scheduler.now,
        sleep: (milliseconds, signal) => scheduler.sleep(process, milliseconds, signal).catch(ignore),
        log: (_, message) => {
          if (process.isAlive()) count(message)
          if (message === 'rebuild refused' && poisoned === 0) broken.push('a rebuild differs, and nothing was parked')
        },
      },
      stop.signal,
    )
    return { process, stop, stopped }
  }

  const broken: string[] = []
  const all: Engine[] = []
  /** none in the place of one that is gone, until another comes */
  const running: (Engine | undefined)[] = []
  const start = (index: number): void => {
    const engine = open()
    all.push(engine)
    running[index] = engine
  }
  const people = scheduler.start('people')
  const desk = { pool: poolOf(people), store: wireStore(scheduler, people, store) }
  let rebuilds = below(3)

  async function free(stream: string): Promise<void> {
    const retried = await retryParked({ ...desk, model: models[0], stream, upcast: (event) => event })
    if (retried > 0) count('parked and resumed')
  }
  const streamOf = (): string => `stock-S${below(3)}`
  async function skip(): Promise<void> {
    const poison = (await store.readAll({ after: 0n, limit: 500 })).events.find(
      ({ data }) => (data as Told).label === 'poison',
    )
    if (poison && (await skipParked(desk.pool, 'sim-levels', poison.position, 'people'))) count('skipped')
  }

  /** Looks at every generation while nothing else happens. Answers whether it could: tables may be locked. */
  async function audit(): Promise<boolean> {
    const { events } = await store.readAll({ after: 0n, limit: 500 })
    const found = await brokenGenerations(
      server.observer,
      modelsOf(() => true),
      events,
    )
    broken.push(...(found ?? []))
    if (broken.length > 0) throw new Error(broken.join('\n'))
    count(found ? 'looked at everything' : 'not looked at, locked')
    return found !== undefined
  }

  let isOver = false
  try {
    for (let n = below(2) * below(12); n > 0; n -= 1) tell()
    for (let n = below(3); n >= 0; n -= 1) start(n)
    await scheduler.run(() => untold <= 0, {
      onStep() {
        if (random() < 0.05) tell()
        if (random() < 0.006) scheduler.after(0, 'audit', async () => void (await audit()))
        for (const [index, engine] of running.entries()) {
          if (!engine || random() >= 0.004) continue
          if (below(4) === 0) engine.stop.abort()
          else scheduler.kill(engine.process)
          running[index] = undefined
          scheduler.after(below(200), 'start', () => start(index))
        }
        if (rebuilds > 0 && random() < 0.01) {
          rebuilds -= 1
          void startRebuild(desk.pool, models[below(2)]!).catch(ignore)
        }
        if (!isMended && poisoned > 0 && random() < 0.005) isMended = true
        if (poisoned > 0 && random() < 0.03) void (below(3) === 0 ? skip() : free(streamOf())).catch(ignore)
      },
    })
    scheduler.calm()
    isCalm = true
    isMended = true
    let isAtRest = false
    let successors = 1
    const look = async (): Promise<void> => {
      isAtRest = running.every((engine) => engine !== undefined) && (await rests()) && (await audit())
      // what was retired is dropped by whoever comes after
      if (isAtRest && successors > 0 && (await hasRetired())) {
        successors -= 1
        start(running.length)
      }
      if (isAtRest) isAtRest = successors > 0 || !(await hasRetired())
      if (!isAtRest) scheduler.after(50, 'look', look)
    }
    scheduler.after(0, 'look', look)
    await scheduler.run(() => isAtRest)
    for (const { stop } of all) stop.abort()
    void Promise.all(all.map(({ stopped }) => stopped)).then(() => (isOver = true))
    await scheduler.run(() => isOver && scheduler.quiet())
    for (const [what, n] of await whatWasSeen(server.observer)) {
      if (what.startsWith('broken')) broken.push(what)
      count(what, n)
    }
    if (broken.length > 0) throw new Error(broken.join('\n'))
    count('events', log.all.length)
    return counts
  } finally {
    if (!isOver) for (const process of [people, ...all.map((engine) => engine.process)]) scheduler.kill(process)
    await server.reset()
    await Promise.all(all.map(({ stopped }) => stopped))
  }

  async function hasRetired(): Promise<boolean> {
    return (await server.observer.query(`select from projections.generations where state = 'retired'`)).rowCount !== 0
  }

  /** Every model has come to the head and nothing is left to do; what is parked is freed on the way. */
  async function rests(): Promise<boolean> {
    const { rows } = await server.observer.query<{ model: string; isDone: boolean; parked: string[] | null }>(
      `select model, checkpoint = $1 and (state = 'active' or difference is not null) as "isDone",
         case when state = 'active' then (select array_agg(distinct stream) from projections.parked p where p.generation = g.id) end as parked
       from projections.generations g where state <> 'retired'`,
      [log.all.length],
    )
    for (const stream of rows.flatMap((row) => row.parked ?? [])) void free(stream).catch(ignore)
    return (
      models.every(({ name }) => rows.some(({ model }) => model === name)) &&
      rows.every(({ isDone, parked }) => isDone && !parked)
    )
  }
}

const ignore = (): void => {}
