import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedPostgresError } from './embeddedPostgresError.ts'
import { isErrno } from './isErrno.ts'

const HEARTBEAT_MS = 2_000
/** A holder that has not touched its lock for this long is dead or frozen, whatever its pid says. */
const STALE_AFTER_MS = 15_000
const POLL_MS = 50

/**
 * Runs `work` while no other process starts a server on the same directory. The lock is a file with the holder's pid,
 * touched while held: a dead pid frees it at once, and a pid that is alive but recycled frees it after STALE_AFTER_MS
 * (in a restarted container the new process often has the very pid of the old one).
 *
 * It spares a second initdb; it is not what keeps data safe. That is done by the cluster being published with one
 * rename, and by PostgreSQL's own interlock on a data directory.
 */
export async function withStartLock<T>(
  lockFile: string,
  limitMs: number,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const token = `${process.pid} ${randomBytes(8).toString('hex')}\n`
  await acquire(lockFile, token, limitMs, onWait)
  const heartbeat = setInterval(() => {
    const now = new Date()
    // A failed touch only brings the moment nearer when others may take the lock.
    utimes(lockFile, now, now).catch(() => undefined)
  }, HEARTBEAT_MS)
  heartbeat.unref()
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    if ((await holderOf(lockFile)) === token) await rm(lockFile, { force: true })
  }
}

async function acquire(lockFile: string, token: string, limitMs: number, onWait: () => void): Promise<void> {
  const deadline = Date.now() + limitMs
  let told = false
  for (;;) {
    try {
      await writeFile(lockFile, token, { flag: 'wx', mode: 0o600 })
      return
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error
    }
    const holder = await holderOf(lockFile)
    if (holder === undefined) continue
    if (await isStale(lockFile, holder)) {
      await takeAway(lockFile, holder)
      continue
    }
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        'start-in-progress',
        `another process (${holder.split(' ')[0]}) has been starting PostgreSQL for more than ${limitMs / 1000} s; its lock is ${lockFile}`,
      )
    }
    if (!told) onWait()
    told = true
    await delay(POLL_MS)
  }
}

async function holderOf(lockFile: string): Promise<string | undefined> {
  try {
    return await readFile(lockFile, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

async function isStale(lockFile: string, holder: string): Promise<boolean> {
  const pid = Number.parseInt(holder, 10)
  // An unreadable pid is a lock whose holder has created it and not yet written it: only age can judge it.
  if (Number.isSafeInteger(pid) && !isAlive(pid)) return true
  try {
    return Date.now() - (await stat(lockFile)).mtimeMs > STALE_AFTER_MS
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false
    throw error
  }
}

/** Removes exactly the stale lock: one that somebody else has renewed in the meantime is put back. */
async function takeAway(lockFile: string, stale: string): Promise<void> {
  const aside = `${lockFile}.${randomBytes(4).toString('hex')}`
  try {
    await rename(lockFile, aside)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return
    throw error
  }
  try {
    if ((await readFile(aside, 'utf8')) !== stale) await link(aside, lockFile)
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  } finally {
    await rm(aside, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isErrno(error, 'EPERM')
  }
}
