import { constants } from 'node:fs'
import { copyFile, open, rename, stat, truncate } from 'node:fs/promises'
import { isErrno } from './isErrno.ts'

const SIZE_LIMIT = 10 * 1024 * 1024
const CHECK_MS = 60_000
const TAIL_BYTES = 4_096

export interface ServerLog {
  /** To be inherited by the server as its output; the caller closes it with `closeOurs` once the server has it. */
  readonly fd: number
  readonly closeOurs: () => Promise<void>
  /** The last lines written since the log was opened. */
  readonly tail: () => Promise<string>
}

/** Opens the log for appending; one that has outgrown its limit becomes `<file>.1` first. */
export async function openServerLog(file: string): Promise<ServerLog> {
  if ((await sizeOf(file)) > SIZE_LIMIT) await rename(file, `${file}.1`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND
  const handle = await open(file, flags, 0o600)
  const begin = (await handle.stat()).size
  return {
    fd: handle.fd,
    closeOurs: () => handle.close(),
    tail: async () => {
      const reader = await open(file, 'r')
      try {
        const from = Math.max(begin, (await reader.stat()).size - TAIL_BYTES)
        const { buffer, bytesRead } = await reader.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, from)
        return buffer.toString('utf8', 0, bytesRead)
      } finally {
        await reader.close()
      }
    },
  }
}

/** Keeps the log of a running server under its limit; returns how to stop. Nothing stays open for it. */
export function limitServerLog(file: string): () => void {
  const timer = setInterval(() => {
    // A log that cannot be rotated now is tried again in a minute; it must not take the process down.
    rotateInPlace(file).catch(() => undefined)
  }, CHECK_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** The server holds the file open for appending, so it is copied and cut, not renamed. */
async function rotateInPlace(file: string): Promise<void> {
  if ((await sizeOf(file)) <= SIZE_LIMIT) return
  await copyFile(file, `${file}.1`)
  await truncate(file, 0)
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 0
    throw error
  }
}
