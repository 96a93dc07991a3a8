import { randomBytes } from 'node:crypto'
import { chown, mkdir, open, readFile, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { isCluster } from './dataPlace.ts'
import { EmbeddedPostgresError } from './embeddedPostgresError.ts'
import { isErrno } from './isErrno.ts'
import type { ServerAccount } from './serverAccount.ts'
import { type ProcessGuard, rootIsRestricted, spawnGuarded } from './spawnGuarded.ts'

export const SUPERUSER = 'postgres'
const PASSWORD_FILE = 'channel-ledger.password'
const OUTPUT_LIMIT = 8_192

/**
 * Runs initdb in a directory beside the final one and publishes it with one rename, so a data directory is complete or
 * absent whatever kills us. The password lies inside for the same reason: it can never belong to another cluster.
 */
export async function createCluster(options: {
  readonly dataDirectory: string
  readonly binaries: Binaries
  readonly account: ServerAccount | undefined
  readonly guard: ProcessGuard
  readonly unsafeForTests: boolean
}): Promise<void> {
  const { dataDirectory, account } = options
  await removeAbandoned(dataDirectory)
  const staging = `${stagingPrefix(dataDirectory)}${randomBytes(4).toString('hex')}`
  const passwordFile = `${staging}.password`
  try {
    await mkdir(staging, { mode: 0o700 })
    await writeFile(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await giveTo(account, staging, passwordFile)
    await initdb({ ...options, staging, passwordFile })
    await rename(passwordFile, join(staging, PASSWORD_FILE))
    if (!options.unsafeForTests) await syncDirectory(staging)
    await publish(staging, dataDirectory)
    if (!options.unsafeForTests) await syncDirectory(dirname(dataDirectory))
  } finally {
    await rm(staging, { recursive: true, force: true })
    await rm(passwordFile, { force: true })
  }
}

export async function readPassword(dataDirectory: string): Promise<string> {
  try {
    return (await readFile(join(dataDirectory, PASSWORD_FILE), 'utf8')).trim()
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'password-missing',
      `cannot read ${join(dataDirectory, PASSWORD_FILE)}, without which nobody can sign in to this database: ` +
        'restore the file, or choose another directory',
      { cause },
    )
  }
}

async function initdb(options: {
  readonly staging: string
  readonly passwordFile: string
  readonly binaries: Binaries
  readonly account: ServerAccount | undefined
  readonly guard: ProcessGuard
  readonly unsafeForTests: boolean
}): Promise<void> {
  const child = spawnGuarded({
    program: options.binaries.initdb,
    parameters: [
      `--pgdata=${options.staging}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${options.passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The builtin provider sorts the same on every system; lc_* stay C, the only libc locale that exists everywhere.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--data-checksums',
      '--no-instructions',
      ...(options.unsafeForTests ? ['--no-sync'] : []),
    ],
    account: options.account,
    guard: options.guard,
    // A half-made cluster is thrown away, so there is nothing to end gracefully.
    deathSignal: 'KILL',
    directory: options.binaries.directory,
    output: 'pipe',
  })
  let output = ''
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-OUTPUT_LIMIT)
  }
  child.stdout?.on('data', collect)
  child.stderr?.on('data', collect)
  const outcome = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(code ?? String(signal)))
  })
  if (outcome === 0) return
  throw new EmbeddedPostgresError(
    'initdb-failed',
    `initdb could not make a database (${outcome}). ${platformHint(outcome)}`.trim(),
    { logTail: output },
  )
}

function platformHint(outcome: number | string): string {
  const cannotLoad = typeof outcome === 'string' && outcome.includes('ENOENT')
  return cannotLoad || outcome === 127
    ? 'The bundled PostgreSQL needs glibc and libstdc++ on Linux (Alpine has neither): set DATABASE_URL to a server of your own'
    : ''
}

async function publish(staging: string, dataDirectory: string): Promise<void> {
  try {
    // Windows does not rename onto an existing directory, even an empty one.
    await rmdir(dataDirectory)
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error
  }
  try {
    await rename(staging, dataDirectory)
  } catch (error) {
    // Somebody without our lock was faster: theirs is the cluster, ours is removed.
    if (!(isErrno(error, 'ENOTEMPTY', 'EEXIST', 'EPERM') && (await isCluster(dataDirectory)))) throw error
  }
}

function stagingPrefix(dataDirectory: string): string {
  return `${dataDirectory}.unfinished-`
}

async function removeAbandoned(dataDirectory: string): Promise<void> {
  const prefix = basename(stagingPrefix(dataDirectory))
  for (const name of await readdir(dirname(dataDirectory))) {
    if (name.startsWith(prefix)) await rm(join(dirname(dataDirectory), name), { recursive: true, force: true })
  }
}

async function giveTo(account: ServerAccount | undefined, ...paths: readonly string[]): Promise<void> {
  if (account === undefined) return
  try {
    for (const path of paths) await chown(path, account.uid, account.gid)
  } catch (cause) {
    throw rootIsRestricted(cause)
  }
}

async function syncDirectory(directory: string): Promise<void> {
  // Directories cannot be opened on Windows, and need no sync there.
  if (process.platform === 'win32') return
  const handle = await open(directory)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
