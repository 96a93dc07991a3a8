import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { EmbeddedPostgresError } from './embeddedPostgresError.ts'

export interface ServerAccount {
  readonly uid: number
  readonly gid: number
}

/**
 * The account PostgreSQL must run under: `undefined` means our own, which serves everybody but root.
 * PostgreSQL refuses root, so root runs it as `nobody`, the one unprivileged account that every system has.
 */
export async function serverAccount(): Promise<ServerAccount | undefined> {
  if (process.geteuid?.() !== 0) return undefined
  try {
    return { uid: await idOfNobody('-u'), gid: await idOfNobody('-g') }
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'privileges',
      'PostgreSQL refuses to run as root and this system has no account "nobody" to run it as: start as an ordinary user, or set DATABASE_URL',
      { cause },
    )
  }
}

async function idOfNobody(flag: '-u' | '-g'): Promise<number> {
  // Asked by full path: root must not run whatever an inherited PATH calls "id".
  const { stdout } = await promisify(execFile)('/usr/bin/id', [flag, 'nobody'])
  const id = Number.parseInt(stdout, 10)
  if (!Number.isSafeInteger(id) || id === 0) throw new Error(`unexpected answer of id ${flag} nobody: ${stdout}`)
  return id
}
