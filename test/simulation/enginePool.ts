import pg from 'pg'
import type { Process, Scheduler } from './scheduler.ts'

/** A connection of a process, on the side of the server. */
interface Backend {
  readonly client: pg.Client
  readonly pid: number
  inTransaction: boolean
  /** its process has seen it fail; the server may not know yet */
  isBroken: boolean
  isGone: boolean
  readonly ended: Promise<void>
}

/** A statement that the server has and has not answered. */
interface Flight {
  readonly pid: number
  readonly settled: Promise<void>
  outcome?: { readonly value: unknown } | { readonly error: unknown }
}

/** A real PostgreSQL that does one thing at a time: a statement has been answered, or waits for a lock, before the next one goes. */
export interface SteppedServer {
  readonly observer: pg.Client
  open(name: string): Promise<Backend>
  launch(backend: Backend, run: () => Promise<unknown>): Promise<Flight>
  /** Ends the connection; what it had open is rolled back when this is through. */
  destroy(backend: Backend): Promise<void>
  /** Takes back the connections of processes that are over. */
  reset(): Promise<void>
  close(): Promise<void>
}

export async function openSteppedServer(connectionString: string): Promise<SteppedServer> {
  const settings = { connectionString, options: '-c synchronous_commit=off -c deadlock_timeout=20ms' }
  const observer = new pg.Client({ ...settings, options: `${settings.options} -c lock_timeout=30ms` })
  await observer.connect()
  const backends = new Set<Backend>()
  /** whole ones of an earlier seed: connecting is what costs most */
  const spare: Backend[] = []
  const flights = new Set<Flight>()

  async function comeToRest(last?: Flight): Promise<void> {
    if (last) await Promise.race([last.settled, pauseOf(4)])
    for (let tries = 0; flights.size > 0 && !(await areAllBlocked()); tries += 1) {
      if (tries > 5_000) throw new Error('a statement is neither answered nor waiting for a lock')
      await pauseOf(1)
    }
  }

  /** Each waits for a lock, and not only for one another (a deadlock, which the server is about to end). */
  async function areAllBlocked(): Promise<boolean> {
    const { rows } = await observer.query<{ pid: number; blockers: number[] }>(
      'select pid, pg_blocking_pids(pid) as blockers from unnest($1::integer[]) pid',
      [[...flights].map(({ pid }) => pid)],
    )
    const waiting = new Set([...flights].map(({ pid }) => pid))
    const blockers = new Map(rows.map((row) => [row.pid, row.blockers]))
    const blocked = [...waiting].every((pid) => (blockers.get(pid) ?? []).length > 0)
    return blocked && (waiting.size === 0 || [...blockers.values()].flat().some((pid) => !waiting.has(pid)))
  }

  async function destroy(backend: Backend): Promise<void> {
    if (backend.isGone) return
    backend.isGone = true
    backends.delete(backend)
    await observer.query('select pg_terminate_backend($1)', [backend.pid])
    await backend.ended // the last that a backend does: its locks are gone by then
    await comeToRest()
  }

  async function connect(): Promise<Backend> {
    const client = new pg.Client(settings)
    client.on('error', () => {}) // it was ended on purpose
    const ended = new Promise<void>((resolve) => client.once('end', resolve))
    await client.connect()
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const pid = rows[0]?.pid ?? 0
    return { client, pid, inTransaction: false, isBroken: false, isGone: false, ended }
  }

  return {
    observer,
    destroy,
    async open(name) {
      const backend = spare.pop() ?? (await connect())
      await backend.client.query(`set application_name = '${name}'`)
      backends.add(backend)
      return backend
    },
    async launch({ pid, isGone }, run) {
      if (isGone) throw new Error('Connection terminated')
      const answered = run().then(
        (value) => void (flight.outcome = { value }),
        (error: unknown) => void (flight.outcome = { error }),
      )
      const flight: Flight = { pid, settled: answered.finally(() => flights.delete(flight)) }
      flights.add(flight)
      await comeToRest(flight)
      return flight
    },
    async reset() {
      for (const backend of Array.from(backends)) {
        if (backend.isBroken || backend.inTransaction || flights.size > 0) await destroy(backend)
        else spare.push(backend)
        backends.delete(backend)
      }
    },
    async close() {
      await Promise.all([observer, ...spare.map(({ client }) => client)].map((client) => client.end()))
    },
  }
}

export interface PoolWire {
  readonly name: string
  /** what the process sends is changed on the way: for mutants */
  readonly rewrite: (sql: string) => string
  /** how long a statement is on its way before it goes, in ms */
  readonly delay: () => number
  /** a statement was answered */
  readonly onAnswer: (sql: string, result: pg.QueryResult) => void
}

