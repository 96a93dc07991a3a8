import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/runtime/embeddedPostgres.ts'
import { freePort } from '../../src/runtime/embeddedPostgres/freePort.ts'
import { chooseGuard } from '../../src/runtime/embeddedPostgres/spawnGuarded.ts'
import { redisBinary } from './redis.ts'
import { compileTypeScript } from './spawnTypeScript.ts'

/** The processes of the real system, each of which can be killed and started again on the same data. */
export type Part = 'api' | 'worker' | 'postgres' | 'redis' | 'eventstoredb'
export type Server = Exclude<Part, 'api' | 'worker'>

export interface SystemOptions {
  /** jobs in Redis, when a server is installed; else in PostgreSQL */
  readonly withRedis?: boolean
  /** the log in EventStoreDB: see `eventStoreCommand` */
  readonly withEventStore?: boolean
  /** Where a process reaches a server, such as a proxy before it; called once for each pair before the process starts. */
  readonly linkTo?: (from: 'api' | 'worker', to: Server, port: number) => Promise<number>
  /** PostgreSQL and ledger run without what makes a commit survive */
  readonly unsafeForTests?: boolean
}

export interface System {
  readonly parts: readonly Part[]
  /** of the API */
  readonly url: string
  readonly databaseUrl: string
  /** when the log is in EventStoreDB */
  readonly eventStoreUrl: string | undefined
  /** the environment of its processes, for another process of the same installation */
  readonly environment: Readonly<Record<string, string>>
  pidOf(part: Part): number
  /** Resolves when a part that got a signal is gone; rejects when it is not after some seconds. */
  gone(part: Part): Promise<void>
  /** Starts a part that has ended. For PostgreSQL and Redis it answers when the part is reachable; for the others see `ready`. */
  start(part: Part): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(part: 'api' | 'worker'): Promise<number | null>
  /** Resolves when `/readyz` says yes and the worker is up, with the milliseconds that took. */
  ready(limitMs?: number): Promise<number>
  /** Runs a subcommand of the command line to its end. Rejects when it fails. */
  command(...parameters: readonly string[]): Promise<void>
  /** parts whose process has ended */
  ended(): readonly Part[]
  /** the last lines that a part wrote */
  tail(part: Part): Promise<string>
  close(): Promise<void>
}

const masterKey = Buffer.alloc(32, 7).toString('base64')
const goneWithin = 15_000
/** Outside the range that the system gives to outgoing connections: a client that waits for a server must not get its port. */
const ports = { from: 20_000, to: 30_000 }

/**
 * A line for `sh` that runs an EventStoreDB server in the foreground, without TLS, on 127.0.0.1 and the port `$PORT`, with its data
 * in the directory `$DATA`. None is in the project: without it there is no EventStoreDB to start.
 */
export const eventStoreCommand: string | undefined = process.env['CHANNEL_LEDGER_TEST_EVENTSTORE_COMMAND']

