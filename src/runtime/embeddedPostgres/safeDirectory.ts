import { chmod, mkdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isErrno } from './isErrno.ts'

/** `path` with every symbolic link of its existing part resolved, so that one directory has one spelling. */
export async function canonicalPath(path: string): Promise<string> {
  const absolute = resolve(path)
  try {
    return await realpath(absolute)
  } catch (error) {
    if (!isErrno(error, 'ENOENT') || dirname(absolute) === absolute) throw error
    return join(await canonicalPath(dirname(absolute)), basename(absolute))
  }
}

/**
 * Whether root may keep files of the server in `directory`: any account can walk to it, and none but root can swap
 * a directory on the way for one of its own. What does not exist yet counts as made by us.
 */
export async function isSafeForRoot(directory: string): Promise<boolean> {
  let current = await canonicalPath(directory)
  for (;;) {
    const seen = await statIfThere(current)
    if (seen !== undefined) {
      const sticky = (seen.mode & 0o1000) !== 0
      const othersCanWrite = (seen.mode & 0o022) !== 0
      const othersCanEnter = (seen.mode & 0o001) !== 0
      if (!seen.isDirectory() || seen.uid !== 0 || !othersCanEnter || (othersCanWrite && !sticky)) return false
    }
    if (dirname(current) === current) return true
    current = dirname(current)
  }
}

/** Makes `directory` and its missing parents with mode 0755 whatever the umask: under 077 `nobody` could not enter. */
export async function makeReachableDirectory(directory: string): Promise<void> {
  if ((await statIfThere(directory)) !== undefined) return
  await makeReachableDirectory(dirname(directory))
  try {
    await mkdir(directory)
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return
    throw error
  }
  await chmod(directory, 0o755)
}

async function statIfThere(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}
