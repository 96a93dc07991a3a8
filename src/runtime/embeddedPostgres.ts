import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { prepareBinaries } from './embeddedPostgres/binaries.ts'
import { createCluster, readPassword, SUPERUSER } from './embeddedPostgres/cluster.ts'
import { type DataPlace, dataPlace, isCluster } from './embeddedPostgres/dataPlace.ts'
import { EmbeddedPostgresError } from './embeddedPostgres/embeddedPostgresError.ts'
import { freePort, portBusy } from './embeddedPostgres/freePort.ts'
import { isErrno } from './embeddedPostgres/isErrno.ts'
import { type PostmasterFile, previousServer } from './embeddedPostgres/previousServer.ts'
import { type ServerAccount, serverAccount } from './embeddedPostgres/serverAccount.ts'
import { launchServer } from './embeddedPostgres/serverProcess.ts'
import { chooseGuard } from './embeddedPostgres/spawnGuarded.ts'
import { withStartLock } from './embeddedPostgres/startLock.ts'

export { freeDiskBytes } from './embeddedPostgres/freeDiskBytes.ts'

export interface EmbeddedPostgresOptions {
  /** The cluster. Its log and lock lie beside it as `<dataDirectory>.log` and `.lock`. As root it may be moved. */
  readonly dataDirectory: string
  /** TCP port on 127.0.0.1; 0 (the default) takes any free one. */
  readonly port?: number
  /** What to do when that port is in use: take the next free one (the default), or fail with `port-busy`. */
  readonly whenPortIsBusy?: 'next' | 'refuse'
  readonly maxConnections?: number
  /** Turns off everything that makes a commit survive a power cut. The ledger refuses such a server by default. */
  readonly unsafeForTests?: boolean
  /** Made when missing. */
  readonly database?: string
  /** As root: where the readable copy of the binaries and moved data lie. Default /var/lib/channel-ledger. */
  readonly systemDirectory?: string
  readonly onProgress?: (progress: EmbeddedPostgresProgress) => void
}

export interface EmbeddedPostgresProgress {
  readonly step: 'waiting' | 'copying' | 'initialising' | 'starting' | 'ready'
  readonly message: string
}

export interface EmbeddedPostgres {
  /** Holds the password: not for logs. */
  readonly url: string
  readonly port: number
  /** Where the cluster really is: the requested directory, or where root had to move it. */
  readonly dataDirectory: string
  readonly logFile: string
  readonly pid: number
  /** True when the server was running already; it then belongs to whoever started it, and ends with them. */
  readonly attached: boolean
  /** Resolves when the server is gone, for whatever reason. */
  readonly ended: Promise<void>
  /** Fast shutdown, returns when the server is gone; nothing happens when attached. May be called twice. */
  readonly stop: () => Promise<void>
}

/** A cold start (initdb) takes about a second; a slow disk may need a minute. */
const START_LOCK_LIMIT_MS = 180_000
/** How long a server that cannot be attached to (shutting down, or the last backends of a killed one) may linger. */
const PREVIOUS_SERVER_LIMIT_MS = 60_000
const POLL_MS = 50
const GONE_POLL_MS = 500