/** Starts PostgreSQL, Redis, EventStoreDB, `serve` and `worker` as processes of their own in a directory that is thrown away. */
export async function openSystem(options: SystemOptions = {}): Promise<System> {
  const directory = await mkdtemp(join(tmpdir(), 'channel-ledger-system-'))
  await chmod(directory, 0o755) // as root PostgreSQL runs as `nobody`, who has to get through here
  const program = await compileTypeScript('src/runtime/main.ts')
  const isGuarded = (await chooseGuard()) === 'kernel'
  const children = new Map<Part, ChildProcess>()
  const port = { postgres: await ownPort(), api: await ownPort(), api_metrics: await ownPort() }
  const more = { worker_metrics: await ownPort(), redis: await ownPort(), eventstoredb: await ownPort() }
  const redis = options.withRedis === true ? redisBinary : undefined
  const eventStore = options.withEventStore === true ? eventStoreCommand : undefined
  if (options.withEventStore === true && eventStore === undefined)
    throw new Error('CHANNEL_LEDGER_TEST_EVENTSTORE_COMMAND says how to start EventStoreDB, and is not set')
  let server: EmbeddedPostgres | undefined

  async function startPostgres(): Promise<void> {
    server = await startEmbeddedPostgres({
      dataDirectory: join(directory, 'postgres'),
      systemDirectory: join(directory, 'system'),
      port: port.postgres,
      whenPortIsBusy: 'refuse',
      maxConnections: 120,
      unsafeForTests: options.unsafeForTests === true,
    })
  }

  /** In the foreground, its output in a file; on Linux it ends with this process, however that ends. */
  function run(part: Part, command: string, parameters: readonly string[], environment: NodeJS.ProcessEnv): void {
    const output = openSync(join(directory, `${part}.log`), 'a')
    const whole = isGuarded ? ['setpriv', '--pdeathsig', 'KILL', command, ...parameters] : [command, ...parameters]
    const [first = command, ...rest] = whole
    const child = spawn(first, rest, { env: environment, stdio: ['ignore', output, output] })
    child.on('error', () => undefined) // seen as a part that has ended
    closeSync(output)
    children.set(part, child)
  }

  await startPostgres()
  // the address stays the same over all restarts
  const databaseUrl = server?.url ?? ''
  const eventStoreUrl = (port: number): string => `esdb://127.0.0.1:${port}?tls=false`
  const environment: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: databaseUrl,
    CHANNEL_LEDGER_DATA: join(directory, 'data'),
    CHANNEL_LEDGER_MASTER_KEY: masterKey,
    CHANNEL_LEDGER_COMPANY: 'ACME',
    CHANNEL_LEDGER_RATE_LIMIT: '1000000',
    CHANNEL_LEDGER_LOG_LEVEL: 'warn',
    ...(redis !== undefined && { REDIS_URL: `redis://127.0.0.1:${more.redis}` }),
    ...(eventStore !== undefined && { EVENTSTORE_URL: eventStoreUrl(more.eventstoredb) }),
    ...(options.unsafeForTests === true && { CHANNEL_LEDGER_UNSAFE_FOR_TESTS: 'true' }),
  }
  await mkdir(join(directory, 'data'))
  const links = { api: await linksOf('api'), worker: await linksOf('worker') }

  async function linksOf(from: 'api' | 'worker'): Promise<Record<string, string>> {
    const { linkTo } = options
    if (!linkTo) return {}
    const behind = new URL(databaseUrl)
    behind.port = `${await linkTo(from, 'postgres', port.postgres)}`
    return {
      DATABASE_URL: behind.href,
      ...(redis !== undefined && { REDIS_URL: `redis://127.0.0.1:${await linkTo(from, 'redis', more.redis)}` }),
      ...(eventStore !== undefined && {
        EVENTSTORE_URL: eventStoreUrl(await linkTo(from, 'eventstoredb', more.eventstoredb)),
      }),
    }
  }

  const system: System = {
    parts: [
      'postgres',
      ...(redis === undefined ? [] : ['redis' as const]),
      ...(eventStore === undefined ? [] : ['eventstoredb' as const]),
      'api',
      'worker',
    ],
    url: `http://127.0.0.1:${port.api}`,
    databaseUrl,
    eventStoreUrl: eventStore === undefined ? undefined : eventStoreUrl(more.eventstoredb),
    environment,
    pidOf(part) {
      const pid = part === 'postgres' ? server?.pid : children.get(part)?.pid
      if (pid === undefined) throw new Error(`${part} has no process`)
      return pid
    },
    async gone(part) {
      const deadline = performance.now() + goneWithin
      while (!isGone(part)) {
        if (performance.now() > deadline) throw new Error(`${part} is still there ${goneWithin} ms after its signal`)
        await sleep(5)
      }
    },
    async start(part) {
      if (part === 'postgres') return startPostgres()
      if (part === 'redis') {
        run(
          'redis',
          redis ?? '',
          ['--port', `${more.redis}`, '--bind', '127.0.0.1', '--save', '', '--dir', directory],
          {},
        )
        return reachable(more.redis)
      }
      if (part === 'eventstoredb') {
        const { PATH = '', HOME = directory } = process.env
        const data = join(directory, 'eventstoredb')
        run('eventstoredb', 'sh', ['-c', eventStore ?? ''], { PATH, HOME, PORT: `${more.eventstoredb}`, DATA: data })
        return healthy(`http://127.0.0.1:${more.eventstoredb}/health/live`)
      }
      const metrics = part === 'api' ? port.api_metrics : more.worker_metrics
      run(part, process.execPath, ['--enable-source-maps', program, part === 'api' ? 'serve' : 'worker'], {
        ...environment,
        ...links[part],
        CHANNEL_LEDGER_PORT: `${port.api}`,
        CHANNEL_LEDGER_METRICS_PORT: `${metrics}`,
      })
    },
    async stop(part) {
      const child = children.get(part)
      child?.kill('SIGTERM')
      await system.gone(part)
      return child?.exitCode ?? null
    },
    async ready(limitMs = 240_000) {
      const started = performance.now()
      let last = ''
      for (;;) {
        const ended = system.ended()
        if (ended.length > 0)
          throw new Error(`${ended.join(', ')} ended while starting:\n${await system.tail(ended[0] ?? 'api')}`)
        last = await readiness(system.url)
        if (last === 'ready' && (await canConnect(more.worker_metrics))) return performance.now() - started
        if (performance.now() - started > limitMs) throw new Error(`not ready after ${limitMs} ms: ${last}`)
        await sleep(10)
      }
    },
    async command(...parameters) {
      await promisify(execFile)(process.execPath, [program, ...parameters], { env: environment })
    },
    ended: () => system.parts.filter(isGone),
    async tail(part) {
      const file = part === 'postgres' ? server?.logFile : join(directory, `${part}.log`)
      const text = await readFile(file ?? '', 'utf8').catch(() => '')
      return text.split('\n').slice(-30).join('\n')
    },
    async close() {
      await Promise.all((['api', 'worker'] as const).filter((part) => !isGone(part)).map((part) => system.stop(part)))
      for (const child of children.values()) child.kill('SIGKILL')
      await server?.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }

  function isGone(part: Part): boolean {
    if (part === 'postgres') return !isAlive(server?.pid)
    const child = children.get(part)
    return child === undefined || child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  }

  try {
    for (const part of system.parts) if (part !== 'postgres') await system.start(part)
    await system.ready()
    return system
  } catch (error) {
    await system.close()
    throw error
  }
}

/** A child of this process that ended is a zombie only until Node has reaped it. */
function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** None twice: nobody listens on it yet when the next one is asked for. */
async function ownPort(): Promise<number> {
  const port = await freePort(ports.from + Math.floor(Math.random() * (ports.to - ports.from)), 'next')
  if (given.has(port)) return ownPort()
  given.add(port)
  return port
}
const given = new Set<number>()

async function readiness(url: string): Promise<string> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) })
    return answer.status === 200 ? 'ready' : await answer.text()
  } catch (error) {
    return String(error)
  }
}

async function healthy(url: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (
    !(await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (performance.now() > deadline) throw new Error(`${url} does not say that it is healthy`)
    await sleep(50)
  }
}

async function reachable(port: number): Promise<void> {
  const deadline = performance.now() + goneWithin
  while (!(await canConnect(port))) {
    if (performance.now() > deadline) throw new Error(`nobody listens on ${port}`)
    await sleep(10)
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const end = (connected: boolean): void => {
      socket.destroy()
      resolve(connected)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}
