import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isErrno } from './isErrno.ts'

/** What `postmaster.pid` says (PostgreSQL's `miscadmin.h`, LOCK_FILE_LINE_*). */
export interface PostmasterFile {
  readonly pid: number
  readonly port: number
  /** `starting`, `stopping`, `ready`, or empty while the file is being written. */
  readonly status: string
}

export type PreviousServer =
  | { readonly kind: 'none' }
  /** The file is left over and PostgreSQL recovers by itself; `pid` may by now be somebody else's or a zombie. */
  | { readonly kind: 'stale'; readonly pid: number }
  | { readonly kind: 'running'; readonly file: PostmasterFile }

/** Whether a server still works on this data directory. Only looks: `postmaster.pid` is PostgreSQL's to delete. */
export async function previousServer(dataDirectory: string): Promise<PreviousServer> {
  const file = await readPostmasterFile(dataDirectory)
  if (file === undefined) return { kind: 'none' }
  const command = await commandOf(file.pid)
  if (command === undefined) return { kind: 'stale', pid: file.pid }
  // Only the postmaster itself carries -D; its children and other clusters on this machine do not have our path.
  const ours = command === 'unknown' || command.includes(`-D ${dataDirectory} `)
  return ours ? { kind: 'running', file } : { kind: 'stale', pid: file.pid }
}

export async function readPostmasterFile(dataDirectory: string): Promise<PostmasterFile | undefined> {
  let text: string
  try {
    text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
  const lines = text.split('\n')
  const pid = Number.parseInt(lines[0] ?? '', 10)
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  return { pid, port: Number.parseInt(lines[3] ?? '', 10) || 0, status: lines[7]?.trim() ?? '' }
}

/** The command line of a live process; undefined when it is gone or a zombie, `unknown` where nobody can tell. */
async function commandOf(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0)
  } catch {
    // ESRCH: gone. EPERM: another account's process, and the owner of a data directory is checked before.
    return undefined
  }
  if (process.platform === 'win32') return 'unknown'
  try {
    if (process.platform === 'linux') {
      // A zombie's command line is empty. PID 1 of a container often reaps nobody, so zombies last.
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim()
      return command === '' ? undefined : command
    }
    const { stdout } = await promisify(execFile)('/bin/ps', ['-ww', '-o', 'stat=,command=', '-p', String(pid)])
    return stdout.startsWith('Z') ? undefined : stdout
  } catch {
    // It ended between the two questions.
    return undefined
  }
}
