import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const limit = 20 * 1024 ** 2

export interface LogFile {
  readonly path: string
  write(line: string): void
  close(): void
}

/** `channel-ledger.log` in a directory; above 20 MB it is set aside as `.1`, so that two files are kept at most. */
export function logFile(directory: string): LogFile {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'channel-ledger.log')
  let file = openSync(path, 'a', 0o600)
  let size = fstatSync(file).size
  return {
    path,
    write(line) {
      if (size > limit) {
        closeSync(file)
        renameSync(path, `${path}.1`)
        file = openSync(path, 'a', 0o600)
        size = 0
      }
      size += writeSync(file, line)
    },
    close: () => closeSync(file),
  }
}
