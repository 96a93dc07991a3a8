import { type ChildProcess, execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Binaries } from './binaries.ts'
import { EmbeddedPostgresError } from './embeddedPostgresError.ts'
import { readPostmasterFile } from './previousServer.ts'
import type { ServerAccount } from './serverAccount.ts'
import { limitServerLog, openServerLog } from './serverLog.ts'
import { type ProcessGuard, spawnGuarded, startWatchdog } from './spawnGuarded.ts'

/** Crash recovery replays at most about max_wal_size (512 MB), seconds on a disk, a minute or two on a bad one. */
const READY_LIMIT_MS = 300_000
/** A fast shutdown writes one checkpoint of at most shared_buffers. */
const FAST_STOP_LIMIT_MS = 60_000
const IMMEDIATE_STOP_LIMIT_MS = 15_000
const POLL_MS = 20

export interface RunningServer {
  readonly pid: number
  /** resolves when the server is gone, for whatever reason */
  readonly ended: Promise<void>
  readonly stop: () => Promise<void>
}

export type LaunchOutcome =
  | { readonly kind: 'ready'; readonly server: RunningServer }
  /** Somebody took the port between our look and PostgreSQL's bind. */
  | { readonly kind: 'port-taken'; readonly logTail: string }
  /** The data directory is still held by another server, or by the last backends of a killed one. */
  | { readonly kind: 'held'; readonly logTail: string }

export async function launchServer(options: {
  readonly dataDirectory: string
  readonly logFile: string
  readonly binaries: Binaries
  readonly account: ServerAccount | undefined
  readonly guard: ProcessGuard
  readonly port: number
  readonly maxConnections: number
  readonly unsafeForTests: boolean
  /** Pid in a leftover postmaster.pid, which may be in use again by an unrelated process. */
  readonly stalePid: number | undefined
}): Promise<LaunchOutcome> {
  const { dataDirectory, logFile, account, guard } = options
  const log = await openServerLog(logFile)
  const start = () =>
    spawnGuarded({
      program: options.binaries.postgres,
      parameters: ['-D', dataDirectory, ...settings(options)],
      account,
      guard,
      // Fast shutdown: clients are cut off, a checkpoint is written, the next start needs no recovery.
      deathSignal: 'INT',
      directory: options.binaries.directory,
      output: log.fd,
      // PostgreSQL refuses a data directory whose recorded pid is alive, even if it is by now another program's. This is
      // its own way to be told that a pid is not a server; its second interlock, on shared memory, still holds.
      ...(options.stalePid === undefined ? {} : { environment: { PG_GRANDPARENT_PID: String(options.stalePid) } }),
    })
  let child: ChildProcess
  let ended: Promise<Ended>
  try {
    child = start()
    ended = endOf(child)
  } finally {
    await log.closeOurs()
  }

  const ready = await waitUntilReady(child, ended, dataDirectory)
  if (ready === 'ended') return classify(await log.tail(), (await ended).reason)
  const { pid } = child
  if (ready === 'late' || pid === undefined) {
    child.kill('SIGINT')
    throw new EmbeddedPostgresError('start-failed', `PostgreSQL was not ready after ${READY_LIMIT_MS / 1000} s`, {
      logTail: await log.tail(),
    })
  }

  const dismissWatchdog = guard === 'watchdog' ? startWatchdog(pid, dataDirectory, account) : () => undefined
  const stopLimiting = limitServerLog(logFile)
  const killAtExit = () => child.kill()
  if (guard === 'none') process.once('exit', killAtExit)
  const cleanUp = () => {
    dismissWatchdog()
    stopLimiting()
    process.off('exit', killAtExit)
  }
  void ended.then(cleanUp)
  // A forgotten stop() must not keep this process alive; the guard ends the server with it.
  child.unref()

  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= stopServer(child, ended, dataDirectory, options.binaries, log.tail))
  return { kind: 'ready', server: { pid, ended: ended.then(() => undefined), stop } }
}

function settings(options: {
  readonly port: number
  readonly maxConnections: number
  readonly unsafeForTests: boolean
}): string[] {
  const values: Record<string, string | number> = {
    port: options.port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: options.maxConnections,
    shared_buffers: '128MB',
    max_wal_size: '512MB',
    jit: 'off',
    idle_in_transaction_session_timeout: '60s',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] ',
    // Statements may carry what people typed.
    log_min_error_statement: 'panic',
    // After a crash, one sync of the file system instead of one of each of some thousand files: 0.9 s instead of 3.8 s
    // until it is ready again (measured).
    ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
    ...(options.unsafeForTests ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  }
  // On the command line they outrank postgresql.conf and ALTER SYSTEM, so a start does what this table says.
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

interface Ended {
  readonly reason: string
}

function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    // Stays on: a later failing kill() is an error event too, and must not end this process.
    child.on('error', (error) => resolve({ reason: error.message }))
    child.once('exit', (code, signal) => resolve({ reason: signal ?? `exit code ${code}` }))
  })
}

async function waitUntilReady(
  child: ChildProcess,
  ended: Promise<Ended>,
  dataDirectory: string,
): Promise<'ready' | 'ended' | 'late'> {
  const deadline = Date.now() + READY_LIMIT_MS
  for (;;) {
    const file = await readPostmasterFile(dataDirectory)
    if (file !== undefined && file.pid === child.pid && file.status === 'ready') return 'ready'
    if (Date.now() > deadline) return 'late'
    const over = await Promise.race([ended.then(() => true), delay(POLL_MS, false)])
    if (over) return 'ended'
  }
}

function classify(logTail: string, reason: string): LaunchOutcome {
  if (logTail.includes('could not create any TCP/IP sockets')) return { kind: 'port-taken', logTail }
  if (/lock file "postmaster\.pid" already exists|pre-existing shared memory block/.test(logTail)) {
    return { kind: 'held', logTail }
  }
  throw new EmbeddedPostgresError('start-failed', `PostgreSQL ended while it was starting (${reason})`, { logTail })
}

async function stopServer(
  child: ChildProcess,
  ended: Promise<Ended>,
  dataDirectory: string,
  binaries: Binaries,
  tail: () => Promise<string>,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  if (process.platform === 'win32') {
    // Windows has no SIGINT for another process: a kill would mean crash recovery at the next start.
    await promisify(execFile)(binaries.pgCtl, ['stop', '-D', dataDirectory, '-m', 'fast', '-w'])
  } else {
    child.kill('SIGINT')
  }
  if (await endsWithin(ended, FAST_STOP_LIMIT_MS)) return
  // Immediate shutdown: the next start recovers from the log. Never SIGKILL, which would leave backends behind.
  child.kill('SIGQUIT')
  if (await endsWithin(ended, IMMEDIATE_STOP_LIMIT_MS)) return
  child.unref()
  throw new EmbeddedPostgresError('stop-failed', `PostgreSQL (pid ${child.pid}) does not stop`, {
    logTail: await tail(),
  })
}

async function endsWithin(ended: Promise<Ended>, limitMs: number): Promise<boolean> {
  const timer = new AbortController()
  try {
    return await Promise.race([
      ended.then(() => true),
      delay(limitMs, false, { signal: timer.signal }).catch(() => false),
    ])
  } finally {
    timer.abort()
  }
}