/**
 * Starts the bundled PostgreSQL on a data directory, making it on first use, or attaches to the server that already
 * runs there. The server ends with this process, however that ends. For trial and development, not for production.
 *
 * @throws EmbeddedPostgresError with a code, and the end of PostgreSQL's log where it has one
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = await serverAccount()
  const place = await dataPlace(options.dataDirectory, account, options.systemDirectory)
  const onWait = () => tell(options, 'waiting', 'another process is starting PostgreSQL')
  return withStartLock(place.lockFile, START_LOCK_LIMIT_MS, onWait, () => startLocked(options, place, account))
}

async function startLocked(
  options: EmbeddedPostgresOptions,
  place: DataPlace,
  account: ServerAccount | undefined,
): Promise<EmbeddedPostgres> {
  const { dataDirectory, logFile } = place
  const database = options.database ?? 'channel_ledger'
  const whenBusy = options.whenPortIsBusy ?? 'next'
  const unsafeForTests = options.unsafeForTests ?? false
  const wanted = options.port ?? 0

  const handle = async (server: Pick<EmbeddedPostgres, 'pid' | 'port' | 'attached' | 'ended' | 'stop'>) => {
    const password = await readPassword(dataDirectory)
    const url = (name: string) =>
      `postgres://${SUPERUSER}:${password}@127.0.0.1:${server.port}/${encodeURIComponent(name)}`
    await makeDatabase(url('postgres'), database)
    const { port, attached } = server
    tell(options, 'ready', `PostgreSQL ${attached ? 'was already running' : 'is ready'} on 127.0.0.1:${port}`)
    return { ...server, url: url(database), dataDirectory, logFile }
  }

  const deadline = Date.now() + PREVIOUS_SERVER_LIMIT_MS
  let told = false
  const waitForPrevious = async (what: string, logTail: string) => {
    if (Date.now() > deadline) {
      const message = `waited ${PREVIOUS_SERVER_LIMIT_MS / 1000} s for ${what} in ${dataDirectory}`
      throw new EmbeddedPostgresError('previous-server-still-running', message, { logTail })
    }
    if (!told) tell(options, 'waiting', `waiting for ${what}`)
    told = true
    await delay(POLL_MS)
  }

  let firstCandidate = wanted
  let prepared: Awaited<ReturnType<typeof prepare>> | undefined
  for (;;) {
    const previous = await previousServer(dataDirectory)
    if (previous.kind === 'running') {
      const { pid, port } = previous.file
      if (await isReachable(previous.file, dataDirectory)) {
        return handle({ pid, port, attached: true, ended: goneOf(pid), stop: () => Promise.resolve() })
      }
      await waitForPrevious(`a previous server (pid ${pid}) to end`, '')
      continue
    }

    prepared ??= await prepare(options, place, account)
    const port = await freePort(firstCandidate, whenBusy)
    tell(options, 'starting', `starting PostgreSQL in ${dataDirectory}`)
    const outcome = await launchServer({
      ...prepared,
      dataDirectory,
      logFile,
      account,
      port,
      maxConnections: options.maxConnections ?? 60,
      unsafeForTests,
      stalePid: previous.kind === 'stale' ? previous.pid : undefined,
    })
    if (outcome.kind === 'ready') {
      try {
        return await handle({ ...outcome.server, port, attached: false })
      } catch (error) {
        await outcome.server.stop()
        throw error
      }
    }
    if (outcome.kind === 'port-taken') {
      if (whenBusy === 'refuse' || Date.now() > deadline) throw portBusy(port, port)
      firstCandidate = wanted === 0 ? 0 : port + 1
    } else {
      await waitForPrevious('the last processes of a previous server to end', outcome.logTail)
    }
  }
}

async function prepare(options: EmbeddedPostgresOptions, place: DataPlace, account: ServerAccount | undefined) {
  const guard = await chooseGuard()
  const binaries = await prepareBinaries({
    copyInto: place.systemDirectory ?? dirname(place.dataDirectory),
    alwaysCopy: account !== undefined,
    onCopy: (target) => tell(options, 'copying', `copying PostgreSQL to ${target}`),
  })
  // Looked at again: while we waited for the lock its holder may have made the cluster.
  if (!(await isCluster(place.dataDirectory))) {
    tell(options, 'initialising', `making a new database in ${place.dataDirectory}`)
    const unsafeForTests = options.unsafeForTests ?? false
    await createCluster({ dataDirectory: place.dataDirectory, binaries, account, guard, unsafeForTests })
  }
  return { binaries, guard }
}

/** Another process's server, watched from outside. */
async function goneOf(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(GONE_POLL_MS, undefined, { ref: false })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return isErrno(error, 'EPERM')
  }
}

/** Signs in with this cluster's own password and asks where the data is, so that no other server is taken for ours. */
async function isReachable(file: PostmasterFile, dataDirectory: string): Promise<boolean> {
  if (file.status !== 'ready') return false
  const password = await readPassword(dataDirectory)
  const client = new pg.Client({
    host: '127.0.0.1',
    port: file.port,
    user: SUPERUSER,
    password,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
    return rows[0] !== undefined && (await realpath(rows[0].data_directory)) === dataDirectory
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '28P01') {
      throw new EmbeddedPostgresError(
        'password-missing',
        `the server on ${dataDirectory} is running but does not accept the password kept there`,
        { cause: error },
      )
    }
    // Shutting down, or gone since we read its file: the caller looks again.
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function makeDatabase(url: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 30_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database])
    if (rowCount !== 0) return
    const name = client.escapeIdentifier(database)
    await client.query(`CREATE DATABASE ${name}`)
    // The details of an error quote values of rows, which have no place in a log.
    await client.query(`ALTER DATABASE ${name} SET log_error_verbosity = 'terse'`)
  } finally {
    await client.end()
  }
}

function tell(options: EmbeddedPostgresOptions, step: EmbeddedPostgresProgress['step'], message: string): void {
  options.onProgress?.({ step, message })
}
