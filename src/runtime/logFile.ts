import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const limit = 20 * 1024 ** 2

export interface LogFile {
  readonly path: string
  write(line: string): void
  close(): void
}

/**
 * `channel-ledger.log` in a directory; above 20 MB it is set aside as `.1`, so that two files are kept at most. A line that
 * cannot be written, as on a full disk, is lost and counted: the next one that can says how many were.
 */
export function logFile(directory: string): LogFile {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'channel-ledger.log')
  let file = openSync(path, 'a', 0o600)
  let size = fstatSync(file).size
  let lost = 0

  function append(line: string): void {
    if (size > limit) {
      renameSync(path, `${path}.1`)
      const next = openSync(path, 'a', 0o600)
      closeSync(file)
      file = next
      size = 0
    }
    const written = writeSync(file, line)
    size += written
    if (written < Buffer.byteLength(line)) throw new Error('the disk is full')
  }

  return {
    path,
    write(line) {
      try {
        if (lost > 0) append(`\n${JSON.stringify({ level: 40, time: Date.now(), lost, msg: 'log lines were lost' })}\n`)
        lost = 0
        append(line)
      } catch {
        lost += 1
      }
    },
    close: () => closeSync(file),
  }
}