/**
 * The pool of one process. Every connect and every statement is in the scheduler's hands: it is lost, answered to nobody, takes effect
 * after its caller gave up, or its process dies. A connection of which something failed is broken; the server ends it a while later and
 * may do before what was still under way. `now()` is the scheduler's time.
 */
export function wirePool(scheduler: Scheduler, server: SteppedServer, on: Process, wire: PoolWire): pg.Pool {
  const { below, counts } = scheduler
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)
  const terminated = (): Error => new Error('Connection terminated unexpectedly')
  const idle: Backend[] = []
  const own = new Set<Backend>()
  on.signal.addEventListener('abort', () => {
    if ([...own].some(({ inTransaction }) => inTransaction)) count('died inside a transaction')
    for (const backend of own) breakOff(backend)
  })

  function breakOff(backend: Backend): void {
    if (backend.isBroken) return
    backend.isBroken = true
    own.delete(backend)
    scheduler.after(below(300), 'a connection ends', () => server.destroy(backend))
  }

  async function take(): Promise<Backend> {
    const free = idle.pop()
    if (free) return free
    try {
      return await scheduler.call(on, 'connect', async () => {
        const backend = await server.open(wire.name)
        own.add(backend)
        return backend
      })
    } catch {
      throw terminated()
    }
  }

  async function ask(
    backend: Backend,
    sql: string,
    run: (sql: string) => Promise<pg.QueryResult>,
  ): Promise<pg.QueryResult> {
    if (backend.isBroken) throw terminated()
    let hasTaken = false
    let gaveUp = false
    const effect = async (): Promise<Flight> => {
      const at = `'${new Date(scheduler.now()).toISOString()}'::timestamptz`
      const flight = await server.launch(backend, () => run(wire.rewrite(sql).replaceAll('now()', at)))
      hasTaken = flight.outcome !== undefined && 'value' in flight.outcome
      if (hasTaken && gaveUp && sql === 'commit') count('COMMIT after its caller gave up')
      if (hasTaken)
        backend.inTransaction = sql === 'begin' || (backend.inTransaction && !/^(commit|rollback)$/.test(sql))
      if (!flight.outcome) count('waited for a lock')
      return flight
    }
    try {
      const delay = wire.delay()
      if (delay > 0) await scheduler.sleep(on, delay)
      const flight = await scheduler.call(on, sql, effect, 'writes')
      while (!flight.outcome) await scheduler.sleep(on, 1 + below(4))
      if ('error' in flight.outcome) throw new Answered(flight.outcome.error)
      const result = flight.outcome.value as pg.QueryResult // what `run` gives
      wire.onAnswer(sql, result)
      return result
    } catch (error) {
      if (error instanceof Answered) throw error.cause
      gaveUp = true
      if (hasTaken && sql === 'commit' && on.isAlive()) count('answer to COMMIT lost')
      breakOff(backend)
      throw terminated()
    }
  }

  const query = (backend: Backend, what: string | CopyQuery, values?: unknown[]): Promise<pg.QueryResult> | void => {
    if (typeof what === 'string') return ask(backend, what, (sql) => backend.client.query(sql, values))
    const { callback } = what
    const copy = (): Promise<pg.QueryResult> =>
      new Promise((resolve, reject) => {
        what.callback = (error, result) => (result ? resolve(result) : reject(error))
        backend.client.query(what)
      })
    void settle()

    async function settle(): Promise<void> {
      const [error, result] = await ask(backend, 'copy', copy).then(
        (value) => [null, value] as const,
        (reason: Error) => [reason, undefined] as const,
      )
      callback(error, result)
    }
  }

  async function connect(): Promise<unknown> {
    const backend = await take()
    return {
      query: (what: string | CopyQuery, values?: unknown[]) => query(backend, what, values),
      on: () => undefined,
      off: () => undefined,
      release: (error?: Error) => {
        if (error) breakOff(backend)
        else if (!backend.isBroken) idle.push(backend)
      },
    }
  }

  const pool = {
    connect,
    async query(sql: string, values?: unknown[]) {
      const backend = await take()
      const result = await query(backend, sql, values)
      idle.push(backend)
      return result
    },
  }
  return pool as unknown as pg.Pool // the part of it that the engine uses
}

/** COPY, as the driver has it: a query that submits itself and calls back. */
interface CopyQuery extends pg.Submittable {
  callback: (error: Error | null, result?: pg.QueryResult) => void
}

/** The server's own answer: an error that leaves the connection whole. */
class Answered extends Error {
  constructor(cause: unknown) {
    super('answered', { cause })
  }
}

const pauseOf = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
