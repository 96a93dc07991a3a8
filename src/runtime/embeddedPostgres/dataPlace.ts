import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { EmbeddedPostgresError } from './embeddedPostgresError.ts'
import { isErrno } from './isErrno.ts'
import { canonicalPath, isSafeForRoot, makeReachableDirectory } from './safeDirectory.ts'
import type { ServerAccount } from './serverAccount.ts'

/** Major version of the bundled binaries; a data directory of another major cannot be opened by them. */
const POSTGRES_MAJOR = '18'

export interface DataPlace {
  /** Where the cluster is or will be; differs from the requested directory when root had to move it. */
  readonly dataDirectory: string
  readonly clusterExists: boolean
  readonly logFile: string
  readonly lockFile: string
  /** Root-owned directory for the copy of the binaries; undefined for an ordinary user. */
  readonly systemDirectory: string | undefined
}

/**
 * Decides where the cluster lives and makes the folder around it.
 *
 * An ordinary user gets what it asked for. So does root when `nobody` can reach that place and only root can tamper
 * with the way to it; otherwise the cluster goes to a directory named after a hash of the requested one. An existing
 * cluster always wins over that rule: a later `chmod` of somebody's home must not make the data seem to vanish.
 */
export async function dataPlace(
  requested: string,
  account: ServerAccount | undefined,
  systemDirectoryOption: string | undefined,
): Promise<DataPlace> {
  const asked = await canonicalPath(requested)
  if (account === undefined) {
    await mkdir(dirname(asked), { recursive: true })
    return describe(asked, undefined, undefined)
  }

  const systemDirectory = await chooseSystemDirectory(systemDirectoryOption)
  const hash = createHash('sha256').update(asked).digest('hex').slice(0, 16)
  const moved = join(systemDirectory, hash, basename(asked))
  const safe = await isSafeForRoot(dirname(asked))
  const stayed = await isCluster(asked)
  const useMoved = (await isCluster(moved)) || (!safe && !stayed)

  if (!useMoved && !safe) {
    throw new EmbeddedPostgresError(
      'privileges',
      `${asked} holds a database, but as root PostgreSQL runs as "nobody", who cannot safely reach it: ` +
        'start as the user who owns it, or let every parent directory belong to root with mode 0755',
    )
  }
  const chosen = useMoved ? moved : asked
  await makeReachableDirectory(dirname(chosen))
  return describe(chosen, account, systemDirectory)
}

async function describe(
  dataDirectory: string,
  account: ServerAccount | undefined,
  systemDirectory: string | undefined,
): Promise<DataPlace> {
  const clusterExists = await isCluster(dataDirectory)
  if (clusterExists) await checkCluster(dataDirectory, account)
  else await checkEmpty(dataDirectory)
  return {
    dataDirectory,
    clusterExists,
    logFile: `${dataDirectory}.log`,
    lockFile: `${dataDirectory}.lock`,
    systemDirectory,
  }
}

async function chooseSystemDirectory(option: string | undefined): Promise<string> {
  const candidates =
    option === undefined ? ['/var/lib/channel-ledger', join(tmpdir(), 'channel-ledger-root')] : [option]
  for (const candidate of candidates) {
    try {
      await makeReachableDirectory(candidate)
      // Also the guard against a directory that another user planted in a shared /tmp.
      if (await isSafeForRoot(candidate)) return await canonicalPath(candidate)
    } catch (error) {
      if (!isErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'ELOOP')) throw error
    }
  }
  throw new EmbeddedPostgresError(
    'privileges',
    `as root PostgreSQL needs a directory that belongs to root, that others may enter and only root may change; ` +
      `none of these is: ${candidates.join(', ')}. Start as an ordinary user, or set DATABASE_URL`,
  )
}

export async function isCluster(directory: string): Promise<boolean> {
  try {
    await stat(join(directory, 'PG_VERSION'))
    return true
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false
    if (isErrno(error, 'EACCES')) throw notOurs(directory, error)
    throw error
  }
}

async function checkCluster(directory: string, account: ServerAccount | undefined): Promise<void> {
  const owner = (await stat(directory)).uid
  const expected = account?.uid ?? process.geteuid?.()
  if (expected !== undefined && owner !== expected) throw notOurs(directory, `owner ${owner}, expected ${expected}`)

  const version = (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim()
  if (version !== POSTGRES_MAJOR) {
    throw new EmbeddedPostgresError(
      'wrong-version',
      `${directory} was made by PostgreSQL ${version}; the bundled binaries are ${POSTGRES_MAJOR}`,
    )
  }
}

async function checkEmpty(directory: string): Promise<void> {
  try {
    if ((await readdir(directory)).length === 0) return
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return
    if (isErrno(error, 'EACCES')) throw notOurs(directory, error)
    if (!isErrno(error, 'ENOTDIR')) throw error
  }
  throw new EmbeddedPostgresError(
    'not-a-data-directory',
    `${directory} is neither empty nor a PostgreSQL data directory: choose another directory`,
  )
}

function notOurs(directory: string, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'wrong-owner',
    `${directory} belongs to another user, which happens when the system is started once as root and once not: ` +
      'start as the same user as before, or choose another directory',
    { cause },
  )
}
