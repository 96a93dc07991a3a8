import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isErrno } from './isErrno.ts'

/**
 * Bytes an ordinary user can still write on the file system that holds `path`.
 * A path that does not exist yet is answered for its nearest existing parent, because that is where it will be made.
 */
export async function freeDiskBytes(path: string): Promise<number> {
  let existing = resolve(path)
  for (;;) {
    try {
      const { bavail, bsize } = await statfs(existing)
      return bavail * bsize
    } catch (error) {
      if (!isErrno(error, 'ENOENT') || dirname(existing) === existing) throw error
      existing = dirname(existing)
    }
  }
}
